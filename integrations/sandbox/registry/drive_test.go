package registry

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
)

func (g *rig) happen(h Happening) Outcome {
	g.t.Helper()
	out, err := g.Happen(h)
	require.NoError(g.t, err)
	return out
}

func (g *rig) upload(body []byte) (string, int) {
	g.t.Helper()
	sum := sha256.Sum256(body)
	name := hex.EncodeToString(sum[:])
	return name, g.do("PUT", "/registry/cards/v1/attachments/"+name, body, nil)
}

// apply sends a first application for a citizen.
func (g *rig) apply(id, citizen string, bend func(*CommandRequest)) CommandAnswer {
	g.t.Helper()
	photo, status := g.upload([]byte("\xff\xd8\xff photo"))
	require.Equal(g.t, http.StatusOK, status)
	c, _ := g.Citizen(citizen)
	in := CommandRequest{RequestID: id, Kind: "application", PersonRef: c.PersonRef, NotAfter: g.clock.Now().AddDate(0, 0, 1), Channel: "alipay_mini",
		Application: &ApplicationDetail{BusinessType: "01", ApplicantRef: c.PersonRef, BankCode: "102", OutletRef: g.st.outlets.order[0],
			Attachments: map[string]string{"photo": photo}}}
	if bend != nil {
		bend(&in)
	}
	return g.command(in)
}

func TestR27_AnApplicationGoesThroughItsStages(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	a := g.apply("request-1", "li", nil)
	require.Equal(t, "accepted", a.Outcome)
	for _, want := range stages[1:] {
		if want == "enabled" {
			break
		}
		require.Equal(t, want, g.happen(Happening{Kind: "produce", Citizen: "li"})["stage"])
		require.Equal(t, want, g.Applications("li")[0].Stage)
	}
	card := g.CardsOf("li")[0]
	require.Equal(t, "03", card.PersonStatus)
	g.happen(Happening{Kind: "activate", Citizen: "li"})
	card = g.CardsOf("li")[0]
	require.Equal(t, "04", card.PersonStatus)
	require.Equal(t, "active", card.FinancialState)
	require.Equal(t, "CARD_EXISTS", g.apply("request-2", "li", nil).ReasonCode, "R24")
}

func TestApplicationsJumpAndFail(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	g.apply("request-1", "li", nil)
	require.Equal(t, "APPLICATION_OPEN", g.apply("request-2", "li", nil).ReasonCode)
	g.happen(Happening{Kind: "produce", Citizen: "li", Stage: "bank_failed"})
	require.Equal(t, "bank_failed", g.Applications("li")[0].Stage)
	g.happen(Happening{Kind: "produce", Citizen: "li", Stage: "production_failed"})
	g.happen(Happening{Kind: "deliver", Citizen: "li"})
	require.Equal(t, "at_outlet", g.Applications("li")[0].Stage)
	require.Equal(t, "02", g.CardsOf("li")[0].PersonStatus)
	_, err := g.Happen(Happening{Kind: "produce", Citizen: "li", Stage: "batched"})
	require.Error(t, err, "no way back")
}

func TestApplicationRefusals(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	for want, bend := range map[string]func(*CommandRequest){
		"BANK_NOT_AVAILABLE":     func(c *CommandRequest) { c.Application.BankCode = "313PD" },
		"OUTLET_UNKNOWN":         func(c *CommandRequest) { c.Application.OutletRef = "o0" },
		"PHOTO_REQUIRED":         func(c *CommandRequest) { c.Application.Attachments = nil },
		"ATTACHMENT_MISSING":     func(c *CommandRequest) { c.Application.Attachments["id_front"] = "00" },
		"APPLICANT_NOT_ENTITLED": func(c *CommandRequest) { c.Application.ApplicantRef = "p0" },
		"PERSON_UNKNOWN":         func(c *CommandRequest) { c.PersonRef = "p0" },
	} {
		require.Equal(t, want, g.apply("request-"+want, "li", bend).ReasonCode)
	}
	mother, _ := g.Citizen("chen")
	a := g.apply("request-child", "child", func(c *CommandRequest) { c.Application.ApplicantRef = mother.PersonRef })
	require.Equal(t, "accepted", a.Outcome, "R23: a guardian applies for a child")
	_, status := g.upload([]byte("%PDF-1.7"))
	require.Equal(t, http.StatusUnsupportedMediaType, status)
	require.Equal(t, http.StatusBadRequest, g.do("PUT", "/registry/cards/v1/attachments/00", []byte("\xff\xd8\xff"), nil))
}

func TestPaymentsAtTheDesk(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	_, end := g.all("payments", "")
	out := g.happen(Happening{Kind: "credit", Citizen: "wang", Programme: "23", AmountFen: 60000, Times: 3})
	news, end := g.all("payments", end)
	types := []string{}
	for _, e := range news {
		types = append(types, e.Type)
	}
	require.Equal(t, []string{"batch.announced", "payment_line.sent", "payment_line.credited", "payment_line.credited", "payment_line.credited"}, types)
	require.Equal(t, news[2], news[4], "the same event again")
	require.NotEmpty(t, out["credit_no"])

	back := g.happen(Happening{Kind: "return", Citizen: "wang", Programme: "41", Reason: "ACCOUNT_INACTIVE"})
	again := g.happen(Happening{Kind: "reissue", Citizen: "wang"})
	lines := map[string]PaymentLine{}
	for _, l := range g.Lines("wang") {
		lines[l.ID] = l
	}
	require.Equal(t, "reissued", lines[back["line_id"]].State)
	require.Equal(t, lines[back["line_id"]].LineKey, *lines[again["line_id"]].ReissueOf)
	require.Equal(t, "credited", lines[again["line_id"]].State)
	require.NotEmpty(t, end)

	odd := g.happen(Happening{Kind: "credit", Citizen: "wang", WithoutSent: true})
	require.Nil(t, g.st.lines.byID[odd["line_id"]].SentAt, "R14: credited without sent")
	wrong := g.happen(Happening{Kind: "credit", Citizen: "wang", Programme: "41", Payee: "zhao"})
	require.NotEqual(t, g.st.lines.byID[wrong["line_id"]].PayeeRef, g.st.lines.byID[wrong["line_id"]].BeneficiaryRef, "R3")
	sent := g.happen(Happening{Kind: "credit", Citizen: "wang", State: "sent"})
	g.happen(Happening{Kind: "advance", LineID: sent["line_id"]})
	require.Equal(t, "credited", g.st.lines.byID[sent["line_id"]].State)
	renamed := g.happen(Happening{Kind: "rename_programme", Programme: "28", Name: "高龄老人津贴", ValidFrom: "2022-01-01"})
	require.Equal(t, "P28@2", renamed["programme"])
	require.Equal(t, "高龄津贴", g.programmeFor("28", "2021-12-31").Name)
	require.Equal(t, "高龄老人津贴", g.programmeFor("28", "2022-01-01").Name)
}

func TestPeopleAtTheDesk(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	_, end := g.all("cards", "")
	g.happen(Happening{Kind: "change_phone", Citizen: "wang", Phone: "13900001111"})
	g.happen(Happening{Kind: "merge", Citizen: "zhao", Into: "wang"})
	g.happen(Happening{Kind: "loss", Citizen: "chen"})
	g.happen(Happening{Kind: "release", Citizen: "chen"})
	g.happen(Happening{Kind: "malformed", Target: "cards", Entity: "card", ID: "c1"})
	news, _ := g.all("cards", end)
	types := []string{}
	for _, e := range news {
		types = append(types, e.Type)
	}
	require.Equal(t, []string{"person.changed", "person.merged", "card.moved", "card.loss", "card.released", malformedType}, types)
	require.Len(t, g.CardsOf("wang"), 2)
	c, _ := g.Citizen("wang")
	require.Equal(t, "13900001111", c.Phone)
	for _, h := range []Happening{{Kind: "burn"}, {Kind: "loss", Citizen: "nobody"}, {Kind: "loss", Citizen: "li"}, {Kind: "lapse", Citizen: "wang"},
		{Kind: "reissue", Citizen: "li"}, {Kind: "credit", Citizen: "li", Programme: "99"}, {Kind: "settle"}, {Kind: "hold_feed"}} {
		_, err := g.Happen(h)
		require.Error(t, err, h.Kind)
	}
}

func TestMatching(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	ask := func(name, id string) int {
		return g.do("POST", "/registry/cards/v1/persons/match", map[string]string{"name": name, "id_number": id}, nil)
	}
	require.Equal(t, http.StatusOK, ask("王建国", ruleA))
	require.Equal(t, http.StatusNotFound, ask("王建", ruleA))
	require.Equal(t, http.StatusNotFound, ask("王建国", ruleB))
	for _, p := range g.st.persons.byID {
		if p.Name == "阿卜杜·热合曼" {
			require.Equal(t, http.StatusOK, ask("阿卜杜•热合曼", p.IDNumber), "R51: look-alike dots")
		}
	}
}

func TestDeskOverHTTP(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	desk := g.DeskHandler()
	do := func(method, path, body string) (int, map[string]any) {
		w := httptest.NewRecorder()
		desk.ServeHTTP(w, httptest.NewRequest(method, "/desk/registry/"+path, bytes.NewBufferString(body)))
		var out map[string]any
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &out))
		return w.Code, out
	}
	status, out := do("POST", "events", `{"kind":"loss","citizen":"wang","comment":"mine"}`)
	require.Equal(t, http.StatusOK, status)
	ref, _ := out["card_ref"].(string)
	status, out = do("GET", "cards/"+ref, "")
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, "2", out["aaz502"], "a window writes a formal loss")
	_, out = do("GET", "effects?card_ref="+ref, "")
	require.InEpsilon(t, 1, out["count"], 0)
	status, _ = do("POST", "faults", `{"target":"registry.cards","fault":"down"}`)
	require.Equal(t, http.StatusOK, status)
	_, out = do("GET", "faults", "")
	require.Len(t, out["faults"], 1)
	_, out = do("GET", "citizens/wang", "")
	require.NotEmpty(t, out["lines"])
	_, out = do("GET", "commands", "")
	require.Empty(t, out["commands"])
	for _, bad := range []string{"events", "faults"} {
		status, _ = do("POST", bad, `{`)
		require.Equal(t, http.StatusBadRequest, status)
	}
	status, _ = do("GET", "cards/none", "")
	require.Equal(t, http.StatusNotFound, status)
}

func TestAChildIsEnteredWithItsGuardianAndWithoutACard(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	mother, _ := g.Citizen("chen")
	out := g.happen(Happening{Kind: "child", Citizen: "chen", Name: "智小满", Born: "2012-05-20"})
	again := g.happen(Happening{Kind: "child", Citizen: "chen", Name: "智小雪", Born: "2012-05-20"})
	require.NotEqual(t, out["id_number"], again["id_number"], "two of a day have two numbers")
	child := g.st.persons.byID[out["person_ref"]]
	require.Equal(t, []string{mother.PersonRef}, child.GuardianRefs)
	require.False(t, child.IsHead)
	require.Empty(t, g.CardsOf(out["person_ref"]))
	found, ok := g.Citizen(out["id_number"])
	require.True(t, ok)
	require.Equal(t, "智小满", found.Name)
	for _, bad := range []Happening{{Kind: "child", Citizen: "chen", Name: "智小满"}, {Kind: "child", Citizen: "chen", Born: "2012-05-20"}, {Kind: "child", Citizen: "nobody"}} {
		_, err := g.Happen(bad)
		require.Error(t, err)
	}
}
