package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/audit"
	"onecard/models/citizen"
	"onecard/models/hotline"
	"onecard/models/subsidy"
)

// asking is the desk that also asks whether money came.
type asking struct {
	*desk
	*subsidy.Feedbacks
	hotline *hotline.Service
}

// cases opens and closes enquiries as the program does.
type feedbackCases struct {
	a *asking
}

func (c feedbackCases) OpenFeedbackCase(ctx context.Context, f subsidy.FeedbackCase) (models.ID, string, error) {
	return c.a.db.OpenFeedbackCase(ctx, f)
}

func (c feedbackCases) CloseFeedbackCase(ctx context.Context, by models.Actor, id models.ID) error {
	return c.a.hotline.CloseOwnCase(ctx, by, id)
}

func eachAsking(t *testing.T, fn func(t *testing.T, a *asking)) {
	t.Helper()
	eachDesk(t, func(t *testing.T, d *desk) {
		a := &asking{desk: d}
		a.hotline = hotline.New(hotline.Deps{Journal: d.db, Staff: d.db.Staff(), Enquiries: d.db.Enquiries(), Gate: tableGate{d.payday.clock}, Clock: d.payday.clock})
		a.Feedbacks = &subsidy.Feedbacks{Store: d.store, Cases: feedbackCases{a}, Why: d.Explainer, Gate: tableGate{d.payday.clock}, Clock: d.payday.clock}
		fn(t, a)
	})
}

// say answers about a payment of wang's.
func (a *asking) say(ctx context.Context, k subsidy.Key, answer subsidy.FeedbackAnswer) (subsidy.FeedbackTaken, error) {
	return a.AnswerArrival(ctx, a.actor("wang"), subsidy.FeedbackInput{Arrival: k.String(), Answer: answer, Note: "没有看到"})
}

func (a *asking) enquiries() []hotline.Enquiry {
	a.t.Helper()
	list, err := a.db.Enquiries().EnquiriesOf(a.t.Context(), a.ids["wang"], hotline.Page{Limit: 20})
	require.NoError(a.t, err)
	return list
}

func TestR01_AnAnswerOpensOneEnquiryWithItsExplanationAndChangesNoPayment(t *testing.T) {
	t.Parallel()
	eachAsking(t, func(t *testing.T, a *asking) {
		line := a.paid("wang", "b1")
		a.arrive(line)
		before, err := a.store.Payment(t.Context(), a.ids["wang"], line.Key)
		require.NoError(t, err)

		said, err := a.say(t.Context(), line.Key, subsidy.AnswerNotReceived)
		require.NoError(t, err)
		require.NotEmpty(t, said.Number)
		require.NotEmpty(t, said.Explained.Sentence)
		list := a.enquiries()
		require.Len(t, list, 1)
		require.Equal(t, said.Number, list[0].Number)
		require.Equal(t, subsidy.CaseNotReceived, list[0].Kind)
		require.Equal(t, []string{"payments", line.Key.String()}, []string{list[0].Object, list[0].ObjectID})
		require.Equal(t, []string{"民政局", "410303"}, []string{list[0].Department, list[0].District}, "part 5 routes by them")
		require.Equal(t, said.Explained.SentenceID, list[0].SentenceID)
		require.True(t, said.Explained.AsOf.Equal(list[0].ExplainedAsOf))

		wrong, err := a.AnswerArrival(t.Context(), a.actor("wang"), subsidy.FeedbackInput{Arrival: line.Key.String(), Answer: subsidy.AnswerWrongAmount, SeenFen: new(int64)})
		require.NoError(t, err)
		require.Equal(t, said.Number, wrong.Number, "once per payment")
		require.Equal(t, subsidy.CaseWrongAmount, a.enquiries()[0].Kind)
		require.EqualValues(t, 0, wrong.SeenFen)

		d, err := a.Arrival(t.Context(), a.actor("wang"), line.Key.String())
		require.NoError(t, err)
		require.Equal(t, subsidy.AnswerWrongAmount, d.Feedback.Answer)

		got, err := a.say(t.Context(), line.Key, subsidy.AnswerReceived)
		require.NoError(t, err)
		require.Nil(t, got.Explained)
		require.Equal(t, hotline.EnquiryClosed, a.enquiries()[0].State, "received closes it")
		_, err = a.say(t.Context(), line.Key, subsidy.AnswerReceived)
		require.NoError(t, err, "said twice")

		again, err := a.say(t.Context(), line.Key, subsidy.AnswerNotReceived)
		require.NoError(t, err)
		require.NotEqual(t, said.Number, again.Number, "a closed one is not opened again: there is a new one")
		require.Len(t, a.enquiries(), 2)

		after, err := a.store.Payment(t.Context(), a.ids["wang"], line.Key)
		require.NoError(t, err)
		require.Equal(t, before, after)
		require.Equal(t, "subsidy.feedback.given subsidy.feedback.given subsidy.feedback.given subsidy.feedback.given subsidy.feedback.given", a.audited(line.Key))
		var cell []byte
		require.NoError(t, a.db.SQL().QueryRowContext(t.Context(), "SELECT note_sealed FROM payment_feedback").Scan(&cell))
		require.NotContains(t, string(cell), "没有看到")
	})
}

func TestFeedbackIsOnesOwnInTimeAndWellFormed(t *testing.T) {
	t.Parallel()
	eachAsking(t, func(t *testing.T, a *asking) {
		line := a.paid("wang", "b1")
		early := a.paid("wang", "b2", sent, func(l *subsidy.Line) { l.State, l.SentAt = subsidy.Publicised, time.Time{} })
		foreign := a.paid("zhao", "b3")
		held := a.paid("wang", "b4", func(l *subsidy.Line) { l.AmountFen = 2_000_000_000 })
		a.arrive(line, early, foreign, held)
		_, err := a.say(t.Context(), early.Key, subsidy.AnswerNotReceived)
		require.ErrorIs(t, err, subsidy.ErrFeedbackTooEarly)
		for _, k := range []subsidy.Key{foreign.Key, held.Key, {LedgerMonth: "2021-12", BatchID: "nothing", Line: 1}} {
			_, err = a.say(t.Context(), k, subsidy.AnswerNotReceived)
			require.ErrorIs(t, err, subsidy.ErrArrivalNotFound)
			_, _, _, err = a.ReportSubject(t.Context(), a.actor("wang"), k.String())
			require.ErrorIs(t, err, subsidy.ErrArrivalNotFound)
		}
		seen := int64(-5)
		_, err = a.AnswerArrival(t.Context(), a.actor("wang"), subsidy.FeedbackInput{Arrival: line.Key.String(), Answer: subsidy.AnswerWrongAmount, SeenFen: &seen,
			Note: string(make([]rune, 201)) + "长"})
		var refusal *models.Error
		require.ErrorAs(t, err, &refusal)
		require.Equal(t, "seen_fen", refusal.Fields[0].Field)
		require.Equal(t, models.Invalid, refusal.Kind)
		require.Empty(t, a.enquiries())
	})
}

func TestFeedbackFollowsAMergedRecord(t *testing.T) {
	t.Parallel()
	eachAsking(t, func(t *testing.T, a *asking) {
		line := a.paid("wang", "b1")
		a.arrive(line)
		first, err := a.say(t.Context(), line.Key, subsidy.AnswerNotReceived)
		require.NoError(t, err)
		a.moveIn(citizen.PersonFact{Ref: "wang-too"})
		a.moveIn(citizen.PersonFact{Ref: "wang", MergedInto: "wang-too", Version: 9})
		d, err := a.Arrival(t.Context(), a.actor("wang-too"), line.Key.String())
		require.NoError(t, err)
		require.Equal(t, "没有看到", d.Feedback.Note)
		again, err := a.AnswerArrival(t.Context(), a.actor("wang-too"), subsidy.FeedbackInput{Arrival: line.Key.String(), Answer: subsidy.AnswerWrongAmount})
		require.NoError(t, err)
		require.Equal(t, first.Number, again.Number, "one enquiry per payment")
	})
}

func TestR55_AnEnquiryAboutAHighPaymentNamesNoProgramme(t *testing.T) {
	t.Parallel()
	eachAsking(t, func(t *testing.T, a *asking) {
		line := a.paid("wang", "b1", of("P23"))
		a.arrive(line)
		said, err := a.say(t.Context(), line.Key, subsidy.AnswerNotReceived)
		require.NoError(t, err)
		require.NotContains(t, said.Explained.Sentence, "艾滋")
		e := a.enquiries()[0]
		require.NotContains(t, fmt.Sprintf("%+v", e), "P23")
		require.NotContains(t, fmt.Sprintf("%+v", e), "艾滋")
		programme, department, _, err := a.ReportSubject(t.Context(), a.actor("wang"), line.Key.String())
		require.NoError(t, err)
		require.Empty(t, programme)
		require.Equal(t, "民政局", department)
	})
}

func TestFeedbackRepeatedIsOneAnswerAndOfManyAtOnceOneEnquiry(t *testing.T) {
	t.Parallel()
	eachAsking(t, func(t *testing.T, a *asking) {
		line := a.paid("wang", "b1")
		a.arrive(line)
		keyed := models.WithRequestKey(t.Context(), models.RequestKey{Operation: "answerArrival", Key: "one", BodyMAC: []byte("b")})
		first, err := a.say(keyed, line.Key, subsidy.AnswerNotReceived)
		require.NoError(t, err)
		second, err := a.say(keyed, line.Key, subsidy.AnswerNotReceived)
		require.NoError(t, err)
		require.Equal(t, first.Number, second.Number)
		require.Equal(t, 1, second.Version, "the same request is one answer")
		other := models.WithRequestKey(t.Context(), models.RequestKey{Operation: "answerArrival", Key: "one", BodyMAC: []byte("c")})
		_, err = a.say(other, line.Key, subsidy.AnswerReceived)
		require.ErrorIs(t, err, models.ErrKeyReused)

		next := a.paid("wang", "b2")
		a.arrive(next)
		require.Equal(t, 6, winners(6, func() error { _, err := a.say(t.Context(), next.Key, subsidy.AnswerNotReceived); return err }))
		require.Len(t, a.enquiries(), 2)
	})
}

// brokenFeedback fails at one step of an answer.
type brokenFeedback struct {
	subsidy.FeedbackStore
	at string
}

func (b brokenFeedback) fails(step string) error {
	if b.at == step {
		return models.ErrUnavailable
	}
	return nil
}

func (b brokenFeedback) LinkFeedback(ctx context.Context, f subsidy.Feedback) error {
	if err := b.FeedbackStore.LinkFeedback(ctx, f); err != nil {
		return err
	}
	return b.fails("link")
}

func (b brokenFeedback) SaveFeedback(ctx context.Context, f subsidy.Feedback) (subsidy.Feedback, error) {
	f, err := b.FeedbackStore.SaveFeedback(ctx, f)
	if err != nil {
		return f, err
	}
	return f, b.fails("save")
}

func (b brokenFeedback) RecordAudit(ctx context.Context, e audit.Entry) error {
	if err := b.fails("audit"); err != nil {
		return err
	}
	return b.FeedbackStore.RecordAudit(ctx, e)
}

func TestAFaultInAnAnswerLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	eachAsking(t, func(t *testing.T, a *asking) {
		line := a.paid("wang", "b1")
		a.arrive(line)
		keyed := models.WithRequestKey(t.Context(), models.RequestKey{Operation: "answerArrival", Key: "one", BodyMAC: []byte("b")})
		real := a.Feedbacks.Store
		for _, step := range []string{"save", "link", "audit"} {
			a.Feedbacks.Store = brokenFeedback{real, step}
			_, err := a.say(keyed, line.Key, subsidy.AnswerNotReceived)
			require.ErrorIs(t, err, models.ErrUnavailable, step)
			require.Empty(t, a.enquiries(), step)
			require.Zero(t, a.count("SELECT count(*) FROM payment_feedback"), step)
		}
		a.Feedbacks.Store = real
		_, err := a.say(keyed, line.Key, subsidy.AnswerNotReceived)
		require.NoError(t, err)
		require.Len(t, a.enquiries(), 1)
	})
}
