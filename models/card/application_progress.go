package card

import (
	"context"
	"errors"
	"strconv"
	"time"

	"onecard/models"
	"onecard/models/audit"
	"onecard/models/notice"
)

// stageNotices say which stages concern the citizen enough for an SMS.
var stageNotices = map[ApplicationState]notice.Kind{
	ApplicationAccepted:   notice.ApplicationAccepted,
	ApplicationRejected:   notice.ApplicationRefused,
	ApplicationBankFailed: notice.ApplicationBankFailed,
	ApplicationProducing:  notice.ApplicationProducing,
	ApplicationAtOutlet:   notice.ApplicationReady,
	ApplicationCollected:  notice.ApplicationCollected,
}

// applicationAnswered takes the registry's verdict on a submission.
func (s *Service) applicationAnswered(ctx context.Context, c Command, a Answer, now time.Time) error {
	app, err := s.Store.Application(ctx, c.SubjectID)
	if err != nil {
		return err
	}
	on := ApplicationTaken
	if a.Outcome == OutcomeRefused {
		on, app.ReasonCode = ApplicationNo, a.Code
	} else {
		app.RegistryRef = a.Reference
	}
	return s.moveApplication(ctx, app, on, now, true)
}

// applicationExpired gives a submission the registry never heard of its next command in the same commit.
func (s *Service) applicationExpired(ctx context.Context, c Command, _ time.Time) error {
	app, err := s.Store.Application(ctx, c.SubjectID)
	if err != nil || app.State != ApplicationSubmitted {
		return err
	}
	return s.queueApplication(ctx, models.Actor{Kind: models.SystemActor, Channel: c.Channel}, app)
}

// ApplyApplicationFacts takes the stages the registry reports. It joins the feed's transaction; a fact not newer than
// the last one, or one that would go back on the road, changes nothing.
func (s *Service) ApplyApplicationFacts(ctx context.Context, facts []ApplicationFact) error {
	for _, f := range facts {
		app, err := s.Store.ApplicationByRequest(ctx, f.RequestID)
		if errors.Is(err, models.ErrNotFound) {
			continue // made at a window: its card comes by the card feed
		}
		if err != nil {
			return err
		}
		if f.Version <= app.FactVersion {
			continue
		}
		app.FactVersion, app.ReasonCode = f.Version, f.ReasonCode
		if f.OutletRef != "" {
			app.OutletRef = f.OutletRef
		}
		if f.Reference != "" {
			app.RegistryRef = f.Reference
		}
		if err := s.moveApplication(ctx, app, f.Event, f.ChangedAt, !f.ChangedAt.Before(s.set.HistoryFrom)); err != nil {
			return err
		}
	}
	return nil
}

// moveApplication writes one step, tells the citizen where it concerns her, and audits.
func (s *Service) moveApplication(ctx context.Context, app Application, on ApplicationEvent, at time.Time, tell bool) error {
	from := app.State
	next, err := app.After(on, at)
	if err != nil {
		next = app // an old stage told again: keep what it adds, move nothing
	}
	if err := s.Store.AdvanceApplication(ctx, next, from); err != nil {
		return err
	}
	if next.State == from {
		return nil
	}
	if kind, ok := stageNotices[next.State]; ok && tell {
		have := map[string]string{"receipt": next.Receipt, "reason": reasonTexts[next.ReasonCode]}
		if o, err := s.Outlets.OutletByRef(ctx, next.OutletRef); err == nil {
			have["outlet"] = o.Name
		}
		if b, err := s.Banks.BankOn(ctx, next.BankCode, at); err == nil {
			have["bank"] = b.Name
		}
		cause := "application:" + string(next.ID) + ":" + string(next.State)
		if next.State == ApplicationBankFailed { // the bank may try again, and fail again
			cause += ":" + strconv.FormatInt(next.FactVersion, 10)
		}
		d := draft(cause, kind, next.PersonID, have, "application", next.ID, s.Clock.Now())
		if err := s.Store.AddNotice(ctx, d); err != nil {
			return err
		}
	}
	return s.Store.RecordAudit(ctx, audit.Of(models.FromRegistry(), s.Clock.Now(), "card.application."+string(next.State), "applications", string(next.ID), string(next.State)).
		About(next.PersonID).Noting("reference", next.RegistryRef))
}

// queueApplication adds the command that carries a submission to the registry.
func (s *Service) queueApplication(ctx context.Context, by models.Actor, app Application) error {
	now, err := s.Store.Now(ctx)
	if err != nil {
		return err
	}
	ref, err := s.Store.PersonRef(ctx, app.PersonID)
	if err != nil {
		return err
	}
	err = s.Store.AddCommand(ctx, Command{
		ID: models.NewID(), Kind: CommandApplication, PersonID: app.PersonID, PersonRef: ref, SubjectID: app.ID, Channel: by.Channel,
		State: CommandRequested, NotAfter: now.Add(s.set.ApplyValid), DueAt: now, CreatedAt: now,
	})
	if err != nil {
		return err
	}
	s.Store.Wake(ctx, TopicCommands)
	return nil
}
