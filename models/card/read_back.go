package card

import (
	"context"
	"errors"
	"time"

	"onecard/models"
)

// ReadBack is what stands in for Registry.Asked at a source that keeps no request ids and only tells how a card stands.
type ReadBack interface {
	// StateAfter reads the card of a loss or release. OutcomeAlready where it stands as the command wanted, OutcomeRefused where
	// it can never, ErrNeverHeard where it does not (yet), ErrLostSight where the source does not show it; any other error tells nothing. It never says who made it so.
	StateAfter(ctx context.Context, c Command) (Answer, error)
}

// fateOf finds out what became of a command of which a copy may have been sent.
func (s *Service) fateOf(ctx context.Context, c Command) (Answer, error) {
	if s.ReadBack == nil || c.Kind.ofApplication() {
		return s.Registry.Asked(ctx, c.ID)
	}
	return s.ReadBack.StateAfter(ctx, c)
}

// settlingOf is how long an unanswered copy of a command may still be carried out at a source that would do it twice. A
// loss is asked about at once and sent again, because stopped twice is stopped; a release that is sent again, or believed
// too early, could undo a loss reported after it: it waits until its copy surely has come to its end.
func (s *Service) settlingOf(c Command) time.Duration {
	if s.ReadBack == nil || c.Kind != CommandRelease {
		return 0
	}
	return s.set.Settling
}

// stillSettling puts a release whose sender fell silent off until its copy has surely come to its end.
func (s *Service) stillSettling(ctx context.Context, c Command, now time.Time) (bool, error) {
	quiet := c.LeaseEnds.Add(s.settlingOf(c))
	if c.State != CommandSending || c.LeaseEnds.IsZero() || !now.Before(quiet) || s.settlingOf(c) == 0 {
		return false, nil
	}
	return true, ignoreConflict(s.putBack(ctx, c, CommandAnswerMissing, c.LeaseEnds))
}

// quietFrom is when a release of the card may leave: not while an unanswered copy of a loss may still be carried out after
// it, at a source that would do so.
func (s *Service) quietFrom(ctx context.Context, c Card, kind CommandKind, now time.Time) (time.Time, error) {
	if s.ReadBack == nil || kind != CommandRelease {
		return now, nil
	}
	quiet, err := s.copiesEnd(ctx, c, CommandLoss, now)
	if quiet.After(now) {
		return quiet, err
	}
	return now, err
}

// copiesEnd is when every unanswered copy of the card's settled losses, or releases, has been carried out or never will be.
// All count, not the last alone: an older one may have been answered later, or not at all.
func (s *Service) copiesEnd(ctx context.Context, c Card, kind CommandKind, now time.Time) (time.Time, error) {
	settled, err := s.Store.SettledCommands(ctx, c.ID, kind, now.Add(-s.set.Settling))
	last := time.Time{}
	for _, cmd := range settled {
		if at := cmd.lastCopy(); at.After(last) {
			last = at
		}
	}
	if err != nil || last.IsZero() {
		return time.Time{}, err
	}
	return last.Add(s.set.Settling), nil
}

// lastCopy is until when a copy of a settled command may have left without an answer; zero: none did. Who held it when it
// was superseded may have gone on until the lease ended.
func (c Command) lastCopy() time.Time {
	switch {
	case c.Attempt == 0, c.State == CommandWithdrawn: // it never left
		return time.Time{}
	case c.Attempt == 1 && c.State == CommandConfirmed: // its only copy was answered
		return time.Time{}
	case c.LeaseEnds.After(c.SettledAt):
		return c.LeaseEnds
	}
	return c.SettledAt
}

// errOverlapped: two questions that were under way at once tell different things of a card. Which of them saw it later
// nobody knows: a third one tells.
var errOverlapped = errors.New("card: two answers overlap")

// settleRead is settle for what a question about the card told.
func (s *Service) settleRead(ctx context.Context, c Command, a Answer, now time.Time) error {
	err := s.settleAs(ctx, c, a, s.ReadBack != nil)
	if errors.Is(err, errOverlapped) {
		return s.putBackUntil(ctx, c, CommandAnswerMissing, now.Add(s.backOff(c.Attempt)))
	}
	return err
}

// overlaps reports whether what is mirrored was asked after what a question told, and says the contrary.
func overlaps(c Command, a Answer, mirror Card) bool {
	return a.Outcome != OutcomeRefused && mirror.Version > a.CardVersion && mirror.Social.Lost() != (c.Kind == CommandLoss)
}

// ApplyTold takes what was told of one person by a source that is only asked: her present card, if she has one. A live
// card of hers that is told no more, while another one that was collected is, has been replaced: it is void (R42). It
// joins the caller's transaction.
func (s *Service) ApplyTold(ctx context.Context, person models.ID, facts []Fact) error {
	if len(facts) == 0 {
		return nil
	}
	before, err := s.Store.CardsOfPerson(ctx, person)
	if err != nil {
		return err
	}
	told := facts[0]
	all := []Fact{told}
	for _, c := range before {
		if c.Ref == told.Ref || !c.Live() || !told.HandedOver || told.Social == SocialCancelled {
			continue
		}
		all = append(all, Fact{Ref: c.Ref, PersonRef: told.PersonRef, NumberMask: c.NumberMask, Area: c.Area, BankCode: c.BankCode, AccountTail: c.AccountTail,
			OutletRef: c.OutletRef, Social: SocialVoid, Financial: c.Financial, Holding: c.Holding, Version: told.Version, ChangedAt: told.ChangedAt,
			AskedAt: told.AskedAt})
	}
	if _, err = s.ApplyFacts(ctx, all); err != nil {
		return err
	}
	return s.seenAgain(ctx, person, told)
}

// firstSight is a fact about a card that was never seen before, of a source that does not say since when it is so: it is
// history, and tells nobody.
func (f Fact) firstSight() Fact {
	if f.AskedAt.IsZero() {
		return f
	}
	if f.Loss == nil && f.Social.Lost() {
		f.Loss = &LossFact{Source: string(models.Registry), ReportedAt: f.AskedAt}
	}
	f.ChangedAt = time.Time{}
	return f
}

// ApplyProgress takes how far the production of a person's card is, from a source that names no application: it is about
// her unfinished one, unless it began before that was made.
func (s *Service) ApplyProgress(ctx context.Context, person models.ID, f ApplicationFact) error {
	app, err := s.Store.LatestApplication(ctx, person)
	if errors.Is(err, models.ErrNotFound) {
		return nil
	}
	if err != nil || !app.Unfinished() || f.Version <= app.FactVersion || f.AppliedAt.Before(app.CreatedAt.Add(-s.set.Skew)) {
		return err
	}
	app.FactVersion = f.Version
	return s.moveApplication(ctx, app, f.Event, f.ChangedAt, f.ChangedAt)
}
