package store_test

import (
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"

	"onecard/models"
	"onecard/models/card/cardtest"
	"onecard/models/store"
	"onecard/models/store/storetest"
)

// TestModelOfLossAndReleaseInSQL is models/card's model on a real database; a commit costs a disk's flush here, so
// there are fewer runs.
func TestModelOfLossAndReleaseInSQL(t *testing.T) {
	t.Parallel()
	const runs = 20
	for name, v := range map[string]cardtest.Variant{"with the fence": {Fence: true}, "without the fence": {}, "only asked": {Asked: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, outer := t.TempDir(), t
			var n atomic.Int64
			rapid.Check(t, func(t *rapid.T) {
				run := n.Add(1)
				if run > runs {
					return
				}
				if run <= 2 && os.Getenv(storetest.EnvPostgres) != "" {
					cardtest.Run(t, v, func(clock models.Clock) cardtest.Backend {
						return backend(t, storetest.OpenPostgres(outer, storetest.WithClock(clock)), clock)
					})
					return
				}
				cardtest.Run(t, v, func(clock models.Clock) cardtest.Backend {
					db := storetest.SQLiteAt(t, filepath.Join(dir, fmt.Sprintf("%d.db", run)), storetest.WithClock(clock))
					t.Cleanup(func() { _ = db.Close() })
					return backend(t, db, clock)
				})
			})
		})
	}
}

func backend(t *rapid.T, db *store.DB, clock models.Clock) cardtest.Backend {
	people := 0
	return cardtest.Backend{Store: lossStore{db.Cards(), clock}, AddPerson: func(ref models.PersonRef) models.ID {
		people++
		return knownPerson(t, db, people, ref)
	}}
}
