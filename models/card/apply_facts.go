package card

import (
	"context"
	"errors"

	"onecard/models"
	"onecard/models/audit"
	"onecard/models/notice"
)

// ApplyFacts takes what the registry says about cards into the mirror and lets it speak to open reports. It joins the
// feed's transaction. A fact not newer than the mirror changes nothing; one not newer than the last answer to our own
// command says nothing about loss. Facts older than HistoryFrom tell nobody. It returns the cards it could not take,
// because their person is not known here: the feed parks those.
func (s *Service) ApplyFacts(ctx context.Context, facts []Fact) (orphans []models.CardRef, err error) {
	if len(facts) == 0 {
		return nil, nil
	}
	changes, err := s.Store.MirrorCards(ctx, facts, s.Clock.Now())
	if err != nil {
		return nil, err
	}
	ids := make([]models.ID, 0, len(changes))
	for ref, ch := range changes {
		if ch.Orphan {
			orphans = append(orphans, ref)
		} else if !ch.Stale {
			ids = append(ids, ch.After.ID)
		}
	}
	open, err := s.Store.OpenLossReports(ctx, ids)
	if err != nil {
		return nil, err
	}
	byCard := make(map[models.ID]LossReport, len(open))
	for _, r := range open {
		byCard[r.CardID] = r
	}
	weighed := make(map[models.CardRef]int64, len(ids))
	for _, f := range facts {
		ch := changes[f.Ref]
		if ch.Stale || f.Version <= max(ch.Before.Version, ch.After.AnsweredVersion, weighed[f.Ref]) {
			continue
		}
		weighed[f.Ref] = f.Version
		if ch.Known && ch.Before.Live() && !ch.After.Live() {
			if err := s.cardEnded(ctx, ch.After); err != nil {
				return nil, err
			}
		}
		if !ch.Known {
			f = f.firstSight()
		}
		moved, err := s.weigh(ctx, f, ch.After, byCard[ch.After.ID])
		if err != nil {
			return nil, err
		}
		if !moved {
			continue
		}
		// The card's next fact in this page meets the report as it stands now.
		r, err := s.Store.OpenLossReport(ctx, ch.After.ID)
		if err != nil && !errors.Is(err, models.ErrNotFound) {
			return nil, err
		}
		byCard[ch.After.ID] = r
	}
	return orphans, nil
}

// weigh holds one new fact against the card's open report, and tells whether reports changed.
func (s *Service) weigh(ctx context.Context, f Fact, c Card, r LossReport) (moved bool, err error) {
	if f.Loss == nil && f.Social.Lost() { // a source that says no more than the state
		f.Loss = &LossFact{Source: string(models.Registry), ReportedAt: f.ChangedAt, ExpiresAt: r.ExpiresAt}
	}
	switch {
	case f.Social == SocialVoid && r.Open():
		return true, s.endedElsewhere(ctx, f, c, r, LossSeenVoided, notice.CardVoided)
	case f.Social == SocialCancelled && r.Open():
		return true, s.endedElsewhere(ctx, f, c, r, LossSeenVoided, "")
	case f.Social == SocialVoid, f.Social == SocialCancelled:
		return false, nil
	case f.Loss != nil && !r.Open():
		return true, s.foundElsewhere(ctx, f, c)
	case f.Loss != nil && r.InForce():
		return s.stillLost(ctx, f, c, r)
	case f.Loss != nil:
		return true, s.seenEffective(ctx, f, c, r)
	case !f.Social.Free() || !r.InForce():
		return false, nil // a report that waits goes on waiting: its own answer says what it came to
	}
	if on, err := s.goesOn(ctx, f, c, r); err != nil || on {
		if err == nil {
			err = s.undone(ctx, c, r)
		}
		return true, err
	}
	if f.Ended != nil && f.Ended.How == "lapsed" {
		return true, s.endedElsewhere(ctx, f, c, r, LossSeenLapsed, notice.LossLapsed)
	}
	return true, s.endedElsewhere(ctx, f, c, r, LossSeenReleased, notice.LossReleased)
}

// seenEffective: the feed shows a loss before the answer to our command came.
func (s *Service) seenEffective(ctx context.Context, f Fact, c Card, r LossReport) error {
	if err := s.confirmedByFeed(ctx, c, models.ID(f.Loss.RequestID), CommandLoss); err != nil {
		return err
	}
	r.RegistryRef, r.ExpiresAt = f.Loss.Reference, f.Loss.ExpiresAt
	return s.advance(ctx, r, c, move{on: LossSeenEffective, at: s.Clock.Now(), tell: notice.LossEffective, action: "card.loss.confirmed"})
}

// stillLost: a loss stands, and ours is in force. A new date is ours too. Another loss than ours means that ours has
// ended unseen: it ends here, and the other one becomes a report of its own.
func (s *Service) stillLost(ctx context.Context, f Fact, c Card, r LossReport) (moved bool, err error) {
	now := s.Clock.Now()
	if f.Loss.Reference != "" && r.RegistryRef != "" && f.Loss.Reference != r.RegistryRef {
		ours, err := s.asked(ctx, f.Loss.RequestID, r)
		if err == nil && !ours {
			ours, err = s.lossUnderWay(ctx, c)
		}
		if err != nil {
			return false, err
		}
		if !ours {
			if err := s.endedElsewhere(ctx, Fact{ChangedAt: f.ChangedAt}, c, r, LossSeenReleased, ""); err != nil {
				return false, err
			}
			return true, s.foundElsewhere(ctx, f, c)
		}
	}
	if f.Loss.ExpiresAt.Equal(r.ExpiresAt) && (f.Loss.Reference == "" || f.Loss.Reference == r.RegistryRef) {
		return false, nil
	}
	before := r.ExpiresAt
	r.ExpiresAt, r.UpdatedAt = f.Loss.ExpiresAt, now
	if f.Loss.Reference != "" {
		r.RegistryRef = f.Loss.Reference
	}
	if err := s.Store.AdvanceLossReport(ctx, r, r.State); err != nil {
		return false, err
	}
	return true, s.toldRenewed(ctx, r, c, before, now)
}

// asked reports whether a request id is a command of ours for this report.
func (s *Service) asked(ctx context.Context, request string, r LossReport) (bool, error) {
	c, err := s.ownRequest(ctx, request)
	return c.ID != "" && c.SubjectID == r.ID, err
}

// ownRequest is the command of ours that carried a request id; empty where the id is not one of ours.
func (s *Service) ownRequest(ctx context.Context, request string) (Command, error) {
	id, err := models.ParseID(request)
	if err != nil {
		return Command{}, nil //nolint:nilerr // another system's number is an answer: not ours
	}
	c, err := s.Store.Command(ctx, id)
	if errors.Is(err, models.ErrNotFound) {
		return Command{}, nil
	}
	return c, err
}

// lossUnderWay reports whether a loss command of the card has no answer yet.
func (s *Service) lossUnderWay(ctx context.Context, c Card) (bool, error) {
	cmd, err := s.Store.UnfinishedCommand(ctx, c.ID)
	if errors.Is(err, models.ErrNotFound) {
		return false, nil
	}
	return cmd.Kind == CommandLoss, err
}

// goesOn reports whether a loss in force does not end with the loss on record: while a command for it is on its way,
// which may be newer than the end (another's loss had made the report effective), its own answer tells; and a release
// that we had taken back before ends nothing. Where the source does not say who ended the loss, such a release is
// assumed as long as one may still be carried out: a card stopped once too often is the smaller harm.
func (s *Service) goesOn(ctx context.Context, f Fact, c Card, r LossReport) (bool, error) {
	if r.State != LossEffective {
		return false, nil
	}
	if under, err := s.lossUnderWay(ctx, c); err != nil || under {
		return under, err
	}
	if f.Ended == nil {
		return !r.ReassertAt.IsZero(), nil
	}
	cmd, err := s.ownRequest(ctx, f.Ended.RequestID)
	return cmd.CardID == c.ID && cmd.Kind == CommandRelease && cmd.State == CommandSuperseded, err
}

// undone takes a loss back to waiting; it is asked for again where that is not under way.
func (s *Service) undone(ctx context.Context, c Card, r LossReport) error {
	if err := s.advance(ctx, r, c, move{on: LossUndone, at: s.Clock.Now(), action: "card.loss.undone"}); err != nil {
		return err
	}
	return s.assertAgain(ctx, c, r)
}

// foundElsewhere makes a report of a loss that did not come from us, so that release always has one to act on.
func (s *Service) foundElsewhere(ctx context.Context, f Fact, c Card) error {
	now := s.Clock.Now()
	n, err := s.Store.NextNumber(ctx, "loss", models.DateOf(now))
	if err != nil {
		return err
	}
	since := f.Loss.ReportedAt
	if since.IsZero() {
		since = f.ChangedAt
	}
	r := LossReport{
		ID: models.NewID(), Receipt: models.ReceiptNumber(now, n), PersonID: c.PersonID, CardID: c.ID, State: LossEffective,
		Source: f.Loss.Source, ReportedBy: models.SystemActor, Kind: f.Loss.Kind, RegistryRef: f.Loss.Reference,
		ReportedAt: since, EffectiveAt: since, ExpiresAt: f.Loss.ExpiresAt, UpdatedAt: now,
	}
	if err := s.Store.CreateLossReport(ctx, r); err != nil {
		return err
	}
	if !f.ChangedAt.Before(s.set.HistoryFrom) {
		if err := s.told(ctx, "loss:"+string(r.ID)+":elsewhere", notice.LossElsewhere, r, c, since, ""); err != nil {
			return err
		}
	}
	return s.Store.RecordAudit(ctx, audit.Of(models.FromRegistry(), now, "card.loss.learnt", "loss_reports", string(r.ID), string(r.State)).
		About(r.PersonID).Noting("source", r.Source))
}

// endedElsewhere ends our report because the registry says so, and tells the person once.
func (s *Service) endedElsewhere(ctx context.Context, f Fact, c Card, r LossReport, on LossEvent, tell notice.Kind) error {
	r.EndedBy = "registry"
	if f.Ended != nil {
		r.EndedBy = f.Ended.Source
		if err := s.confirmedByFeed(ctx, c, models.ID(f.Ended.RequestID), CommandRelease); err != nil {
			return err
		}
	}
	if err := s.supersedeUnfinished(ctx, c); err != nil {
		return err
	}
	if f.ChangedAt.Before(s.set.HistoryFrom) {
		tell = ""
	}
	return s.advance(ctx, r, c, move{on: on, at: s.Clock.Now(), tell: tell, action: "card.loss.ended"})
}

// confirmedByFeed settles our own command when the feed shows its effect before its answer came.
func (s *Service) confirmedByFeed(ctx context.Context, c Card, request models.ID, kind CommandKind) error {
	cmd, err := s.Store.UnfinishedCommand(ctx, c.ID)
	if errors.Is(err, models.ErrNotFound) || err == nil && (cmd.ID != request || cmd.Kind != kind) {
		return nil
	}
	if err != nil {
		return err
	}
	if cmd.State == CommandRequested { // put back as surely not sent, yet it arrived: believe the registry
		return s.supersede(ctx, cmd)
	}
	return ignoreConflict(s.finish(ctx, cmd, CommandAnsweredDone, Answer{Code: "feed"}))
}

// supersedeUnfinished takes back whatever is still on its way for a card whose report has ended.
func (s *Service) supersedeUnfinished(ctx context.Context, c Card) error {
	cmd, err := s.Store.UnfinishedCommand(ctx, c.ID)
	if errors.Is(err, models.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.supersede(ctx, cmd)
}
