package subsidy

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"onecard/models"
	"onecard/models/audit"
)

// FeedbackAnswer is what a citizen says about a payment of hers.
type FeedbackAnswer string

// The answers.
const (
	AnswerReceived    FeedbackAnswer = "received"
	AnswerNotReceived FeedbackAnswer = "not_received"
	AnswerWrongAmount FeedbackAnswer = "wrong_amount"
)

// Kinds of the enquiries that answers open.
const (
	CaseNotReceived = "arrival_not_received"
	CaseWrongAmount = "arrival_wrong_amount"
)

var feedbackCase = map[FeedbackAnswer]string{AnswerNotReceived: CaseNotReceived, AnswerWrongAmount: CaseWrongAmount}

// NoSum stands for a sum that was not told.
const NoSum models.Fen = -1

// Feedback is the latest answer of one person about one payment.
type Feedback struct {
	Key        Key
	PersonID   models.ID
	Answer     FeedbackAnswer
	SeenFen    models.Fen // NoSum where it was not told; never the payment's amount (R1)
	Note       string     // sealed in the store
	EnquiryID  models.ID  // the last one that an answer of hers opened
	Number     string     // that enquiry's
	AnsweredAt time.Time
	Version    int
}

// FeedbackInput is one answer.
type FeedbackInput struct {
	Arrival string
	Answer  FeedbackAnswer
	SeenFen *int64
	Note    string
}

// FeedbackTaken is what the citizen reads back: her answer and, where an enquiry is open, the sentence that explains the
// payment now and the enquiry's number.
type FeedbackTaken struct {
	Feedback
	Explained *Explanation
}

// FeedbackCase is an enquiry about a payment. It names neither programme nor person in words: the code of a High
// programme is a name (R55).
type FeedbackCase struct {
	EnquiryID  models.ID // the one opened before, if any: while it is not closed it stays the only one
	Cause      string
	Kind       string
	Person     models.ID
	Payment    Key
	Department string
	District   string
	SentenceID string    // what explained the payment: the id, never the text
	AsOf       time.Time // of the facts it rested on
}

// FeedbackStore keeps answers. Every method joins the transaction of ctx.
type FeedbackStore interface {
	InTx(ctx context.Context, fn func(ctx context.Context) error) error
	Remember(ctx context.Context, by models.Actor, table, id string) (prior string, err error)
	RecordAudit(ctx context.Context, e audit.Entry) error
	Programmes(ctx context.Context) ([]Programme, error)
	Payment(ctx context.Context, person models.ID, k Key) (Payment, error)
	// SaveFeedback writes the latest answer and holds it until the transaction ends; it gives back the row as it is now,
	// with the enquiry that an earlier answer opened.
	SaveFeedback(ctx context.Context, f Feedback) (Feedback, error)
	// LinkFeedback notes the enquiry an answer has opened.
	LinkFeedback(ctx context.Context, f Feedback) error
	// FeedbackOf reads the latest answer with its enquiry's number; models.ErrNotFound.
	FeedbackOf(ctx context.Context, person models.ID, k Key) (Feedback, error)
}

// FeedbackCases opens and closes the enquiries of answers, in the transaction of ctx.
type FeedbackCases interface {
	// OpenFeedbackCase gives the enquiry of c: the one opened before while it is not closed, else a new one.
	OpenFeedbackCase(ctx context.Context, c FeedbackCase) (id models.ID, number string, err error)
	// CloseFeedbackCase ends an enquiry; one that is closed stays so.
	CloseFeedbackCase(ctx context.Context, by models.Actor, id models.ID) error
}

// Why explains one payment.
type Why interface {
	Explanation(ctx context.Context, by models.Actor, q ExplainQuery) (Explanation, error)
}

// Feedbacks asks citizens whether their money came ("did it arrive?"). No answer ever changes a payment (R1).
type Feedbacks struct {
	Store FeedbackStore
	Cases FeedbackCases
	Why   Why
	Gate  Gate
	Clock models.Clock
}

// Refusals of answers.
var (
	ErrFeedbackTooEarly = models.NewError(models.Conflict, "FEEDBACK_TOO_EARLY", "这笔补贴还没有送到银行发放,现在还不能确认是否到账。请在发放后再来确认,或拨打12333查询进度。")
	errSeenRange        = models.FieldError{Field: "seen_fen", Code: "RANGE", Message: "请填写实际到账的金额,不能小于零。"}
	errSeenUnasked      = models.FieldError{Field: "seen_fen", Code: "NOT_ASKED", Message: "只有选择金额不对时才填写实际到账的金额。"}
	errNoteLength       = models.FieldError{Field: "note", Code: "LENGTH", Message: "补充说明最多200字。"}
)

const mostNote = 200

// AnswerArrival takes the answer to "did it arrive?" about a payment of the actor's subject. not_received and wrong_amount
// open one enquiry, with the explanation that is true at this moment; received closes it. Each answer leaves its audit
// row in the same commit.
func (s *Feedbacks) AnswerArrival(ctx context.Context, by models.Actor, in FeedbackInput) (FeedbackTaken, error) {
	if by.Kind != models.CitizenActor {
		return FeedbackTaken{}, models.ErrForbidden
	}
	if err := s.Gate.Allow(ctx, by, models.ActArrivals); err != nil {
		return FeedbackTaken{}, err
	}
	f, err := in.checked(by.Subject)
	if err != nil {
		return FeedbackTaken{}, err
	}
	p, err := s.visible(ctx, by, f.Key)
	if err != nil {
		return FeedbackTaken{}, err
	}
	if p.State == Planned || p.State == Publicised || p.State == Approved {
		return FeedbackTaken{}, ErrFeedbackTooEarly
	}
	var why *Explanation
	if feedbackCase[f.Answer] != "" { // before the transaction: it reads a dozen facts
		x, err := s.Why.Explanation(ctx, by, ExplainQuery{Arrival: in.Arrival})
		if err != nil {
			return FeedbackTaken{}, err
		}
		why = &x
	}
	out := FeedbackTaken{Explained: why}
	err = s.Store.InTx(ctx, func(ctx context.Context) error {
		prior, err := s.Store.Remember(ctx, by, "payment_feedback", f.Key.String())
		if err != nil {
			return err
		}
		if prior == "" {
			err = s.take(ctx, by, f, p, why)
		}
		if err != nil {
			return err
		}
		out.Feedback, err = s.Store.FeedbackOf(ctx, by.Subject, f.Key)
		return err
	})
	if feedbackCase[out.Answer] == "" {
		out.Explained = nil // a repeat of a request that a later answer has overtaken
	}
	return out, err
}

func (s *Feedbacks) take(ctx context.Context, by models.Actor, f Feedback, p Payment, why *Explanation) error {
	f.AnsweredAt = s.Clock.Now()
	f, err := s.Store.SaveFeedback(ctx, f)
	if err != nil {
		return err
	}
	entry := audit.Of(by, f.AnsweredAt, "subsidy.feedback.given", "payments", f.Key.String(), string(f.Answer))
	if why == nil {
		if f.EnquiryID != "" {
			if err := s.Cases.CloseFeedbackCase(ctx, by, f.EnquiryID); err != nil {
				return err
			}
		}
		return s.Store.RecordAudit(ctx, entry)
	}
	c, err := s.caseOf(ctx, f, p, *why)
	if err != nil {
		return err
	}
	if f.EnquiryID, _, err = s.Cases.OpenFeedbackCase(ctx, c); err != nil {
		return err
	}
	if err := s.Store.LinkFeedback(ctx, f); err != nil {
		return err
	}
	return s.Store.RecordAudit(ctx, entry.Noting("sentence", why.SentenceID).Noting("enquiry", string(f.EnquiryID)))
}

// caseOf is the enquiry of an answer: who pays answers for it.
func (s *Feedbacks) caseOf(ctx context.Context, f Feedback, p Payment, why Explanation) (FeedbackCase, error) {
	all, err := s.Store.Programmes(ctx)
	if err != nil {
		return FeedbackCase{}, err
	}
	pr, _ := index(all).of(p)
	return FeedbackCase{
		EnquiryID: f.EnquiryID, Cause: "feedback:" + string(models.NewID()), Kind: feedbackCase[f.Answer], Person: f.PersonID, Payment: f.Key,
		Department: pr.Department, District: p.District, SentenceID: why.SentenceID, AsOf: why.AsOf,
	}, nil
}

// visible is a payment that the actor's subject may see.
func (s *Feedbacks) visible(ctx context.Context, by models.Actor, k Key) (Payment, error) {
	p, err := s.Store.Payment(ctx, by.Subject, k)
	if errors.Is(err, models.ErrNotFound) || err == nil && (hidden(p.Hold) || p.OldChannel) {
		return Payment{}, ErrArrivalNotFound
	}
	return p, err
}

func (in FeedbackInput) checked(person models.ID) (Feedback, error) {
	k, ok := ParseKey(in.Arrival)
	if !ok {
		return Feedback{}, ErrArrivalNotFound
	}
	f := Feedback{Key: k, PersonID: person, Answer: in.Answer, SeenFen: NoSum, Note: strings.TrimSpace(in.Note)}
	var wrong []models.FieldError
	if in.SeenFen != nil {
		f.SeenFen = models.Fen(*in.SeenFen)
		switch {
		case f.Answer != AnswerWrongAmount:
			wrong = append(wrong, errSeenUnasked)
		case f.SeenFen < 0 || f.SeenFen > mostFen:
			wrong = append(wrong, errSeenRange)
		}
	}
	if utf8.RuneCountInString(f.Note) > mostNote {
		wrong = append(wrong, errNoteLength)
	}
	if len(wrong) > 0 {
		return Feedback{}, models.InvalidInput(wrong...)
	}
	return f, nil
}

// ReportSubject is what a report of misuse takes from a payment of the actor's subject: who pays it, and where. The code
// of a High programme is left out (R55).
func (s *Feedbacks) ReportSubject(ctx context.Context, by models.Actor, arrival string) (programme, department, district string, err error) {
	if err := s.Gate.Allow(ctx, by, models.ActArrivals); err != nil {
		return "", "", "", err
	}
	k, ok := ParseKey(arrival)
	if !ok {
		return "", "", "", ErrArrivalNotFound
	}
	p, err := s.visible(ctx, by, k)
	if err != nil {
		return "", "", "", err
	}
	all, err := s.Store.Programmes(ctx)
	if err != nil {
		return "", "", "", err
	}
	pr, _ := index(all).of(p)
	if programme = p.Programme; pr.Class() == SensitivityHigh {
		programme = ""
	}
	return programme, pr.Department, p.District, nil
}
