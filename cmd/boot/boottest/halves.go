package boottest

import (
	"os"
	"testing"

	"onecard/models/store/storetest"
)

// EmbeddedHalf leaves a test's half on the embedded database out where the detector watches and servers are named: it takes
// minutes there, is the same code but for SQLite, and ran unwatched in make test.
func EmbeddedHalf(t *testing.T, embedded bool) {
	t.Helper()
	if storetest.Watched && embedded && os.Getenv(storetest.EnvPostgres) != "" && os.Getenv("ONECARD_TEST_REDIS") != "" {
		t.Skip("on the embedded database it ran unwatched, in make test")
	}
}
