package boot

import (
	"context"
	"strconv"
	"time"

	"onecard/models"
	"onecard/models/hotline"
	"onecard/models/policy"
	"onecard/models/store"
	"onecard/models/subsidy"
)

// feedbackCases opens and closes the enquiries of citizens' answers.
type feedbackCases struct {
	*store.DB
	hotline *hotline.Service
}

func (c feedbackCases) CloseFeedbackCase(ctx context.Context, by models.Actor, id models.ID) error {
	return c.hotline.CloseOwnCase(ctx, by, id)
}

// feedbackPolicy reads the settings of reports and public totals.
type feedbackPolicy struct{ policy *policy.Service }

func (p feedbackPolicy) AnswerDays(ctx context.Context, at time.Time) (int, error) {
	value, err := p.policy.At(ctx, policy.MisuseAnswerDays, policy.Everywhere, at)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(value)
}

// Workday is the one clock of everything that is answered within working days.
func (p feedbackPolicy) Workday(ctx context.Context, day models.Date) (bool, error) {
	d, err := p.policy.DayOn(ctx, day)
	return d.Kind == policy.Workday, err
}

func (p feedbackPolicy) LeastPeople(ctx context.Context, at time.Time) (int64, error) {
	value, err := p.policy.At(ctx, policy.PublicTotalsLeast, policy.Everywhere, at)
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(value, 10, 64)
}

// reported shows the catalogue and payments to reports of misuse.
type reported struct {
	subsidies *subsidy.Service
	feedbacks *subsidy.Feedbacks
}

func (r reported) Departments(ctx context.Context) ([]string, error) {
	all, _, err := r.subsidies.WholeCatalogue(ctx)
	names := make([]string, len(all))
	for i, p := range all {
		names[i] = p.Department
	}
	return names, err
}

func (r reported) ReportedProgramme(ctx context.Context, code string) (string, bool, error) {
	all, _, err := r.subsidies.WholeCatalogue(ctx)
	known, high := false, false
	for _, p := range all {
		if p.Code == code {
			known, high = true, high || p.Class() == subsidy.SensitivityHigh
		}
	}
	if high || !known {
		code = ""
	}
	return code, known, err
}

func (r reported) ReportedPayment(ctx context.Context, by models.Actor, arrival string) (programme, department, district string, err error) {
	return r.feedbacks.ReportSubject(ctx, by, arrival)
}

// joinFeedback makes what takes citizens' answers about payments, and confidential reports.
func (a *App) joinFeedback() {
	a.Feedbacks = &subsidy.Feedbacks{
		Store: a.db.Subsidies(), Cases: feedbackCases{a.db, a.Hotline}, Why: a.Explanations, Gate: a.Policy, Clock: a.clock,
	}
	a.Misuse = &hotline.Misuse{
		Service: a.Hotline, Reports: a.db.Misuse(), Subjects: reported{a.Subsidies, a.Feedbacks}, Policy: feedbackPolicy{a.Policy}, Notices: a.db,
		Alarms: a.watch, Log: a.log,
	}
	a.Subsidies.TotalsPolicy = feedbackPolicy{a.Policy}
}
