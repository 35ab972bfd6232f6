package scenario

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot/boottest"
	"onecard/models"
)

// aged is somebody of the city who is so old today.
func aged(t *testing.T, r *boottest.Rig, years int) *boottest.Citizen {
	t.Helper()
	for _, c := range r.Desk.City.Registry.Citizens(1 << 20) {
		id, err := models.ParseIDNumber(c.IDNumber, r.Clock.Now())
		if err == nil && id.Birth().AgeAt(r.Clock.Now()) == years {
			return r.Person(c.IDNumber)
		}
	}
	require.Fail(t, "nobody is of that age")
	return nil
}

// R53, R67: for somebody of 15 the mother still applies, on a consent that the young person gives on the mother's phone
// after a check of her own; the mother herself may neither give nor withdraw it.
func TestR53_AFifteenYearOldConsentsOnHerMothersPhone(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	chen, child := r.Fresh("wechat_mini", "chen"), aged(t, r, 15)
	r.Happens("guardian", child.IDNumber, map[string]any{"guardian": "chen"})
	own := chen.Post("/v1/dependants", map[string]string{"name": child.Name, "id_number": child.IDNumber}).Is(http.StatusCreated)
	require.Equal(t, 1, r.Told(child.IDNumber, "监护人与您的监护关系已核实"), "from 14 on she hears who acts for her")
	mother := acting{chen, own.Text("relation_id")}
	versions := map[string]string{}
	texts := mother.get("/v1/me/consents").Is(http.StatusOK)
	for i := range texts.List("items") {
		versions[texts.Text("items", i, "purpose")] = texts.Text("items", i, "version")
	}
	give := map[string]string{"purpose": "id_images", "version": versions["id_images"]}
	mother.post("/v1/me/consents", give).Refused(http.StatusForbidden, "CONSENT_BY_SUBJECT_ONLY")
	take := func() boottest.Reply {
		return mother.post("/v1/uploads?purpose=photo", portrait(), "Content-Type", "image/jpeg")
	}
	require.Equal(t, "subject", take().Refused(http.StatusForbidden, "CONSENT_REQUIRED").Text("facts", "consent_by"))

	begun := chen.Post("/v1/sessions/borrowed", map[string]string{
		"name": child.Name, "id_number": child.IDNumber, "notice_version": versions["privacy_notice"], "face_version": versions["face"],
	}).Is(http.StatusCreated)
	r.Shows(child.IDNumber)
	child.Token = chen.Post("/v1/me/checks/"+begun.Text("check_id")+"/finish", nil).Is(http.StatusOK).Text("token")
	child.Post("/v1/me/consents", give).Is(http.StatusCreated)
	take().Is(http.StatusCreated)
	mother.Send(http.MethodDelete, "/v1/me/consents/id_images", nil, "Onecard-For", mother.relation).Refused(http.StatusForbidden, "CONSENT_BY_SUBJECT_ONLY")
	child.Send(http.MethodDelete, "/v1/me/consents/id_images", nil).Is(http.StatusNoContent)
	take().Refused(http.StatusForbidden, "CONSENT_REQUIRED")
	for _, d := range r.Decisions("citizen.consent.given") {
		require.Equal(t, d.ActorID, d.SubjectID, "nobody gave it for another")
	}
}
