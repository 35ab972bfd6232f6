package hotline

import (
	"context"
	"slices"

	"onecard/models"
	"onecard/models/notice"
)

// AnswerReasons are the codes an answer is counted under.
var AnswerReasons = []string{
	"paid", "will_be_paid", "not_entitled", "data_corrected", "account_problem", "explained", "withdrawn", "other",
}

// AnswerOrder gives the answer of whoever accepted the order: a code, and a sentence that the citizen reads in her enquiry.
// She is told that there is one.
func (s *Orders) AnswerOrder(ctx context.Context, by models.Actor, id models.ID, reason, text string) (WorkOrder, error) {
	text, err := checkedAnswer(reason, text)
	if err != nil {
		return WorkOrder{}, err
	}
	return s.act(ctx, by, id, OrderAnswer, func(ctx context.Context, m Staff, o *WorkOrder) (string, string, error) {
		if o.Owner != m.ID || !m.inQueue(*o) {
			return "", "", ErrOrderNotYours
		}
		return reason, text, s.answer(ctx, by, o, reason, text)
	})
}

func checkedAnswer(reason, text string) (string, error) {
	text, wrong := checkedText("answer", text, 2, 500, true)
	if !slices.Contains(AnswerReasons, reason) {
		wrong = append(wrong, models.FieldError{Field: "reason_code", Code: "REQUIRED", Message: "请选择答复类别。"})
	}
	if len(wrong) > 0 {
		return "", models.InvalidInput(wrong...)
	}
	return text, nil
}

// answer writes the answer into the enquiry, in the transaction of the act.
func (s *Orders) answer(ctx context.Context, by models.Actor, o *WorkOrder, reason, text string) error {
	e, err := s.Enquiries.EnquiryByID(ctx, o.ID)
	if err != nil {
		return err
	}
	e.Answer, e.AnsweredBy = text, by.ID
	if e, err = s.move(ctx, by, e, EnquiryAnswer); err != nil {
		return err
	}
	o.Answer, o.ReasonCode, o.AnsweredAt = text, reason, e.AnsweredAt
	if e.PersonID == "" || !asked(e.Kind) || tellsNotMe(e) {
		return nil // nobody waits, or move has told her
	}
	return s.tellCitizen(ctx, *o, notice.EnquiryAnswered, nil)
}

// tellCitizen drafts a notice about an order, one for each of its versions.
func (s *Service) tellCitizen(ctx context.Context, o WorkOrder, kind notice.Kind, params map[string]string) error {
	if o.PersonID == "" || !asked(o.Kind) {
		return nil
	}
	return s.Notices.AddNotice(ctx, notice.Draft{
		Cause: "order:" + string(o.ID) + ":" + string(kind) + ":" + models.Instant(s.Clock.Now()).Format("20060102150405"), Kind: kind, PersonID: o.PersonID,
		Params: params, Object: "enquiries", ObjectID: o.ID, At: s.Clock.Now(),
	})
}

// CallBackOutcome is what became of the call to whoever asked.
type CallBackOutcome string

// The outcomes; the question is always "is it settled?".
const (
	CallBackSettled    CallBackOutcome = "settled"
	CallBackNotSettled CallBackOutcome = "not_settled"
	CallBackNotReached CallBackOutcome = "not_reached"
)

// CallBackOrder writes down the call back (回访) about an answered order. What is not settled is open again, in the queue
// that answered it; the citizen's one re-opening is not used up by it.
func (s *Orders) CallBackOrder(ctx context.Context, by models.Actor, id models.ID, outcome CallBackOutcome, note string) (WorkOrder, error) {
	var wrong []models.FieldError
	if note != "" {
		note, wrong = checkedText("note", note, 2, 500, false)
	}
	on := OrderEvent(outcome)
	if !slices.Contains([]OrderEvent{OrderSettled, OrderUnsettle, OrderMissed}, on) {
		wrong = append(wrong, models.FieldError{Field: "outcome", Code: "REQUIRED", Message: "请选择回访结果:已解决、未解决或联系不上。"})
	}
	if len(wrong) > 0 {
		return WorkOrder{}, models.InvalidInput(wrong...)
	}
	return s.act(ctx, by, id, on, func(ctx context.Context, m Staff, o *WorkOrder) (string, string, error) {
		if !m.Can(MaySeeCases) {
			return "", "", ErrOrderNotYours
		}
		switch on {
		case OrderMissed:
			o.Misses++
		case OrderUnsettle:
			return string(outcome), note, s.openAgain(ctx, by, o)
		}
		return string(outcome), note, nil
	})
}

// CloseOrder ends an answered order. Whoever asked is called back first: it is closed when she said that it is settled, or
// when nobody answered often enough.
func (s *Orders) CloseOrder(ctx context.Context, by models.Actor, id models.ID) (WorkOrder, error) {
	return s.act(ctx, by, id, OrderClose, func(ctx context.Context, m Staff, o *WorkOrder) (string, string, error) {
		if !m.Can(MaySeeCases) {
			return "", "", ErrOrderNotYours
		}
		if err := s.closable(ctx, *o); err != nil {
			return "", "", err
		}
		return "", "", s.closeOf(ctx, by, o)
	})
}

// closable is nil where an order may be closed: nobody waits for a call, she said that it is settled, or nobody answered.
func (s *Orders) closable(ctx context.Context, o WorkOrder) error {
	if o.State == OrderCalledBack || !asked(o.Kind) || o.PersonID == "" && o.CallID == "" {
		return nil
	}
	t, err := s.Policy.OrderTerms(ctx, s.Clock.Now())
	if err != nil {
		return err
	}
	if o.State == OrderDone && o.Misses >= t.CallBackTries {
		return nil
	}
	return ErrCallBackFirst
}

// closeOf closes the enquiry of an order and tells her that it is over.
func (s *Orders) closeOf(ctx context.Context, by models.Actor, o *WorkOrder) error {
	e, err := s.Enquiries.EnquiryByID(ctx, o.ID)
	if err != nil {
		return err
	}
	if e, err = s.move(ctx, by, e, EnquiryClose); err != nil {
		return err
	}
	o.ClosedAt = e.ClosedAt
	return s.tellCitizen(ctx, *o, notice.EnquiryClosed, nil)
}
