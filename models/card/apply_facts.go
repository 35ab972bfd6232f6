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
	for _, f := range facts {
		ch := changes[f.Ref]
		if ch.Stale || f.Version != ch.After.Version || f.Version <= ch.After.AnsweredVersion {
			continue
		}
		if err := s.weigh(ctx, f, ch.After, byCard[ch.After.ID]); err != nil {
			return nil, err
		}
	}
	return orphans, nil
}

// weigh holds one new fact against the card's open report.
func (s *Service) weigh(ctx context.Context, f Fact, c Card, r LossReport) error {
	now := s.Clock.Now()
	closed := f.Social == SocialVoid || f.Social == SocialCancelled
	switch {
	case closed && r.Open():
		return s.endedElsewhere(ctx, f, c, r, LossSeenVoided, notice.CardVoided)
	case closed:
		return nil
	case f.Loss != nil && !r.Open():
		return s.foundElsewhere(ctx, f, c)
	case f.Loss != nil && r.InForce():
		if f.Loss.ExpiresAt.Equal(r.ExpiresAt) {
			return nil
		}
		r.ExpiresAt = f.Loss.ExpiresAt
		return s.Store.AdvanceLossReport(ctx, r, r.State)
	case f.Loss != nil:
		if err := s.confirmedByFeed(ctx, c, models.ID(f.Loss.RequestID), CommandLoss); err != nil {
			return err
		}
		r.RegistryRef, r.ExpiresAt = f.Loss.Reference, f.Loss.ExpiresAt
		return s.advance(ctx, models.FromRegistry(), r, LossSeenEffective, now, notice.LossEffective, c, "card.loss.confirmed")
	case r.InForce() && (f.Social == SocialNormal || f.Social == SocialInactive):
		if f.Ended != nil && f.Ended.How == "lapsed" {
			return s.endedElsewhere(ctx, f, c, r, LossSeenLapsed, notice.LossLapsed)
		}
		return s.endedElsewhere(ctx, f, c, r, LossSeenReleased, notice.LossReleased)
	}
	return nil
}

// foundElsewhere makes a report of a loss that did not come from us, so that release always has one to act on.
func (s *Service) foundElsewhere(ctx context.Context, f Fact, c Card) error {
	now := s.Clock.Now()
	n, err := s.Store.NextNumber(ctx, "loss", models.DateOf(now))
	if err != nil {
		return err
	}
	r := LossReport{
		ID: models.NewID(), Receipt: models.ReceiptNumber(now, n), PersonID: c.PersonID, CardID: c.ID, State: LossEffective,
		Source: f.Loss.Source, ReportedBy: models.SystemActor, Kind: f.Loss.Kind, RegistryRef: f.Loss.Reference,
		ReportedAt: f.Loss.ReportedAt, EffectiveAt: f.Loss.ReportedAt, ExpiresAt: f.Loss.ExpiresAt, UpdatedAt: now,
	}
	if err := s.Store.CreateLossReport(ctx, r); err != nil {
		return err
	}
	if !f.ChangedAt.Before(s.set.HistoryFrom) {
		if err := s.told(ctx, "loss:"+string(r.ID)+":elsewhere", notice.LossElsewhere, r, c, f.Loss.ReportedAt); err != nil {
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
	return s.advance(ctx, models.FromRegistry(), r, on, s.Clock.Now(), tell, c, "card.loss.ended")
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
		return s.supersede(ctx, cmd, s.Clock.Now())
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
	return s.supersede(ctx, cmd, s.Clock.Now())
}
