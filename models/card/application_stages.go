package card

import (
	"context"
	"errors"
	"fmt"
	"time"

	"onecard/models"
	"onecard/models/audit"
	"onecard/models/notice"
)

// stageHolders say who holds the next step of each stage that waits for somebody (R27).
var stageHolders = map[ApplicationState]string{
	ApplicationSubmitted:        "社保系统",
	ApplicationAccepted:         "人社部门",
	ApplicationBatched:          "发卡银行",
	ApplicationBankOpening:      "发卡银行",
	ApplicationBankFailed:       "您本人和发卡银行",
	ApplicationProducing:        "制卡单位",
	ApplicationProductionFailed: "制卡单位",
	ApplicationAtOutlet:         "您本人",
	ApplicationReturned:         "您本人",
	ApplicationWithdrawing:      "社保系统",
}

// ApplicationTerms are the bureau's figures about applications and replacements, as policy has them (R25, R27, R69).
type ApplicationTerms struct {
	// StageDays is how many working days are promised for each stage (承诺时限); a stage without a figure promises nothing.
	StageDays map[ApplicationState]int
	// CollectDays are the days after which an uncollected card is reminded of, rising.
	CollectDays []int
	// Corrections is how often a returned application may be put right online; then a window looks at it.
	Corrections int
}

// longestBreak is more days off in a row than any calendar has.
const longestBreak = 30

// expected is when the stage an application is in should be over, and what to read once that day has passed: the end of the
// last promised working day, the first of which is the day after the stage began (R69).
func (s *Service) expected(ctx context.Context, t ApplicationTerms, a Application) (by time.Time, overdue string, err error) {
	days := t.StageDays[a.State]
	if days == 0 || len(a.Steps) == 0 {
		return time.Time{}, "", nil
	}
	began := a.Steps[len(a.Steps)-1].At
	for left, off := days, 0; left > 0 && off < longestBreak; {
		began = models.NextMidnight(began)
		works, err := s.Policy.Workday(ctx, models.DateOf(began))
		if err != nil {
			return time.Time{}, "", err
		}
		if off++; works {
			left, off = left-1, 0
		}
	}
	by = models.NextMidnight(began).Add(-time.Second)
	if !s.Clock.Now().After(by) {
		return by, "", nil
	}
	return by, fmt.Sprintf("这一步已超过承诺的%d个工作日,由%s办理。可拨打12333催办,请告知受理号。", days, stageHolders[a.State]), nil
}

// RemindUncollected reminds of cards that wait at their outlet, once for each day that policy names; it returns how
// many it reminded. Row, notice and audit in one commit: a restart reminds nobody twice.
func (s *Service) RemindUncollected(ctx context.Context, limit int) (int, error) {
	now, reminded := s.Clock.Now(), 0
	terms, err := s.Policy.ApplicationTerms(ctx, now)
	if err != nil {
		return 0, err
	}
	var errs []error
	for i, days := range terms.CollectDays {
		waiting, err := s.Store.UncollectedApplications(ctx, i, now.AddDate(0, 0, -days), limit-reminded)
		if err != nil {
			return reminded, err
		}
		for _, a := range waiting {
			a.Reminders = passed(a.Reminders, a.UpdatedAt, terms.CollectDays, now)
			err := s.remind(ctx, a, now)
			if err != nil && !errors.Is(err, models.ErrConflict) {
				errs = append(errs, err)
			}
			reminded++
		}
		if reminded >= limit {
			break
		}
	}
	return reminded, errors.Join(errs...)
}

// passed is how often was reminded once one more reminder has gone out: days that have passed unseen count as one, so that
// nobody is told twice at once.
func passed(before int, since time.Time, days []int, now time.Time) int {
	n := before + 1
	for i, day := range days {
		if !since.AddDate(0, 0, day).After(now) {
			n = max(n, i+1)
		}
	}
	return n
}

func (s *Service) remind(ctx context.Context, a Application, now time.Time) error {
	return s.Store.InTx(ctx, func(ctx context.Context) error {
		if err := s.Store.AdvanceApplication(ctx, a, a.State); err != nil {
			return err
		}
		have := map[string]string{}
		if o, err := s.Outlets.OutletByRef(ctx, a.OutletRef); err == nil {
			have["outlet"] = o.Name
		}
		cause := fmt.Sprintf("application:%s:uncollected:%d", a.ID, a.Reminders)
		if err := s.Store.AddNotice(ctx, draft(cause, notice.ApplicationUncollected, a.PersonID, have, "application", a.ID, now)); err != nil {
			return err
		}
		return s.Store.RecordAudit(ctx, audit.Of(models.System(), now, "card.application.reminded", "applications", string(a.ID), string(a.State)).About(a.PersonID))
	})
}
