package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/citizen"
	"onecard/models/hotline"
	"onecard/models/mirror"
	"onecard/models/store"
	"onecard/models/store/storetest"
	"onecard/models/subsidy"
)

func TestNoSealedColumnIsForgotten(t *testing.T) {
	t.Parallel()
	rotated, keyed := map[string]bool{}, map[string]bool{}
	for _, c := range store.SealedColumns() {
		rotated[c.Table+"."+c.Column] = true
	}
	for _, c := range store.Columns() {
		key := c.Table + "." + c.Name
		switch {
		case strings.HasSuffix(c.Name, "_sealed"):
			require.True(t, rotated[key], "%s is sealed: name it in rotation_columns.go", key)
			delete(rotated, key)
		case c.Class == store.Core:
			require.Contains(t, store.KeyedColumns, key, "say there what a change of keys does about it")
			keyed[key] = true
		}
	}
	require.Empty(t, rotated, "no such column")
	require.Len(t, store.KeyedColumns, len(keyed), "no such column")
}

// Cells open only under the name they were sealed with: what the code says must be what a change of keys says.
func TestCellsAreSealedUnderTheNamesThatAChangeOfKeysUses(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	for _, c := range store.SealedColumns() {
		names[c.Table+"."+c.Name] = true
	}
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	call, met := regexp.MustCompile(`eal\(ctx, "(\w+)", "(\w+)"`), 0
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		text, err := os.ReadFile(f)
		require.NoError(t, err)
		for _, m := range call.FindAllStringSubmatch(string(text), -1) {
			require.True(t, names[m[1]+"."+m[2]], "%s seals %s.%s", f, m[1], m[2])
			met++
		}
	}
	require.Greater(t, met, 15)
}

// keySets are what the settings of a process may hold.
var keySets = struct{ before, both, after storetest.Option }{
	before: storetest.With(func(*store.Config) {}),
	both: storetest.With(func(cfg *store.Config) {
		cfg.KEK, cfg.OldKEK = bytes.Repeat([]byte{9}, 32), cfg.KEK
		cfg.IndexKeys = map[int][]byte{1: cfg.IndexKeys[1], 2: bytes.Repeat([]byte{7}, 32)}
	}),
	after: storetest.With(func(cfg *store.Config) {
		cfg.KEK, cfg.IndexKeys = bytes.Repeat([]byte{9}, 32), map[int][]byte{2: bytes.Repeat([]byte{7}, 32)}
	}),
}

// eachReplicas runs fn on every database, with a way to open it as another process would.
func eachReplicas(t *testing.T, fn func(t *testing.T, clock *models.ManualClock, open func(keys storetest.Option) *store.DB)) {
	t.Helper()
	run := func(place func(t *testing.T, cfg *store.Config)) func(*testing.T) {
		return func(t *testing.T) {
			t.Parallel()
			clock := models.NewManualClock(start)
			var at store.Config
			place(t, &at)
			fn(t, clock, func(keys storetest.Option) *store.DB {
				cfg := storetest.Config(storetest.WithClock(clock), keys)
				cfg.Driver, cfg.DSN, cfg.Path = at.Driver, at.DSN, at.Path
				db, err := store.Open(t.Context(), cfg)
				require.NoError(t, err)
				t.Cleanup(func() { _ = db.Close() })
				return db
			})
		}
	}
	t.Run("sqlite", run(func(t *testing.T, cfg *store.Config) {
		cfg.Driver, cfg.Path = store.SQLite, filepath.Join(t.TempDir(), "onecard.db")
		require.NoError(t, storetest.SQLiteAt(t, cfg.Path).Close())
	}))
	t.Run("postgres", run(func(t *testing.T, cfg *store.Config) {
		cfg.Driver, cfg.DSN = store.Postgres, storetest.ClonePostgres(t)
	}))
}

func cityID(t *testing.T, n int) string {
	t.Helper()
	for _, digit := range "0123456789X" {
		s := fmt.Sprintf("41030319800101%03d%c", n, digit)
		if _, err := models.ParseIDNumber(s, start); err == nil {
			return s
		}
	}
	require.Fail(t, "no check digit fits")
	return ""
}

// city is people with a number and a phone each; those below moving change their phone again and again.
type city struct {
	people, moving int
	mu             sync.Mutex
	version        []int64
}

func (c *city) phone(n int, version int64) string { return fmt.Sprintf("138%04d%04d", version, n) }

func (c *city) fact(t *testing.T, n int, version int64) citizen.PersonFact {
	f := fact(t, fmt.Sprintf("C-%d", n), "王建国", cityID(t, n), c.phone(n, version))
	f.Version = version
	return f
}

func (c *city) settle(t *testing.T, db *store.DB) {
	for n := range c.people {
		c.version = append(c.version, 1)
		_, err := db.Persons().ApplyPersons(t.Context(), []citizen.PersonFact{c.fact(t, n, 1)}, start)
		require.NoError(t, err)
	}
	for line := range 230 {
		_, err := db.Subsidies().SaveFeedback(t.Context(), feedbackOf(line+1))
		require.NoError(t, err)
	}
	require.NoError(t, db.Feeds().Park(t.Context(), "cards", mirror.Event{Entity: "card", EntityID: "1", Version: 1, Raw: []byte("{}")}, "BAD", start, start))
	name, err := models.ParseName("张坐席")
	require.NoError(t, err)
	require.NoError(t, db.Staff().CreateStaff(t.Context(), hotline.Staff{ID: models.NewID(), Login: "agent", Name: name, PasswordHash: "x",
		TOTPSecret: "JBSWY3DPEHPK3PXP", CreatedAt: start, Version: 1}))
}

func feedbackOf(line int) subsidy.Feedback {
	return subsidy.Feedback{Key: subsidy.Key{LedgerMonth: "2021-12", BatchID: "B-1", Line: line}, PersonID: models.ID("0190a5b0-0000-7000-8000-0000000000aa"),
		Answer: subsidy.AnswerNotReceived, SeenFen: -1, Note: fmt.Sprintf("line %d", line), AnsweredAt: start}
}

// move gives somebody a new phone, as the feed would.
func (c *city) move(t *testing.T, db *store.DB, n int) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, err := db.Persons().ApplyPersons(t.Context(), []citizen.PersonFact{c.fact(t, n, c.version[n]+1)}, start); err != nil {
		return err
	}
	c.version[n]++
	return nil
}

// join adds somebody.
func (c *city) join(t *testing.T, db *store.DB) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.people >= 900 {
		return nil
	}
	if _, err := db.Persons().ApplyPersons(t.Context(), []citizen.PersonFact{c.fact(t, c.people, 1)}, start); err != nil {
		return err
	}
	c.people++
	c.version = append(c.version, 1)
	return nil
}

func TestKeysChangeUnderLoadAndNothingIsLost(t *testing.T) {
	t.Parallel()
	eachReplicas(t, func(t *testing.T, clock *models.ManualClock, open func(storetest.Option) *store.DB) {
		c := &city{people: 450, moving: 60}
		c.settle(t, open(keySets.before))
		writer, reader, first := open(keySets.both), open(keySets.both), open(keySets.both)
		require.NoError(t, c.move(t, writer, 0)) // it holds the old data key, and will go on with it for a while
		_, err := first.StartRotation(t.Context(), hotline.Operator())
		require.NoError(t, err)
		_, err = first.StartRotation(t.Context(), hotline.Operator())
		require.ErrorIs(t, err, store.ErrRotating)
		require.ErrorIs(t, open(keySets.after).CheckKeys(t.Context()), store.ErrKeyMissing, "half way the old keys are still needed")

		var over atomic.Bool
		var load sync.WaitGroup
		defer func() { over.Store(true); load.Wait() }()
		var writes, reads atomic.Int64
		load.Go(func() {
			for n := 0; !over.Load(); n++ {
				if err := errors.Join(c.move(t, writer, n%c.moving), c.join(t, writer)); err != nil {
					t.Error("write:", err)
					return
				}
				writes.Add(1)
			}
		})
		load.Go(func() {
			for n := c.moving; !over.Load(); n = c.moving + (n+7)%(450-c.moving) {
				for field, value := range map[string]string{store.LookupIDNumber: cityID(t, n), store.LookupPhone: c.phone(n, 1)} {
					ids, err := reader.FindByLookup(t.Context(), field, value)
					if err != nil || len(ids) != 1 {
						t.Errorf("person %d by %s: %d found, %v", n, field, len(ids), err)
						return
					}
				}
				reads.Add(1)
			}
		})
		turn(t, first, clock, 3, store.StageDone) // three slices, and the process dies in its fourth
		dying, die := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { _, err := first.RotateSlice(dying); done <- err }()
		die()
		<-done
		second := open(keySets.both)
		r := turn(t, second, clock, 500, store.StageObjects)
		require.Equal(t, store.StageObjects, r.Stage)
		require.Greater(t, r.Round, 1)
		require.NoError(t, second.EndObjects(t.Context(), r, "", 0, 0))
		require.ErrorIs(t, second.EndObjects(t.Context(), r, "", 0, 0), models.ErrConflict, "once")
		r = turn(t, second, clock, 500, store.StageDone)
		over.Store(true)
		load.Wait()
		require.NotNil(t, r.FinishedAt)
		require.Positive(t, writes.Load())
		require.Positive(t, reads.Load())
		t.Log("rounds", r.Round, "changed", r.Changed, "writes", writes.Load(), "reads", reads.Load())

		after := open(keySets.after)
		require.NoError(t, after.CheckKeys(t.Context()))
		require.ErrorIs(t, open(keySets.before).CheckKeys(t.Context()), store.ErrKeyMissing)
		c.everybodyIsThere(t, after)
		nothingIsOld(t, after, r)
	})
}

// turn carries a change of keys on, so many slices at most, until it reaches a stage. Where it waits the clock moves.
func turn(t *testing.T, db *store.DB, clock *models.ManualClock, slices int, until string) store.Rotation {
	t.Helper()
	var r store.Rotation
	for range slices {
		more, err := db.RotateSlice(t.Context())
		require.NoError(t, err)
		r, err = db.LastRotation(t.Context())
		require.NoError(t, err)
		if r.Stage == until {
			return r
		}
		if !more {
			clock.Advance(31 * time.Second)
		}
	}
	return r
}

func (c *city) everybodyIsThere(t *testing.T, db *store.DB) {
	for n := range c.people {
		p, err := db.Persons().PersonByRef(t.Context(), models.PersonRef(fmt.Sprintf("C-%d", n)))
		require.NoError(t, err)
		require.Equal(t, []string{"王建国", cityID(t, n), c.phone(n, c.version[n])}, []string{p.Name.Reveal(), p.IDNumber.Reveal(), p.Phone.Reveal()})
		for field, value := range map[string]string{store.LookupIDNumber: cityID(t, n), store.LookupPhone: c.phone(n, c.version[n])} {
			ids, err := db.FindByLookup(t.Context(), field, value)
			require.NoError(t, err)
			require.Equal(t, []models.ID{p.ID}, ids)
		}
		if c.version[n] > 1 {
			ids, err := db.FindByLookup(t.Context(), store.LookupPhone, c.phone(n, c.version[n]-1))
			require.NoError(t, err)
			require.Empty(t, ids, "a number given up finds nobody")
		}
	}
	agent, err := db.Staff().StaffByLogin(t.Context(), "agent")
	require.NoError(t, err)
	require.Equal(t, "JBSWY3DPEHPK3PXP", agent.TOTPSecret)
	parked, err := db.Feeds().ParkedDue(t.Context(), "cards", start.Add(time.Hour), 10)
	require.NoError(t, err)
	require.Len(t, parked, 1)
	for line := 1; line <= 230; line++ {
		var cell []byte
		require.NoError(t, db.SQL().QueryRowContext(t.Context(), "SELECT note_sealed FROM payment_feedback WHERE line = $1", line).Scan(&cell))
		note, err := db.Unseal(t.Context(), "payment_feedback", "note_sealed", feedbackOf(line).Key.String(), cell)
		require.NoError(t, err)
		require.Equal(t, fmt.Sprintf("line %d", line), string(note))
	}
}

func nothingIsOld(t *testing.T, db *store.DB, r store.Rotation) {
	cells := map[string]int{}
	for _, c := range store.SealedColumns() {
		func() {
			rows, err := db.SQL().QueryContext(t.Context(), "SELECT "+c.Column+" FROM "+c.Table+" WHERE "+c.Column+" IS NOT NULL")
			require.NoError(t, err)
			defer rows.Close()
			for rows.Next() {
				var cell []byte
				require.NoError(t, rows.Scan(&cell))
				require.GreaterOrEqual(t, store.CellKey(cell), r.DataKey, c.Table)
				cells[c.Table]++
			}
			require.NoError(t, rows.Err())
		}()
	}
	require.Equal(t, []int{1, 2, 230}, []int{cells["parked_events"], cells["staff"], cells["payment_feedback"]})
	var old, all, people int
	require.NoError(t, db.SQL().QueryRowContext(t.Context(), `SELECT (SELECT count(*) FROM person_lookups WHERE key_version < 2),
		(SELECT count(*) FROM person_lookups), (SELECT count(*) FROM persons)`).Scan(&old, &all, &people))
	require.Zero(t, old)
	require.Equal(t, 3*people, all, "number, phone, name with last six: once each")
}

func TestKeysOfWhichNothingHangsMayGo(t *testing.T) {
	t.Parallel()
	eachReplicas(t, func(t *testing.T, _ *models.ManualClock, open func(storetest.Option) *store.DB) {
		db := open(keySets.before)
		require.NoError(t, db.CheckKeys(t.Context()))
		require.NoError(t, open(keySets.both).CheckKeys(t.Context()))
		require.ErrorContains(t, open(keySets.after).CheckKeys(t.Context()), "keys.kek_previous")
		_, err := db.Persons().ApplyPersons(t.Context(), []citizen.PersonFact{(&city{}).fact(t, 1, 1)}, start)
		require.NoError(t, err)
		require.ErrorContains(t, open(keySets.after).CheckKeys(t.Context()), "version 1 of keys.index")

		young := open(keySets.both)
		made, err := young.RotateDataKey(t.Context(), time.Nanosecond)
		require.NoError(t, err)
		require.False(t, made, "no data key under a wrapping key that others may not hold yet, except by keys rotate")
	})
}
