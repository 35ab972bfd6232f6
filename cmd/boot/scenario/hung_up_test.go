package scenario

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot/boottest"
)

// The sentence was read back, the caller agreed, the line dropped, and then the agent's button was pressed: the account is
// stopped all the same, once, and nobody is looked at any more.
func TestR33_ALossTheCallerAgreedToIsNotLostWithTheLine(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	agent, zhang := r.Agent(), r.Person("zhang")
	ref := r.Phones("call_in", "zhang", nil)
	r.Phones("call_answer", "", map[string]any{"call_ref": ref})
	path := "/agent/v1/calls/" + agent.Get("/agent/v1/calls/current").Is(http.StatusOK).Text("call_id")
	agent.Post(path+"/verification", map[string]string{"name": zhang.Name, "id_number": zhang.IDNumber}).Is(http.StatusOK)
	r.Phones("call_hang_up", "", map[string]any{"call_ref": ref})

	agent.Get(path+"/loss-preview").Refused(http.StatusForbidden, "CALL_ENDED")
	body, key := map[string]any{"read_back": true}, []string{"Idempotency-Key", "agreed-once"}
	made := agent.Post(path+"/loss-reports", body, key...).Is(http.StatusCreated)
	require.Equal(t, "effective", made.Text("state"))
	again := agent.Post(path+"/loss-reports", body, key...)
	require.Equal(t, made.Text("loss_id"), again.Text("loss_id"), "the answer was lost: the same request finds it")
	require.Equal(t, "basic_number_match", r.Decisions("card.loss.reported")[0].Note("strength"))
	require.Len(t, r.Decisions("card.loss.reported"), 1)
	agent.Post(path+"/phone-change/cancel", nil).Refused(http.StatusNotFound, "NO_PHONE_CHANGE")
	agent.Get(path+"/person").Refused(http.StatusForbidden, "CALL_ENDED")

	next := r.Phones("call_in", "li", nil) // somebody else's call, hung up before anybody was known
	r.Phones("call_answer", "", map[string]any{"call_ref": next})
	other := "/agent/v1/calls/" + agent.Get("/agent/v1/calls/current").Is(http.StatusOK).Text("call_id")
	r.Phones("call_hang_up", "", map[string]any{"call_ref": next})
	agent.Post(other+"/loss-reports", body).Refused(http.StatusForbidden, "VERIFICATION_REQUIRED")
	agent.Post(path+"/loss-reports", body).Refused(http.StatusForbidden, "NO_ACTIVE_CALL")

	// The first call is closed by now. What it decided is not lost with it: the very same request finds it, for its agent alone.
	late := agent.Post(path+"/loss-reports", body, key...)
	require.Equal(t, []string{made.Text("loss_id"), "effective"}, []string{late.Text("loss_id"), late.Text("state")})
	agent.Post(path+"/loss-reports", map[string]any{"read_back": true, "speaker": "holder"}, key...).Refused(http.StatusUnprocessableEntity, "IDEMPOTENCY_KEY_REUSED")
	freeAgent(t, r).Post(path+"/loss-reports", body, key...).Refused(http.StatusNotFound, "NOT_FOUND")
	require.Len(t, r.Decisions("card.loss.reported"), 1)
}
