package store_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/audit"
	"onecard/models/notice"
	"onecard/models/store"
	"onecard/models/store/storetest"
)

// sealing is databases that write seals into a file of the host they run on.
type sealing struct {
	t     *testing.T
	clock *models.ManualClock
}

func (s sealing) host() string { return filepath.Join(s.t.TempDir(), "seals.jsonl") }

func (s sealing) open(file string) *store.DB {
	return storetest.OpenSQLite(s.t, storetest.WithClock(s.clock), storetest.With(func(c *store.Config) { c.SealCopies = store.NewSealFile(file) }))
}

// seal makes one that is like no other, a second after the one before.
func (s sealing) seal(db *store.DB, about string) {
	s.t.Helper()
	s.clock.Advance(time.Second)
	require.NoError(s.t, db.RecordAudit(s.t.Context(), audit.Of(atTheMachine, s.clock.Now(), "test.seal", "things", about, "done")))
	_, err := db.SealAudit(s.t.Context())
	require.NoError(s.t, err)
}

func (s sealing) restores(db *store.DB) notice.Restores {
	return notice.Restores{Store: db.Restores(), Clock: s.clock}
}

func (s sealing) find(db *store.DB) bool {
	s.t.Helper()
	found, err := s.restores(db).Find(s.t.Context())
	require.NoError(s.t, err)
	return found
}

// back gives a database as it was after the first seal of the file, which it shares: the same process starts anew there.
func (s sealing) back(file string) *store.DB {
	s.t.Helper()
	db := s.open(file)
	kept, err := store.NewSealFile(file).All(s.t.Context())
	require.NoError(s.t, err)
	s.put(db, kept[0])
	return db
}

func (s sealing) put(db *store.DB, seal store.AuditSeal) {
	s.t.Helper()
	_, err := db.SQL().ExecContext(s.t.Context(), "INSERT INTO audit_seals (n, from_tx, to_tx, entries, hash, signature, sealed_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
		seal.N, seal.FromTx, seal.ToTx, seal.Entries, seal.Hash, seal.Signature, seal.SealedAt)
	require.NoError(s.t, err)
}

// copyOf is what another host has of a file: its first lines.
func (s sealing) copyOf(file string, bytes int64) string {
	s.t.Helper()
	all, err := os.ReadFile(file)
	require.NoError(s.t, err)
	other := s.host()
	require.NoError(s.t, os.WriteFile(other, all[:bytes], 0o600))
	return other
}

func sizeOf(t *testing.T, file string) int64 {
	t.Helper()
	info, err := os.Stat(file)
	require.NoError(t, err)
	return info.Size()
}

// A database that is older than the seals kept outside of it was put back.
func TestAMissingSealShowsARestoreOnce(t *testing.T) {
	t.Parallel()
	s := sealing{t, models.NewManualClock(noticeTime)}
	file := s.host()
	whole, fresh := s.open(file), s.open(file)
	s.seal(whole, "1")
	s.seal(whole, "2")
	require.False(t, s.find(whole))
	require.False(t, s.find(fresh), "a new database was not put back")
	back := s.back(file) // it has a first seal, and not the second
	require.True(t, s.find(back))
	require.False(t, s.find(back), "noted once")
	require.NoError(t, s.restores(back).Decide(t.Context(), atTheMachine, notice.RestoreDropped, "已核对清单"))
	require.False(t, s.find(back), "decided once")
}

// Each host has a file of its own, and none of them ends alike.
func TestARestoreThatWasDecidedIsNotFoundAgainByAnotherHostsSeals(t *testing.T) {
	t.Parallel()
	s := sealing{t, models.NewManualClock(noticeTime)}
	file := s.host()
	whole := s.open(file)
	s.seal(whole, "1")
	s.seal(whole, "2")
	part := sizeOf(t, file)
	s.seal(whole, "3")
	back := s.back(file)
	require.True(t, s.find(back))
	open, _, err := s.restores(back).Show(t.Context())
	require.NoError(t, err)
	s.clock.Advance(time.Hour)
	back.CopySealsTo(store.NewSealFile(s.copyOf(file, part)))
	require.False(t, s.find(back))
	still, _, err := s.restores(back).Show(t.Context())
	require.NoError(t, err)
	require.Equal(t, open, still, "what holds is what was found first")
	require.NoError(t, s.restores(back).Decide(t.Context(), atTheMachine, notice.RestoreDropped, "已核对清单"))
	require.False(t, s.find(back), "decided for every host")
}

func TestWhatSomebodySaidOfARestoreStands(t *testing.T) {
	t.Parallel()
	s := sealing{t, models.NewManualClock(noticeTime)}
	file := s.host()
	whole := s.open(file)
	s.seal(whole, "1")
	said := s.clock.Now()
	s.clock.Advance(time.Minute)
	s.seal(whole, "2")
	back := s.back(file)
	s.clock.Advance(time.Hour)
	noted, err := s.restores(back).Note(t.Context(), atTheMachine, said, "恢复到十点")
	require.NoError(t, err)
	require.True(t, noted)
	require.False(t, s.find(back))
	r, _, err := s.restores(back).Show(t.Context())
	require.NoError(t, err)
	require.Equal(t, []any{said, ""}, []any{r.LostUntil, r.Evidence})
	added, err := back.Restores().AddRestore(t.Context(), notice.Restore{ID: models.NewID(), LostUntil: s.clock.Now(), Evidence: "9:aa", SealedAt: s.clock.Now(), NotedAt: s.clock.Now()})
	require.NoError(t, err)
	require.False(t, added, "nor is it overwritten by one who looked at the same time")
	require.NoError(t, s.restores(back).Decide(t.Context(), atTheMachine, notice.RestoreDropped, "已核对清单"))
	require.False(t, s.find(back))
}

func TestADatabaseThatIsPutBackAgainBeforeAnybodyDecidedHoldsMore(t *testing.T) {
	t.Parallel()
	s := sealing{t, models.NewManualClock(noticeTime)}
	file := s.host()
	whole := s.open(file)
	s.seal(whole, "1")
	s.seal(whole, "2")
	back := s.back(file)
	require.True(t, s.find(back))
	s.clock.Advance(time.Hour)
	s.seal(whole, "3") // stands for what was sealed since, and lost again
	s.clock.Advance(time.Hour)
	require.True(t, s.find(back))
	r, _, err := s.restores(back).Show(t.Context())
	require.NoError(t, err)
	require.True(t, r.LostUntil.Equal(s.clock.Now()))
}

// A new database was started beside the folder of an old one: nothing of it was lost, and nobody is kept waiting.
func TestSealsOfAnotherDatabaseHoldNothing(t *testing.T) {
	t.Parallel()
	s := sealing{t, models.NewManualClock(noticeTime)}
	file := s.host()
	old := s.open(file)
	s.seal(old, "1")
	s.seal(old, "2")
	young := s.open(s.host())
	s.seal(young, "other")
	young.CopySealsTo(store.NewSealFile(s.copyOf(file, sizeOf(t, file))))
	require.False(t, s.find(young))
}
