package store_test

import (
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/card"
)

func TestR17_ARepeatIsTheFirstApplication(t *testing.T) {
	t.Parallel()
	eachApply(t, func(t *testing.T, r *applyRig) {
		by := r.person(t, adult)
		in := r.form(t, by)
		keyed := models.WithRequestKey(t.Context(), models.RequestKey{Operation: "submitApplication", Key: "key-00000001", BodyMAC: []byte("a")})
		first, err := r.SubmitApplication(keyed, by, in)
		require.NoError(t, err)
		again, err := r.SubmitApplication(keyed, by, in)
		require.NoError(t, err)
		require.True(t, again.Repeated)
		require.Equal(t, first.Application.ID, again.Application.ID)
		other := models.WithRequestKey(t.Context(), models.RequestKey{Operation: "submitApplication", Key: "key-00000001", BodyMAC: []byte("b")})
		_, err = r.SubmitApplication(other, by, in)
		require.ErrorIs(t, err, models.ErrKeyReused)
		plain, err := r.SubmitApplication(t.Context(), by, r.form(t, by))
		require.NoError(t, err, "another form while one is under way is the one under way")
		require.True(t, plain.Repeated)
		require.Equal(t, first.Application.ID, plain.Application.ID)
	})
}

// A key that was answered with the application under way is answered with that one again, whatever came of it since.
func TestR17_ARepeatOfWhatWasAnsweredWithTheOpenApplicationIsThatOne(t *testing.T) {
	t.Parallel()
	eachApply(t, func(t *testing.T, r *applyRig) {
		by := r.person(t, adult)
		first, err := r.SubmitApplication(t.Context(), by, r.form(t, by))
		require.NoError(t, err)
		other := r.form(t, by)
		for _, submit := range map[string]func(ctx context.Context) (card.SubmitResult, error){
			"whole": func(ctx context.Context) (card.SubmitResult, error) { return r.SubmitApplication(ctx, by, other) },
			"draft": func(ctx context.Context) (card.SubmitResult, error) { return r.SubmitDraft(ctx, by, 1) },
		} {
			keyed := models.WithRequestKey(t.Context(), models.RequestKey{Operation: "submitApplication", Key: string(models.NewID()), BodyMAC: []byte("a")})
			for range 2 {
				res, err := submit(keyed)
				require.NoError(t, err)
				require.True(t, res.Repeated)
				require.Equal(t, first.Application.ID, res.Application.ID)
			}
			defer func() { // and when it is over
				res, err := submit(keyed)
				require.NoError(t, err)
				require.Equal(t, first.Application.ID, res.Application.ID)
			}()
		}
		_, err = r.WithdrawApplication(t.Context(), by, first.Application.ID)
		require.NoError(t, err)
	})
}

// Devices that submit one draft at once are each answered with the one application, and so is each one's repeat.
func TestR17_EachDeviceThatSubmitsTheDraftMayRepeatItself(t *testing.T) {
	t.Parallel()
	eachApply(t, func(t *testing.T, r *applyRig) {
		by, v := r.filled(t)
		const devices = 4
		ids := make([][2]models.ID, devices)
		var wg sync.WaitGroup
		for i := range devices {
			wg.Go(func() {
				keyed := models.WithRequestKey(t.Context(), models.RequestKey{Operation: "submitDraft", Key: string(models.NewID()), BodyMAC: []byte("a")})
				for n := range 2 {
					res, err := r.SubmitDraft(keyed, by, v.Version)
					if err != nil {
						t.Error(err)
						return
					}
					ids[i][n] = res.Application.ID
				}
			})
		}
		wg.Wait()
		for _, pair := range ids {
			require.Equal(t, ids[0][0], pair[0])
			require.Equal(t, ids[0][0], pair[1])
		}
	})
}
