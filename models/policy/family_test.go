package policy

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models"
)

// Powers for another are per act and per capacity: what is not written here nobody does for anybody.
func TestR67_PowersForAnotherArePerActAndNeverMore(t *testing.T) {
	t.Parallel()
	r := setup(t)
	for _, act := range []models.Act{models.ActReplaceMinor} {
		r.decide(t, ModeKey(act, models.WechatMini), "here", Everywhere)
	}
	may := map[models.Capacity][]models.Act{
		models.AsHelper: {models.ActCardRead, models.ActProgressRead, models.ActLoss, models.ActArrivals},
		models.AsGuardian: {
			models.ActCardRead, models.ActProgressRead, models.ActLoss, models.ActArrivals, models.ActArrivalHigh, models.ActApply,
			models.ActReplace, models.ActReplaceMinor, models.ActPay, // a replacement is R46's, whatever it is called
		},
	}
	refusal := map[models.Capacity]error{models.AsHelper: models.ErrHelperMayNot, models.AsGuardian: models.ErrGuardianMayNot, "": models.ErrGuardianMayNot}
	for as, want := range refusal {
		for _, a := range models.Acts {
			by := r.fresh(models.WechatMini)
			by.Subject, by.As, by.Relation = "child", as, "relation"
			err := r.Allow(t.Context(), by, a.Act)
			if slices.Contains(may[as], a.Act) {
				require.NoError(t, err, "%s %s", as, a.Act)
				continue
			}
			if as != models.AsHelper && a.Act == models.ActReplaceDeleg {
				require.ErrorIs(t, err, ErrDelegateAtWindow, "R45 answers as itself")
				continue
			}
			require.ErrorIs(t, err, want, "%s %s", as, a.Act)
		}
	}
}

func TestR46_AGuardianReplacesOnlyWhereTheBureauSaysSo(t *testing.T) {
	t.Parallel()
	r := setup(t)
	mother := r.fresh(models.WechatMini)
	mother.Subject, mother.As = "child", models.AsGuardian
	require.ErrorIs(t, r.Allow(t.Context(), mother, models.ActReplaceMinor), ErrMinorAtWindow)
	require.ErrorIs(t, r.Allow(t.Context(), mother, models.ActReplace), ErrMinorAtWindow)
	r.decide(t, "act.replace_minor.wechat_mini", "here", Everywhere)
	require.NoError(t, r.Allow(t.Context(), mother, models.ActReplaceMinor))
	require.NoError(t, r.Allow(t.Context(), mother, models.ActReplace))
	require.ErrorIs(t, r.Allow(t.Context(), mother, models.ActRelease), models.ErrGuardianMayNot)
}

// A level is asked of who acts, for another as for oneself.
func TestR67_WhoActsForAnotherMustBeKnownAsWell(t *testing.T) {
	t.Parallel()
	r := setup(t)
	son := citizen(models.WechatMini, models.LevelPhone)
	son.Subject, son.As = "father", models.AsHelper
	require.NoError(t, r.Allow(t.Context(), son, models.ActLoss))
	require.ErrorIs(t, r.Allow(t.Context(), son, models.ActArrivals), ErrRecheckRequired)
}
