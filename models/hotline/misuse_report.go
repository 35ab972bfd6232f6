package hotline

import (
	"context"
	"crypto/subtle"
	"errors"
	"log/slog"

	"onecard/models"
)

// Alarms counts what a person must look at.
type Alarms interface {
	Alarm(code string, n int)
}

// Misuse are the use cases of confidential reports: a held card, cut or wrong money, a false claim (R68). It is the
// hotline's, with a queue of its own.
type Misuse struct {
	*Service
	Reports  MisuseStore
	Subjects MisuseSubjects
	Policy   MisusePolicy
	Notices  Notices // tells a reporter who was logged in, in the transaction of the answer
	Alarms   Alarms
	Log      *slog.Logger
}

// reporter stands for whoever reports: the audit names the report and the door, never the person, or an auditor could
// read who reported whom.
func reporter(by models.Actor) models.Actor {
	if by.Kind != models.CitizenActor { // an agent at the pen: how surely the caller was known is the caller's too
		return models.Actor{Kind: models.CitizenActor, Channel: by.Channel, Level: models.LevelPlatform}
	}
	return models.Actor{Kind: models.CitizenActor, Channel: by.Channel, Level: by.Level, CheckedAt: by.CheckedAt}
}

// ReportMisuse takes a report of anybody, logged in or not. It is committed with its deadline and its audit row before
// the number and the code go out. Repeated with the same request key it is the same report.
func (m *Misuse) ReportMisuse(ctx context.Context, by models.Actor, in MisuseInput) (MisuseTaken, error) {
	if by.Kind != models.CitizenActor {
		return MisuseTaken{}, models.ErrForbidden
	}
	return m.take(ctx, by, by.ID, in, nil)
}

// take takes a report of person, or of nobody, that by hands in; also, where it is given, commits with it.
func (m *Misuse) take(ctx context.Context, by models.Actor, person models.ID, in MisuseInput, also func(context.Context) error) (MisuseTaken, error) {
	in, err := m.complete(ctx, by, in)
	if err != nil {
		return MisuseTaken{}, err
	}
	now := m.Clock.Now()
	days, err := m.Policy.AnswerDays(ctx, now)
	if err != nil {
		return MisuseTaken{}, err
	}
	due, err := dueAfter(ctx, m.Policy, now, days)
	if err != nil {
		return MisuseTaken{}, err
	}
	out := MisuseTaken{Report: MisuseReport{
		ID: models.NewID(), Kind: in.Kind, Department: in.Department, Programme: in.Programme, District: in.District, Text: in.Text, Contact: in.Contact,
		PersonID: person, State: MisuseReceived, OpenedAt: models.Instant(now), DueAt: due, Version: 1,
	}}
	out.Code, out.Report.CodeHash = newMisuseCode()
	err = m.Journal.InTx(ctx, func(ctx context.Context) error {
		prior, err := m.Journal.Remember(ctx, by, "misuse_reports", string(out.Report.ID))
		if err != nil {
			return err
		}
		if prior != "" {
			out, err = m.taken(ctx, models.ID(prior))
			return err
		}
		n, err := m.Reports.NextNumber(ctx, "misuse", models.DateOf(now))
		if err != nil {
			return err
		}
		out.Report.Number = models.ReceiptNumber(now, n)
		if err := m.Reports.AddMisuse(ctx, out.Report); err != nil {
			return err
		}
		err = m.record(ctx, reporter(by), "hotline.misuse.reported", "misuse_reports", string(out.Report.ID), string(MisuseReceived), "kind", in.Kind)
		if err != nil || also == nil {
			return err
		}
		return also(ctx)
	})
	return out, err
}

// taken is a report that was taken before: its code is nobody's to repeat.
func (m *Misuse) taken(ctx context.Context, id models.ID) (MisuseTaken, error) {
	r, err := m.Reports.MisuseByID(ctx, id, "")
	return MisuseTaken{Report: r}, err
}

// complete fills what a payment tells, and checks everything at once.
func (m *Misuse) complete(ctx context.Context, by models.Actor, in MisuseInput) (MisuseInput, error) {
	entries, err := m.Subjects.Departments(ctx)
	if err != nil {
		return in, err
	}
	if in.Arrival != "" {
		programme, department, district, err := m.Subjects.ReportedPayment(ctx, by, in.Arrival)
		if err != nil {
			return in, err
		}
		in.Programme, in.District = programme, district
		if own := splitDepartments([]string{department}); in.Department == "" && len(own) > 0 {
			in.Department = own[0]
		}
		entries = append(entries, department) // a local item may be run by one the list does not name
	}
	in, wrong := in.checked(splitDepartments(entries))
	if in.Programme != "" && in.Arrival == "" {
		code, known, err := m.Subjects.ReportedProgramme(ctx, in.Programme)
		if err != nil {
			return in, err
		}
		if in.Programme = code; !known {
			wrong = append(wrong, errMisuseItem)
		}
	}
	if len(wrong) > 0 {
		return in, models.InvalidInput(wrong...)
	}
	return in, nil
}

// MisuseDepartments are what may be named as reported.
func (m *Misuse) MisuseDepartments(ctx context.Context) ([]string, error) {
	entries, err := m.Subjects.Departments(ctx)
	return splitDepartments(entries), err
}

// MisuseOutcome reads state and answer for whoever has the number and the secret code. A wrong number, a wrong code and
// a report of nobody's have one answer, after the same work.
func (m *Misuse) MisuseOutcome(ctx context.Context, number, code string) (MisuseReport, error) {
	hash := hashMisuseCode(code)
	wanted, id, err := m.Reports.MisuseCode(ctx, number)
	if err != nil && !errors.Is(err, models.ErrNotFound) {
		return MisuseReport{}, err
	}
	if err != nil {
		wanted = make([]byte, len(hash))
	}
	if subtle.ConstantTimeCompare(wanted, hash) != 1 || err != nil {
		return MisuseReport{}, ErrMisuseNotFound
	}
	return m.Reports.MisuseByID(ctx, id, "")
}

// MyMisuse lists the reports the citizen made while logged in, newest first. They are hers alone, not those she acts for.
func (m *Misuse) MyMisuse(ctx context.Context, by models.Actor, p Page) ([]MisuseReport, error) {
	if by.Kind != models.CitizenActor {
		return nil, ErrNotLoggedIn
	}
	if err := m.Gate.Allow(ctx, by, models.ActProgressRead); err != nil {
		return nil, err
	}
	return m.Reports.MisuseOf(ctx, by.ID, p)
}

// WatchMisuse alarms once for each report whose deadline has passed, and tells how many there were.
func (m *Misuse) WatchMisuse(ctx context.Context, limit int) (int, error) {
	list, err := m.Reports.TakeOverdueMisuse(ctx, m.Clock.Now(), limit)
	if err != nil || len(list) == 0 {
		return 0, err
	}
	m.Alarms.Alarm("MISUSE_OVERDUE", len(list))
	for _, r := range list {
		m.Log.ErrorContext(ctx, "a report of misuse is not answered in time", "code", "MISUSE_OVERDUE", "report", string(r.ID), "due_at", r.DueAt)
	}
	return len(list), nil
}
