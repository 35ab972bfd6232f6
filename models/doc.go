// Package models holds the words every room of One Card shares: errors, actors, levels, ids,
// civil time, and the values that protect themselves when they are printed.
package models
