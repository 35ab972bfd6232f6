package store_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"onecard/models"
	"onecard/models/audit"
	"onecard/models/store"
	"onecard/models/store/storetest"
)

func decision(i int) audit.Entry {
	return audit.Of(models.System(), start.Add(time.Duration(i)*time.Second), "card.loss.reported", "loss_reports",
		fmt.Sprintf("r%d", i), "done").Noting("loss_kind", "plain")
}

func record(t require.TestingT, ctx context.Context, db *store.DB, from, n int) []models.ID {
	var ids []models.ID
	for i := range n {
		e := decision(from + i)
		require.NoError(t, db.RecordAudit(ctx, e))
		ids = append(ids, e.ID)
	}
	return ids
}

// sealAll seals until nothing is left. On PostgreSQL another database's open transaction holds the horizon back.
func sealAll(t *testing.T, db *store.DB) {
	t.Helper()
	require.Eventually(t, func() bool {
		_, err := db.SealAudit(t.Context())
		require.NoError(t, err)
		since, err := db.AuditUnsealedSince(t.Context())
		require.NoError(t, err)
		return since.IsZero()
	}, 3*time.Minute, 10*time.Millisecond) // a process that another test holds up may have one
}

// asSuperuser runs statements with the insert-only triggers out of the way.
func asSuperuser(t require.TestingT, ctx context.Context, db *store.DB, statements ...string) {
	off := []string{
		"ALTER TABLE audit_entries DISABLE TRIGGER ALL", "ALTER TABLE audit_seals DISABLE TRIGGER ALL",
	}
	if db.Driver() == store.SQLite {
		off = []string{
			"DROP TRIGGER IF EXISTS audit_entries_no_update", "DROP TRIGGER IF EXISTS audit_entries_no_delete",
			"DROP TRIGGER IF EXISTS audit_seals_no_update", "DROP TRIGGER IF EXISTS audit_seals_no_delete",
		}
	}
	for _, s := range append(off, statements...) {
		_, err := db.SQL().ExecContext(ctx, s)
		require.NoError(t, err, s)
	}
}

func TestR57_AuditRowsAreInsertOnly(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		record(t, t.Context(), db, 0, 2)
		sealAll(t, db)
		for _, statement := range []string{
			"UPDATE audit_entries SET result = 'refused'", "DELETE FROM audit_entries",
			"UPDATE audit_seals SET entries = 1", "DELETE FROM audit_seals",
		} {
			_, err := db.SQL().ExecContext(t.Context(), statement)
			require.ErrorContains(t, err, "insert-only", statement)
		}
		if db.Driver() == store.Postgres {
			_, err := db.SQL().ExecContext(t.Context(), "TRUNCATE audit_entries")
			require.ErrorContains(t, err, "insert-only")
		}
		report, err := db.VerifyAudit(t.Context())
		require.NoError(t, err)
		require.Nil(t, report.Break)
		require.EqualValues(t, 2, report.Entries)
	})
}

func TestR57_TamperingIsFoundAndNamed(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name      string
		statement func(ids []models.ID) string
		kind      string
		row       int // index of the named row, -1 when none can be named
	}{
		{"result changed", func(ids []models.ID) string {
			return fmt.Sprintf("UPDATE audit_entries SET result = 'refused' WHERE id = '%s'", ids[2])
		}, store.BreakRowTampered, 2},
		{"instant moved", func(ids []models.ID) string {
			return fmt.Sprintf("UPDATE audit_entries SET at = '2021-12-20 02:00:00+00:00' WHERE id = '%s'", ids[3])
		}, store.BreakRowTampered, 3},
		{"detail changed", func(ids []models.ID) string {
			return fmt.Sprintf(`UPDATE audit_entries SET detail = '{"loss_kind":"phone"}' WHERE id = '%s'`, ids[1])
		}, store.BreakRowTampered, 1},
		{"subject changed in an unsealed row", func(ids []models.ID) string {
			return fmt.Sprintf("UPDATE audit_entries SET subject_id = 'x' WHERE id = '%s'", ids[5])
		}, store.BreakRowTampered, 5},
		{"row deleted", func(ids []models.ID) string {
			return fmt.Sprintf("DELETE FROM audit_entries WHERE id = '%s'", ids[1])
		}, store.BreakRowMissing, -1},
		{"seal's hash changed", func([]models.ID) string {
			return "UPDATE audit_seals SET hash = signature WHERE n = 1"
		}, store.BreakSealTampered, -1},
		{"seal deleted", func([]models.ID) string {
			return "DELETE FROM audit_seals WHERE n = 1"
		}, store.BreakSealMissing, -1},
		{"all seals and rows deleted", func([]models.ID) string {
			return "DELETE FROM audit_seals; DELETE FROM audit_entries"
		}, store.BreakSealMissing, -1},
	}
	storetest.Each(t, func(t *testing.T, open *store.DB) {
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				copies := store.NewSealFile(filepath.Join(t.TempDir(), "seals"))
				withCopies := storetest.With(func(cfg *store.Config) { cfg.SealCopies = copies })
				db := again(t, open, withCopies)
				ids := record(t, t.Context(), db, 0, 3)
				sealAll(t, db)
				ids = append(ids, record(t, t.Context(), db, 3, 2)...)
				sealAll(t, db)
				ids = append(ids, record(t, t.Context(), db, 5, 1)...)
				kept, err := copies.All(t.Context())
				require.NoError(t, err)
				report, err := db.VerifyAudit(t.Context(), kept...)
				require.NoError(t, err)
				require.Nil(t, report.Break)
				require.EqualValues(t, 5, report.Entries)
				require.EqualValues(t, 1, report.Unsealed)

				asSuperuser(t, t.Context(), db, c.statement(ids))
				report, err = db.VerifyAudit(t.Context(), kept...)
				require.NoError(t, err)
				require.NotNil(t, report.Break)
				require.Equal(t, c.kind, report.Break.Kind, report.Break)
				if c.row >= 0 {
					require.EqualValues(t, ids[c.row], report.Break.Entry)
				}
			})
		}
	})
}

// again is a fresh store of the same kind as db.
func again(t *testing.T, db *store.DB, opts ...storetest.Option) *store.DB {
	if db.Driver() == store.Postgres {
		return storetest.OpenPostgres(t, opts...)
	}
	return storetest.OpenSQLite(t, opts...)
}

func TestR57_ALateCommitIsNotSkipped(t *testing.T) {
	t.Parallel()
	db := storetest.OpenPostgres(t)
	ctx := t.Context()
	written, release, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		done <- db.InTx(ctx, func(ctx context.Context) error {
			err := db.RecordAudit(ctx, decision(0))
			close(written)
			<-release
			return err
		})
	}()
	<-written
	record(t, ctx, db, 1, 3) // committed, but younger than the open one
	n, err := db.SealAudit(ctx)
	require.NoError(t, err)
	require.Zero(t, n)
	close(release)
	require.NoError(t, <-done)
	sealAll(t, db)
	report, err := db.VerifyAudit(ctx)
	require.NoError(t, err)
	require.Nil(t, report.Break)
	require.EqualValues(t, 4, report.Entries)
}

// TestAuditModel drives writing, sealing and one act of tampering in random order: whatever was sealed is found
// broken, and what was not touched is found whole.
func TestAuditModel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		dir, err := os.MkdirTemp(t.TempDir(), "model")
		require.NoError(rt, err)
		db := storetest.SQLiteAt(rt, filepath.Join(dir, "onecard.db"))
		defer db.Close()
		ctx := t.Context()
		var rows, sealed int
		for range rapid.IntRange(1, 6).Draw(rt, "steps") {
			n := rapid.IntRange(0, 5).Draw(rt, "rows")
			record(rt, ctx, db, rows, n)
			rows += n
			if rapid.Bool().Draw(rt, "seal") {
				got, err := db.SealAudit(ctx)
				require.NoError(rt, err)
				require.EqualValues(rt, rows-sealed, got)
				sealed = rows
			}
		}
		report, err := db.VerifyAudit(ctx)
		require.NoError(rt, err)
		require.Nil(rt, report.Break)
		require.EqualValues(rt, sealed, report.Entries)
		require.EqualValues(rt, rows-sealed, report.Unsealed)
		if sealed == 0 {
			return
		}
		victim := rapid.IntRange(1, sealed).Draw(rt, "victim")
		tamper := rapid.SampledFrom([]string{
			"UPDATE audit_entries SET actor_id = 'someone' WHERE tx = %d", "DELETE FROM audit_entries WHERE tx = %d",
			"UPDATE audit_entries SET digest = zeroblob(32) WHERE tx = %d",
		}).Draw(rt, "tamper")
		asSuperuser(rt, ctx, db, fmt.Sprintf(tamper, victim))
		report, err = db.VerifyAudit(ctx)
		require.NoError(rt, err)
		require.NotNil(rt, report.Break)
	})
}

func TestSealFileForgetsALineCutShort(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "seals")
	ctx := t.Context()
	first := store.NewSealFile(path)
	require.NoError(t, first.Append(ctx, store.AuditSeal{N: 1, Hash: []byte{1}}))
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = f.WriteString(`{"n":2,"from`)
	require.NoError(t, err)
	require.NoError(t, f.Close())

	after := store.NewSealFile(path)
	last, err := after.Last(ctx)
	require.NoError(t, err)
	require.EqualValues(t, 1, last)
	require.NoError(t, after.Append(ctx, store.AuditSeal{N: 2, Hash: []byte{2}}))
	all, err := after.All(ctx)
	require.NoError(t, err)
	require.Len(t, all, 2)
	require.EqualValues(t, 2, all[1].N)
}

// Two workers on one machine share the file; each copies what it finds missing, in whatever order they come.
func TestSealFileIsSharedByProcesses(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "seals")
	ctx := t.Context()
	seal := func(n int64) store.AuditSeal { return store.AuditSeal{N: n, Hash: make([]byte, n)} }
	one, other := store.NewSealFile(path), store.NewSealFile(path)
	for _, f := range []*store.SealFile{one, other} {
		last, err := f.Last(ctx)
		require.NoError(t, err)
		require.Zero(t, last)
	}
	for n := int64(1); n <= 3; n++ {
		require.NoError(t, one.Append(ctx, seal(n)))
	}
	require.NoError(t, other.Append(ctx, seal(1)), "found missing before the first wrote it") // and then it is killed
	require.NoError(t, one.Append(ctx, seal(4)))
	last, err := other.Last(ctx)
	require.NoError(t, err)
	require.EqualValues(t, 4, last)
	all, err := store.NewSealFile(path).All(ctx)
	require.NoError(t, err)
	require.Len(t, all, 4)
	for i, s := range all {
		require.EqualValues(t, i+1, s.N)
	}
}
