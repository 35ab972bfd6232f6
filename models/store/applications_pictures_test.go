package store_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/card"
	"onecard/models/card/cardtest"
)

// unreadable is a registry's client that cannot read the pictures while the folder is not there.
type unreadable struct {
	card.Registry
	away bool
}

func (u *unreadable) Carry(ctx context.Context, c card.Command, a *card.Application) (card.Answer, error) {
	if u.away {
		return card.Answer{}, card.ErrPictureUnreadable
	}
	return u.Registry.Carry(ctx, c, a)
}

// byClock measures leases by the test's clock.
type byClock struct {
	card.Store
	clock models.Clock
}

func (s byClock) Now(context.Context) (time.Time, error) { return s.clock.Now(), nil }

func TestR17_AnApplicationWhosePicturesCannotBeReadIsAnAlarm(t *testing.T) {
	t.Parallel()
	eachApply(t, func(t *testing.T, r *applyRig) {
		by := r.person(t, "1980-01-01")
		var log bytes.Buffer
		meter, client := &cardtest.Meter{}, &unreadable{Registry: r.registry, away: true}
		r.Store = byClock{r.Store, r.clock}
		r.Registry, r.Watch, r.Log = client, meter, slog.New(slog.NewTextHandler(&log, nil))
		_, err := r.SubmitApplication(t.Context(), by, r.form(t, by))
		require.NoError(t, err, "it is taken, and waits")
		for range 8 {
			r.clock.Advance(31 * time.Second)
			_, err := r.Sweep(t.Context(), 10, card.CommandApplication)
			require.NoError(t, err)
		}
		attempts := meter.Unreadable.Load()
		require.GreaterOrEqual(t, attempts, int64(8), "each attempt counts")
		lines := strings.Count(log.String(), "code=PICTURE_UNREADABLE")
		require.Positive(t, lines)
		require.Less(t, lines, 6, "logged ever more rarely")

		client.away = false
		r.clock.Advance(31 * time.Second)
		_, err = r.Sweep(t.Context(), 10, card.CommandApplication)
		require.NoError(t, err)
		require.Equal(t, attempts, meter.Unreadable.Load())
		a, err := r.Store.LatestApplication(t.Context(), by.Subject)
		require.NoError(t, err)
		require.NotEqual(t, card.ApplicationSubmitted, a.State)
	})
}
