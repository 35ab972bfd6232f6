//go:build !race

package storetest

// Watched: the race detector is on.
const Watched = false
