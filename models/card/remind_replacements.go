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
	return seen, errors.Join(errs...)
}

func (s *Service) remindToCollect(ctx context.Context, r Replacement, now time.Time) error {
	return s.Store.InTx(ctx, func(ctx context.Context) error {
		r.Reminders++
		if err := s.Store.AdvanceReplacement(ctx, r, r.State); err != nil {
			return err
		}
		return s.remindOf(ctx, r, notice.ReplacementUncollected, fmt.Sprintf("uncollected:%d", r.Reminders), now)
	})
}

// remindToActivate reminds whose new card takes no money or serves for no insurance yet, and marks the others as done. Days
// that have passed unseen count as one: nobody is told twice at once.
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
		r.Activations++
		for i, day := range days {
			if !r.CompletedAt.AddDate(0, 0, day).After(now) {
				r.Activations = max(r.Activations, i+1)
			}
		}
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
	have := map[string]string{}
	if o, err := s.Outlets.OutletByRef(ctx, r.OutletRef); err == nil {
		have["outlet"] = o.Name
	}
	if b, err := s.Banks.BankOn(ctx, r.BankCode, now); err == nil {
		have["bank"] = b.Name
	}
	if err := s.Store.AddNotice(ctx, draft(r.Cause()+":"+which, kind, r.PersonID, have, "replacement", r.ID, now)); err != nil {
		return err
	}
	return s.recordReplacement(ctx, models.System(), r, "card.replacement.reminded")
}
