package hotline

import (
	"context"
	"slices"
	"time"

	"onecard/models"
	"onecard/models/notice"
)

// ExtensionReasons are why an order needs more time.
var ExtensionReasons = []string{"needs_proof", "several_departments", "bank_check", "field_check", "other"}

// ExtendOrder gives an order more working days, counted from its due date: once, before it is due, with a reason, and at
// most what policy allows (R65). The citizen is told the new date. ErrOrderExpired, ErrOrderExtended.
func (s *Orders) ExtendOrder(ctx context.Context, by models.Actor, id models.ID, days int, reason, note string) (WorkOrder, error) {
	note, wrong := checkedText("note", note, 2, 500, false)
	if !slices.Contains(ExtensionReasons, reason) {
		wrong = append(wrong, models.FieldError{Field: "reason", Code: "REQUIRED", Message: "请选择延期原因。"})
	}
	t, err := s.Policy.OrderTerms(ctx, s.Clock.Now())
	if err != nil {
		return WorkOrder{}, err
	}
	if days < 1 || days > t.ExtensionDays {
		wrong = append(wrong, models.FieldError{Field: "days", Code: "RANGE", Message: "延期的工作日数超出规定,请减少。"})
	}
	if len(wrong) > 0 {
		return WorkOrder{}, models.InvalidInput(wrong...)
	}
	return s.act(ctx, by, id, OrderExtend, func(ctx context.Context, m Staff, o *WorkOrder) (string, string, error) {
		now := s.Clock.Now()
		switch {
		case !o.Open():
			return "", "", ErrOrderState
		case !m.handles(*o):
			return "", "", ErrOrderNotYours
		case now.After(o.DueAt):
			return "", "", ErrOrderExpired
		case !o.ExtendedAt.IsZero():
			return "", "", ErrOrderExtended
		}
		if o.DueAt, err = dueAfter(ctx, s.Policy, o.DueAt, days); err != nil {
			return "", "", err
		}
		if o.EscalateAt, err = dueAfter(ctx, s.Policy, o.DueAt, t.EscalateDays); err != nil {
			return "", "", err
		}
		o.ExtendedAt = models.Instant(now)
		return reason, note, s.tellCitizen(ctx, *o, notice.EnquiryExtended, map[string]string{"date": o.DueAt.In(models.Shanghai).Format("2006年1月2日")})
	})
}

// UrgeOrder presses for an order (催办): a member of staff for a caller.
func (s *Orders) UrgeOrder(ctx context.Context, by models.Actor, id models.ID) (WorkOrder, error) {
	return s.act(ctx, by, id, OrderUrge, func(_ context.Context, m Staff, o *WorkOrder) (string, string, error) {
		if !m.Can(MaySeeCases) {
			return "", "", ErrOrderNotYours
		}
		return "", "", s.urge(o)
	})
}

// urge notes one press; one a day is taken, whoever presses.
func (s *Orders) urge(o *WorkOrder) error {
	now := s.Clock.Now()
	if !o.Open() {
		return ErrEnquiryOver
	}
	if !o.UrgedAt.IsZero() && models.DateOf(o.UrgedAt) == models.DateOf(now) {
		return ErrUrgedToday
	}
	o.UrgedAt, o.Urges = models.Instant(now), o.Urges+1
	return nil
}

// openAgain puts an answered order back to work with a clock of its own; who answered has it no longer.
func (s *Orders) openAgain(ctx context.Context, by models.Actor, o *WorkOrder) error {
	e, err := s.Enquiries.EnquiryByID(ctx, o.ID)
	if err != nil {
		return err
	}
	e.AnsweredAt, e.ClosedAt = time.Time{}, time.Time{}
	if _, err := s.move(ctx, by, e, EnquiryReopen); err != nil {
		return err
	}
	o.Owner, o.AnsweredAt, o.ClosedAt, o.RemindedAt, o.EscalatedAt, o.Misses = "", time.Time{}, time.Time{}, time.Time{}, time.Time{}, 0
	o.ReopenedAt = models.Instant(s.Clock.Now())
	return s.setDates(ctx, o)
}
