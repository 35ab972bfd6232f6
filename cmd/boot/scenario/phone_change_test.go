package scenario

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot/boottest"
)

// Somebody with her phone unlocked in hand moves Wang's notices to another number. The old number is told, she calls
// 12333, and the agent stops it.
func TestR61_TheOldNumbersHolderHasTheChangeCancelledByPhone(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	wang, thief, agent := r.Fresh("wechat_mini", "wang"), r.Person("li"), r.Agent()
	papers := r.Person("wang")
	begin := func() {
		wang.Post("/v1/me/phone", map[string]string{"phone": thief.Phone}).Is(http.StatusAccepted)
		r.Work()
		wang.Post("/v1/me/phone/confirmation", map[string]string{"code": r.CodeOf("li")}).Is(http.StatusOK)
	}
	begin()
	r.Work()
	require.Equal(t, 1, r.Told("wang", "手机号将", "12333"))

	call := agent.Post("/agent/v1/calls", map[string]string{}).Is(http.StatusCreated).Text("call_id")
	path := "/agent/v1/calls/" + call
	cancel := path + "/phone-change/cancel"
	agent.Post(cancel, nil).Refused(http.StatusForbidden, "VERIFICATION_REQUIRED")
	agent.Post(path+"/verification", map[string]string{"name": papers.Name, "id_last6": papers.IDNumber[12:]}).Is(http.StatusOK)
	agent.Post(cancel, nil).Refused(http.StatusForbidden, "VERIFICATION_REQUIRED") // Basic is what anyone near her knows
	agent.Post(path+"/call-back", map[string]string{"reason": "full_verification"}).Is(http.StatusOK)
	r.Phones("call_answer", "", nil)
	key := []string{"Idempotency-Key", "cancel-once"}
	agent.Post(cancel, nil, key...).Is(http.StatusNoContent)
	agent.Post(cancel, nil, key...).Is(http.StatusNoContent)
	agent.Post(cancel, nil).Refused(http.StatusNotFound, "NO_PHONE_CHANGE")
	wang.Post(cancel, nil).Refused(http.StatusUnauthorized, "LOGIN_REQUIRED")

	r.Work()
	require.Equal(t, 1, r.Told("wang", "已按来电", "撤销"))
	done := r.Decisions("citizen.phone_change.cancelled_by_owner")
	require.Len(t, done, 1)
	require.Equal(t, "basic_call_back", done[0].Note("strength"))

	agent.Post(path+"/close", nil).Is(http.StatusOK)
	r.Later(2 * time.Minute)
	begin()
	agent.Post(cancel, nil).Refused(http.StatusForbidden, "NO_ACTIVE_CALL")
	require.Len(t, r.Decisions("citizen.phone_change.cancelled_by_owner"), 1)
}
