// Package pdf draws statements as PDF. It brings its own fonts, puts only the signs that a sheet uses into it, and refuses
// a sheet for which it has no sign rather than leave a hole (docs/adr/0018).
package pdf
