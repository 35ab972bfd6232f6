//go:build race

package boottest

// watched: the race detector is on, and a start of the product takes seconds instead of a part of one.
const watched = true
