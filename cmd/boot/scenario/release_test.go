package scenario

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot/boottest"
	"onecard/models"
	"onecard/models/policy"
)

func set(t *testing.T, r *boottest.Rig, key, value string) {
	t.Helper()
	_, err := r.App.Policy.Set(t.Context(), models.Actor{Kind: models.SystemActor, Channel: models.Console},
		policy.SetInput{Key: key, Value: value, Basis: "scenario", SetBy: "tester"})
	require.NoError(t, err)
}

func TestR35_AReleaseNeedsACheckOfTheLastTenMinutes(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	wang := r.Fresh("wechat_mini", "wang")
	loss := lose(wang).Is(http.StatusCreated).Text("loss_id")
	r.Later(models.FreshFor + time.Second)
	release(wang, loss).Refused(http.StatusForbidden, "RECHECK_REQUIRED")
	require.Equal(t, "effective", state(wang, loss))
	r.Recheck(wang)
	release(wang, loss).Is(http.StatusOK)
	require.Equal(t, 1, r.Told("wang", "社保账户已解挂"))
	d := r.Decisions("card.release.requested")
	require.Len(t, d, 1)
	require.Equal(t, "fresh", d[0].Level)
}

func TestR35_SwitchedOffTheReleaseIsAtTheOutlet(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	wang := r.Fresh("wechat_mini", "wang")
	loss := lose(wang).Is(http.StatusCreated).Text("loss_id")
	set(t, r, "act.release.wechat_mini", "window_only")
	no := release(wang, loss).Refused(http.StatusForbidden, "RELEASE_AT_OUTLET_ONLY")
	require.Contains(t, no.Text("detail"), "本人身份证原件", "R37: the papers")
	require.Contains(t, no.Text("detail"), "双方身份证原件")
	require.Equal(t, "effective", state(wang, loss))
}

func TestR35_AnAccountBoundAfterTheLossWaitsADay(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	r.Happens("loss", "wang", nil)
	r.Later(time.Minute)
	wang := r.Fresh("wechat_mini", "wang")
	loss := wang.Get("/v1/cards").Text("cards", 0, "loss", "loss_id")
	release(wang, loss).Refused(http.StatusForbidden, "RELEASE_WAIT_AFTER_BINDING")
	r.Later(24*time.Hour + time.Second)
	r.Recheck(wang)
	release(wang, loss).Is(http.StatusOK)
	require.Equal(t, "released", state(wang, loss))
}

func TestR36_NoReleaseByPhone(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	agent := r.Agent()
	call := verified(t, r, agent, "zhang")
	path := "/agent/v1/calls/" + call
	agent.Post(path+"/loss-reports", map[string]any{"read_back": true}).Is(http.StatusCreated)
	for forbidden, code := range map[string]string{
		"/releases": "ACTION_NOT_ON_CHANNEL", "/activations": "ACTION_NOT_ON_CHANNEL", "/replacements": "ACTION_NOT_ON_CHANNEL",
		"/financial-losses": "BANK_IN_PERSON_ONLY",
	} {
		no := agent.Post(path+forbidden, map[string]string{}).Refused(http.StatusForbidden, code)
		require.NotEmpty(t, no.Text("facts", "say"), "the sentence to say: %s", forbidden)
	}
	refused := 0
	for _, d := range r.Decisions("") {
		if d.CallID == call && d.Result == "refused" {
			refused++
		}
	}
	require.Equal(t, 4, refused, "each is audited")
	require.Zero(t, r.Told("zhang", "解挂时间"))
}

func TestR38_AReleaseAfterAPhoneLossFollowsItsSetting(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	zhang := r.Fresh("wechat_mini", "zhang")
	agent := r.Agent()
	loss := agent.Post("/agent/v1/calls/"+verified(t, r, agent, "zhang")+"/loss-reports", map[string]any{"read_back": true}).Is(http.StatusCreated).Text("loss_id")
	set(t, r, policy.ReleaseAfterPhoneLoss, "window_only")
	release(zhang, loss).Refused(http.StatusForbidden, "RELEASE_AT_OUTLET_ONLY")
	r.Later(time.Second)
	set(t, r, policy.ReleaseAfterPhoneLoss, "same")
	release(zhang, loss).Is(http.StatusOK)
}

func TestR67_ASessionAtLevelPhoneMayReportALossAndNotReleaseIt(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	wang := r.AtPhone("wechat_mini", "wang")
	loss := lose(wang).Is(http.StatusCreated).Text("loss_id")
	release(wang, loss).Refused(http.StatusForbidden, "RECHECK_REQUIRED")
	wang.Get("/v1/arrivals").Refused(http.StatusForbidden, "RECHECK_REQUIRED")
	wang.Post("/v1/me/reveal", nil).Refused(http.StatusForbidden, "RECHECK_REQUIRED")
	wang.Send(http.MethodDelete, "/v1/me/binding", nil).Refused(http.StatusForbidden, "RECHECK_REQUIRED")
	wang.Post("/v1/me/phone", map[string]string{"phone": "13900000000"}).Refused(http.StatusForbidden, "RECHECK_REQUIRED")
	require.Equal(t, "effective", state(wang, loss))

	unbound := r.LogIn("alipay_mini", "wang")
	unbound.Get("/v1/cards").Refused(http.StatusForbidden, "BINDING_REQUIRED")
	unbound.Post("/v1/loss-reports", map[string]string{"card_id": wang.Card()}).Refused(http.StatusForbidden, "BINDING_REQUIRED")
	r.Nobody().Get("/v1/cards").Refused(http.StatusUnauthorized, "LOGIN_REQUIRED")
}
