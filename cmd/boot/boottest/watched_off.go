//go:build !race

package boottest

const watched = false
