//go:build race

package storetest

// Watched: the race detector is on, and a start of the product takes seconds instead of a part of one.
const Watched = true
