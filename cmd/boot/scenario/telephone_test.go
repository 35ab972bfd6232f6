package scenario

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot"
	"onecard/cmd/boot/boottest"
	"onecard/integrations/sandbox/telephone"
	"onecard/models/hotline"
)

// From the ring to the stopped account: the pop names nobody, the number counts because the exchange tells it, the code is
// keyed and never seen by the agent, and after the hang-up nobody is looked at any more.
func TestR33_R58_FromTheRingToTheLossByTheExchange(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	agent, zhang := r.Agent(), r.Person("zhang")
	pops := r.Listen(agent, 0)
	require.Equal(t, "8001", pops.Next("hello").Body["extension"])

	ref := r.Phones("call_in", "zhang", nil)
	pop := pops.Next("ringing")
	require.EqualValues(t, 1, pop.Body["candidates"])
	require.Equal(t, zhang.Phone[:3]+"****"+zhang.Phone[7:], pop.Body["caller_number"])
	require.NotContains(t, pop.Data, zhang.Phone)
	require.NotContains(t, pop.Data, zhang.Name, "a number is a candidate, never an identity")
	agent.Get("/agent/v1/calls/current").Refused(http.StatusNotFound, "NOT_FOUND")

	r.Phones("call_answer", "", map[string]any{"call_ref": ref})
	call := agent.Get("/agent/v1/calls/current").Is(http.StatusOK)
	require.Equal(t, "telephone", call.Text("source"))
	require.Equal(t, false, call.At("by_hand"))
	require.Equal(t, call.Text("call_id"), pops.Next("answered").Body["call_id"])
	path := "/agent/v1/calls/" + call.Text("call_id")
	agent.Get(path+"/person").Refused(http.StatusForbidden, "VERIFICATION_REQUIRED")
	agent.Post(path+"/phone-code", nil).Refused(http.StatusForbidden, "VERIFICATION_REQUIRED")

	v := agent.Post(path+"/verification", map[string]string{"name": zhang.Name, "id_number": zhang.IDNumber}).Is(http.StatusOK)
	require.Equal(t, "basic_number_match", v.Text("strength"))
	sent := agent.Post(path+"/phone-code", nil).Is(http.StatusAccepted)
	require.NotContains(t, string(sent.Raw), r.CodeOf("zhang"), "the agent never sees it")
	require.Equal(t, 1, r.Told("zhang", "12333来电身份核验", "请勿说出"))
	code := r.CodeOf("zhang")
	r.Phones("call_key", "", map[string]any{"call_ref": ref, "keys": wrongCode(code)})
	wrong := pops.Next("keyed")
	require.Equal(t, "no_match", wrong.Body["result"])
	require.EqualValues(t, 2, wrong.Body["tries_left"])
	r.Phones("call_key", "", map[string]any{"call_ref": ref, "keys": code}) // the exchange was asked once more by itself
	right := pops.Next("keyed")
	require.Equal(t, "match", right.Body["result"])
	require.NotContains(t, right.Data+wrong.Data, code)
	now := agent.Get("/agent/v1/calls/current").Is(http.StatusOK)
	require.Equal(t, "full", now.Text("level"))
	require.Equal(t, "full_phone_code", now.Text("strength"))

	made := agent.Post(path+"/loss-reports", map[string]any{"read_back": true}).Is(http.StatusCreated)
	require.Equal(t, "effective", made.Text("state"))
	require.Equal(t, "full_phone_code", r.Decisions("card.loss.reported")[0].Note("strength"))
	require.Equal(t, 1, r.Told("zhang", "社保账户已挂失"))

	r.Phones("call_hang_up", "", map[string]any{"call_ref": ref})
	pops.Next("ended")
	agent.Get(path+"/person").Refused(http.StatusForbidden, "CALL_ENDED")
	promised := agent.Post(path+"/call-backs", map[string]any{"reason": "asked_later", "destination": "phone_on_file"}).Is(http.StatusCreated)
	require.Equal(t, "2021-12-20T04:00:00Z", promised.Text("due_at"), "two hours of the hotline's day")
	r.Later(3 * time.Minute)
	agent.Get("/agent/v1/calls/current").Refused(http.StatusNotFound, "NOT_FOUND")
	require.Equal(t, "ended", r.Decisions("hotline.call.closed")[0].Result)

	mine := r.AtPhone("wechat_mini", "zhang")
	seen := mine.Get("/v1/loss-reports").Is(http.StatusOK)
	require.Equal(t, made.Text("loss_id"), seen.Text("items", 0, "loss_id"))
	var digits int
	require.NoError(t, r.DB().QueryRowContext(t.Context(), "SELECT COUNT(*) FROM telephone_events WHERE digits_sealed IS NOT NULL").Scan(&digits))
	require.Zero(t, digits, "what was keyed is forgotten when it was compared")
}

// wrongCode is another code than this one.
func wrongCode(code string) string {
	if code[0] == '9' {
		return "0" + code[1:]
	}
	return "9" + code[1:]
}

func TestR33_ANumberTypedByHandProvesNothing(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	agent, zhang := r.Agent(), r.Person("zhang")
	call := agent.Post("/agent/v1/calls", map[string]string{"caller_number": zhang.Phone}).Is(http.StatusCreated)
	require.Equal(t, true, call.At("by_hand"))
	path := "/agent/v1/calls/" + call.Text("call_id")
	v := agent.Post(path+"/verification", map[string]string{"name": zhang.Name, "id_number": zhang.IDNumber}).Is(http.StatusOK)
	require.Equal(t, "basic", v.Text("strength"))
	agent.Post(path+"/loss-reports", map[string]any{"read_back": true}).Refused(http.StatusForbidden, "VERIFICATION_REQUIRED")
	agent.Post(path+"/phone-code", nil).Refused(http.StatusConflict, "CALL_NOT_BY_TELEPHONE")

	asked := agent.Post(path+"/call-back", map[string]string{"reason": "loss_report"}).Is(http.StatusOK)
	require.Equal(t, true, asked.At("by_telephone"))
	require.Empty(t, asked.Text("dial"), "nobody sees the number")
	agent.Post(path+"/call-back/confirmation", map[string]bool{"answered": true}).Refused(http.StatusConflict, "CALL_BACK_BY_TELEPHONE")
	agent.Post(path+"/loss-reports", map[string]any{"read_back": true}).Refused(http.StatusForbidden, "VERIFICATION_REQUIRED")
	r.Phones("call_answer", "zhang", nil)
	current := agent.Get("/agent/v1/calls/current").Is(http.StatusOK)
	require.Equal(t, "basic_call_back", current.Text("strength"), "by hand it stays Basic, though the whole number fits")
	require.Equal(t, true, current.At("by_hand"))
	agent.Get(path+"/readiness").Refused(http.StatusForbidden, "VERIFICATION_REQUIRED")
	agent.Post(path+"/loss-reports", map[string]any{"read_back": true}).Is(http.StatusCreated)
}

// The telephone's door believes what is signed, fresh and new, and nothing else; what it refuses is counted and written down
// without what it was.
func TestR57_ForgedTelephoneEventsAreRefusedAndAudited(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	agent, x := r.Agent(), r.Desk.City.Telephone
	body := func(e telephone.Event) []byte {
		if e.EventID == "" {
			e.EventID, e.Kind, e.CallRef, e.Number, e.Extension, e.At = "ev-1", "call.answered", "in-9", "13803790103", "8001", r.Clock.Now()
		}
		raw, err := json.Marshal(e)
		require.NoError(t, err)
		return raw
	}
	refused := func(status int, s telephone.Signed) {
		t.Helper()
		got, err := x.Post(s)
		require.NoError(t, err)
		require.Equal(t, status, got)
	}
	forged := x.Sign(body(telephone.Event{}))
	forged.Body = bytes.Replace(forged.Body, []byte("8001"), []byte("8002"), 1)
	refused(http.StatusUnauthorized, forged)
	unsigned := x.Sign(body(telephone.Event{}))
	unsigned.Header.Del("X-Telephone-Signature")
	refused(http.StatusUnauthorized, unsigned)
	other := x.Sign(body(telephone.Event{}))
	other.Header.Set("X-Telephone-Client", "somebody")
	refused(http.StatusUnauthorized, other)
	stale := x.Sign(body(telephone.Event{}))
	r.Clock.Advance(5*time.Minute + time.Second)
	refused(http.StatusUnauthorized, stale)
	r.Work()
	agent.Get("/agent/v1/calls/current").Refused(http.StatusNotFound, "NOT_FOUND")

	good := x.Sign(body(telephone.Event{}))
	refused(http.StatusOK, good)
	refused(http.StatusConflict, good)                      // the very request again
	refused(http.StatusOK, x.Sign(body(telephone.Event{}))) // the event again, signed anew: one row
	refused(http.StatusUnprocessableEntity, x.Sign([]byte(`{"event_id":"ev 2"}`)))
	refused(http.StatusRequestEntityTooLarge, x.Sign(append([]byte(`{"event_id":"`), bytes.Repeat([]byte("x"), 65<<10)...)))
	r.Work()
	agent.Get("/agent/v1/calls/current").Is(http.StatusOK)
	require.Len(t, r.Decisions("hotline.call.opened"), 1)

	written := r.Decisions("hotline.telephone.refused")
	why := []string{}
	for _, d := range written {
		why = append(why, d.Result)
		require.NotContains(t, d.Detail, "1380379")
	}
	require.Equal(t, []string{"forged", "forged", "forged", "forged", "replayed", "malformed"}, why)
	for range 30 { // who sends thousands fills no table
		_, err := x.Post(forged)
		require.NoError(t, err)
	}
	require.Less(t, len(r.Decisions("hotline.telephone.refused")), 25)
}

func TestACallUnknownLateDoubledOrOutOfOrderIsSafe(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	agent, x := r.Agent(), r.Desk.City.Telephone
	say := func(kind, ref string) {
		t.Helper()
		status, err := x.Send(telephone.Event{Kind: kind, CallRef: ref, Number: "13803790103", Extension: "8001"})
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, status)
		r.Work()
	}
	say("call.ended", "in-1") // before it began
	say("call.answered", "in-1")
	say("call.ringing", "in-1")
	agent.Get("/agent/v1/calls/current").Refused(http.StatusNotFound, "NOT_FOUND")
	say("call.answered", "in-2") // its ringing was lost
	say("call.ringing", "in-2")
	say("call.answered", "in-2")
	first := agent.Get("/agent/v1/calls/current").Is(http.StatusOK).Text("call_id")
	say("call_back.answered", "in-2")
	say("rating.keyed", "nobody")
	say("something.new", "in-2")
	require.Equal(t, first, agent.Get("/agent/v1/calls/current").Is(http.StatusOK).Text("call_id"))
	say("call.answered", "in-3") // its end was lost: one telephone, one call
	second := agent.Get("/agent/v1/calls/current").Is(http.StatusOK).Text("call_id")
	require.NotEqual(t, first, second)
	say("call.ended", "in-2") // late, of the one before
	require.Nil(t, agent.Get("/agent/v1/calls/current").Is(http.StatusOK).At("ended_at"))
	say("call.ended", "in-3")
	require.NotNil(t, agent.Get("/agent/v1/calls/current").Is(http.StatusOK).At("ended_at"))
	require.Equal(t, "next_call", r.Decisions("hotline.call.closed")[0].Result)
}

// R64: what a caller keys in after the agent hung up rates that call, once; dissatisfied, it is somebody's task.
func TestR64_AKeyedRatingOpensAnOrder(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	agent, x := r.Agent(), r.Desk.City.Telephone
	say := func(kind, digits string) {
		t.Helper()
		status, err := x.Send(telephone.Event{Kind: kind, CallRef: "in-1", Number: "13803790103", Extension: "8001", Digits: digits})
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, status)
		r.Work()
	}
	say("call.ringing", "")
	say("call.answered", "")
	call := agent.Get("/agent/v1/calls/current").Is(http.StatusOK).Text("call_id")
	say("rating.keyed", "1") // the agent has hung up, the row of the call is open for notes
	say("call.ended", "")
	say("rating.keyed", "5")
	rated := r.Decisions("hotline.case.rated")
	require.Len(t, rated, 1)
	require.Equal(t, call, rated[0].CallID)
	low := agent.Get("/agent/v1/work-orders?type=low_rating").Is(http.StatusOK)
	require.Len(t, low.List("items"), 1)
}

// A console that was away reads on from the last event it saw, in order, and only its own telephone's; a second one takes
// the stream over; a stop and the end of the session end it.
func TestTheStreamReplaysAndIsOnesOwn(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	agent := r.Agent()
	other, _ := r.Staff("zuoxi2", "agent")
	require.NoError(t, r.App.Hotline.SetExtension(t.Context(), hotline.Operator(), "zuoxi2", "8002"))
	theirs := r.Listen(other, 0)
	require.Equal(t, "8002", theirs.Next("hello").Body["extension"])

	first := r.Listen(agent, 0)
	first.Next("hello")
	ref := r.Phones("call_in", "zhang", nil)
	first.Next("ringing")
	last := first.Leave()
	r.Phones("call_answer", "", map[string]any{"call_ref": ref})
	r.Phones("call_hang_up", "", map[string]any{"call_ref": ref})
	again := r.Listen(agent, last)
	again.Next("hello")
	require.Equal(t, last+1, again.Next("answered").ID)
	require.Equal(t, last+2, again.Next("ended").ID)
	fresh := r.Listen(agent, 0) // a console opened now sees what happened just now
	fresh.Next("hello")
	fresh.Next("ringing")
	fresh.Next("answered")
	fresh.Next("ended")
	require.Equal(t, "taken_over", again.Next("end").Body["reason"])
	again.Over()

	r.Phones("call_in", "wang", map[string]any{"extension": "8002"})
	require.Equal(t, "ringing", theirs.Next("ringing").Kind)
	agent.Send(http.MethodDelete, "/agent/v1/sessions/current", nil).Is(http.StatusNoContent)
	end := fresh.Next("end") // within the time of one look
	require.Equal(t, "session_over", end.Body["reason"])
	require.Positive(t, end.Retry)
	fresh.Over()
	r.Nobody().Get("/agent/v1/events").Refused(http.StatusUnauthorized, "LOGIN_REQUIRED")
	reviewer := r.DemoStaff(boot.DemoReviewers[0])
	reviewer.Get("/agent/v1/events").Refused(http.StatusForbidden, "ROLE_NOT_PERMITTED")
}

// Who gave up waiting and keyed 1 is called back; answered, a call opens in which nobody is known, and the phone on file
// having been dialled is the call back of R33.
func TestACallerWhoGaveUpWaitingIsCalledBack(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	agent, zhang := r.Agent(), r.Person("zhang")
	for range 2 { // twice in a row: one promise
		ref := r.Phones("call_in", "zhang", nil)
		r.Phones("call_key", "", map[string]any{"call_ref": ref, "keys": "1"})
		r.Phones("call_hang_up", "", map[string]any{"call_ref": ref})
	}
	list := agent.Get("/agent/v1/call-backs").Is(http.StatusOK)
	require.Len(t, list.List("items"), 1)
	require.Equal(t, "missed", list.Text("items", 0, "reason"))
	require.NotContains(t, string(list.Raw), zhang.Phone)
	require.NotContains(t, string(list.Raw), zhang.Name)
	path := "/agent/v1/call-backs/" + list.Text("items", 0, "call_back_id")
	agent.Post(path+"/dial", nil).Refused(http.StatusConflict, "CALL_BACK_NOT_TAKEN")
	other, _ := r.Staff("zuoxi2", "agent")
	agent.Post(path+"/take", nil).Is(http.StatusOK)
	other.Post(path+"/take", nil).Refused(http.StatusConflict, "CALL_BACK_NOT_TAKEN")

	agent.Post(path+"/dial", nil).Is(http.StatusOK)
	r.Phones("call_decline", "", nil)
	list = agent.Get("/agent/v1/call-backs").Is(http.StatusOK)
	require.Equal(t, "due", list.Text("items", 0, "state"))
	require.EqualValues(t, 1, list.At("items", 0, "tries"))
	agent.Post(path+"/take", nil).Is(http.StatusOK)
	agent.Post(path+"/dial", nil).Is(http.StatusOK)
	r.Phones("call_answer", "", nil)
	call := agent.Get("/agent/v1/calls/current").Is(http.StatusOK)
	require.Equal(t, "call_back", call.Text("source"))
	require.Nil(t, call.At("caller_number"), "it is somebody's phone on file")
	require.Equal(t, "none", call.Text("level"), "who answers is nobody yet")
	at := "/agent/v1/calls/" + call.Text("call_id")
	v := agent.Post(at+"/verification", map[string]string{"name": zhang.Name, "id_last6": zhang.IDNumber[12:]}).Is(http.StatusOK)
	require.Equal(t, "basic_call_back", v.Text("strength"))
	agent.Post(path+"/finish", map[string]string{"result": "guessed"}).Refused(http.StatusUnprocessableEntity, "CALL_BACK_WORDS")
	require.Equal(t, "done", agent.Post(path+"/finish", map[string]string{"result": "settled"}).Is(http.StatusOK).Text("state"))
	agent.Post(path+"/finish", map[string]string{"result": "settled"}).Refused(http.StatusConflict, "CALL_BACK_OVER")
	require.Len(t, r.Decisions("hotline.call_back.promised"), 1)
	require.Len(t, r.Decisions("hotline.phone.dialled"), 2)
}

func TestR66_AfterAnOutageThePromisedCallBackIsThereByItself(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	agent := r.Agent()
	path := "/agent/v1/calls/" + verified(t, r, agent, "zhang")
	r.Fault("cards", "down", nil)
	made := agent.Post(path+"/loss-reports", map[string]any{"read_back": true}).Is(http.StatusAccepted)
	require.Contains(t, made.Text("statement", "text"), "正在确认")
	promised := r.Decisions("hotline.call_back.promised")
	require.Len(t, promised, 1, "before the caller is told so")
	agent.Post(path+"/close", nil).Is(http.StatusOK)
	r.Clock.Advance(10 * time.Second)
	_ = r.App.RunOnce(t.Context()) // the feeds fail
	for range 3 {
		_, err := r.App.Hotline.PromiseAfterOutage(t.Context(), 10)
		require.NoError(t, err)
	}
	list := agent.Get("/agent/v1/call-backs").Is(http.StatusOK)
	require.Len(t, list.List("items"), 1)
	require.Equal(t, "loss_pending", list.Text("items", 0, "reason"))
	require.Equal(t, "phone_on_file", list.Text("items", 0, "destination"))
	r.Fault("cards", "none", nil)
	r.Clock.Advance(3 * time.Hour)
	_, err := r.App.Hotline.WatchCallBacks(t.Context(), 10)
	require.NoError(t, err)
	_, err = r.App.Hotline.WatchCallBacks(t.Context(), 10)
	require.NoError(t, err)
	require.Len(t, r.Decisions("hotline.call_back.overdue"), 1, "told once")
}

// An exchange that refuses, hangs or loses its answer: a refusal is sure, and an answer that never came may ring all the same.
func TestAnExchangeThatRefusesOrHangs(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	agent := r.Agent()
	call := verified(t, r, agent, "zhang")
	path := "/agent/v1/calls/" + call
	r.Fault("telephone", "refuse", map[string]any{"times": 1})
	agent.Post(path+"/call-back", map[string]string{"reason": "loss_report"}).Refused(http.StatusConflict, "TELEPHONE_REFUSED")
	r.Fault("telephone", "lose_reply", map[string]any{"times": 1})
	agent.Post(path+"/call-back", map[string]string{"reason": "loss_report"}).Is(http.StatusOK)
	agent.Post(path+"/call-back", map[string]string{"reason": "loss_report"}).Is(http.StatusOK) // pressed again: nothing is dialled twice
	require.Equal(t, 1, strings.Count(strings.Join(r.Desk.City.Telephone.Calls(), "\n"), "呼出"))
	r.Phones("call_answer", "", nil)
	require.Equal(t, "basic_call_back", agent.Get("/agent/v1/calls/current").Is(http.StatusOK).Text("strength"))
	r.Fault("telephone", "refuse", map[string]any{"times": 1})
	agent.Post(path+"/phone-code", nil).Refused(http.StatusConflict, "TELEPHONE_REFUSED")
	agent.Post(path+"/phone-code", nil).Is(http.StatusAccepted) // the exchange is asked again; no second text
	require.Equal(t, 1, r.Told("zhang", "12333来电身份核验"))
}
