package card

import (
	"context"
	"time"

	"onecard/models"
)

// Progress is an application as its applicant sees it (R27).
type Progress struct {
	Application Application
	Label       string // where it is, in words
	Advice      string // what to do, or to wait for
	Bank        Bank
	Outlet      Outlet
	Fee         models.Fen // always 0 (R20)
	Timeline    []Line     // what has been, where it is, and what is still to come
	Defects     []DefectShown
	Holder      string    // who holds the next step; empty where nobody does
	ExpectedBy  time.Time // when the present stage should be over; zero where nothing is promised
	Overdue     string    // a sentence once that day has passed
	// CorrectionsLeft is how often a returned application may still be put right online.
	CorrectionsLeft int
}

// Line is one line of the timeline. At is zero for what is still to come.
type Line struct {
	State ApplicationState
	Label string
	At    time.Time
}

// Application shows one application to its person. ErrApplicationNotFound for anybody else's.
func (s *Service) Application(ctx context.Context, by models.Actor, id models.ID) (Progress, error) {
	if err := s.Gate.Allow(ctx, by, models.ActProgressRead); err != nil {
		return Progress{}, err
	}
	a, err := s.ownApplication(ctx, by, id)
	if err != nil {
		return Progress{}, err
	}
	return s.ProgressOf(ctx, a)
}

// Applications lists the subject's applications, newest first.
func (s *Service) Applications(ctx context.Context, by models.Actor, limit int) ([]Progress, error) {
	if err := s.Gate.Allow(ctx, by, models.ActProgressRead); err != nil {
		return nil, err
	}
	list, err := s.Store.ApplicationsOf(ctx, by.Subject, limit)
	if err != nil {
		return nil, err
	}
	out := make([]Progress, len(list))
	for i, a := range list {
		if out[i], err = s.ProgressOf(ctx, a); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// ProgressOf puts an application into words. Callers have settled who may see it.
func (s *Service) ProgressOf(ctx context.Context, a Application) (Progress, error) {
	p := Progress{Application: a, Fee: FirstApplicationFee, Timeline: timeline(a), Defects: a.DefectsShown()}
	terms, err := s.Policy.ApplicationTerms(ctx, s.Clock.Now())
	if err != nil {
		return p, err
	}
	p.Holder = stageHolders[a.State]
	if p.ExpectedBy, p.Overdue, err = s.expected(ctx, terms, a); err != nil {
		return p, err
	}
	if a.State == ApplicationReturned {
		p.CorrectionsLeft = max(0, terms.Corrections-a.Corrections)
	}
	if p.Bank, err = s.Banks.BankOn(ctx, a.BankCode, s.Clock.Now()); err != nil && models.KindOf(err) != models.NotFound {
		return p, err
	}
	if p.Outlet, err = s.Outlets.OutletByRef(ctx, a.OutletRef); err != nil && models.KindOf(err) != models.NotFound {
		return p, err
	}
	p.Label, p.Advice = stageOf(a.State).now, adviceOf(a, p)
	return p, nil
}

// timeline is every step taken, the last one as present, then the rest of the road.
func timeline(a Application) []Line {
	lines := make([]Line, 0, len(stageOrder)+1)
	for i, step := range a.Steps {
		words := stageOf(step.State)
		label := words.done
		if i == len(a.Steps)-1 {
			label = words.now
		}
		lines = append(lines, Line{step.State, label, step.At})
	}
	if !a.Unfinished() {
		return lines
	}
	if a.State == ApplicationWithdrawing {
		return append(lines, Line{State: ApplicationWithdrawn, Label: "撤回"})
	}
	for _, later := range stageOrder {
		if _, err := ApplicationFlow.Next(a.State, later.on); err == nil {
			lines = append(lines, Line{State: later.state, Label: stageOf(later.state).ahead})
		}
	}
	return lines
}
