//go:build !race

package boottest

// Watched: the race detector is on.
const Watched = false
