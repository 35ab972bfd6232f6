//go:build !race

package scenario_test

const watched = false
