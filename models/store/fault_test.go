package store_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/store"
	"onecard/models/store/storetest"
)

type faultRow struct {
	ID    string `gorm:"primaryKey"`
	Card  string
	State string
	At    time.Time
}

func (faultRow) TableName() string { return "test_faults" }

func withFaultTable(t *testing.T, db *store.DB) {
	t.Helper()
	instant := map[store.Driver]string{store.Postgres: "timestamptz", store.SQLite: "datetime"}[db.Driver()]
	for _, s := range []string{
		"CREATE TABLE test_faults (id text NOT NULL PRIMARY KEY, card text, state text CHECK (state <> 'bad'), at " + instant + ")",
		"CREATE UNIQUE INDEX test_faults_one_open ON test_faults (card) WHERE state = 'open'",
	} {
		_, err := db.SQL().ExecContext(t.Context(), s)
		require.NoError(t, err)
	}
}

func TestDriverErrorsBecomeOursAndTellNoValue(t *testing.T) {
	t.Parallel()
	const secret = "410303198001010015"
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		withFaultTable(t, db)
		ctx := t.Context()
		require.NoError(t, db.W(ctx).Create(&faultRow{ID: secret, Card: "c", State: "open"}).Error)

		err := db.W(ctx).Create(&faultRow{ID: secret, Card: "d"}).Error
		require.ErrorIs(t, err, models.ErrConflict)
		require.True(t, db.IsDuplicate(err, "test_faults_pkey"))
		require.False(t, db.IsDuplicate(err, "test_faults_one_open"))
		require.NotContains(t, fmt.Sprintf("%v %+v", err, err), secret)

		err = db.W(ctx).Create(&faultRow{ID: "2", Card: "c", State: "open"}).Error
		require.True(t, db.IsDuplicate(err, "test_faults_one_open"))
		require.False(t, db.IsDuplicate(err, "test_faults_pkey"))
		require.False(t, db.IsDuplicate(models.ErrConflict, "test_faults_one_open"))

		var row faultRow
		err = db.Q(ctx).Where("id = ?", "none").Take(&row).Error
		require.ErrorIs(t, err, models.ErrNotFound)
		require.ErrorIs(t, store.Guarded(db.W(ctx).Where("id = ?", "none").Delete(&faultRow{})), models.ErrConflict)

		err = db.W(ctx).Create(&faultRow{ID: "3", Card: secret, State: "bad"}).Error
		require.Equal(t, models.Internal, models.KindOf(err))
		require.NotContains(t, fmt.Sprintf("%v %+v", err, err), secret)

		err = db.Q(ctx).Raw("SELECT a FROM nowhere").Row().Scan(&row.ID)
		require.ErrorContains(t, store.Translate(err), "nowhere", "our own mistakes keep their text")
	})
	db := storetest.OpenPostgres(t)
	err := db.Q(t.Context()).Exec("SELECT * FROM audit_entries WHERE id = CAST(? AS text)::uuid", secret).Error
	require.Error(t, err)
	require.NotContains(t, fmt.Sprintf("%v %+v", err, err), secret, "the server's text repeats the value")
}

func TestInstantsComeBackAsWritten(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		withFaultTable(t, db)
		ctx := t.Context()
		shanghai := time.Date(2021, 12, 20, 10, 0, 0, 123456789, models.Shanghai)
		require.NoError(t, db.W(ctx).Create(&faultRow{ID: "1", At: shanghai}).Error)
		require.NoError(t, db.W(ctx).Create(&faultRow{ID: "2", At: shanghai.Add(time.Microsecond)}).Error)
		require.NoError(t, db.W(ctx).Create(&faultRow{ID: "3", At: start.Add(-time.Second)}).Error)
		var rows []faultRow
		require.NoError(t, db.Q(ctx).Where("at <= ?", shanghai).Order("at").Find(&rows).Error)
		require.Len(t, rows, 2, "compared in one zone, to the microsecond")
		require.Equal(t, "3", rows[0].ID)
		require.Equal(t, models.Instant(shanghai), rows[1].At)
		require.Equal(t, time.UTC, rows[1].At.Location())
	})
}

func TestALostConnectionIsUnavailableAndForgotten(t *testing.T) {
	t.Parallel()
	db := storetest.OpenPostgres(t)
	err := db.InTx(t.Context(), func(ctx context.Context) error {
		_ = db.W(ctx).Exec("SELECT pg_terminate_backend(pg_backend_pid())")
		return db.RecordAudit(ctx, decision(1))
	})
	require.ErrorIs(t, err, models.ErrUnavailable)
	require.NoError(t, db.InTx(t.Context(), func(ctx context.Context) error { return db.RecordAudit(ctx, decision(2)) }))
}

func TestSlowStatementsAreLoggedWithoutValues(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	db := storetest.OpenPostgres(t, storetest.With(func(cfg *store.Config) { cfg.Log = slog.New(slog.NewTextHandler(&out, nil)) }))
	require.NoError(t, db.Q(t.Context()).Exec("SELECT pg_sleep(0.6), CAST(? AS text)", "13800000000").Error)
	require.Contains(t, out.String(), "slow statement")
	require.Contains(t, out.String(), "pg_sleep")
	require.NotContains(t, out.String(), "13800000000")
}

func TestWhatIsNoIDNamesNoRow(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		for _, id := range []models.ID{"", "abc", "410303198001010015"} {
			_, err := db.Cards().Card(t.Context(), id)
			require.ErrorIs(t, err, models.ErrNotFound, "a client may name a card any way it likes")
			require.NotContains(t, err.Error(), "4103")
			require.ErrorIs(t, db.InTx(t.Context(), func(ctx context.Context) error {
				_, err := db.Sessions().Session(ctx, id)
				return err
			}), models.ErrNotFound)
		}
	})
}
