package card

import (
	"context"
	"errors"
	"time"

	"onecard/models"
)

// ReplacementProgress is a replacement as its holder sees it.
type ReplacementProgress struct {
	Replacement Replacement
	Label       string // where it is, in words
	Advice      string // what to do, or to wait for
	Bank        Bank
	Outlet      Outlet
	Fee         Fee
	Timeline    []ReplacementLine
	Defects     []DefectShown
	Holder      string    // who holds the next step; empty where nobody does
	ExpectedBy  time.Time // when the present stage should be over; of an unpaid one, when it closes by itself
	Overdue     string    // a sentence once that day has passed
	Waived      bool      // 免收: there is no fee, and no order of one
	// BeforePaying is what to read before the fee is paid; empty once it is. Where it is waived: before the registry has the
	// order, while it can surely be taken back.
	BeforePaying []string
	Announced    []AnnouncedPayment // payments on their way to the old card's account
	Withdrawable bool
	// CorrectionsLeft is how often a returned one may still be put right online; 0 where nothing of it can.
	CorrectionsLeft int
}

// ReplacementLine is one line of the timeline. At is zero for what is still to come.
type ReplacementLine struct {
	State ReplacementState
	Label string
	At    time.Time
}

// Replacement shows one replacement to its person. ErrReplacementNotFound for anybody else's.
func (s *Service) Replacement(ctx context.Context, by models.Actor, id models.ID) (ReplacementProgress, error) {
	if err := s.Gate.Allow(ctx, by, models.ActProgressRead); err != nil {
		return ReplacementProgress{}, err
	}
	r, err := s.ownReplacement(ctx, by, id)
	if err != nil {
		return ReplacementProgress{}, err
	}
	return s.ReplacementProgressOf(ctx, r)
}

// Replacements lists the subject's replacements, newest first.
func (s *Service) Replacements(ctx context.Context, by models.Actor, limit int) ([]ReplacementProgress, error) {
	if err := s.Gate.Allow(ctx, by, models.ActProgressRead); err != nil {
		return nil, err
	}
	list, err := s.Store.ReplacementsOf(ctx, by.Subject, limit)
	if err != nil {
		return nil, err
	}
	out := make([]ReplacementProgress, len(list))
	for i, r := range list {
		if out[i], err = s.ReplacementProgressOf(ctx, r); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// ReplacementProgressOf puts a replacement into words. Callers have settled who may see it.
func (s *Service) ReplacementProgressOf(ctx context.Context, r Replacement) (p ReplacementProgress, err error) {
	now := s.Clock.Now()
	p = ReplacementProgress{Replacement: r, Holder: replacementHolder(r.State)}
	if err := s.shownDefects(ctx, &p); err != nil {
		return p, err
	}
	if p.Bank, err = s.Banks.BankOn(ctx, r.BankCode, now); err != nil && models.KindOf(err) != models.NotFound {
		return p, err
	}
	if p.Outlet, err = s.Outlets.OutletByRef(ctx, r.OutletRef); err != nil && models.KindOf(err) != models.NotFound {
		return p, err
	}
	p.Fee, err = s.Fees.FeeOf(ctx, r.Cause())
	switch {
	case errors.Is(err, models.ErrNotFound):
		p.Waived, p.Fee.Label = true, waivedLabel
	case err != nil:
		return p, err
	}
	p.Timeline = replacementTimeline(r, p.Waived)
	if r.State == ReplacementAwaitingFee || p.Waived && r.State == ReplacementSubmitted {
		if err := s.beforePaying(ctx, &p); err != nil {
			return p, err
		}
	}
	switch r.State {
	case ReplacementAwaitingFee:
		p.ExpectedBy = r.PayBy
	default:
		steps := []Step(nil)
		for _, st := range r.Steps {
			steps = append(steps, Step{ApplicationState(st.State), st.At})
		}
		terms, err := s.Policy.ApplicationTerms(ctx, s.Clock.Now())
		if err != nil {
			return p, err
		}
		if p.ExpectedBy, p.Overdue, err = s.expected(ctx, terms, Application{State: ApplicationState(r.State), Steps: steps}); err != nil {
			return p, err
		}
	}
	p.Withdrawable = withdrawableReplacement(r.State)
	p.Label, p.Advice = replacementWordsOf(r.State, p.Waived).now, replacementAdvice(p)
	return p, nil
}

// shownDefects lists what is to be put right: online as long as that is open, else all of it at a window.
func (s *Service) shownDefects(ctx context.Context, p *ReplacementProgress) error {
	r := p.Replacement
	if r.State != ReplacementReturned {
		return nil
	}
	terms, err := s.Policy.ApplicationTerms(ctx, s.Clock.Now())
	if err != nil {
		return err
	}
	if r.correctable() {
		p.CorrectionsLeft = max(0, terms.Corrections-r.Corrections)
	}
	p.Defects = r.asApplication().DefectsShown()
	for i := range p.Defects {
		if d := &p.Defects[i]; p.CorrectionsLeft == 0 {
			d.Field, d.Todo = "", atWindowText
		}
	}
	return nil
}

func withdrawableReplacement(s ReplacementState) bool {
	return s == ReplacementAwaitingFee || s == ReplacementSubmitted || s == ReplacementAccepted || s == ReplacementReturned
}

// beforePaying gathers what to read before money is paid: that releasing is free, what paying means, and which payments
// are on their way to the account that ends.
func (s *Service) beforePaying(ctx context.Context, p *ReplacementProgress) error {
	c, err := s.Store.Card(ctx, p.Replacement.CardID)
	if err != nil {
		return err
	}
	if p.Announced, err = s.Announced.AnnouncedTo(ctx, c.PersonID, c.AccountTail); err != nil {
		return err
	}
	mayFind, void := mayFindText, voidText
	if p.Waived {
		mayFind, void = mayUndoText, waivedText
	}
	if p.Replacement.Reason == ReasonLost {
		p.BeforePaying = append(p.BeforePaying, mayFind)
	}
	p.BeforePaying = append(p.BeforePaying, void)
	if len(p.Announced) > 0 {
		p.BeforePaying = append(p.BeforePaying, announcedText(len(p.Announced), c.AccountTail))
	}
	return nil
}

// replacementTimeline is every step taken, the last one as present, then the rest of the road.
func replacementTimeline(r Replacement, waived bool) []ReplacementLine {
	lines := make([]ReplacementLine, 0, len(replacementRoad)+2)
	for i, step := range r.Steps {
		words := replacementWordsOf(step.State, waived)
		label := words.done
		if i == len(r.Steps)-1 {
			label = words.now
		}
		lines = append(lines, ReplacementLine{step.State, label, step.At})
	}
	switch {
	case !r.Unfinished():
		return lines
	case r.State == ReplacementWithdrawing:
		return append(lines, ReplacementLine{State: ReplacementWithdrawn, Label: "撤回"})
	case r.State == ReplacementAwaitingFee:
		lines = append(lines, ReplacementLine{State: ReplacementSubmitted, Label: replacementWordsOf(ReplacementSubmitted, waived).ahead})
	}
	for _, later := range replacementRoad {
		if _, err := ReplacementFlow.Next(r.State, later.on); err == nil || r.State == ReplacementAwaitingFee {
			lines = append(lines, ReplacementLine{State: later.state, Label: replacementWordsOf(later.state, waived).ahead})
		}
	}
	return lines
}

// ReplacementBeside is the replacement under way for the card of a loss report, for who has just released it (R41);
// models.ErrNotFound.
func (s *Service) ReplacementBeside(ctx context.Context, r LossReport) (ReplacementProgress, error) {
	open, err := s.Store.OpenReplacement(ctx, r.CardID)
	if err != nil {
		return ReplacementProgress{}, err
	}
	return s.ReplacementProgressOf(ctx, open)
}
