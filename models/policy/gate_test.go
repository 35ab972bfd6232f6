package policy

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
)

func TestLevelsOfActs(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		level models.Level
		act   models.Act
		want  error
	}{
		"a guest must log in":              {models.LevelGuest, models.ActLoss, ErrLoginRequired},
		"a platform account must be bound": {models.LevelPlatform, models.ActLoss, ErrBindingRequired},
		"binding needs the platform only":  {models.LevelPlatform, models.ActBind, nil},
		"a phone reports a loss":           {models.LevelPhone, models.ActLoss, nil},
		"a phone sees its card":            {models.LevelPhone, models.ActCardRead, nil},
		"a phone does not apply":           {models.LevelPhone, models.ActApply, ErrRecheckRequired},
		"a phone does not see arrivals":    {models.LevelPhone, models.ActArrivals, ErrRecheckRequired},
		"a real person sees arrivals":      {models.LevelReal, models.ActArrivals, nil},
		"an old check does not release":    {models.LevelReal, models.ActRelease, ErrRecheckRequired},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := setup(t)
			err := r.Allow(t.Context(), citizen(models.WechatMini, tc.level), tc.act)
			if tc.want == nil {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, tc.want)
		})
	}
}

func TestR67_PhoneCodeDoesNotRelease(t *testing.T) {
	t.Parallel()
	r := setup(t)
	a := citizen(models.WechatMini, models.LevelPhone)
	a.CheckedAt = r.clock.Now() // a check without the level it proves counts for nothing
	require.ErrorIs(t, r.Allow(t.Context(), a, models.ActRelease), ErrRecheckRequired)
}

func TestR35_ReleaseIsASwitchAndNeedsAFreshCheck(t *testing.T) {
	t.Parallel()
	r := setup(t)
	for _, c := range models.CitizenChannels {
		require.NoError(t, r.Allow(t.Context(), r.fresh(c), models.ActRelease), c)
	}
	stale := r.fresh(models.WechatMini)
	r.clock.Advance(models.FreshFor + time.Second)
	require.ErrorIs(t, r.Allow(t.Context(), stale, models.ActRelease), ErrRecheckRequired)

	r.decide(t, "act.release.wechat_mini", "window_only", Everywhere)
	require.ErrorIs(t, r.Allow(t.Context(), r.fresh(models.WechatMini), models.ActRelease), ErrReleaseAtOutlet)
	require.ErrorIs(t, r.Allow(t.Context(), stale, models.ActRelease), ErrReleaseAtOutlet, "the switch is told before the check")
	require.NoError(t, r.Allow(t.Context(), r.fresh(models.AlipayLife), models.ActRelease), "other channels stay as they are")
}

func TestR36_AgentNeverReleases(t *testing.T) {
	t.Parallel()
	r := setup(t)
	require.ErrorIs(t, r.Allow(t.Context(), agent(), models.ActRelease), ErrNotOnChannel)
	_, err := r.Set(t.Context(), models.System(), SetInput{Key: "act.release.phone", Value: "here", Basis: "b", SetBy: "s"})
	require.ErrorIs(t, err, ErrSettingRefused, "no setting opens it")
	r.store.rows = append(r.store.rows, Row{Key: "act.release.phone", Scope: Everywhere, Value: "here", ValidFrom: r.clock.Now()})
	r.clock.Advance(rereadAfter)
	require.ErrorIs(t, r.Allow(t.Context(), agent(), models.ActRelease), ErrNotOnChannel, "not even a row in the table")
}

// Taking back what was begun: how surely somebody is known and by what right she acts count, what the channel does by now
// does not.
func TestR49_WhatWasBegunIsTakenBackWhateverTheChannelDoesByNow(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.decide(t, "act.replace.wechat_mini", "window_only", Everywhere)
	me := r.fresh(models.WechatMini)
	require.ErrorIs(t, r.Allow(t.Context(), me, models.ActReplace), ErrNotOnChannel)
	require.NoError(t, r.AllowTakeBack(t.Context(), me, models.ActReplace))
	mother := r.fresh(models.WechatMini)
	mother.Subject, mother.As = "child", models.AsGuardian
	require.ErrorIs(t, r.Allow(t.Context(), mother, models.ActReplace), ErrMinorAtWindow)
	require.NoError(t, r.AllowTakeBack(t.Context(), mother, models.ActReplace))

	son := mother
	son.As = models.AsHelper
	require.ErrorIs(t, r.AllowTakeBack(t.Context(), son, models.ActReplace), models.ErrHelperMayNot)
	require.ErrorIs(t, r.AllowTakeBack(t.Context(), citizen(models.WechatMini, models.LevelPhone), models.ActReplace), ErrRecheckRequired)
	require.ErrorIs(t, r.AllowTakeBack(t.Context(), citizen(models.WechatMini, models.LevelGuest), models.ActReplace), ErrLoginRequired)
	require.ErrorIs(t, r.AllowTakeBack(t.Context(), r.fresh(models.Console), models.ActReplace), ErrNotOnChannel)
	require.ErrorIs(t, r.AllowTakeBack(t.Context(), agent(), models.ActReplace), ErrNotOnChannel, "nobody takes back by phone")
}

func TestR31_NothingIsActivatedOnlineOrByPhone(t *testing.T) {
	t.Parallel()
	r := setup(t)
	for _, c := range models.CitizenChannels {
		require.ErrorIs(t, r.Allow(t.Context(), r.fresh(c), models.ActActivate), ErrNotOnChannel, c)
	}
	require.ErrorIs(t, r.Allow(t.Context(), agent(), models.ActActivate), ErrNotOnChannel)
	_, err := r.Set(t.Context(), models.System(), SetInput{Key: "act.activate.alipay_mini", Value: "here", Basis: "b", SetBy: "s"})
	require.ErrorIs(t, err, ErrSettingRefused)

	r.decide(t, "hand_over.activate", "河南社会保障卡 https://hrss.example.cn/activate", Everywhere)
	r.decide(t, "act.activate.alipay_mini", "hand_over", Everywhere)
	err = r.Allow(t.Context(), r.fresh(models.AlipayMini), models.ActActivate)
	require.ErrorIs(t, err, ErrHandedOver)
	var e *models.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, map[string]string{"hand_over_name": "河南社会保障卡", "hand_over_link": "https://hrss.example.cn/activate"}, e.Extra)
}

func TestR45_DelegateReplacesAtAWindow(t *testing.T) {
	t.Parallel()
	r := setup(t)
	require.ErrorIs(t, r.Allow(t.Context(), r.fresh(models.WechatOA), models.ActReplaceDeleg), ErrDelegateAtWindow)
}

func TestR46_MinorReplacesAtAWindow(t *testing.T) {
	t.Parallel()
	r := setup(t)
	require.ErrorIs(t, r.Allow(t.Context(), r.fresh(models.WechatOA), models.ActReplaceMinor), ErrMinorAtWindow)
	r.decide(t, "act.replace_minor.wechat_oa", "here", Everywhere)
	require.NoError(t, r.Allow(t.Context(), r.fresh(models.WechatOA), models.ActReplaceMinor))
}

func TestR44_AgentOnlyExplainsReplacement(t *testing.T) {
	t.Parallel()
	r := setup(t)
	for _, act := range []models.Act{models.ActReplace, models.ActReplaceMinor, models.ActReplaceDeleg, models.ActApply, models.ActArrivalHigh} {
		require.ErrorIs(t, r.Allow(t.Context(), agent(), act), ErrNotOnChannel, act)
	}
	for _, act := range byPhone {
		require.NoError(t, r.Allow(t.Context(), agent(), act), act)
	}
}

func TestGateKnowsOnlyItsChannels(t *testing.T) {
	t.Parallel()
	r := setup(t)
	require.NoError(t, r.Allow(t.Context(), models.System(), models.ActRelease))
	require.ErrorIs(t, r.Allow(t.Context(), models.Actor{}, models.ActLoss), ErrLoginRequired)
	require.ErrorIs(t, r.Allow(t.Context(), r.fresh(models.Console), models.ActLoss), ErrNotOnChannel)
	require.ErrorIs(t, r.Allow(t.Context(), r.fresh(models.WechatMini), "unheard_of"), ErrNotOnChannel)
}

func TestLevelNeverFallsBelowItsFloor(t *testing.T) {
	t.Parallel()
	r := setup(t)
	_, err := r.Set(t.Context(), models.System(), SetInput{Key: "level.release", Value: "phone", Basis: "b", SetBy: "s"})
	require.ErrorIs(t, err, ErrSettingRefused)
	r.decide(t, "level.arrivals", "phone", Everywhere)
	require.NoError(t, r.Allow(t.Context(), citizen(models.WechatMini, models.LevelPhone), models.ActArrivals))
	r.decide(t, "level.loss", "real", Everywhere)
	require.ErrorIs(t, r.Allow(t.Context(), citizen(models.WechatMini, models.LevelPhone), models.ActLoss), ErrRecheckRequired)
}

func TestR48_EveryRefusalHasAWayForward(t *testing.T) {
	t.Parallel()
	for _, e := range []*models.Error{
		ErrLoginRequired, ErrBindingRequired, ErrRecheckRequired, ErrNotOnChannel, ErrHandedOver, ErrReleaseAtOutlet,
		ErrDelegateAtWindow, ErrMinorAtWindow, ErrBankNotAvailable, ErrBankUnknown, ErrOutletUnknown, ErrSettingUnknown, ErrSettingRefused, ErrNotDecided,
	} {
		require.Regexp(t, "网点|12333", e.Message, e.Code)
	}
}

func TestPublicPolicyIsWhatTheGateDoes(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.decide(t, "hand_over.apply", "河南社会保障卡 https://hrss.example.cn/apply", Everywhere)
	r.decide(t, "act.apply.wechat_oa", "hand_over", Everywhere)
	r.decide(t, PriorityGroups, "true", InDistrict("410303"))
	for _, c := range channels {
		p, err := r.Public(t.Context(), c, "410303")
		require.NoError(t, err)
		require.True(t, p.PriorityGroups, "R22")
		require.EqualValues(t, 1600, p.ReplacementFee)
		told := map[models.Act]models.Mode{}
		for _, a := range p.Acts {
			told[a.Act] = a.Mode
			err := r.allowMode(t.Context(), a.Act, c, r.clock.Now())
			require.Equal(t, a.Mode == models.ModeHere, err == nil, "%s on %s", a.Act, c)
			require.Equal(t, a.Mode == models.ModeHandOver, a.HandOverLink != "", "%s on %s", a.Act, c)
		}
		for _, a := range models.Acts {
			nowhere := slices.Contains(NotBuilt, a.Act) && r.allowMode(t.Context(), a.Act, c, r.clock.Now()) == nil
			require.Equal(t, nowhere, told[a.Act] == "", "%s on %s: only what cannot be done here yet is left out", a.Act, c)
		}
	}
	p, err := r.Public(t.Context(), models.WechatOA, "")
	require.NoError(t, err)
	require.False(t, p.PriorityGroups, "R22: off elsewhere")
}
