package card

import (
	"context"
	"errors"
	"fmt"
	"time"

	"onecard/models"
	"onecard/models/notice"
)

// activationsDone marks a replacement of whose new card there is nothing left to remind.
const activationsDone = 1000

// RemindReplacements reminds of new cards that wait at their outlet, and of those
// handed over and not activated, once for each day that policy names. It returns how many it looked at.
func (s *Service) RemindReplacements(ctx context.Context, limit int) (int, error) {
	now, seen := s.Clock.Now(), 0
	var errs []error
	rules, err := s.Replacing.ReplacementRules(ctx, now)
	if err != nil {
		return 0, err
	}
	terms, err := s.Policy.ApplicationTerms(ctx, now)
	if err != nil {
		return 0, err
	}
	for i, days := range terms.CollectDays {
		waiting, err := s.Store.UncollectedReplacements(ctx, i, now.AddDate(0, 0, -days), limit)
		if err != nil {
			return seen, err
		}
		for _, r := range waiting {
			r.Reminders = passed(r.Reminders, r.UpdatedAt, terms.CollectDays, now)
			errs = append(errs, ignoreConflict(s.remindToCollect(ctx, r, now)))
		}
		seen += len(waiting)
	}
	for i, days := range rules.ActivateDays {
		handedOver, err := s.Store.ReplacementsToActivate(ctx, i, now.AddDate(0, 0, -days), limit)
		if err != nil {
			return seen, err
		}
		for _, r := range handedOver {
			errs = append(errs, ignoreConflict(s.remindToActivate(ctx, r, rules.ActivateDays, now)))
		}
		seen += len(handedOver)
	}
	n, err := s.remindBeforePayments(ctx, now, limit)
	return seen + n, errors.Join(append(errs, err)...)
}

// lookForPayments: a day after the hand-over it is looked, once, whether money is on its way already. A worker that was
// away looks when it is back.
const lookForPayments = 24 * time.Hour

// remindBeforePayments reminds at once whose money account cannot take what was announced before the new card was handed
// over. Of what is announced later, the look ahead at its batch tells. The look and its notice are one commit: once.
func (s *Service) remindBeforePayments(ctx context.Context, now time.Time, limit int) (int, error) {
	list, err := s.Store.ReplacementsToLookAt(ctx, now.Add(-lookForPayments), limit)
	if err != nil {
		return 0, err
	}
	var errs []error
	for _, r := range list {
		errs = append(errs, ignoreConflict(s.lookForMoney(ctx, r, now)))
	}
	return len(list), errors.Join(errs...)
}

func (s *Service) lookForMoney(ctx context.Context, r Replacement, now time.Time) error {
	coming, err := s.moneyComing(ctx, r)
	if err != nil {
		return err
	}
	return s.Store.InTx(ctx, func(ctx context.Context) error {
		r.PaymentsSeenAt = now
		if err := s.Store.AdvanceReplacement(ctx, r, r.State); err != nil || !coming {
			return err
		}
		return s.remindOf(ctx, r, notice.ReplacementActivate, "activate:payments", now)
	})
}

// moneyComing reports whether payments are on their way to a person whose live card takes no money yet.
func (s *Service) moneyComing(ctx context.Context, r Replacement) (bool, error) {
	cards, err := s.Store.CardsOfPerson(ctx, r.PersonID)
	if err != nil {
		return false, err
	}
	inactive := false
	for _, c := range cards {
		inactive = inactive || c.Live() && c.Financial == FinancialInactive
	}
	for _, c := range cards {
		if !inactive {
			break
		}
		if list, err := s.Announced.AnnouncedTo(ctx, r.PersonID, c.AccountTail); err != nil || len(list) > 0 {
			return err == nil, err
		}
	}
	return false, nil
}

func (s *Service) remindToCollect(ctx context.Context, r Replacement, now time.Time) error {
	return s.Store.InTx(ctx, func(ctx context.Context) error {
		if err := s.Store.AdvanceReplacement(ctx, r, r.State); err != nil {
			return err
		}
		return s.remindOf(ctx, r, notice.ReplacementUncollected, fmt.Sprintf("uncollected:%d", r.Reminders), now)
	})
}

// remindToActivate reminds whose new card takes no money or serves for no insurance yet, and marks the others as done.
func (s *Service) remindToActivate(ctx context.Context, r Replacement, days []int, now time.Time) error {
	cards, err := s.Store.CardsOfPerson(ctx, r.PersonID)
	if err != nil {
		return err
	}
	needed := false
	for _, c := range cards {
		if c.Live() {
			needed = c.Social == SocialInactive || c.Financial == FinancialInactive
			break
		}
	}
	return s.Store.InTx(ctx, func(ctx context.Context) error {
		r.Activations = passed(r.Activations, r.CompletedAt, days, now)
		if !needed {
			r.Activations = activationsDone
		}
		if err := s.Store.AdvanceReplacement(ctx, r, r.State); err != nil || !needed {
			return err
		}
		return s.remindOf(ctx, r, notice.ReplacementActivate, fmt.Sprintf("activate:%d", r.Activations), now)
	})
}

// remindOf tells and audits; row, notice and audit are one commit, so a restart reminds nobody twice.
func (s *Service) remindOf(ctx context.Context, r Replacement, kind notice.Kind, which string, now time.Time) error {
	if err := s.Store.AddNotice(ctx, s.reminder(ctx, r, kind, which, now)); err != nil {
		return err
	}
	return s.recordReplacement(ctx, models.System(), r, "card.replacement.reminded")
}

func (s *Service) reminder(ctx context.Context, r Replacement, kind notice.Kind, which string, now time.Time) notice.Draft {
	have := map[string]string{}
	if o, err := s.Outlets.OutletByRef(ctx, r.OutletRef); err == nil {
		have["outlet"] = o.Name
	}
	if b, err := s.Banks.BankOn(ctx, r.BankCode, now); err == nil {
		have["bank"] = b.Name
	}
	return draft(r.Cause()+":"+which, kind, r.PersonID, have, "replacement", r.ID, now)
}
