package boot

import (
	"bytes"
	"crypto/sha256"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/configs"
	"onecard/models"
	"onecard/models/card"
	"onecard/models/citizen"
	"onecard/models/store"
)

func TestKeysChangeFromTheCommandToTheLastPicture(t *testing.T) {
	t.Parallel()
	before := configs.Dev(t.TempDir())
	before.HTTP.Addr, before.Sandbox.Addr = "127.0.0.1:0", "127.0.0.1:0"
	key := func(name string) configs.Key { return configs.NewKey(sha256.Sum256([]byte(name))) }
	both, after := before, before
	both.Keys.KEK, both.Keys.KEKPrevious = key("new kek"), before.Keys.KEK
	both.Keys.Index = append([]configs.IndexKey{{Version: 2, Key: key("new index")}}, before.Keys.Index...)
	after.Keys.KEK, after.Keys.Index = both.Keys.KEK, both.Keys.Index[:1]

	clock := models.NewManualClock(models.SystemClock{}.Now())
	build := func(cfg configs.Config) (*App, error) {
		return Build(t.Context(), cfg, Roles{}, Migrating(), WithClock(clock), WithLog(slog.New(slog.DiscardHandler)))
	}
	keys := func(cfg configs.Config, verb string) (string, error) {
		var out bytes.Buffer
		err := KeysCommand(t.Context(), cfg, []string{verb}, &out)
		return out.String(), err
	}
	a, err := build(before)
	require.NoError(t, err)
	_, err = a.db.Persons().ApplyPersons(t.Context(), []citizen.PersonFact{{Ref: "K-1", LivingStatus: citizen.Alive, District: "410303", Version: 1, ChangedAt: clock.Now()}}, clock.Now())
	require.NoError(t, err)
	p, err := a.db.Persons().PersonByRef(t.Context(), "K-1")
	require.NoError(t, err)
	var pictures []string
	for range 41 { // more than two pages
		id := models.NewID()
		pictures = append(pictures, string(id))
		require.NoError(t, a.pictures.Put(t.Context(), string(id), []byte("a face "+id)))
		require.NoError(t, a.db.Cards().AddUpload(t.Context(), card.Upload{ID: id, PersonID: p.ID, Purpose: card.UploadPhoto, MediaType: "image/jpeg",
			Digest: "x", ObjectKey: string(id), CreatedAt: clock.Now()}))
	}
	broken := pictures[7]
	require.NoError(t, os.WriteFile(filepath.Join(before.ObjectsFolder(), broken[len(broken)-2:], broken), []byte{1, 0, 0, 0, 1}, 0o600))
	require.NoError(t, a.Close())

	said, err := keys(before, "status")
	require.NoError(t, err)
	require.Equal(t, "keys were never changed\n", said)
	_, err = keys(after, "rotate")
	require.ErrorIs(t, err, store.ErrKeyMissing, "the old keys stay until the end")
	_, err = keys(both, "turn")
	require.ErrorIs(t, err, ErrUsage)
	said, err = keys(both, "rotate")
	require.NoError(t, err)
	require.Contains(t, said, "stage cells, round 1, table persons")
	_, err = keys(both, "rotate")
	require.ErrorIs(t, err, store.ErrRotating)

	a, err = build(both)
	require.NoError(t, err)
	for range 500 {
		more, err := a.rotateKeys(t.Context())
		require.NoError(t, err)
		r, err := a.db.LastRotation(t.Context())
		require.NoError(t, err)
		if r.FinishedAt != nil {
			break
		}
		if !more {
			clock.Advance(31 * time.Second)
		}
	}
	require.NoError(t, a.Close())
	said, err = keys(after, "status")
	require.NoError(t, err)
	require.Contains(t, said, "keys.kek_previous and versions of keys.index below 2 may go after ")
	_, err = build(before)
	require.ErrorIs(t, err, store.ErrKeyMissing, "the old keys open nothing any more: no start with them")

	a, err = build(after)
	require.NoError(t, err)
	defer func() { require.NoError(t, a.Close()) }()
	for _, id := range pictures {
		got, err := a.pictures.Get(t.Context(), id)
		if id == broken {
			require.ErrorIs(t, err, card.ErrObjectChanged, "no key opened it, and it stopped nobody")
			continue
		}
		require.NoError(t, err)
		require.Equal(t, "a face "+id, string(got))
		did, err := a.pictures.Reseal(t.Context(), id, func(cell []byte) bool { return store.CellKey(cell) < 2 })
		require.NoError(t, err)
		require.False(t, did, "nothing is left under the old key")
	}
	require.NoError(t, VerifyAudit(t.Context(), after, true, io.Discard))
}
