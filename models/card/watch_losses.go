package card

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"onecard/models"
	"onecard/models/audit"
	"onecard/models/notice"
)

// WatchLosses looks after reports that time, not a person, must move: it alarms about those not confirmed in time and
// opens a case for each (R66), warns before a registry's end date (R43), and without the fence looks once more at cards
// whose superseded release may have arrived late. It returns how many reports it touched.
func (s *Service) WatchLosses(ctx context.Context, limit int) (int, error) {
	now := s.Clock.Now()
	late, err := s.Store.LossReportsToWatch(ctx, now.Add(-s.set.AlarmAfter), limit)
	if err != nil {
		return 0, err
	}
	// Ends that fall on tomorrow or on one of the days after it: warned about on each of the days before (R43).
	tomorrow := models.NextMidnight(now)
	last := tomorrow.AddDate(0, 0, s.set.WarnBeforeDays)
	ending, err := s.Store.LossReportsExpiring(ctx, tomorrow, last, models.DateOf(now), limit)
	if err != nil {
		return 0, err
	}
	measured, err := s.Store.Now(ctx) // what is waited for was dated by leases
	if err != nil {
		return 0, err
	}
	again, err := s.Store.LossReportsToReassert(ctx, measured, limit)
	if err != nil {
		return 0, err
	}
	var errs []error
	for _, r := range late {
		errs = append(errs, ignoreConflict(s.alarm(ctx, r)))
	}
	for _, r := range ending {
		errs = append(errs, ignoreConflict(s.warnOfEnd(ctx, r, now)))
	}
	for _, r := range again {
		errs = append(errs, ignoreConflict(s.reassert(ctx, r)))
	}
	return len(late) + len(ending) + len(again), errors.Join(errs...)
}

func (s *Service) alarm(ctx context.Context, r LossReport) error {
	err := s.Store.InTx(ctx, func(ctx context.Context) error {
		if _, err := s.Store.LockCard(ctx, r.CardID); err != nil {
			return err
		}
		r.AlarmedAt = s.Clock.Now()
		if err := s.Store.AdvanceLossReport(ctx, r, r.State); err != nil {
			return err
		}
		// One case for each wait: a card reported again after its release waits anew.
		if err := s.Store.OpenCase(ctx, unconfirmedCase(r), "loss_unconfirmed", r.PersonID, "loss_reports", string(r.ID)); err != nil {
			return err
		}
		return s.Store.RecordAudit(ctx, audit.Of(models.System(), r.AlarmedAt, "card.loss.alarmed", "loss_reports", string(r.ID), string(r.State)).About(r.PersonID))
	})
	if err == nil {
		s.Log.ErrorContext(ctx, "loss report not confirmed in time", "code", "LOSS_UNCONFIRMED", "report", r.ID, "state", r.State)
		s.Watch.LossAlarmed()
	}
	return err
}

// warnOfEnd tells once on each of the last days; the cause names report, date and day, so a restart tells nobody twice.
func (s *Service) warnOfEnd(ctx context.Context, r LossReport, now time.Time) error {
	return s.Store.InTx(ctx, func(ctx context.Context) error {
		c, err := s.Store.LockCard(ctx, r.CardID)
		if err != nil {
			return err
		}
		r.WarnedOn = models.DateOf(now)
		if err := s.Store.AdvanceLossReport(ctx, r, r.State); err != nil {
			return err
		}
		cause := fmt.Sprintf("loss:%s:expiring:%s:%s", r.ID, strconv.FormatInt(r.ExpiresAt.Unix(), 36), r.WarnedOn)
		if err := s.told(ctx, cause, notice.LossExpiring, r, c, now, ""); err != nil {
			return err
		}
		return s.Store.RecordAudit(ctx, audit.Of(models.System(), now, "card.loss.end_warned", "loss_reports", string(r.ID), string(r.State)).About(r.PersonID))
	})
}

// reassert reads a card back from the registry when a superseded release can surely not come any more. What it reads is
// weighed like any fact of the feed; a loss that the release has undone is asked for again there.
func (s *Service) reassert(ctx context.Context, r LossReport) error {
	ref, err := s.Store.PersonRef(ctx, r.PersonID)
	if err != nil {
		return err
	}
	facts, err := s.Registry.CardsOf(ctx, ref)
	if err == nil && len(facts) == 0 && s.ReadBack != nil {
		err = models.ErrUnavailable.Because(errors.New("card: a source that is only asked showed no card")) // nor does this count as a look
	}
	if err != nil && s.ReadBack != nil {
		err = errors.Join(err, ignoreConflict(s.lookLater(ctx, r))) // its budget is for others too, and what the look is for goes on
	}
	if err != nil {
		return err // it stays due
	}
	return s.Store.InTx(ctx, func(ctx context.Context) error {
		if _, err := s.ApplyFacts(ctx, facts); err != nil {
			return err
		}
		if _, err := s.Store.LockCard(ctx, r.CardID); err != nil {
			return err
		}
		r, err := s.Store.LossReport(ctx, r.ID)
		if err != nil || r.ReassertAt.IsZero() {
			return err
		}
		r.ReassertAt = time.Time{}
		if r.Waiting() { // its own answer is missing yet, and may tell of a time before the release
			r.ReassertAt = s.Clock.Now().Add(s.set.RetryAtMost)
		}
		return s.Store.AdvanceLossReport(ctx, r, r.State)
	})
}

// lookLater puts a second look off that found nobody to ask, as a command is put off.
func (s *Service) lookLater(ctx context.Context, r LossReport) error {
	return s.Store.InTx(ctx, func(ctx context.Context) error {
		if _, err := s.Store.LockCard(ctx, r.CardID); err != nil {
			return err
		}
		now, err := s.Store.Now(ctx)
		if err != nil {
			return err
		}
		r.ReassertAt = now.Add(s.set.RetryAtMost)
		return s.Store.AdvanceLossReport(ctx, r, r.State)
	})
}

// each runs do over ids, at most width at once, and gathers what failed.
func each(ctx context.Context, ids []models.ID, width int, do func(context.Context, models.ID) error) []error {
	var wg sync.WaitGroup
	errs := make([]error, len(ids))
	slots := make(chan struct{}, max(width, 1))
	for i, id := range ids {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			errs[i] = models.Guard(func() error { return do(ctx, id) })
		})
	}
	wg.Wait()
	return errs
}

// unconfirmedCase names the case of a report that was not confirmed in time.
func unconfirmedCase(r LossReport) string {
	return "loss_unconfirmed:" + string(r.ID) + ":" + strconv.FormatInt(r.WaitingSince.UnixMicro(), 36)
}
