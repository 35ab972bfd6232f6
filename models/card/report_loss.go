package card

import (
	"context"
	"errors"
	"time"

	"onecard/models"
	"onecard/models/audit"
)

// ReportLossInput asks to stop the social-security account of one card.
type ReportLossInput struct {
	CardID  models.ID
	Account string // "social" or empty; "financial" is refused (R39)
	Said    ByPhone
}

// LossResult is a report and whether this request made it.
type LossResult struct {
	Report LossReport
	// Repeated: an open report stood already and nothing new was decided.
	Repeated bool
	// Replayed: this very request was decided before; its result is the report as it stands now.
	Replayed bool
}

// ReportLoss writes the report and its command down in one commit, then tries once to have the registry stop the
// social-security account (R32, R33). The holder may report, who acts for her as guardian or helper, and an agent for a
// caller whose identity was checked. The holder is told of a helper's report in the same commit.
//
// A card with an open report answers with that report (Repeated); one whose release is under way is stopped again.
// Errors: ErrCardNotFound for a card the actor may not see, ErrCardVoid, ErrCardCancelled, ErrNoAccountYet,
// ErrBankInPerson, ErrReadBackRequired of an agent, ErrLossRefused with the registry's reason, and what Gate and Calls refuse.
func (s *Service) ReportLoss(ctx context.Context, by models.Actor, in ReportLossInput) (LossResult, error) {
	strength, err := s.mayReport(ctx, by)
	if err != nil {
		return LossResult{}, err
	}
	c, err := s.ownCard(ctx, by, in.CardID)
	if err != nil {
		return LossResult{}, err
	}
	if err := s.socialOnly(ctx, c, in.Account); err != nil {
		return LossResult{}, err
	}
	said, err := s.saidByPhone(ctx, by, in.Said)
	if err != nil {
		return LossResult{}, err
	}
	now := s.Clock.Now()
	kind, err := s.Policy.LossKind(ctx, by.Channel, now)
	if err != nil {
		return LossResult{}, err
	}
	fresh := LossReport{
		ID: models.NewID(), PersonID: c.PersonID, CardID: c.ID, State: LossReceived, Source: string(by.Channel), Kind: kind,
		ReportedBy: by.Kind, ReporterID: by.ID, CallID: by.CallID, Strength: strength, ByPhone: said, ReportedAt: now, WaitingSince: now, UpdatedAt: now,
	}
	result, command, err := s.acceptLoss(ctx, by, fresh)
	if err != nil {
		return LossResult{}, err
	}
	if command.ID != "" {
		result.Report = s.triedOnce(ctx, command, result.Report)
	}
	s.promiseCall(ctx, by, result.Report)
	return result.answer()
}

// promiseCall makes true, before the answer goes out, what the caller is told of a report that is not confirmed yet: that she
// is called back (R66). That it must be promised is known only after the attempt, and so not in the report's commit; a
// process that dies in between, or a promise that fails, is made up for by the sweep, which finds the report by its call.
func (s *Service) promiseCall(ctx context.Context, by models.Actor, r LossReport) {
	if by.Kind != models.AgentActor || r.CallID == "" || r.State != LossReceived && r.State != LossUnconfirmed {
		return
	}
	if err := s.Calls.PromiseAfterLoss(ctx, r.ID, r.PersonID, r.CallID); err != nil {
		s.Log.WarnContext(ctx, "call back not promised; the sweep goes on", "report", r.ID, "error", err)
	}
}

// answer is the result, or the registry's refusal.
func (res LossResult) answer() (LossResult, error) {
	if res.Report.State == LossRefused {
		return LossResult{}, refusal(ErrLossRefused, res.Report.RefusedCode)
	}
	return res, nil
}

// LossDecided is the result of the very request of ctx, if it was decided before, whatever let the actor ask then: an agent who
// asks again once her call is closed is told the same. known is false for a request that decided nothing.
func (s *Service) LossDecided(ctx context.Context, by models.Actor) (res LossResult, known bool, err error) {
	prior, err := s.Store.Remembered(ctx, by)
	if err != nil || prior == "" {
		return LossResult{}, false, err
	}
	if res.Report, err = s.Store.LossReport(ctx, models.ID(prior)); err != nil {
		return LossResult{}, false, err
	}
	res.Replayed = true
	res, err = res.answer()
	return res, true, err
}

// triedOnce makes the request's own attempt and gives the report as it then stands. What was accepted is committed: a
// failure here is not the citizen's, she reads "received, being confirmed".
func (s *Service) triedOnce(ctx context.Context, cmd Command, accepted LossReport) LossReport {
	if err := s.firstAttempt(ctx, cmd); err != nil {
		s.Log.WarnContext(ctx, "first attempt failed; the sweep goes on", "command", cmd.ID, "error", err)
	}
	r, err := s.Store.LossReport(ctx, accepted.ID)
	if err != nil {
		s.Log.WarnContext(ctx, "report accepted, not read again", "report", accepted.ID, "error", err)
		return accepted
	}
	return r
}

// acceptLoss decides, again while another door is first: its report is then the answer. Each turn means that someone
// else has decided about this card since our look, so few are enough for any number of callers.
func (s *Service) acceptLoss(ctx context.Context, by models.Actor, fresh LossReport) (res LossResult, cmd Command, err error) {
	for range 5 {
		open, err := s.Store.OpenLossReport(ctx, fresh.CardID)
		if err != nil && !errors.Is(err, models.ErrNotFound) {
			return res, cmd, err
		}
		res, cmd, err = s.decideLoss(ctx, by, fresh, open.ID)
		if !errors.Is(err, ErrLossOpen) && !errors.Is(err, models.ErrConflict) {
			return res, cmd, err
		}
	}
	return LossResult{}, Command{}, models.ErrConflict
}

// decideLoss is the decision: one commit with the idempotency row, the report, its command, the audit row. The
// idempotency row comes first and names the report that will be the answer; open is that report if we saw one before.
// models.ErrConflict when it is another one by now.
func (s *Service) decideLoss(ctx context.Context, by models.Actor, fresh LossReport, open models.ID) (res LossResult, cmd Command, err error) {
	answer := fresh.ID
	if open != "" {
		answer = open
	}
	err = s.Store.InTx(ctx, func(ctx context.Context) error {
		prior, err := s.Store.Remember(ctx, by, "loss_reports", string(answer))
		if err != nil {
			return err
		}
		if prior != "" {
			res.Report, err = s.Store.LossReport(ctx, models.ID(prior))
			res.Replayed = true
			return err
		}
		if err := s.stillActsFor(ctx, by); err != nil {
			return err
		}
		c, err := s.Store.LockCard(ctx, fresh.CardID)
		if err != nil {
			return err
		}
		if err := stoppable(c); err != nil {
			return err
		}
		stands, err := s.Store.OpenLossReport(ctx, c.ID)
		if err != nil && !errors.Is(err, models.ErrNotFound) {
			return err
		}
		switch {
		case stands.ID != open:
			return models.ErrConflict
		case stands.State == LossReleaseRequested:
			res.Report, cmd, err = s.lossAgain(ctx, by, c, stands, fresh)
			return err
		case stands.ID != "":
			res = LossResult{Report: stands, Repeated: true}
			return nil
		}
		res.Report, cmd, err = s.newReport(ctx, by, c, fresh)
		return err
	})
	return res, cmd, err
}

// newReport writes a first report of a card and its command.
func (s *Service) newReport(ctx context.Context, by models.Actor, c Card, fresh LossReport) (LossReport, Command, error) {
	n, err := s.Store.NextNumber(ctx, "loss", models.DateOf(fresh.ReportedAt))
	if err != nil {
		return fresh, Command{}, err
	}
	fresh.Receipt = models.ReceiptNumber(fresh.ReportedAt, n)
	if fresh.ReassertAt, err = s.secondLook(ctx, c); err != nil {
		return fresh, Command{}, err
	}
	if err := s.Store.CreateLossReport(ctx, fresh); err != nil {
		return fresh, Command{}, err
	}
	cmd, err := s.newCommand(ctx, by, c, fresh, CommandLoss)
	if err != nil {
		return fresh, Command{}, err
	}
	if err := s.tellHelped(ctx, by, fresh); err != nil {
		return fresh, Command{}, err
	}
	entry := audit.Of(by, fresh.ReportedAt, "card.loss.reported", "loss_reports", string(fresh.ID), string(fresh.State))
	return fresh, cmd, s.Store.RecordAudit(ctx, saying(entry.About(fresh.PersonID).Noting("strength", fresh.Strength), fresh))
}

// lossAgain stops a card whose release is under way: the loss never waits for it (design 7).
func (s *Service) lossAgain(ctx context.Context, by models.Actor, c Card, open, asked LossReport) (LossReport, Command, error) {
	now := s.Clock.Now()
	release, err := s.Store.UnfinishedCommand(ctx, c.ID)
	if err == nil {
		err = s.supersede(ctx, release)
	}
	if err != nil && !errors.Is(err, models.ErrNotFound) {
		return open, Command{}, err
	}
	if open.ReassertAt, err = s.secondLook(ctx, c); err != nil {
		return open, Command{}, err
	}
	from := open.State
	next, err := open.After(LossReportedAgain, now)
	if err != nil {
		return open, Command{}, models.ErrConflict.Because(err)
	}
	if err := s.Store.AdvanceLossReport(ctx, next, from); err != nil {
		return open, Command{}, err
	}
	next.Version++
	cmd, err := s.newCommand(ctx, by, c, next, CommandLoss)
	if err != nil {
		return open, Command{}, err
	}
	if err := s.tellHelped(ctx, by, next); err != nil {
		return open, Command{}, err
	}
	entry := audit.Of(by, now, "card.loss.reported_again", "loss_reports", string(next.ID), string(next.State)).About(next.PersonID)
	return next, cmd, s.Store.RecordAudit(ctx, saying(entry, asked))
}

// secondLook is when a superseded release of the card can surely not be carried out any more. Until then, at a source
// without the fence, it may still undo a loss that we sent after it.
func (s *Service) secondLook(ctx context.Context, c Card) (time.Time, error) {
	if s.Registry.Fenced() {
		return time.Time{}, nil
	}
	now, err := s.Store.Now(ctx)
	if err != nil {
		return time.Time{}, err
	}
	var at time.Time
	if s.ReadBack != nil { // the source knows no not_after
		at, err = s.copiesEnd(ctx, c, CommandRelease, now)
	} else {
		var release Command
		release, err = s.Store.SupersededRelease(ctx, c.ID)
		at = release.NotAfter.Add(s.set.Skew)
	}
	if errors.Is(err, models.ErrNotFound) {
		return time.Time{}, nil
	}
	if err == nil && at.After(now) {
		return at, nil
	}
	return time.Time{}, err
}

func (s *Service) mayReport(ctx context.Context, by models.Actor) (string, error) {
	if by.Kind == models.AgentActor {
		if by.CallID == "" {
			return "", ErrCallNeeded
		}
		return s.Calls.MayReportLoss(ctx, by)
	}
	who := "holder"
	if by.As != models.AsSelf {
		who = string(by.As)
	}
	return who + "_" + by.LevelAt(s.Clock.Now()).String(), s.Gate.Allow(ctx, by, models.ActLoss)
}

// ownCard is the card if the actor's subject holds it; a card of another person is not found.
func (s *Service) ownCard(ctx context.Context, by models.Actor, id models.ID) (Card, error) {
	c, err := s.Store.Card(ctx, id)
	if errors.Is(err, models.ErrNotFound) || err == nil && (by.Subject == "" || c.PersonID != by.Subject) {
		return Card{}, ErrCardNotFound
	}
	return c, err
}

// socialOnly refuses every account but the social-security one; the financial one is its bank's (R39).
func (s *Service) socialOnly(ctx context.Context, c Card, account string) error {
	switch account {
	case "", "social":
		return nil
	case "financial":
		bank, err := s.Banks.BankOn(ctx, c.BankCode, s.Clock.Now())
		if err != nil {
			return ErrBankInPerson.Because(err)
		}
		return ErrBankInPerson.With("bank_name", bank.Name).With("bank_phone", bank.Phone)
	default:
		return ErrAccountWord
	}
}

func stoppable(c Card) error {
	switch c.Social {
	case SocialVoid:
		return ErrCardVoid
	case SocialCancelled:
		return ErrCardCancelled
	case SocialNone:
		return ErrNoAccountYet
	}
	return nil
}
