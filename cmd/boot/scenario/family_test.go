package scenario

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot"
	"onecard/cmd/boot/boottest"
	"onecard/models"
	"onecard/models/citizen"
)

// acting is a citizen who does things for another.
type acting struct {
	*boottest.Citizen
	relation string
}

func (a acting) get(path string) boottest.Reply {
	return a.Send(http.MethodGet, path, nil, "Onecard-For", a.relation)
}

func (a acting) post(path string, body any, headers ...string) boottest.Reply {
	return a.Post(path, body, append(headers, "Onecard-For", a.relation)...)
}

func (a acting) consent(t *testing.T, purpose string) {
	t.Helper()
	texts := a.get("/v1/me/consents").Is(http.StatusOK)
	for i := range texts.List("items") {
		if texts.Text("items", i, "purpose") == purpose {
			a.post("/v1/me/consents", map[string]string{"purpose": purpose, "version": texts.Text("items", i, "version")}).Is(http.StatusCreated)
			return
		}
	}
	require.Fail(t, "no text for "+purpose)
}

// R23, R53: a mother applies for her child of eleven, from the relation to the card at the outlet.
func TestR23_AMotherAppliesForHerChildOfEleven(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	chen, child := r.Fresh("wechat_mini", "chen"), r.Person("child")
	own := chen.Post("/v1/dependants", map[string]string{"name": child.Name, "id_number": child.IDNumber}).Is(http.StatusCreated)
	mother := acting{chen, own.Text("relation_id")}
	list := chen.Get("/v1/dependants").Is(http.StatusOK)
	require.Equal(t, "proved", list.Text("items", 0, "state"))
	require.Equal(t, "registry", list.Text("items", 0, "proof"))
	require.Equal(t, "guardian", list.Text("items", 0, "told", 0, "who"), "who is told is shown before anything is sent")
	require.Contains(t, list.Text("items", 0, "told", 0, "phone"), "****")

	mother.post("/v1/uploads?purpose=photo", portrait(), "Content-Type", "image/jpeg").Refused(http.StatusForbidden, "CONSENT_REQUIRED")
	mother.consent(t, "id_images")
	draft := mother.get("/v1/application-draft").Is(http.StatusOK)
	require.Contains(t, string(draft.Raw), "居民户口簿孩子本人页", "a child has no identity card")
	uploads := map[string]string{}
	for _, purpose := range []string{"photo", "id_front", "id_back"} {
		uploads[purpose] = mother.post("/v1/uploads?purpose="+purpose, portrait(), "Content-Type", "image/jpeg").Is(http.StatusCreated).Text("upload_id")
	}
	form := map[string]any{
		"bank_code":  chen.Get("/v1/policies/banks?district=410303").Is(http.StatusOK).Text("card_service", 0, "code"),
		"outlet_ref": chen.Get("/v1/outlets?kind=hrss&limit=1").Is(http.StatusOK).Text("items", 0, "ref"), "uploads": uploads,
	}
	mother.post("/v1/applications", form).Refused(http.StatusForbidden, "CONSENT_REQUIRED")
	mother.consent(t, "bank_data")
	chen.Post("/v1/applications", form).Refused(http.StatusConflict, "CARD_EXISTS")
	id := mother.post("/v1/applications", form).Is(http.StatusCreated).Text("application_id")

	decided := r.Decisions("card.application.submitted")
	require.Len(t, decided, 1)
	require.NotEqual(t, decided[0].ActorID, decided[0].SubjectID, "R67: actor and subject")
	require.Equal(t, "guardian", decided[0].Note("as"))
	require.Equal(t, own.Text("relation_id"), decided[0].Note("relation"))
	require.Equal(t, 1, r.Told("chen", "您监护的孩子", "申领已受理"))
	require.Zero(t, r.Told("child", "您的社会保障卡申领已受理"), "under 14 the guardian alone, as shown")

	chen.Send(http.MethodPatch, "/v1/dependants/"+own.Text("relation_id"), map[string]string{"recipients": "both"}).Is(http.StatusOK)
	for _, stage := range []string{"batched", "bank_opening", "producing", "at_outlet"} {
		r.Happens("produce", "child", map[string]any{"stage": stage})
	}
	require.Equal(t, "at_outlet", mother.get("/v1/applications/"+id).Is(http.StatusOK).Text("state"))
	require.Equal(t, 1, r.Told("chen", "您监护的孩子", "社保卡可以领取"))
	require.Equal(t, 1, r.Told("child", "请本人带身份证领取"), "and now the child too")

	chen.Get("/v1/applications/"+id).Refused(http.StatusNotFound, "APPLICATION_NOT_FOUND")
	wang := r.Fresh("alipay_mini", "wang")
	acting{wang, mother.relation}.get("/v1/applications/"+id).Refused(http.StatusNotFound, "RELATION_NOT_FOUND")
	wang.Post("/v1/dependants", map[string]string{"name": child.Name, "id_number": child.IDNumber}).Refused(http.StatusUnprocessableEntity, "HOUSEHOLD_BOOK_REQUIRED")

	mother.get("/v1/arrivals?year=2021").Is(http.StatusOK)
	mother.get("/v1/me").Refused(http.StatusForbidden, "GUARDIAN_MAY_NOT")
	mother.post("/v1/loss-reports/"+id+"/release", map[string]string{}).Refused(http.StatusForbidden, "GUARDIAN_MAY_NOT")
	mother.post("/v1/helpers", map[string]string{"name": wang.Name, "id_number": wang.IDNumber}).Refused(http.StatusForbidden, "GUARDIAN_MAY_NOT")

	r.Happens("guardian", "child", map[string]any{"guardian": "chen", "reason": "ended"})
	mother.get("/v1/applications/"+id).Refused(http.StatusForbidden, "RELATION_ENDED")
	require.Equal(t, 1, r.Told("chen", "代办关系已结束"))
}

// R23: subsidies for minors go to the money account, which a guardian is warned of without any being named.
func TestR23_AGuardianIsWarnedOfTheChildsMoneyAccount(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	chen, child := r.Fresh("wechat_mini", "chen"), r.Person("child")
	mother := acting{chen, chen.Post("/v1/dependants", map[string]string{"name": child.Name, "id_number": child.IDNumber}).Is(http.StatusCreated).Text("relation_id")}
	require.Empty(t, mother.get("/v1/application-draft").Is(http.StatusOK).List("notes"))
	r.Happens("credit", "child", map[string]any{"programme": "8", "amount_fen": 62500, "state": "planned"})
	note := mother.get("/v1/application-draft").Is(http.StatusOK).Text("notes", 0)
	require.Contains(t, note, "银行账户")
	require.NotContains(t, note, "困难")
}

// R23: where the registry does not know the guardian, a reviewer looks at the household book.
func TestR23_AHouseholdBookIsLookedAt(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	wang, child := r.Fresh("wechat_mini", "wang"), r.Person("child")
	wang.Consent("id_images")
	book := map[string]string{
		"front": upload(wang, "household_front", portrait()).Is(http.StatusCreated).Text("upload_id"),
		"child": upload(wang, "household_page", portrait()).Is(http.StatusCreated).Text("upload_id"),
	}
	body := map[string]any{"name": child.Name, "id_number": child.IDNumber, "household_book": book}
	asked := wang.Post("/v1/dependants", body).Is(http.StatusAccepted)
	require.Equal(t, asked.Text("relation_id"), wang.Post("/v1/dependants", body).Is(http.StatusAccepted).Text("relation_id"))
	uncle := acting{wang, asked.Text("relation_id")}
	uncle.get("/v1/applications").Refused(http.StatusConflict, "RELATION_NOT_IN_FORCE")

	path := "/agent/v1/guardianships/" + uncle.relation
	r.Agent().Get("/agent/v1/guardianships").Refused(http.StatusForbidden, "ROLE_NOT_PERMITTED")
	reviewer := r.DemoStaff(boot.DemoReviewers[0])
	waits := reviewer.Get("/agent/v1/guardianships").Is(http.StatusOK)
	require.Len(t, waits.List("items"), 1)
	require.NotContains(t, string(waits.Raw), child.IDNumber)
	page := reviewer.Get(path + "/pages/front").Is(http.StatusOK)
	require.Equal(t, "image/jpeg", page.Header.Get("Content-Type"))
	require.NotEmpty(t, page.Raw)
	reviewer.Get(path+"/pages/cover").Refused(http.StatusNotFound, "PAGE_NOT_FOUND")
	reviewer.Post(path+"/decision", map[string]any{"proved": true}).Is(http.StatusOK)
	uncle.get("/v1/applications").Is(http.StatusOK)
	require.Len(t, r.Decisions("citizen.guardianship.page_shown"), 1)
	require.Len(t, r.Decisions("citizen.guardianship.book_proved"), 1)
	reviewer.Get(path+"/pages/front").Refused(http.StatusNotFound, "PAGE_NOT_FOUND")
}

// grandson holds the phone of an old villager who has none: a window saw the old man's papers and printed a slip.
func grandson(t *testing.T, r *boottest.Rig) acting {
	t.Helper()
	zhang, li := r.Person("zhang"), r.Fresh("alipay_mini", "li")
	_, code, err := r.App.Citizens.IssueSlip(t.Context(), models.System(), citizen.IssueSlipInput{Name: zhang.Name, IDNumber: zhang.IDNumber, Purpose: citizen.SlipForHelper})
	require.NoError(t, err)
	made := li.Post("/v1/helper-slips", map[string]string{"code": code, "id_number": zhang.IDNumber}).Is(http.StatusOK)
	require.Equal(t, "active", made.Text("state"))
	return acting{li, made.Text("relation_id")}
}

// R67: the main job of an old villager is done on his grandson's phone, and he hears of every act.
func TestR67_AnOldVillagersGrandsonDoesTheMainJob(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	helper := grandson(t, r)
	card := helper.get("/v1/cards").Is(http.StatusOK).Text("cards", 0, "card_id")
	arrivals := helper.get("/v1/arrivals?year=2021").Is(http.StatusOK)
	require.NotEmpty(t, arrivals.List("items"))
	require.Contains(t, arrivals.Text("note"), "亲属协助人")
	why := helper.get("/v1/explanations?arrival_id=" + arrivals.Text("items", 0, "arrival_id")).Is(http.StatusOK)
	require.NotEmpty(t, why.Text("sentence"))
	lost := helper.post("/v1/loss-reports", map[string]string{"card_id": card}).Is(http.StatusCreated)
	require.Contains(t, lost.Text("statement", "text"), "银行账户没有停用")
	helper.post("/v1/loss-reports", map[string]string{"card_id": card}).Is(http.StatusOK)
	helper.Post("/v1/loss-reports", map[string]string{"card_id": card}).Refused(http.StatusNotFound, "CARD_NOT_FOUND")

	require.Equal(t, 1, r.Told("zhang", "社保账户已挂失"))
	require.Equal(t, 1, r.Told("zhang", "为您办理:挂失社保账户"), "told at the act, once")
	require.Equal(t, 1, r.Told("zhang", "为您办理:查看补贴到账"))
	require.Equal(t, 1, r.Told("zhang", "为您办理:查看社保卡状态"))
	require.Zero(t, r.Told("li", "挂失"))
	reported := r.Decisions("card.loss.reported")
	require.Len(t, reported, 1)
	require.NotEqual(t, reported[0].ActorID, reported[0].SubjectID)
	require.Equal(t, "helper", reported[0].Note("as"))
	require.Equal(t, "helper_fresh", reported[0].Note("strength"))

	zhang := r.Fresh("wechat_mini", "zhang")
	log := zhang.Get("/v1/me/access-log").Is(http.StatusOK)
	require.Contains(t, string(log.Raw), "citizen.relation.looked")
	require.Contains(t, string(log.Raw), "card.loss.reported")
	require.Equal(t, "active", zhang.Get("/v1/helpers").Is(http.StatusOK).Text("helpers", 0, "state"))
	zhang.Get("/v1/loss-reports/" + lost.Text("loss_id")).Is(http.StatusOK)

	agent := r.Agent()
	call := verified(t, r, agent, "zhang")
	found := agent.Get("/agent/v1/calls/" + call + "/helpers").Is(http.StatusOK)
	require.Equal(t, helper.relation, found.Text("helpers", 0, "helper_id"))
	require.NotContains(t, string(found.Raw), helper.Name)
	agent.Post("/agent/v1/calls/"+call+"/helpers/"+helper.relation+"/revocation", nil).Is(http.StatusNoContent)
	helper.get("/v1/cards").Refused(http.StatusForbidden, "RELATION_ENDED")
	require.Equal(t, 1, r.Told("zhang", "代办关系已结束", "12333已按来电撤销"))
	require.Equal(t, 1, r.Told("li", "代办关系已结束"))
}

// R67: every other operation of a citizen refuses a helper by its own code, whatever level she has.
func TestR67_AHelperMayNothingElse(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	helper := grandson(t, r)
	lost := helper.post("/v1/loss-reports", map[string]string{"card_id": helper.get("/v1/cards").Text("cards", 0, "card_id")}).Is(http.StatusCreated).Text("loss_id")
	for _, one := range []struct {
		method, path string
		body         any
	}{
		{http.MethodPost, "/v1/loss-reports/" + lost + "/release", map[string]string{}},
		{http.MethodPost, "/v1/loss-reports/" + lost + "/renewal", nil},
		{http.MethodPost, "/v1/applications", map[string]string{}},
		{http.MethodGet, "/v1/application-draft", nil},
		{http.MethodPost, "/v1/uploads?purpose=photo", []byte("x")},
		{http.MethodGet, "/v1/applications/" + lost + "/receipt", nil},
		{http.MethodGet, "/v1/me", nil},
		{http.MethodPost, "/v1/me/reveal", nil},
		{http.MethodPost, "/v1/me/phone", map[string]string{"phone": "13900000000"}},
		{http.MethodDelete, "/v1/me/binding", nil},
		{http.MethodGet, "/v1/me/access-log", nil},
		{http.MethodGet, "/v1/me/consents", nil},
		{http.MethodGet, "/v1/arrivals/statement?year=2021", nil},
		{http.MethodGet, "/v1/arrivals/household", nil},
		{http.MethodGet, "/v1/readiness", nil},
		{http.MethodGet, "/v1/notices", nil},
		{http.MethodGet, "/v1/enquiries", nil},
		{http.MethodPost, "/v1/explanations/enquiries", map[string]string{"programme": "P03"}},
		{http.MethodPost, "/v1/helpers", map[string]string{}},
		{http.MethodGet, "/v1/helpers", nil},
		{http.MethodPost, "/v1/dependants", map[string]string{}},
		{http.MethodGet, "/v1/sessions", nil},
	} {
		headers := []string{"Onecard-For", helper.relation}
		if _, raw := one.body.([]byte); raw {
			headers = append(headers, "Content-Type", "image/jpeg")
		}
		helper.Send(one.method, one.path, one.body, headers...).Refused(http.StatusForbidden, "HELPER_MAY_NOT")
	}
	zhang := r.Fresh("wechat_mini", "zhang")
	require.Equal(t, "effective", state(zhang, lost))
	require.Zero(t, r.Told("zhang", "查看办卡进度"), "a refusal is no act")
}

// R55: what is sensitive does not exist for a helper, and she cannot tell that something is left out.
func TestR55_AHelperSeesNothingSensitive(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	helper := grandson(t, r)
	before := helper.get("/v1/arrivals?year=2021&limit=100").Is(http.StatusOK)
	sums := helper.get("/v1/arrivals/summary").Is(http.StatusOK)
	r.Happens("credit", "zhang", map[string]any{"programme": "23", "amount_fen": 123400})
	r.Later(10 * time.Second)
	after := helper.get("/v1/arrivals?year=2021&limit=100").Is(http.StatusOK)
	require.Len(t, after.List("items"), len(before.List("items")))
	require.Equal(t, before.Text("note"), after.Text("note"))
	require.Equal(t, sums.At("items"), helper.get("/v1/arrivals/summary").Is(http.StatusOK).At("items"))

	zhang := r.Fresh("wechat_mini", "zhang")
	hers := zhang.Get("/v1/arrivals?year=2021&limit=100").Is(http.StatusOK)
	require.Greater(t, len(hers.List("items")), len(after.List("items")))
	seen := map[string]bool{}
	for i := range after.List("items") {
		seen[after.Text("items", i, "arrival_id")] = true
	}
	for i := range hers.List("items") {
		id := hers.Text("items", i, "arrival_id")
		if seen[id] {
			helper.get("/v1/arrivals/" + id).Is(http.StatusOK)
			continue
		}
		helper.get("/v1/arrivals/"+id).Refused(http.StatusNotFound, "ARRIVAL_NOT_FOUND")
		helper.get("/v1/explanations?arrival_id="+id).Refused(http.StatusNotFound, "ARRIVAL_NOT_FOUND")
	}
	helper.get("/v1/explanations?programme=P23").Refused(http.StatusForbidden, "HELPER_MAY_NOT")
	helper.get("/v1/arrivals?programme=P23").Refused(http.StatusForbidden, "HELPER_MAY_NOT")
	helper.get("/v1/arrivals/summary?programme=P23").Refused(http.StatusForbidden, "HELPER_MAY_NOT")
}

// The same key for another person is another request: no answer about one child is given for another.
func TestR67_AKeyCountsForWhomItIsUsed(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	helper := grandson(t, r)
	card := helper.get("/v1/cards").Text("cards", 0, "card_id")
	const key = "one-key-for-two-people"
	helper.post("/v1/loss-reports", map[string]string{"card_id": card}, "Idempotency-Key", key).Is(http.StatusCreated)
	helper.Post("/v1/loss-reports", map[string]string{"card_id": card}, "Idempotency-Key", key).Refused(http.StatusNotFound, "CARD_NOT_FOUND")
}
