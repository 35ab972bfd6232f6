package store_test

import (
	"bytes"
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/store"
	"onecard/models/store/storetest"
)

func TestSealedCellOpensOnlyInItsPlace(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		cell, err := db.Seal(ctx, "persons", "name_sealed", "1", []byte("王建国"))
		require.NoError(t, err)
		require.Equal(t, byte(1), cell[0])
		require.Len(t, cell, 1+4+12+9+16)
		require.NotContains(t, string(cell), "王建国")
		plain, err := db.Unseal(ctx, "persons", "name_sealed", "1", cell)
		require.NoError(t, err)
		require.Equal(t, "王建国", string(plain))
		for _, place := range [][3]string{{"persons", "name_sealed", "2"}, {"persons", "phone_sealed", "1"}, {"people", "name_sealed", "1"}} {
			_, err = db.Unseal(ctx, place[0], place[1], place[2], cell)
			require.ErrorIs(t, err, store.ErrCell)
		}
		for i := range cell {
			broken := bytes.Clone(cell)
			broken[i] ^= 1
			_, err = db.Unseal(ctx, "persons", "name_sealed", "1", broken)
			require.ErrorIs(t, err, store.ErrCell, "byte %d", i)
		}
		for n := 1; n < len(cell); n++ {
			_, err = db.Unseal(ctx, "persons", "name_sealed", "1", cell[:n])
			require.ErrorIs(t, err, store.ErrCell, "%d bytes", n)
		}
		none, err := db.Seal(ctx, "persons", "name_sealed", "1", nil)
		require.NoError(t, err)
		require.Nil(t, none)
	})
}

func TestDataKeysRotateUnderRunningReplicas(t *testing.T) {
	t.Parallel()
	clock := models.NewManualClock(start)
	dsn := storetest.ClonePostgres(t)
	replica := func() *store.DB {
		cfg := storetest.Config(storetest.WithClock(clock))
		cfg.Driver, cfg.DSN = store.Postgres, dsn
		db, err := store.Open(t.Context(), cfg)
		require.NoError(t, err)
		t.Cleanup(func() { _ = db.Close() })
		return db
	}
	a, b := replica(), replica()
	ctx := t.Context()
	seal := func(db *store.DB) []byte {
		cell, err := db.Seal(ctx, "persons", "name_sealed", "1", []byte("x"))
		require.NoError(t, err)
		return cell
	}
	before := seal(a)
	seal(b)
	made, err := a.RotateDataKey(ctx, 0)
	require.NoError(t, err)
	require.True(t, made)
	after := seal(a)
	require.NotEqual(t, before[1:5], after[1:5], "the new key seals")
	for _, cell := range [][]byte{before, after, seal(b)} {
		for _, db := range []*store.DB{a, b} {
			plain, err := db.Unseal(ctx, "persons", "name_sealed", "1", cell)
			require.NoError(t, err)
			require.Equal(t, "x", string(plain))
		}
	}
	require.Equal(t, after[1:5], seal(b)[1:5], "having met the new key, the other replica seals with it")

	clock.Set(models.SystemClock{}.Now().Add(store.DataKeyLife)) // keys of the template are as old as the template
	made, err = a.RotateDataKey(ctx, store.DataKeyLife)
	require.NoError(t, err)
	require.True(t, made)
	made, err = b.RotateDataKey(ctx, store.DataKeyLife)
	require.NoError(t, err)
	require.False(t, made, "young enough")
	require.ErrorContains(t, a.InTx(ctx, func(ctx context.Context) error {
		_, err := a.RotateDataKey(ctx, 0)
		return err
	}), "transaction")
}

func TestAWrongWrappingKeyIsNamed(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		_, err := db.Seal(t.Context(), "persons", "name_sealed", "1", []byte("x"))
		require.ErrorContains(t, err, "wrapped by local-")
	}, storetest.With(func(cfg *store.Config) { cfg.KEK = bytes.Repeat([]byte{9}, 32) }))
}

func TestLookupsFindUnderEveryActiveVersion(t *testing.T) {
	t.Parallel()
	dsn := storetest.ClonePostgres(t)
	old, young := bytes.Repeat([]byte{2}, 32), bytes.Repeat([]byte{7}, 32)
	with := func(keys map[int][]byte) *store.DB {
		cfg := storetest.Config()
		cfg.Driver, cfg.DSN, cfg.IndexKeys = store.Postgres, dsn, keys
		db, err := store.Open(t.Context(), cfg)
		require.NoError(t, err)
		t.Cleanup(func() { _ = db.Close() })
		return db
	}
	before, both, after := with(map[int][]byte{1: old}), with(map[int][]byte{1: old, 2: young}), with(map[int][]byte{2: young})
	wang, li := models.NewID(), models.NewID()
	ctx := t.Context()
	find := func(db *store.DB, value string) []models.ID {
		ids, err := db.FindByLookup(ctx, "phone", value)
		require.NoError(t, err)
		return ids
	}
	require.NoError(t, before.AddLookups(ctx, wang, "phone", "13800000001"))
	require.Equal(t, []models.ID{wang}, find(both, "13800000001"), "the old version is still read")
	require.Empty(t, find(after, "13800000001"), "not back-filled yet")
	require.NoError(t, both.AddLookups(ctx, wang, "phone", "13800000001"))
	require.NoError(t, both.AddLookups(ctx, li, "phone", "13800000001"))
	for _, db := range []*store.DB{before, both, after} {
		require.Equal(t, []models.ID{wang, li}, find(db, "13800000001"), "a family may share a phone, each once")
	}
	require.NoError(t, both.AddLookups(ctx, wang, "phone", "13800000002"))
	require.Equal(t, []models.ID{li}, find(both, "13800000001"), "the old number no longer finds her")
	require.NoError(t, both.AddLookups(ctx, wang, "phone", ""))
	require.Empty(t, find(both, "13800000002"))
	require.Empty(t, find(both, ""))
	ids, err := both.FindByLookup(ctx, "id_number", "13800000001")
	require.NoError(t, err)
	require.Empty(t, ids, "a value is found in its own field only")
}
