package scenario

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot/boottest"
)

// TestR64_AFinishedLossAndAFinishedCallAreRatedOnce: in the app, each case for itself, and nobody else's.
func TestR64_AFinishedLossAndAFinishedCallAreRatedOnce(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	wang, zhang := r.AtPhone("wechat_mini", "wang"), r.AtPhone("alipay_mini", "zhang")
	loss := lose(wang).Is(http.StatusCreated).Text("loss_id")
	rate := func(c *boottest.Citizen, object, id string, level int) boottest.Reply {
		return c.Post("/v1/ratings", map[string]any{"object": object, "object_id": id, "level": level})
	}
	rate(zhang, "loss_reports", loss, 5).Refused(http.StatusNotFound, "LOSS_NOT_FOUND")
	rate(wang, "loss_reports", loss, 0).Refused(http.StatusUnprocessableEntity, "INVALID_INPUT")
	rate(wang, "payments", loss, 5).Refused(http.StatusUnprocessableEntity, "INVALID_INPUT")
	require.Empty(t, rate(wang, "loss_reports", loss, 5).Is(http.StatusCreated).Text("enquiry_id"))
	rate(wang, "loss_reports", loss, 1).Refused(http.StatusConflict, "ALREADY_RATED")

	agent := r.Agent()
	call := agent.Post("/agent/v1/calls", map[string]any{"caller_number": "13800001234"}).Is(http.StatusCreated).Text("call_id")
	agent.Post("/agent/v1/calls/"+call+"/verification", map[string]any{"name": r.Person("wang").Name, "id_last6": r.Person("wang").IDNumber[12:]}).Is(http.StatusOK)
	rate(wang, "calls", call, 2).Refused(http.StatusConflict, "NOT_FINISHED")
	agent.Post("/agent/v1/calls/"+call+"/close", nil).Is(http.StatusOK)
	rate(zhang, "calls", call, 2).Refused(http.StatusNotFound, "NOT_FOUND")
	key := []string{"Idempotency-Key", "7f0c1f0e-0000-4000-8000-000000000064"}
	body := map[string]any{"object": "calls", "object_id": call, "level": 2}
	low := wang.Post("/v1/ratings", body, key...).Is(http.StatusCreated).Text("enquiry_id")
	require.Equal(t, low, wang.Post("/v1/ratings", body, key...).Is(http.StatusCreated).Text("enquiry_id"), "the same request is the same rating")
	mine := wang.Get("/v1/enquiries").Is(http.StatusOK)
	require.Equal(t, []string{low, "low_rating", "2022-01-11"}, []string{mine.Text("items", 0, "enquiry_id"), mine.Text("items", 0, "kind"), dayOf(t, mine.Text("items", 0, "due_at"))})
	wang.Get("/v1/enquiries/" + low).Is(http.StatusOK)
	zhang.Get("/v1/enquiries/"+low).Refused(http.StatusNotFound, "NOT_FOUND")
	zhang.Post("/v1/enquiries/"+low+"/urge", nil).Refused(http.StatusNotFound, "NOT_FOUND")

	const months = "?from=2021-12&to=2021-12"
	agent.Get("/agent/v1/ratings/figures"+months).Refused(http.StatusForbidden, "ROLE_NOT_PERMITTED")
	boss, _ := r.Staff("boss-one", "supervisor")
	figures := boss.Get("/agent/v1/ratings/figures" + months).Is(http.StatusOK)
	require.Len(t, figures.List("items"), 2)
	require.Equal(t, []any{"call", float64(1), float64(1), float64(2)}, []any{
		figures.Text("items", 0, "kind"), figures.At("items", 0, "count"), figures.At("items", 0, "low"), figures.At("items", 0, "average")})
	public := r.Nobody().Get("/v1/ratings/totals" + months).Is(http.StatusOK)
	for i := range 2 {
		require.Equal(t, true, public.At("items", i, "suppressed"))
		require.Nil(t, public.At("items", i, "count"))
	}
	auditor, _ := r.Staff("auditor-one", "auditor")
	auditor.Get("/agent/v1/work-orders").Refused(http.StatusForbidden, "ROLE_NOT_PERMITTED")
	auditor.Post(orderPath(low, "accept"), nil).Refused(http.StatusForbidden, "ROLE_NOT_PERMITTED")
}
