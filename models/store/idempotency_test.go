package store_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/store"
	"onecard/models/store/storetest"
)

func requested(ctx context.Context, key, body string) context.Context {
	return models.WithRequestKey(ctx, models.RequestKey{Operation: "report-loss", Key: key, BodyMAC: []byte(body)})
}

func TestRememberAnswersARepeatWithTheFirstResult(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		wang := models.Actor{Kind: models.CitizenActor, AccountID: models.NewID()}
		remember := func(ctx context.Context, by models.Actor, id string) (prior string, err error) {
			err = db.InTx(ctx, func(ctx context.Context) error {
				prior, err = db.Remember(ctx, by, "loss_reports", id)
				return err
			})
			return prior, err
		}
		ctx := requested(t.Context(), "13800000000", "a")
		prior, err := remember(ctx, wang, "first")
		require.NoError(t, err)
		require.Empty(t, prior)

		prior, err = remember(ctx, wang, "second")
		require.NoError(t, err)
		require.Equal(t, "first", prior)
		for _, person := range []models.ID{models.NewID(), models.NewID()} { // one account, bound to one after the other
			bound := wang
			bound.ID, bound.Subject = person, person
			prior, err = remember(ctx, bound, string(person))
			require.NoError(t, err)
			require.Empty(t, prior, "the next person on an account meets nothing of the one before")
			prior, err = remember(ctx, bound, "again")
			require.NoError(t, err)
			require.Equal(t, string(person), prior)
		}
		_, err = remember(requested(t.Context(), "13800000000", "b"), wang, "second")
		require.ErrorIs(t, err, models.ErrKeyReused)

		stranger := models.Actor{Kind: models.CitizenActor, AccountID: models.NewID()}
		prior, err = remember(ctx, stranger, "his")
		require.NoError(t, err)
		require.Empty(t, prior, "another's key is another key")
		for _, c := range []context.Context{t.Context(), requested(t.Context(), "", "a")} {
			prior, err = remember(c, wang, "third")
			require.NoError(t, err)
			require.Empty(t, prior, "no key, nothing remembered")
		}
		prior, err = remember(ctx, models.Actor{Kind: models.CitizenActor}, "nobody")
		require.NoError(t, err)
		require.Empty(t, prior, "strangers without an account share no key")
		_, err = db.Remember(ctx, wang, "loss_reports", "x")
		require.ErrorContains(t, err, "transaction")
		var text int
		require.NoError(t, db.SQL().QueryRowContext(t.Context(),
			"SELECT COUNT(*) FROM idempotency_keys WHERE CAST(key_mac AS text) LIKE '%13800000000%'").Scan(&text))
		require.Zero(t, text, "a client's key may hold anything, and is not kept")

		n, err := db.ForgetRequests(t.Context(), start.Add(-time.Second))
		require.NoError(t, err)
		require.Zero(t, n)
		n, err = db.ForgetRequests(t.Context(), start.Add(time.Second))
		require.NoError(t, err)
		require.EqualValues(t, 4, n)
		prior, err = remember(ctx, wang, "anew")
		require.NoError(t, err)
		require.Empty(t, prior)
	}, storetest.WithClock(models.NewManualClock(start)))
}

func TestRememberHasOneWinner(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		by := models.Actor{Kind: models.AgentActor, ID: models.NewID()}
		ctx := requested(t.Context(), "k", "a")
		const callers = 12
		results := make([]string, callers)
		var wg sync.WaitGroup
		for i := range callers {
			wg.Go(func() {
				id := string(models.NewID())
				err := db.InTx(ctx, func(ctx context.Context) error {
					prior, err := db.Remember(ctx, by, "loss_reports", id)
					if err != nil || prior != "" {
						results[i] = prior
						return err
					}
					results[i] = id
					return db.RecordAudit(ctx, decision(i))
				})
				if err != nil {
					results[i] = err.Error()
				}
			})
		}
		wg.Wait()
		for _, r := range results {
			require.Equal(t, results[0], r)
		}
		got, err := db.AuditAbout(t.Context(), "", start, 100)
		require.NoError(t, err)
		require.Len(t, got, 1, "one effect")
	})
}

func TestRememberDoesNotWaitForEver(t *testing.T) {
	t.Parallel()
	db := storetest.OpenPostgres(t, storetest.With(func(cfg *store.Config) { cfg.LockTimeout = 100 * time.Millisecond }))
	by := models.Actor{Kind: models.AgentActor, ID: models.NewID()}
	ctx := requested(t.Context(), "k", "a")
	boom := errors.New("boom")
	err := db.InTx(ctx, func(ctx context.Context) error {
		_, err := db.Remember(ctx, by, "loss_reports", "first")
		require.NoError(t, err)
		second := db.InTx(requested(t.Context(), "k", "a"), func(ctx context.Context) error {
			_, err := db.Remember(ctx, by, "loss_reports", "second")
			return err
		})
		require.ErrorIs(t, second, models.ErrInProgress)
		return boom
	})
	require.ErrorIs(t, err, boom)
	require.NoError(t, db.InTx(ctx, func(ctx context.Context) error {
		prior, err := db.Remember(ctx, by, "loss_reports", "third")
		require.Empty(t, prior, "a first request that failed took its key along")
		return err
	}))
}
