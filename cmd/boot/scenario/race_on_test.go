//go:build race

package scenario_test

// watched: the race detector is on, and a start of the product takes seconds instead of a part of one.
const watched = true
