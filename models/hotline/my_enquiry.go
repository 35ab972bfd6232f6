package hotline

import (
	"context"
	"errors"
	"time"

	"onecard/models"
)

// EnquiryView is an enquiry as the citizen reads it, with where its order stands.
type EnquiryView struct {
	Enquiry
	Order     *WorkOrder // nil for some seconds after it was opened, and for those that ended before there were orders
	CanUrge   bool
	CanReopen bool
	CanRate   bool
}

// Answerer is who answers: the department where the level opens what the matter is about (R55), else no name.
func (v EnquiryView) Answerer(level models.Level) string {
	switch {
	case v.Order == nil || v.Order.Department == "":
		return "12333"
	case level < models.LevelReal:
		return "承办部门"
	}
	return v.Order.Department
}

// MyEnquiryViews is MyEnquiries with where each stands.
func (s *Orders) MyEnquiryViews(ctx context.Context, by models.Actor, p Page) ([]EnquiryView, error) {
	found, err := s.MyEnquiries(ctx, by, p)
	if err != nil {
		return nil, err
	}
	return s.views(ctx, found)
}

// MyEnquiry is one of the citizen's own enquiries; models.ErrNotFound for another's.
func (s *Orders) MyEnquiry(ctx context.Context, by models.Actor, id models.ID) (EnquiryView, error) {
	e, err := s.ownEnquiry(ctx, by, id)
	if err != nil {
		return EnquiryView{}, err
	}
	views, err := s.views(ctx, []Enquiry{e})
	if err != nil {
		return EnquiryView{}, err
	}
	return views[0], nil
}

func (s *Orders) ownEnquiry(ctx context.Context, by models.Actor, id models.ID) (Enquiry, error) {
	if by.Kind != models.CitizenActor || by.Subject == "" {
		return Enquiry{}, ErrNotLoggedIn
	}
	if err := s.Gate.Allow(ctx, by, models.ActProgressRead); err != nil {
		return Enquiry{}, err
	}
	e, err := s.Enquiries.EnquiryByID(ctx, id)
	if err == nil && e.PersonID != by.Subject {
		return Enquiry{}, models.ErrNotFound
	}
	return e.shownAt(by.Level), err
}

func (s *Orders) views(ctx context.Context, found []Enquiry) ([]EnquiryView, error) {
	out, ids := make([]EnquiryView, len(found)), make([]models.ID, len(found))
	for i, e := range found {
		out[i].Enquiry, ids[i] = e, e.ID
	}
	orders, err := s.Lists.OrdersOf(ctx, ids)
	if err != nil || len(orders) == 0 {
		return out, err
	}
	now := s.Clock.Now()
	t, err := s.Policy.OrderTerms(ctx, now)
	if err != nil {
		return nil, err
	}
	rated, err := s.Ratings.RatedOf(ctx, "enquiries", ids)
	if err != nil {
		return nil, err
	}
	for i := range out {
		for _, o := range orders {
			if o.ID == out[i].ID {
				out[i].Order = &o
				out[i].CanUrge = (&o).pressable(now)
				out[i].CanReopen = o.reopenable(now, t.ReopenDays) == nil
				out[i].CanRate = o.State == OrderClosed && asked(o.Kind) && !rated[o.ID]
			}
		}
	}
	return out, nil
}

func (o WorkOrder) pressable(now time.Time) bool {
	return o.Open() && (o.UrgedAt.IsZero() || models.DateOf(o.UrgedAt) != models.DateOf(now))
}

// reopenable is nil where the citizen may open an answered matter again: once, within days of the answer or the end.
func (o WorkOrder) reopenable(now time.Time, days int) error {
	if o.Open() {
		return ErrEnquiryOpen
	}
	since := o.ClosedAt
	if since.IsZero() {
		since = o.AnsweredAt
	}
	if o.Reopens > 0 || now.After(endOf(models.DateOf(since.AddDate(0, 0, days)))) {
		return ErrReopenOver
	}
	return nil
}

// UrgeMyEnquiry presses for an answer (催办), once a day.
func (s *Orders) UrgeMyEnquiry(ctx context.Context, by models.Actor, id models.ID) (EnquiryView, error) {
	return s.mine(ctx, by, id, OrderUrge, func(_ context.Context, o *WorkOrder) (OrderState, error) {
		return o.State, s.urge(o)
	})
}

// ReopenMyEnquiry opens an answered or closed enquiry again, once, within the days of the setting; why is read by those who
// answer. It has a clock of its own.
func (s *Orders) ReopenMyEnquiry(ctx context.Context, by models.Actor, id models.ID, why string) (EnquiryView, error) {
	why, wrong := checkedText("reason", why, 2, 500, false)
	if len(wrong) > 0 {
		return EnquiryView{}, models.InvalidInput(wrong...)
	}
	t, err := s.Policy.OrderTerms(ctx, s.Clock.Now())
	if err != nil {
		return EnquiryView{}, err
	}
	return s.mine(ctx, by, id, OrderReopen, func(ctx context.Context, o *WorkOrder) (OrderState, error) {
		if err := o.reopenable(s.Clock.Now(), t.ReopenDays); err != nil {
			return o.State, err
		}
		to, err := OrderFlow.Next(o.State, OrderReopen)
		if err != nil {
			return o.State, ErrOrderState.Because(err)
		}
		o.Reopens++
		return to, s.openAgain(ctx, by, o)
	}, why)
}

// mine moves the order of one's own enquiry, repeat-safe and audited.
func (s *Orders) mine(ctx context.Context, by models.Actor, id models.ID, on OrderEvent, do func(context.Context, *WorkOrder) (OrderState, error), note ...string) (EnquiryView, error) {
	if _, err := s.ownEnquiry(ctx, by, id); err != nil {
		return EnquiryView{}, err
	}
	err := s.Journal.InTx(ctx, func(ctx context.Context) error {
		prior, err := s.Journal.Remember(ctx, by, "work_orders", string(id))
		if err != nil || prior != "" {
			return err
		}
		o, err := s.WorkOrders.OrderByID(ctx, id, OrderReader{})
		if errors.Is(err, models.ErrNotFound) {
			return ErrEnquiryOver // it ended before there were orders
		}
		if err != nil {
			return err
		}
		from := o.State
		to, err := do(ctx, &o)
		if err != nil {
			return err
		}
		o.State = to
		step := OrderStep{Act: on}
		if len(note) > 0 {
			step.Note = note[0]
		}
		return s.write(ctx, by, &o, from, OrderReader{}, step)
	})
	if err != nil {
		return EnquiryView{}, err
	}
	return s.MyEnquiry(ctx, by, id)
}
