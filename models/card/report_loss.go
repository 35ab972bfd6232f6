package card

import (
	"context"
	"errors"
	"fmt"
	"time"

	"onecard/models"
	"onecard/models/audit"
)

// TopicCommands is the wake-up that says: a command waits.
const TopicCommands = "commands"

// ReportLossInput asks to stop the social-security account of one card.
type ReportLossInput struct {
	CardID  models.ID
	Account string // "social" or empty; "financial" is refused (R39)
}

// LossResult is a report and whether this request made it.
type LossResult struct {
	Report LossReport
	// Repeated: an open report stood already and nothing new was decided.
	Repeated bool
}

// ReportLoss writes the report and its command down in one commit, then tries once to have the registry stop the
// social-security account (R32, R33). The holder may report, and an agent for a caller whose identity was checked.
//
// A card with an open report answers with that report (Repeated); one whose release is under way is stopped again.
// Errors: ErrCardNotFound for a card the actor may not see, ErrCardVoid, ErrCardCancelled, ErrBankInPerson,
// ErrLossRefused with the registry's reason, and what Gate and Calls refuse.
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
	now := s.Clock.Now()
	kind, err := s.Policy.LossKind(ctx, by.Channel, now)
	if err != nil {
		return LossResult{}, err
	}
	fresh := LossReport{
		ID: models.NewID(), PersonID: c.PersonID, CardID: c.ID, State: LossReceived, Source: string(by.Channel), Kind: kind,
		ReportedBy: by.Kind, CallID: by.CallID, Strength: strength, ReportedAt: now, UpdatedAt: now,
	}
	result, command, err := s.acceptLoss(ctx, by, c.ID, fresh)
	if errors.Is(err, ErrLossOpen) || errors.Is(err, models.ErrConflict) {
		// Another door was first between our look and our write: its report is the answer.
		result, command, err = s.acceptLoss(ctx, by, c.ID, fresh)
	}
	if err != nil {
		return LossResult{}, err
	}
	if command.ID == "" {
		return result, nil
	}
	if err := s.firstAttempt(ctx, command); err != nil {
		s.Log.WarnContext(ctx, "first attempt failed; the sweep goes on", "command", command.ID, "error", err)
	}
	if result.Report, err = s.Store.LossReport(ctx, result.Report.ID); err != nil {
		return LossResult{}, err
	}
	if result.Report.State == LossRefused {
		return LossResult{}, refusal(ErrLossRefused, result.Report.RefusedCode)
	}
	return result, nil
}

// acceptLoss is the decision: one commit with the idempotency row, the report, its command, the audit row.
func (s *Service) acceptLoss(ctx context.Context, by models.Actor, card models.ID, fresh LossReport) (res LossResult, cmd Command, err error) {
	err = s.Store.InTx(ctx, func(ctx context.Context) error {
		prior, err := s.Store.Remember(ctx, by, "loss_reports", string(fresh.ID))
		if err != nil {
			return err
		}
		if prior != "" {
			res.Report, err = s.Store.LossReport(ctx, models.ID(prior))
			res.Repeated = true
			return err
		}
		c, err := s.Store.LockCard(ctx, card)
		if err != nil {
			return err
		}
		if err := stoppable(c); err != nil {
			return err
		}
		open, err := s.Store.OpenLossReport(ctx, c.ID)
		switch {
		case err == nil && open.State == LossReleaseRequested:
			res.Report, cmd, err = s.lossAgain(ctx, by, c, open)
			return err
		case err == nil:
			res = LossResult{Report: open, Repeated: true}
			return nil
		case !errors.Is(err, models.ErrNotFound):
			return err
		}
		n, err := s.Store.NextNumber(ctx, "loss", models.DateOf(fresh.ReportedAt))
		if err != nil {
			return err
		}
		fresh.Receipt = models.ReceiptNumber(fresh.ReportedAt, n)
		if err := s.Store.CreateLossReport(ctx, fresh); err != nil {
			return err
		}
		if cmd, err = s.newCommand(ctx, by, c, fresh, CommandLoss); err != nil {
			return err
		}
		res.Report = fresh
		return s.Store.RecordAudit(ctx, audit.Of(by, fresh.ReportedAt, "card.loss.reported", "loss_reports", string(fresh.ID), string(fresh.State)).
			About(fresh.PersonID).Noting("strength", fresh.Strength))
	})
	return res, cmd, err
}

// lossAgain stops a card whose release is under way: the loss never waits for it (design 7).
func (s *Service) lossAgain(ctx context.Context, by models.Actor, c Card, open LossReport) (LossReport, Command, error) {
	now := s.Clock.Now()
	release, err := s.Store.UnfinishedCommand(ctx, c.ID)
	if err != nil && !errors.Is(err, models.ErrNotFound) {
		return open, Command{}, err
	}
	if err == nil {
		inFlight := release.InFlight()
		if err := s.supersede(ctx, release, now); err != nil {
			return open, Command{}, err
		}
		if inFlight && !s.Registry.Fenced() {
			open.ReassertAt = release.NotAfter.Add(s.set.Skew)
		}
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
	entry := audit.Of(by, now, "card.loss.reported_again", "loss_reports", string(next.ID), string(next.State)).About(next.PersonID)
	return next, cmd, s.Store.RecordAudit(ctx, entry)
}

func (s *Service) mayReport(ctx context.Context, by models.Actor) (string, error) {
	if by.Kind == models.AgentActor {
		if by.CallID == "" {
			return "", ErrCallNeeded
		}
		return s.Calls.MayReportLoss(ctx, by)
	}
	return "holder_" + by.LevelAt(s.Clock.Now()).String(), s.Gate.Allow(ctx, by, models.ActLoss)
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

// newCommand queues one loss or release. Asked for by a person, it is born with a lease that belongs to that request:
// a sweep finds it only when the request died, and then asks before it sends.
func (s *Service) newCommand(ctx context.Context, by models.Actor, c Card, r LossReport, kind CommandKind) (Command, error) {
	now, err := s.Store.Now(ctx)
	if err != nil {
		return Command{}, err
	}
	ref, err := s.Store.PersonRef(ctx, c.PersonID)
	if err != nil {
		return Command{}, err
	}
	seq, err := s.Store.TakeSeq(ctx, c.ID)
	if err != nil {
		return Command{}, err
	}
	valid := s.set.LossValid
	if kind == CommandRelease {
		valid = s.set.ReleaseValid
	}
	cmd := Command{
		ID: models.NewID(), Kind: kind, PersonID: c.PersonID, PersonRef: ref, CardID: c.ID, CardRef: c.Ref, SubjectID: r.ID,
		CardSeq: seq, LossKind: r.Kind, Channel: by.Channel, State: CommandRequested, NotAfter: now.Add(valid),
		DueAt: now, CreatedAt: now,
	}
	if by.Kind != models.SystemActor { // the request itself tries first, in the same commit's lease
		cmd.State, cmd.Attempt, cmd.LeaseEnds = CommandSending, 1, now.Add(s.set.Lease)
	}
	if err := s.Store.AddCommand(ctx, cmd); err != nil {
		return Command{}, err
	}
	s.Store.Wake(ctx, TopicCommands)
	return cmd, nil
}

// firstAttempt tries once in a context of its own: a closed page does not cancel it.
func (s *Service) firstAttempt(ctx context.Context, cmd Command) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.set.FirstAttempt)
	defer cancel()
	return s.attempt(ctx, cmd)
}

func (s *Service) supersede(ctx context.Context, c Command, now time.Time) error {
	from := c.State
	next, err := CommandFlow.Next(from, CommandReplacedByNext)
	if err != nil {
		return models.ErrConflict.Because(err)
	}
	c.State, c.SettledAt = next, now
	return s.Store.SettleCommand(ctx, c, from)
}

// refusal puts the registry's reason into words where we know it.
func refusal(base *models.Error, code string) *models.Error {
	if text, ok := reasonTexts[code]; ok {
		base = models.NewError(base.Kind, base.Code, fmt.Sprintf("%s原因:%s。", base.Message, text))
	}
	return base.With("reason", code)
}

// reasonTexts say the registry's reason codes in plain words.
var reasonTexts = map[string]string{
	"CARD_VOID":      "这张卡已因补换卡作废",
	"CARD_CANCELLED": "这张卡已注销",
	"CARD_SEALED":    "这张卡尚未启用",
	"CARD_LOCKED":    "这张卡已被锁定",
	"CARD_UNKNOWN":   "社保系统中没有这张卡",
	"PERSON_UNKNOWN": "社保系统中没有您的登记信息",
	"NO_LOSS":        "社保系统中没有挂失记录",
	"CARD_EXISTS":    "您已持有河南省社会保障卡",

	"APPLICATION_OPEN":       "您已有一份申领正在办理",
	"BANK_NOT_AVAILABLE":     "所选银行不办理本市社保卡",
	"OUTLET_UNKNOWN":         "所选领卡网点不再服务",
	"APPLICANT_NOT_ENTITLED": "申领人不是本人或监护人",
	"PHOTO_REQUIRED":         "缺少照片",
	"ATTACHMENT_MISSING":     "图片没有收到",
}
