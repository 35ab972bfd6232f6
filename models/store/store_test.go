package store_test

import "time"

// start is the instant at which the tests' city stands (design 3).
var start = time.Date(2021, 12, 20, 2, 0, 0, 0, time.UTC)
