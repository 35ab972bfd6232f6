package scenario

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot/boottest"
	"onecard/models"
	"onecard/models/policy"
)

// From a draft on one device over a return with three defects to a withdrawal, through the real doors.
func TestR69_FromADraftOverAReturnToAWithdrawal(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	li := r.Fresh("alipay_mini", "li")
	li.Consent("id_images")
	li.Consent("bank_data")
	full := form(t, li)
	empty := li.Get("/v1/application-draft").Is(http.StatusOK)
	require.Equal(t, "mainland", empty.Text("applicant"))
	save := func(version int, change map[string]any) boottest.Reply {
		change["version"] = version
		return li.Send(http.MethodPatch, "/v1/application-draft", change)
	}
	save(0, map[string]any{"bank_code": full["bank_code"], "outlet_ref": full["outlet_ref"]}).Is(http.StatusOK)
	save(0, map[string]any{"bank_code": "x"}).Refused(http.StatusConflict, "DRAFT_CHANGED")
	save(1, map[string]any{"uploads": full["uploads"]}).Is(http.StatusOK)
	in := li.Post("/v1/application-draft/submission", map[string]any{"version": 2}).Is(http.StatusCreated)
	id, receipt := in.Text("application_id"), in.Text("receipt")
	li.Get("/v1/application-draft").Refused(http.StatusConflict, "APPLICATION_UNDER_WAY")
	require.Equal(t, 1, r.Told("li", "申领已受理", receipt))

	r.Happens("send_back", "li", map[string]any{"defects": []map[string]any{{"code": "PHOTO_UNCLEAR"}, {"code": "ID_EXPIRED"}, {"code": "ID_FRONT_UNCLEAR"}}})
	require.Equal(t, 1, r.Told("li", "申领已退回"))
	returned := li.Get("/v1/applications/" + id).Is(http.StatusOK)
	require.Equal(t, "returned", returned.Text("state"))
	require.Equal(t, "uploads.id_front", returned.Text("defects", 2, "field"))
	require.Equal(t, "correct_application", li.Get("/v1/cards").Text("next_step", "code"))
	li.Post("/v1/applications/"+id+"/correction", map[string]any{}).Refused(http.StatusUnprocessableEntity, "CORRECTION_INCOMPLETE")
	again := form(t, li)["uploads"]
	fixed := li.Post("/v1/applications/"+id+"/correction", map[string]any{"uploads": again}).Is(http.StatusOK)
	require.Equal(t, receipt, fixed.Text("receipt"))
	require.Equal(t, 2, r.Told("li", "申领已受理", receipt))

	set(t, r, policy.ModeKey(models.ActApply, models.AlipayMini), "window_only") // since then applications go to the window
	li.Post("/v1/applications/"+id+"/withdrawal", nil).Is(http.StatusAccepted)
	require.Equal(t, 1, r.Told("li", "申领已撤回"))
	require.Equal(t, "withdrawn", li.Get("/v1/applications/"+id).Text("state"))
	sheet := li.Get("/v1/applications/" + id + "/receipt").Is(http.StatusOK)
	require.True(t, strings.HasPrefix(string(sheet.Raw), "%PDF-"))
}
