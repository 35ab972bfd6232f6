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
	ApplicationReturned:   notice.ApplicationReturned,
	ApplicationWithdrawn:  notice.ApplicationWithdrawn,
}

// applicationAnswered takes the registry's verdict on a submission, a correction or a withdrawal. An answer that the feed
// has overtaken moves nothing: its reference is kept.
func (s *Service) applicationAnswered(ctx context.Context, c Command, a Answer, now time.Time) error {
	app, err := s.Store.Application(ctx, c.SubjectID)
	if err != nil {
		return err
	}
	on := answerEvent(c.Kind, a.Outcome)
	if a.Outcome == OutcomeRefused {
		app.ReasonCode = a.Code
	} else if a.Reference != "" {
		app.RegistryRef = a.Reference
	}
	if on != ApplicationWithdrawalLate && on != ApplicationNotCorrected && a.ApplicationVersion > 0 && app.FactVersion >= a.ApplicationVersion {
		on = "" // what came after this answer is known already; a refusal changes no version, and nothing else ends the waiting for it
	}
	app.FactVersion = max(app.FactVersion, a.ApplicationVersion)
	stillWanted := app.State == ApplicationWithdrawing && c.Kind != CommandWithdrawal
	if err := s.moveApplication(ctx, app, on, now, c.CreatedAt); err != nil || !stillWanted {
		return err
	}
	if app, err = s.Store.Application(ctx, app.ID); err != nil || app.State != ApplicationWithdrawing {
		return err
	}
	return s.queueApplication(ctx, c.by(), app, CommandWithdrawal)
}

func answerEvent(kind CommandKind, outcome Outcome) ApplicationEvent {
	refused := outcome == OutcomeRefused
	switch {
	case kind == CommandWithdrawal && refused:
		return ApplicationWithdrawalLate
	case kind == CommandWithdrawal:
		return ApplicationGone
	case kind == CommandCorrection && refused:
		return ApplicationNotCorrected
	case refused:
		return ApplicationNo
	}
	return ApplicationTaken
}

// applicationExpired gives what the registry never heard of its next command in the same commit. An application that
// was taken back before the registry ever heard of it is gone.
func (s *Service) applicationExpired(ctx context.Context, c Command, now time.Time) error {
	app, err := s.Store.Application(ctx, c.SubjectID)
	switch {
	case err != nil:
		return err
	case app.State == ApplicationWithdrawing && c.Kind == CommandApplication:
		return s.moveApplication(ctx, app, ApplicationGone, now, c.CreatedAt)
	case app.State == ApplicationWithdrawing:
		return s.queueApplication(ctx, c.by(), app, CommandWithdrawal)
	case app.State == ApplicationSubmitted:
		return s.queueApplication(ctx, c.by(), app, c.Kind)
	}
	return nil
}

// by is the system going on with a command, through the door it first came.
func (c Command) by() models.Actor {
	return models.Actor{Kind: models.SystemActor, Channel: c.Channel}
}

// ApplyApplicationFacts takes the stages the registry reports. It joins the feed's transaction; a fact not newer than
// the last one, or one that would go back on the road, changes nothing.
func (s *Service) ApplyApplicationFacts(ctx context.Context, facts []ApplicationFact) error {
	for _, f := range facts {
		app, err := s.Store.ApplicationByRequest(ctx, f.RequestID)
		if errors.Is(err, models.ErrNotFound) {
			if err := s.replacementFact(ctx, f); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
		if f.Version <= app.FactVersion {
			continue
		}
		app.FactVersion, app.ReasonCode = f.Version, f.ReasonCode
		if f.Event == ApplicationSentBack {
			before := app.LateDefects
			app = app.sentBack(f.Defects)
			if _, err := ApplicationFlow.Next(app.State, f.Event); err == nil {
				s.Store.AfterCommit(ctx, func() { s.Watch.ApplicationReturned(app.LateDefects - before) })
			}
		}
		if f.OutletRef != "" {
			app.OutletRef = f.OutletRef
		}
		if f.Reference != "" {
			app.RegistryRef = f.Reference
		}
		if err := s.moveApplication(ctx, app, f.Event, f.ChangedAt, s.telling(f)); err != nil {
			return err
		}
	}
	return nil
}

// telling is since when a fact may have been told; zero for one that is history: nobody is told of it.
func (s *Service) telling(f ApplicationFact) time.Time {
	if f.ChangedAt.Before(s.set.HistoryFrom) {
		return time.Time{}
	}
	return f.ChangedAt
}

// moveApplication writes one step, tells the citizen where it concerns her, and audits. An event that the state does not
// take (an old stage told again) keeps what it adds and moves nothing. told is since when she may have been told of it: of
// an answer, since we asked for it; zero: she is not.
func (s *Service) moveApplication(ctx context.Context, app Application, on ApplicationEvent, at, told time.Time) error {
	from := app.State
	next, err := app.After(on, at)
	moved := err == nil
	if !moved {
		next = app
	}
	if err := s.Store.AdvanceApplication(ctx, next, from); err != nil {
		return err
	}
	if !moved {
		return nil
	}
	if kind, ok := stageNotice(next, from); ok && !told.IsZero() {
		if err := s.tellStage(ctx, next, kind, at, told); err != nil {
			return err
		}
	}
	entry := audit.Of(models.FromRegistry(), s.Clock.Now(), "card.application."+string(next.State), "applications", string(next.ID), string(next.State)).
		About(next.PersonID).Noting("reference", next.RegistryRef)
	if next.State == ApplicationReturned {
		entry = entry.Noting("defects", defectCodes(next)).Noting("late_defects", strconv.Itoa(next.LateDefects))
	}
	return s.Store.RecordAudit(ctx, entry)
}

// stageNotice is what a step tells. One who asked to withdraw must hear that the batch was faster.
func stageNotice(a Application, from ApplicationState) (notice.Kind, bool) {
	if from == ApplicationWithdrawing && a.Unfinished() {
		return notice.ApplicationNotWithdrawn, true
	}
	kind, ok := stageNotices[a.State]
	return kind, ok
}

func (s *Service) tellStage(ctx context.Context, a Application, kind notice.Kind, at, told time.Time) error {
	have := map[string]string{"receipt": a.Receipt, "reason": reasonTexts[a.ReasonCode]}
	if o, err := s.Outlets.OutletByRef(ctx, a.OutletRef); err == nil {
		have["outlet"] = o.Name
	}
	if b, err := s.Banks.BankOn(ctx, a.BankCode, at); err == nil {
		have["bank"] = b.Name
	}
	cause := "application:" + string(a.ID) + ":" + string(a.State)
	switch {
	case kind == notice.ApplicationBankFailed, kind == notice.ApplicationReturned: // may come again
		cause += ":" + strconv.FormatInt(a.FactVersion, 10)
	case kind == notice.ApplicationNotWithdrawn:
		cause = "application:" + string(a.ID) + ":not_withdrawn:" + strconv.Itoa(a.Version)
	case a.Corrections > 0:
		cause += ":" + strconv.Itoa(a.Corrections)
	}
	d := draft(cause, kind, a.PersonID, have, "application", a.ID, s.Clock.Now())
	d.FactAt = told
	return s.Store.AddNotice(ctx, d)
}

// queueApplication adds the command that carries a submission, its correction or its withdrawal to the registry.
func (s *Service) queueApplication(ctx context.Context, by models.Actor, app Application, kind CommandKind) error {
	now, err := s.Store.Now(ctx)
	if err != nil {
		return err
	}
	ref, err := s.Store.PersonRef(ctx, app.PersonID)
	if err != nil {
		return err
	}
	err = s.Store.AddCommand(ctx, Command{
		ID: models.NewID(), Kind: kind, PersonID: app.PersonID, PersonRef: ref, SubjectID: app.ID, Channel: by.Channel,
		State: CommandRequested, NotAfter: now.Add(s.set.ApplyValid), DueAt: now, CreatedAt: now,
	})
	if err != nil {
		return err
	}
	s.Store.Wake(ctx, TopicCommands)
	return nil
}
