package scenario

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot/boottest"
	"onecard/integrations/redis/redistest"
)

// With Redis stopped nobody is logged out, who is new can log in and bind, and a loss report works (design 6).
func TestWithRedisGoneTheProductGoesOn(t *testing.T) {
	t.Parallel()
	addr, stop := redistest.Stoppable(t)
	r := boottest.Start(t, boottest.OnRedis(addr, "gone:"))
	wang := r.AtPhone("wechat_mini", "wang")
	wang.Get("/v1/cards").Is(http.StatusOK)
	stop()

	wang.Get("/v1/cards").Is(http.StatusOK)
	loss := lose(wang).Is(http.StatusCreated)
	require.Equal(t, "effective", loss.Text("state"))
	require.Equal(t, 1, r.Told("wang", "社保账户已挂失"))

	chen := r.Fresh("alipay_mini", "chen")
	hers := lose(chen).Is(http.StatusCreated).Text("loss_id")
	require.Equal(t, "released", release(chen, hers).Is(http.StatusOK).Text("state"))
	chen.Get("/v1/arrivals/summary").Is(http.StatusOK)

	agent := r.Agent()
	call := verified(t, r, agent, "zhang")
	agent.Post("/agent/v1/calls/"+call+"/loss-reports", map[string]any{"read_back": true}).Is(http.StatusCreated)

	// What is ended stays ended without the copies.
	wang.Send(http.MethodDelete, "/v1/sessions/current", nil).Is(http.StatusNoContent)
	wang.Get("/v1/cards").Refused(http.StatusUnauthorized, "LOGIN_REQUIRED")
	r.Nobody().Get("/readyz").Is(http.StatusOK)
}

// One that was never there is the same.
func TestWithoutRedisFromTheStartTheProductWorks(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t, boottest.OnRedis("127.0.0.1:1", "never:"))
	wang := r.AtPhone("wechat_mini", "wang")
	require.Equal(t, "effective", lose(wang).Is(http.StatusCreated).Text("state"))
}
