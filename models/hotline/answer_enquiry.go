package hotline

import (
	"context"
	"errors"

	"onecard/models"
	"onecard/models/notice"
)

// AnswerEnquiry answers an enquiry of the hotline's own queue from the list of enquiries. It is the answer of its order: the same
// checks, the same history, and whoever asked is told. An enquiry that waits for its order gets it first. ErrOrderNotYours for a
// department's, or one that somebody else accepted.
func (s *Orders) AnswerEnquiry(ctx context.Context, by models.Actor, id models.ID, text string) (Enquiry, error) {
	if _, err := s.member(ctx, by, MaySeeCases); err != nil {
		return Enquiry{}, err
	}
	const reason = "other"
	text, err := checkedAnswer(reason, text)
	if err != nil {
		return Enquiry{}, err
	}
	if _, _, err := s.orderOf(ctx, id); err != nil {
		return Enquiry{}, err
	}
	_, err = s.act(ctx, by, id, OrderAnswer, func(ctx context.Context, m Staff, o *WorkOrder) (string, string, error) {
		if o.Department != "" || o.Owner != "" && o.Owner != m.ID {
			return "", "", ErrOrderNotYours
		}
		o.Owner = m.ID
		return reason, text, s.answer(ctx, by, o, reason, text)
	})
	if err != nil {
		return Enquiry{}, err
	}
	return s.enquiryShown(ctx, id)
}

// CloseEnquiry ends an enquiry with its order, under the rules of CloseOrder; one of the system's own, for which nobody waits, is
// closed without an answer too. models.ErrConflict for one that is closed.
func (s *Orders) CloseEnquiry(ctx context.Context, by models.Actor, id models.ID) (Enquiry, error) {
	if _, err := s.member(ctx, by, MaySeeCases); err != nil {
		return Enquiry{}, err
	}
	order, has, err := s.orderOf(ctx, id)
	on := OrderClose
	if order.Open() {
		on = OrderSettle
	}
	switch {
	case err != nil:
	case !has:
		err = s.closeOld(ctx, by, id)
	default:
		_, err = s.act(ctx, by, id, on, func(ctx context.Context, _ Staff, o *WorkOrder) (string, string, error) {
			if err := s.closable(ctx, *o); err != nil {
				return "", "", err
			}
			return "", "", s.closeOf(ctx, by, o)
		})
	}
	if err != nil {
		return Enquiry{}, err
	}
	return s.enquiryShown(ctx, id)
}

// orderOf reads the order of an enquiry, if it has one; one that waits gets it now.
func (s *Orders) orderOf(ctx context.Context, id models.ID) (o WorkOrder, has bool, err error) {
	o, err = s.WorkOrders.OrderByID(ctx, id, OrderReader{})
	if !errors.Is(err, models.ErrNotFound) {
		return o, err == nil, err
	}
	e, err := s.Enquiries.EnquiryByID(ctx, id)
	if err != nil || e.State != EnquiryReceived {
		return o, false, err
	}
	if err := s.adopt(ctx, e); err != nil {
		return o, false, err
	}
	o, err = s.WorkOrders.OrderByID(ctx, id, OrderReader{})
	return o, err == nil, err
}

// closeOld closes an enquiry that was answered before there were orders, and tells whoever asked.
func (s *Orders) closeOld(ctx context.Context, by models.Actor, id models.ID) error {
	return s.Journal.InTx(ctx, func(ctx context.Context) error {
		prior, err := s.Journal.Remember(ctx, by, "enquiries", string(id))
		if err != nil || prior != "" {
			return err
		}
		e, err := s.Enquiries.EnquiryByID(ctx, id)
		if err != nil {
			return err
		}
		if e, err = s.move(ctx, by, e, EnquiryClose); err != nil {
			return err
		}
		return s.tellCitizen(ctx, WorkOrder{ID: e.ID, PersonID: e.PersonID, Kind: e.Kind}, notice.EnquiryClosed, nil)
	})
}
