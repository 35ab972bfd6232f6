package hotline

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"onecard/models"
)

// What a citizen may write to us: a question, a complaint (投诉), a suggestion (建议).
const (
	AskQuestion   = "question"
	AskComplaint  = "complaint"
	AskSuggestion = "suggestion"
)

// asksADay is how many a person may write in a day [choice]; whoever needs more has the telephone.
const asksADay = 5

// askTypes says whose clock each runs by (R65).
var askTypes = map[string]OrderType{AskQuestion: OrderAdvice, AskComplaint: OrderComplaint, AskSuggestion: OrderAdvice}

// Refusals of what a citizen writes.
var (
	ErrAskKind   = models.NewError(models.Invalid, "ENQUIRY_KIND_UNKNOWN", "请选择是咨询、投诉还是建议;也可以直接拨打12333。")
	ErrAskedLots = models.NewError(models.Conflict, "ENQUIRY_DAILY_LIMIT", "今天提交的已经较多,请明天再提交;着急的请拨打12333。")
)

// Ask takes what a citizen writes, of her own matter and under her own name: an enquiry with its work order and number. A
// complaint stays with the hotline, so that whoever is complained of does not answer it (R68). The same words of the same
// day are one enquiry. ErrAskKind, ErrAskedLots, models.InvalidInput.
func (s *Orders) Ask(ctx context.Context, by models.Actor, kind, text string) (EnquiryView, error) {
	if by.Kind != models.CitizenActor || by.Subject == "" || by.ID != by.Subject {
		return EnquiryView{}, ErrNotLoggedIn
	}
	if err := s.Gate.Allow(ctx, by, models.ActProgressRead); err != nil {
		return EnquiryView{}, err
	}
	kindOf, known := askTypes[kind]
	if !known {
		return EnquiryView{}, ErrAskKind
	}
	text, wrong := checkedText("text", text, 5, 1000, false)
	if len(wrong) > 0 {
		return EnquiryView{}, models.InvalidInput(wrong...)
	}
	now := models.Instant(s.Clock.Now())
	o := WorkOrder{ID: models.NewID(), PersonID: by.Subject, Kind: kind, Type: kindOf, State: OrderNew, Text: text, OpenedAt: now, Version: 1}
	if err := s.route(ctx, &o, ""); err != nil {
		return EnquiryView{}, err
	}
	if err := s.setDates(ctx, &o); err != nil {
		return EnquiryView{}, err
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s|%s|%s|%s", by.Subject, kind, models.DateOf(now), text))
	cause := "ask:" + hex.EncodeToString(sum[:16])
	err := s.Journal.InTx(ctx, func(ctx context.Context) error {
		if err := s.WorkOrders.HoldPerson(ctx, by.Subject); err != nil { // of several at once each counts the others
			return err
		}
		stands, err := s.byCause(ctx, cause)
		if err != nil {
			return err
		}
		o.ID = cmp.Or(stands, o.ID)
		prior, err := s.Journal.Remember(ctx, by, "enquiries", string(o.ID))
		if err != nil {
			return err
		}
		if prior != "" || stands != "" {
			o.ID = cmp.Or(models.ID(prior), o.ID)
			return nil
		}
		if err := s.mayAsk(ctx, by.Subject, models.DateOf(now)); err != nil {
			return err
		}
		o, _, err = s.openFor(ctx, by, o, cause)
		return err
	})
	if err != nil {
		return EnquiryView{}, err
	}
	return s.MyEnquiry(ctx, by, o.ID)
}

// byCause is the enquiry of a cause, or empty.
func (s *Orders) byCause(ctx context.Context, cause string) (models.ID, error) {
	e, err := s.Enquiries.EnquiryByCause(ctx, cause)
	if errors.Is(err, models.ErrNotFound) {
		return "", nil
	}
	return e.ID, err
}

// mayAsk counts what a person wrote on a day.
func (s *Orders) mayAsk(ctx context.Context, person models.ID, today models.Date) error {
	last, err := s.Enquiries.EnquiriesOf(ctx, person, Page{Limit: 4 * asksADay})
	if err != nil {
		return err
	}
	n := 0
	for _, e := range last {
		if _, own := askTypes[e.Kind]; own && models.DateOf(e.OpenedAt) == today {
			n++
		}
	}
	if n >= asksADay {
		return ErrAskedLots
	}
	return nil
}
