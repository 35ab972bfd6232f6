package store_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/store"
	"onecard/models/store/storetest"
	"onecard/models/subsidy"
)

// story is one batch from its announcement to its withdrawal, with a stranger and a held line; every part goes through
// the store of p.
type story struct {
	*payday
	src   *tap
	first []subsidy.Line
}

func newStory(p *payday) *story {
	s := &story{payday: p, src: p.streaming(), first: p.lines("b1", 4)}
	s.first[1].PayeeRef, s.first[2].AmountFen = "stranger", -1
	return s
}

// parts are what is done, each repeated until it is done.
func (s *story) parts() []func() {
	return []func(){
		func() { s.announce(s.src, s.first) },
		s.run,
		func() {
			next := slices.Clone(s.first)
			next[0].AmountFen, next[0].Version = 70_000, 9
			s.announce(s.src, next, version(2))
		},
		s.run,
		func() {
			b := batchOf(s.clock.Now(), s.first)
			b.Withdrawn, b.Version = true, 3
			s.hear(b)
		},
		s.run,
	}
}

// run does all there is to do; after a failure or a death somebody comes back later.
func (s *story) run() {
	for range 20 {
		_, err := s.TakeBatches(s.t.Context())
		more, told := s.TellBatches(s.t.Context())
		if err == nil && told == nil && !more && s.count("SELECT count(*) FROM batches WHERE waiting") == 0 {
			return
		}
		s.clock.Set(s.clock.Now().Add(31 * time.Minute))
	}
	require.Fail(s.t, "never done")
}

// outcome is everything that lasts, without instants.
func (s *story) outcome() map[string]string {
	out := map[string]string{}
	for _, q := range []string{
		"SELECT line || ' ' || amount_fen || ' ' || hold FROM payments ORDER BY 1", "SELECT n.cause || ' ' || d.channel || ' ' || d.state FROM notices n JOIN deliveries d ON d.notice_id = n.id ORDER BY 1",
		"SELECT kind || ' ' || state || ' ' || told FROM notice_runs ORDER BY 1", "SELECT line || ' ' || code FROM batch_findings ORDER BY 1",
		"SELECT action || ' ' || object_id FROM audit_entries ORDER BY 1", "SELECT entity_id || ' ' || version FROM parked_events ORDER BY 1",
		"SELECT state || ' ' || reason || ' ' || applied_count || ' ' || data_seq FROM batches", "SELECT '' || data_seq FROM feed_cursors",
		"SELECT kind FROM river_job ORDER BY 1",
	} {
		out[q] = s.textOf(q)
	}
	return out
}

// textOf is what a query of one column answers, a line for each row.
func (s *story) textOf(q string) (all string) {
	rows, err := s.db.SQL().QueryContext(s.t.Context(), q)
	require.NoError(s.t, err)
	defer rows.Close()
	for rows.Next() {
		var one string
		require.NoError(s.t, rows.Scan(&one))
		all += one + "\n"
	}
	require.NoError(s.t, rows.Err())
	return all
}

// A fault at any step of a batch's life leaves nothing half-applied, and the work is repeated to one result.
func TestAFaultAtAnyStepIsRepeatedToOneResult(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(*testing.T, ...storetest.Option) *store.DB{"sqlite": storetest.OpenSQLite, "postgres": storetest.OpenPostgres} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			play := func(fails func(n int) bool) (map[string]string, []string) {
				clock := models.NewManualClock(start)
				db := open(t, storetest.WithClock(clock))
				s := newStory(newPayday(t, db, clock))
				var mu sync.Mutex
				var steps []string
				s.Store = failing{s.store, func(step string) error {
					mu.Lock()
					defer mu.Unlock()
					if steps = append(steps, step); fails(len(steps)) {
						return models.ErrUnavailable
					}
					return nil
				}}
				for _, part := range s.parts() {
					part()
				}
				out := s.outcome()
				require.NoError(t, db.Close())
				return out, steps
			}
			want, steps := play(func(int) bool { return false })
			require.Greater(t, len(steps), 25)
			require.ElementsMatch(t, []string{"audit", "cancel", "commit", "committed", "data_seq", "findings", "hide", "jobs", "load", "notices", "park",
				"payees", "run", "save", "save run", "settle applied", "settle spooled", "settle withdrawn", "standing"}, slices.Sorted(maps.Keys(set(steps))))
			for n, step := range steps {
				if name == "postgres" && slices.Contains(steps[:n], step) {
					continue // a database for each try takes its time: there, every kind of step once
				}
				got, _ := play(func(at int) bool { return at == n+1 })
				require.Equal(t, want, got, "a fault at step %d, %s", n+1, step)
			}
		})
	}
}

func set(words []string) map[string]bool {
	out := map[string]bool{}
	for _, w := range words {
		out[w] = true
	}
	return out
}

// A worker that dies leaves its lease behind; another takes the batch once it has lapsed, from the spool it left.
func TestADeadWorkersBatchIsTakenFromItsSpool(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		for i, step := range []string{"payees", "settle spooled", "standing", "load", "findings", "settle applied", "commit"} {
			t.Run(step, func(t *testing.T) {
				batch := fmt.Sprintf("b%d", i)
				src := p.streaming()
				p.Store, _ = dyingAt(p.store, step)
				p.announce(src, p.lines(batch, 3))
				_, err := p.TakeBatches(t.Context())
				require.Error(t, err)
				p.Store = p.store
				require.Empty(t, p.shown("wang", 2021).Items[min(3*i, len(p.shown("wang", 2021).Items)):], "nothing of it is shown")
				more, err := p.TakeBatches(t.Context())
				require.NoError(t, err)
				require.False(t, more, "its lease is not over")
				p.clock.Set(p.clock.Now().Add(31 * time.Second))
				p.takeAll()
				require.Equal(t, subsidy.BatchApplied, p.life(batch).State)
				require.Equal(t, 3, p.stored(batch))
				reads := 1
				if step == "payees" {
					reads = 2
				}
				require.Equal(t, reads, int(src.reads.Load()), "a whole spool is not read again")
			})
		}
	})
}

// Two workers may see the same batch; one has it.
func TestOfManyWorkersOneAppliesABatch(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		p.announce(p.streaming(), p.lines("b1", 50))
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() { _, _ = p.TakeBatches(t.Context()) })
		}
		wg.Wait()
		p.takeAll()
		require.Equal(t, subsidy.BatchApplied, p.life("b1").State)
		require.Equal(t, 50, p.stored("b1"))
		require.Equal(t, []string{"subsidy.batch.applied"}, p.batchAudits("b1"))
		require.Equal(t, 1, p.life("b1").Attempt-1, "announced, and taken once")
	})
}

// A worker that was asleep while another took its batch writes nothing.
func TestAWorkerWhoLostItsLeaseWritesNothing(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		src := p.streaming()
		lines := p.lines("b1", 3)
		real := p.store
		var once sync.Once
		p.Store = failing{real, func(step string) error {
			if step == "load" {
				once.Do(func() { p.announce(src, append(lines, p.lines("b1", 4)[3]), version(2)) })
			}
			return nil
		}}
		p.announce(src, lines)
		_, err := p.TakeBatches(t.Context())
		require.NoError(t, err)
		require.NotEqual(t, subsidy.BatchApplied, p.life("b1").State)
		require.Empty(t, p.shown("wang", 2021).Items)
		p.takeAll()
		require.Equal(t, 4, p.stored("b1"))
		require.Equal(t, int64(2), p.life("b1").Version)
		require.Equal(t, []string{"subsidy.batch.applied"}, p.batchAudits("b1"))
	})
}

// spoil turns one byte of a spool's rows.
func spoil(t *testing.T, dir string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.rows"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	body, err := os.ReadFile(files[0])
	require.NoError(t, err)
	body[len(body)/2] ^= 1
	require.NoError(t, os.WriteFile(files[0], body, 0o600))
}

func TestABrokenSpoolIsReadAgain(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		src := p.streaming()
		p.announce(src, p.lines("b1", 3))
		real := p.store
		p.Store = failing{real, func(step string) error {
			if step == "load" {
				return models.ErrUnavailable
			}
			return nil
		}}
		_, err := p.TakeBatches(t.Context())
		require.Error(t, err)
		spoil(t, p.SpoolDir)
		p.Store = real
		p.clock.Set(p.clock.Now().Add(time.Hour))
		p.takeAll()
		require.Equal(t, 2, int(src.reads.Load()))
		require.Equal(t, 3, p.stored("b1"))
	})
}

// What a payday costs does not grow with its lines, but for one statement for some thousand payees.
func TestAPaydayCostsTheSameStatementsForEverySize(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		src := p.streaming()
		cost := func(batch string, n int) (statements, commits int) {
			p.announce(src, p.lines(batch, n))
			ctx, counted := p.db.CountStatements(t.Context())
			_, err := p.TakeBatches(ctx)
			require.NoError(t, err)
			return counted.Statements(), counted.Commits()
		}
		cost("warm", 1)
		few, commits := cost("b1", 10)
		many, commitsMany := cost("b2", 500) // a look-up names so many payees
		require.Equal(t, few, many)
		require.Equal(t, commits, commitsMany)
		if p.db.Driver() == store.Postgres {
			require.Equal(t, 1, commits, "lines, state, report, jobs and audit in one")
			require.LessOrEqual(t, few, 20)
		}

		tell := func() int {
			ctx, counted := p.db.CountStatements(t.Context())
			_, err := p.TellBatches(ctx)
			require.NoError(t, err)
			require.Equal(t, 1, counted.Commits())
			return counted.Statements()
		}
		one, ten, full := tell(), tell(), tell()
		require.Equal(t, one, ten)
		require.Equal(t, one, full, "300 lines cost what one does")
	})
}

// SQLite loads in pieces: nobody sees a part of a batch, and a load that broke off is begun anew.
func TestNobodySeesHalfABatch(t *testing.T) {
	t.Parallel()
	clock := models.NewManualClock(start)
	db := storetest.OpenSQLite(t, storetest.WithClock(clock))
	p := newPayday(t, db, clock)
	src := p.streaming()
	p.announce(src, p.lines("b1", 5010))
	real := p.store
	p.Store = failing{real, func(step string) error {
		if step == "findings" {
			return models.ErrUnavailable
		}
		return nil
	}}
	_, err := p.TakeBatches(t.Context())
	require.Error(t, err)
	require.True(t, p.life("b1").Loading)
	require.Equal(t, 5010, p.stored("b1"))
	require.Empty(t, p.shown("wang", 2021).Items)
	require.Empty(t, p.holds())
	p.Store = real
	clock.Set(clock.Now().Add(time.Hour))
	p.takeAll()
	require.Equal(t, 5010, p.stored("b1"))
	require.False(t, p.life("b1").Loading)
	require.NotEmpty(t, p.shown("wang", 2021).Items)
}
