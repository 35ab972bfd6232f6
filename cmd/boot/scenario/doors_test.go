package scenario

import (
	"crypto/rand"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot/boottest"
)

func TestOneAudiencesCredentialOpensNothingOfAnothers(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	wang := r.AtPhone("wechat_mini", "wang")
	agent := r.Agent()
	asAgent := r.Nobody()
	asAgent.Token = agent.Token
	for _, path := range []string{"/v1/me", "/v1/cards", "/v1/loss-reports", "/v1/arrivals", "/v1/sessions", "/v1/notices"} {
		asAgent.Get(path).Refused(http.StatusUnauthorized, "LOGIN_REQUIRED")
	}
	asAgent.Post("/v1/loss-reports", map[string]string{"card_id": wang.Card()}).Refused(http.StatusUnauthorized, "LOGIN_REQUIRED")
	asCitizen := r.Nobody()
	asCitizen.Token = wang.Token
	asCitizen.Get("/agent/v1/calls/current").Refused(http.StatusUnauthorized, "LOGIN_REQUIRED")
	asCitizen.Post("/agent/v1/calls", map[string]string{}).Refused(http.StatusUnauthorized, "LOGIN_REQUIRED")
	require.Empty(t, r.Decisions("card.loss.reported"))
}

func TestWhatIsSomeoneElsesIsNotFound(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	wang, chen := r.Fresh("wechat_mini", "wang"), r.Fresh("alipay_mini", "chen")
	loss := lose(wang).Is(http.StatusCreated).Text("loss_id")
	arrival := wang.Get("/v1/arrivals?year=2021").Is(http.StatusOK).Text("items", 0, "arrival_id")
	require.NotEmpty(t, arrival)
	session := wang.Get("/v1/sessions").Is(http.StatusOK).Text("items", 0, "session_id")
	require.NotEmpty(t, session)

	chen.Post("/v1/loss-reports", map[string]string{"card_id": wang.Card()}).Refused(http.StatusNotFound, "CARD_NOT_FOUND")
	chen.Get("/v1/loss-reports/"+loss).Refused(http.StatusNotFound, "LOSS_NOT_FOUND")
	release(chen, loss).Refused(http.StatusNotFound, "LOSS_NOT_FOUND")
	chen.Post("/v1/loss-reports/"+loss+"/renewal", nil).Refused(http.StatusNotFound, "LOSS_NOT_FOUND")
	chen.Get("/v1/arrivals/" + arrival).Is(http.StatusNotFound)
	chen.Send(http.MethodDelete, "/v1/sessions/"+session, nil).Is(http.StatusNotFound)
	require.Equal(t, "effective", state(wang, loss))
	wang.Get("/v1/me").Is(http.StatusOK)

	first := r.Agent()
	call := verified(t, r, first, "zhang")
	r.Later(time.Minute) // a TOTP step counts once
	other := r.Agent()
	other.Get("/agent/v1/calls/" + call[:len(call)-4] + "0000/person").Is(http.StatusNotFound)
}

func TestLogOutListAndEndSessions(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	one := r.AtPhone("wechat_mini", "wang")
	two := r.LogIn("wechat_mini", "wang")
	two.Get("/v1/cards").Is(http.StatusOK)
	list := one.Get("/v1/sessions").Is(http.StatusOK)
	require.Len(t, list.List("items"), 2)
	for i := range list.List("items") {
		if current, _ := list.At("items", i, "current").(bool); !current {
			one.Send(http.MethodDelete, "/v1/sessions/"+list.Text("items", i, "session_id"), nil).Is(http.StatusNoContent)
		}
	}
	two.Get("/v1/cards").Refused(http.StatusUnauthorized, "LOGIN_REQUIRED")
	one.Send(http.MethodDelete, "/v1/sessions/current", nil).Is(http.StatusNoContent)
	one.Get("/v1/cards").Refused(http.StatusUnauthorized, "LOGIN_REQUIRED")
	require.Len(t, r.Decisions("citizen.session.ended"), 2)
}

func TestTheSameKeyGivesTheFirstResult(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	wang, chen := r.AtPhone("wechat_mini", "wang"), r.AtPhone("alipay_mini", "chen")
	body := map[string]string{"card_id": wang.Card()}
	key := rand.Text()
	first := wang.Post("/v1/loss-reports", body, "Idempotency-Key", key).Is(http.StatusCreated)
	again := wang.Post("/v1/loss-reports", body, "Idempotency-Key", key)
	require.Less(t, again.Status, 300)
	require.Equal(t, first.Text("loss_id"), again.Text("loss_id"))
	wang.Post("/v1/loss-reports", map[string]string{"card_id": wang.Card(), "account": "social"}, "Idempotency-Key", key).
		Refused(http.StatusUnprocessableEntity, "IDEMPOTENCY_KEY_REUSED")
	// Another person's same key is another key.
	hers := chen.Post("/v1/loss-reports", map[string]string{"card_id": chen.Card()}, "Idempotency-Key", key).Is(http.StatusCreated)
	require.NotEqual(t, first.Text("loss_id"), hers.Text("loss_id"))

	// A key first used while a report stood already repeats that answer too.
	late := rand.Text()
	stood := wang.Post("/v1/loss-reports", body, "Idempotency-Key", late).Is(http.StatusOK)
	replay := wang.Post("/v1/loss-reports", body, "Idempotency-Key", late)
	require.Less(t, replay.Status, 300)
	require.Equal(t, stood.Text("loss_id"), replay.Text("loss_id"))
	require.Len(t, r.Decisions("card.loss.reported"), 2)
	wang.Post("/v1/loss-reports", body, "Idempotency-Key", "short").Refused(http.StatusUnprocessableEntity, "IDEMPOTENCY_KEY_INVALID")
}

func TestTheSameKeyRepeatsARefusal(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	wang := r.AtPhone("wechat_mini", "wang")
	body, key := map[string]string{"card_id": wang.Card()}, rand.Text()
	r.Fault("cards", "refuse", map[string]any{"op": "commands", "code": "CARD_LOCKED", "times": 1})
	wang.Post("/v1/loss-reports", body, "Idempotency-Key", key).Refused(http.StatusConflict, "LOSS_REFUSED")
	wang.Post("/v1/loss-reports", body, "Idempotency-Key", key).Refused(http.StatusConflict, "LOSS_REFUSED")
	require.Len(t, r.Decisions("card.loss.reported"), 1)
}

func TestCodesGoToTheNumberTheRegistryNowHolds(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	before := r.Person("wang")
	r.Happens("change_phone", "wang", map[string]any{"phone": "13913790999"})
	wang := r.LogIn("wechat_mini", "wang")
	require.Equal(t, "13913790999", wang.Phone)
	wang.Consent("privacy_notice")
	claim := map[string]string{"name": wang.Name, "id_number": wang.IDNumber, "phone": before.Phone}
	wang.Post("/v1/me/binding/codes", claim).Refused(http.StatusUnprocessableEntity, "IDENTITY_NOT_MATCHED")
	claim["phone"] = wang.Phone
	wang.Post("/v1/me/binding/codes", claim).Is(http.StatusAccepted)
	newest := r.Messages("wang")[0]
	require.Equal(t, "13913790999", newest.Phone)
	require.NotEmpty(t, newest.Code)
	wang.Post("/v1/me/binding", map[string]string{"code": newest.Code}).Is(http.StatusOK)
}
