package policy

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
)

// twoManagers lets p1 and p2 decide, and nobody else.
type twoManagers struct{}

var errNoManager = models.NewError(models.Forbidden, "ROLE_NOT_PERMITTED", "请联系12333技术支持。")

func (twoManagers) Decider(_ context.Context, by models.Actor) error {
	if by.ID == "p1" || by.ID == "p2" {
		return nil
	}
	return errNoManager
}

type countedAlarms struct {
	mu    sync.Mutex
	codes []string
}

func (a *countedAlarms) Alarm(code string, _ int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.codes = append(a.codes, code)
}

func managers(t *testing.T) (rig, *countedAlarms) {
	t.Helper()
	r, alarms := setup(t), &countedAlarms{}
	r.Deciders, r.Alarms = twoManagers{}, alarms
	return r, alarms
}

func manager(id models.ID) models.Actor {
	return models.Actor{Kind: models.AgentActor, ID: id, Channel: models.Phone12333}
}

func (r rig) fee(t *testing.T) models.Fen {
	t.Helper()
	n, err := r.ReplacementFee(t.Context(), "410303", r.clock.Now())
	require.NoError(t, err)
	return n
}

func TestR21_AFeeIsProposedByOneApprovedByAnotherAndCountsAtItsDate(t *testing.T) {
	t.Parallel()
	r, _ := managers(t)
	day := models.Date("2022-01-01").Start()
	in := SetInput{Key: ReplacementFee, Value: "2000", From: day, Basis: "豫发改收费〔2021〕1号"}
	_, err := r.Propose(t.Context(), manager("a"), in)
	require.ErrorIs(t, err, errNoManager)
	for field, wrong := range map[string]SetInput{
		"value": {Key: ReplacementFee, Value: "-1", From: day, Basis: "b"}, "from": {Key: ReplacementFee, Value: "1", From: day.AddDate(-1, 0, 0), Basis: "b"},
		"basis": {Key: ReplacementFee, Value: "1", From: day}, "scope": {Key: ReplacementFee, Value: "1", Scope: AtBank("103"), Basis: "b"},
	} {
		_, err := r.Propose(t.Context(), manager("p1"), wrong)
		var e *models.Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, field, e.Fields[0].Field)
	}
	for _, basis := range []string{"群众13800001234来电", "见410303198001010015一案", "卡6217 0000 0000 0000"} {
		_, err = r.Propose(t.Context(), manager("p1"), SetInput{Key: ReplacementFee, Value: "1", Basis: basis})
		require.ErrorIs(t, err, ErrSettingRefused, "a basis is published: no number of a person stands in it")
	}
	_, err = r.Propose(t.Context(), manager("p1"), SetInput{Key: LevelKey(models.ActRelease), Value: "phone", Basis: "b"})
	require.ErrorIs(t, err, ErrSettingRefused, "never below a floor")
	p, err := r.Propose(t.Context(), manager("p1"), in)
	require.NoError(t, err)
	_, err = r.Decide(t.Context(), manager("p1"), p.ID, DecideInput{Approve: true})
	require.ErrorIs(t, err, ErrProposalSecond)
	_, err = r.TakeBack(t.Context(), manager("p2"), p.ID)
	require.ErrorIs(t, err, ErrProposalNotYours)
	_, err = r.Decide(t.Context(), manager("p2"), p.ID, DecideInput{})
	require.Equal(t, models.Invalid, models.KindOf(err), "a refusal has its reason")
	p, err = r.Decide(t.Context(), manager("p2"), p.ID, DecideInput{Approve: true})
	require.NoError(t, err)
	require.Equal(t, ProposalApproved, p.State)
	require.Equal(t, "p1", r.store.rows[0].SetBy)
	require.Equal(t, "p2", r.store.rows[0].ApprovedBy)
	require.Equal(t, models.Fen(1600), r.fee(t))
	r.clock.Set(day.Add(-time.Microsecond))
	require.Equal(t, models.Fen(1600), r.fee(t))
	r.clock.Set(day)
	require.Equal(t, models.Fen(2000), r.fee(t))
	var actions []string
	for _, e := range r.store.entries {
		actions = append(actions, e.Action)
	}
	require.Equal(t, []string{"policy.setting.proposed", "policy.set", "policy.setting.approved"}, actions)
}

func TestAProposalOvertakenOrLateIsRefused(t *testing.T) {
	t.Parallel()
	r, _ := managers(t)
	propose := func(in SetInput) Proposal {
		in.Basis = "b"
		p, err := r.Propose(t.Context(), manager("p1"), in)
		require.NoError(t, err)
		return p
	}
	first := propose(SetInput{Key: ReplacementFee, Value: "2000"})
	elsewhere := propose(SetInput{Key: ReplacementFee, Value: "1800", Scope: InDistrict("410303")})
	r.decide(t, ReplacementFee, "1700", Everywhere)
	_, err := r.Decide(t.Context(), manager("p2"), first.ID, DecideInput{Approve: true})
	require.ErrorIs(t, err, ErrChangedSince)
	_, err = r.Decide(t.Context(), manager("p2"), elsewhere.ID, DecideInput{Approve: true})
	require.NoError(t, err, "another scope is another decision")
	_, err = r.Decide(t.Context(), manager("p2"), first.ID, DecideInput{Reason: "not_now"})
	require.NoError(t, err)
	_, err = r.Decide(t.Context(), manager("p2"), first.ID, DecideInput{Approve: true})
	require.ErrorIs(t, err, ErrProposalSettled)
	late := propose(SetInput{Key: CodesPerDay, Value: "9", From: r.clock.Now().Add(time.Hour)})
	r.clock.Advance(2 * time.Hour)
	_, err = r.Decide(t.Context(), manager("p2"), late.ID, DecideInput{Approve: true})
	require.ErrorIs(t, err, ErrProposalLate)
	_, err = r.TakeBack(t.Context(), manager("p1"), late.ID)
	require.NoError(t, err)
	require.Len(t, r.store.rows, 2)
}

func TestOfManyApproversOneWins(t *testing.T) {
	t.Parallel()
	r, _ := managers(t)
	p, err := r.Propose(t.Context(), manager("p1"), SetInput{Key: ReplacementFee, Value: "2000", Basis: "b"})
	require.NoError(t, err)
	errs := make([]error, 8)
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() { _, errs[i] = r.Decide(t.Context(), manager("p2"), p.ID, DecideInput{Approve: true}) })
	}
	all.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
			continue
		}
		require.ErrorIs(t, err, ErrProposalSettled)
	}
	require.Equal(t, 1, won)
	require.Len(t, r.store.rows, 1)
}

func TestOnePersonStopsAnActForADayAtMost(t *testing.T) {
	t.Parallel()
	r, alarms := managers(t)
	mode := func() models.Mode {
		m, err := r.Mode(t.Context(), models.ActRelease, models.WechatMini, r.clock.Now())
		require.NoError(t, err)
		return m
	}
	in := StopInput{Act: models.ActRelease, Channel: models.WechatMini, Basis: "核验结果异常"}
	tooLong := in
	tooLong.For = 25 * time.Hour
	_, err := r.StopAct(t.Context(), manager("p1"), tooLong)
	require.Equal(t, models.Invalid, models.KindOf(err))
	p, err := r.StopAct(t.Context(), manager("p1"), in)
	require.NoError(t, err)
	require.Equal(t, models.ModeWindowOnly, mode(), "at once")
	require.ErrorIs(t, r.Allow(t.Context(), r.fresh(models.WechatMini), models.ActRelease), ErrReleaseAtOutlet)
	require.NoError(t, r.Allow(t.Context(), r.fresh(models.AlipayMini), models.ActRelease), "on this channel only")
	shown, err := r.Public(t.Context(), models.WechatMini, "")
	require.NoError(t, err)
	for _, a := range shown.Acts {
		require.Equal(t, a.Act == models.ActRelease, a.Banner != "", a.Act)
		if a.Banner != "" {
			require.Contains(t, a.Banner, "微信小程序暂停办理社保账户解挂")
			require.Contains(t, a.Banner, "12333")
		}
	}
	_, err = r.StopAct(t.Context(), manager("p2"), in)
	require.ErrorIs(t, err, ErrStopOpen)
	_, err = r.Decide(t.Context(), manager("p1"), p.ID, DecideInput{Approve: true})
	require.ErrorIs(t, err, ErrProposalSecond)

	r.clock.Advance(24*time.Hour - time.Microsecond)
	require.Equal(t, models.ModeWindowOnly, mode())
	r.clock.Advance(time.Microsecond)
	require.Equal(t, models.ModeHere, mode(), "it ends by itself, swept or not")
	_, err = r.Decide(t.Context(), manager("p2"), p.ID, DecideInput{Approve: true})
	require.ErrorIs(t, err, ErrProposalSettled)
	_, err = r.LapseStops(t.Context())
	require.NoError(t, err)
	_, err = r.LapseStops(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{AlarmStopped, AlarmLapsed}, alarms.codes)

	_, err = r.StopAct(t.Context(), manager("p1"), in)
	require.ErrorIs(t, err, ErrStopAgain, "nobody alone stops an act for ever")
	p, err = r.StopAct(t.Context(), manager("p2"), in)
	require.NoError(t, err)
	_, err = r.Decide(t.Context(), manager("p1"), p.ID, DecideInput{Approve: true})
	require.NoError(t, err)
	r.clock.Advance(48 * time.Hour)
	require.Equal(t, models.ModeWindowOnly, mode(), "approved it stays")
	r.decide(t, ModeKey(models.ActRelease, models.WechatMini), "here", Everywhere)
	require.Equal(t, models.ModeHere, mode(), "until it is decided otherwise")
	p, err = r.StopAct(t.Context(), manager("p1"), in)
	require.NoError(t, err)
	_, err = r.TakeBack(t.Context(), manager("p1"), p.ID)
	require.NoError(t, err)
	require.Equal(t, models.ModeHere, mode(), "whoever stopped it lets it go on")
	_, err = r.StopAct(t.Context(), manager("p1"), in)
	require.ErrorIs(t, err, ErrStopAgain)
	_, err = r.StopAct(t.Context(), manager("p2"), in)
	require.NoError(t, err)
}

func TestAPreviewShowsHowTextsWouldRead(t *testing.T) {
	t.Parallel()
	r, _ := managers(t)
	day := models.Date("2022-01-01").Start()
	got, err := r.Preview(t.Context(), manager("p1"), SetInput{Key: ReplacementFee, Value: "2000", From: day, Basis: "b"})
	require.NoError(t, err)
	require.Equal(t, "1600", got.Before)
	require.Equal(t, "2000", got.After)
	require.NotEmpty(t, got.Changes)
	for _, c := range got.Changes {
		fee := map[string][2]string{"guide": {"每张16.00元", "每张20.00元"}, "notice": {"工本费16元", "工本费20元"}}[c.Where]
		require.NotEmpty(t, fee[0], c.Where)
		require.Contains(t, c.Before, fee[0])
		require.Contains(t, c.After, fee[1])
	}
	require.Equal(t, models.Fen(1600), r.fee(t), "nothing is written")
	require.Empty(t, r.store.rows)
	got, err = r.Preview(t.Context(), manager("p1"), SetInput{Key: ModeKey(models.ActRelease, models.WechatMini), Value: "window_only", Basis: "b"})
	require.NoError(t, err)
	require.Len(t, got.Changes, 1)
	require.Contains(t, got.Changes[0].After, "暂停办理社保账户解挂")
	_, err = r.Preview(t.Context(), manager("p1"), SetInput{Key: ReplacementFee, Value: "x", Basis: "b"})
	require.ErrorIs(t, err, ErrSettingRefused)
	_, err = r.Preview(t.Context(), manager("a"), SetInput{Key: ReplacementFee, Value: "1", Basis: "b"})
	require.ErrorIs(t, err, errNoManager)
}
