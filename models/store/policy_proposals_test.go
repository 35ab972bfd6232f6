package store_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/policy"
	"onecard/models/store"
	"onecard/models/store/storetest"
)

// everybody lets whoever asks decide: who may is the hotline's to say.
type everybody struct{}

func (everybody) Decider(context.Context, models.Actor) error { return nil }

func TestOfTwoProposalsForOneSettingASingleOneIsApproved(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		clock := models.NewManualClock(noon)
		replicas := []*policy.Service{policy.New(db.Policies(), clock), policy.New(db.Policies(), clock)}
		var wishes []policy.Proposal
		for i, value := range []string{"1700", "1800"} {
			replicas[i].Deciders = everybody{}
			p, err := replicas[i].Propose(t.Context(), editor(editorOne), policy.SetInput{Key: policy.ReplacementFee, Value: value, Basis: "b"})
			require.NoError(t, err)
			wishes = append(wishes, p)
		}
		errs := make([]error, 8)
		var all sync.WaitGroup
		for i := range errs {
			all.Go(func() {
				_, errs[i] = replicas[i%2].Decide(t.Context(), editor(editorTwo), wishes[i/4].ID, policy.DecideInput{Approve: true})
			})
		}
		all.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
				continue
			}
			var e *models.Error
			require.ErrorAs(t, err, &e)
			require.Contains(t, []string{policy.ErrChangedSince.Code, policy.ErrProposalSettled.Code}, e.Code)
		}
		require.Equal(t, 1, won)
		rows, err := db.Policies().Settings(t.Context())
		require.NoError(t, err)
		require.Len(t, rows, 1)
		require.Equal(t, string(editorOne), rows[0].SetBy)
		require.Equal(t, string(editorTwo), rows[0].ApprovedBy)
		_, err = replicas[0].Decide(t.Context(), editor(editorTwo), models.NewID(), policy.DecideInput{Approve: true})
		require.ErrorIs(t, err, policy.ErrProposalUnknown)
	})
}

func TestAStopIsOneForAnActAndChannelAndEndsByItself(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		clock := models.NewManualClock(noon)
		s, other := policy.New(db.Policies(), clock), policy.New(db.Policies(), clock)
		s.Deciders, other.Deciders = everybody{}, everybody{}
		in := policy.StopInput{Act: models.ActRelease, Channel: models.WechatMini, For: time.Hour, Basis: "核验异常"}
		p, err := s.StopAct(t.Context(), editor(editorOne), in)
		require.NoError(t, err)
		_, err = other.StopAct(t.Context(), editor(editorTwo), in)
		require.ErrorIs(t, err, policy.ErrStopOpen)
		clock.Advance(2 * time.Second)
		mode, err := other.Mode(t.Context(), models.ActRelease, models.WechatMini, clock.Now())
		require.NoError(t, err)
		require.Equal(t, models.ModeWindowOnly, mode)
		clock.Advance(time.Hour)
		mode, err = other.Mode(t.Context(), models.ActRelease, models.WechatMini, clock.Now())
		require.NoError(t, err)
		require.Equal(t, models.ModeHere, mode)
		again, err := other.StopAct(t.Context(), editor(editorTwo), in)
		require.NoError(t, err, "one that has had its time stands in nobody's way")
		_, err = s.Decide(t.Context(), editor(editorOne), again.ID, policy.DecideInput{Approve: true})
		require.NoError(t, err)
		old, err := db.Policies().Proposal(t.Context(), p.ID)
		require.NoError(t, err)
		require.Equal(t, policy.ProposalLapsed, old.State)
		clock.Advance(100 * time.Hour)
		mode, err = s.Mode(t.Context(), models.ActRelease, models.WechatMini, clock.Now())
		require.NoError(t, err)
		require.Equal(t, models.ModeWindowOnly, mode)
	})
}
