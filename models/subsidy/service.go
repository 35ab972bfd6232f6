package subsidy

import (
	"context"
	"log/slog"
	"time"

	"onecard/models"
)

// Service answers about programmes and payments.
type Service struct {
	Store           Store
	Gate            Gate
	Banks           BankName
	Clock           models.Clock
	Log             *slog.Logger
	HeldTime        HeldTime     // may be nil: then the table of holds decides
	Figures         FigureSource // the registry's side of the comparison
	Reviewers       Reviewers    // who decides about what is held
	Alarms          Alarms       // may be nil
	HouseholdPolicy HouseholdPolicy
	Printer         StatementPrinter
	CheckAddress    string       // where statements are verified; the code is added to it
	Lines           LineSource   // of batches that come as a whole
	Apart           SpoolApart   // reads these for TakeBatches; may be nil: then this process does
	SpoolDir        string       // where they are sorted
	HistoryFrom     time.Time    // payments changed before make no notice (design 7, notify_from)
	Ready           ReadyAnswers // may be nil: then nothing is kept ready
	TotalsPolicy    TotalsPolicy // may be nil: then the floor counts

	shelf shelf
}

// editions indexes every programme edition.
type editions map[string]map[int]Programme

// editions reads the catalogue as it stands: for whoever decides about payments. Answers to people are named by look.
func (s *Service) editions(ctx context.Context) (editions, error) {
	all, err := s.Store.Programmes(ctx)
	if err != nil {
		return nil, err
	}
	return index(all), nil
}

// index makes an edition never be shown more openly than the newest one: an item that is sensitive by now is so for
// what was paid before too (R9 keeps the name, R55 where it stands).
func index(all []Programme) editions {
	out, newest := editions{}, map[string]Programme{}
	for _, p := range all {
		if out[p.Code] == nil {
			out[p.Code] = map[int]Programme{}
		}
		out[p.Code][p.Edition] = p
		if p.Edition >= newest[p.Code].Edition {
			newest[p.Code] = p
		}
	}
	for code, byEdition := range out {
		now := newest[code]
		for edition, p := range byEdition {
			if !stricter(now.Class(), p.Class()) {
				continue
			}
			p.SMSName, p.Sensitivity = now.SMSName, now.Sensitivity
			if stricter(now.Class(), p.Class()) { // by its number in the list
				p.Sensitivity = now.Class()
			}
			byEdition[edition] = p
		}
	}
	return out
}

// class is the strictest one that any edition of the item ever had.
func (e editions) class(code string) Sensitivity {
	class := SensitivityNormal
	for _, p := range e[code] {
		switch p.Class() {
		case SensitivityHigh:
			return SensitivityHigh
		case SensitivityMedium:
			class = SensitivityMedium
		}
	}
	return class
}

// onboarding is the first and the last day on which a district changed any of the items to the card (R13).
func (e editions) onboarding() (first, last models.Date) {
	for _, byEdition := range e {
		for _, p := range byEdition {
			for _, since := range p.Onboarded {
				if since != "" && (first == "" || since < first) {
					first = since
				}
				last = max(last, since)
			}
		}
	}
	return first, last
}

// of is the edition under which a payment was made (R9).
func (e editions) of(p Payment) (Programme, bool) { return e.edition(p.Programme, p.Edition) }

// edition is one of them. Of one that is not known here nobody can say how sensitive it is: nothing names it (R55).
func (e editions) edition(code string, edition int) (Programme, bool) {
	pr, ok := e[code][edition]
	if !ok {
		pr.Sensitivity = SensitivityHigh
	}
	return pr, ok
}
