package card

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"onecard/models"
)

// ReplaceInput asks for a new card in the place of an old one.
type ReplaceInput struct {
	CardID    models.ID
	Reason    ReplacementReason
	BankCode  string // empty: the bank of the old card, or who took it over
	OutletRef string
	Photo     models.ID // a new one, of TakeUpload; empty: the photo on file serves
	ForPerson models.ID // whose card it is; empty: the actor's subject
}

// ReplacementOutcome says what came of asking.
type ReplacementOutcome string

// The outcomes.
const (
	ReplacementOrdered   ReplacementOutcome = "ordered"
	ReplacementNotNeeded ReplacementOutcome = "not_needed" // R47: no order, no fee
	ReplacementAtWindow  ReplacementOutcome = "at_window"  // a quality fault: no order, no fee
)

// ReplaceResult is what came of asking, and whether this request made it.
type ReplaceResult struct {
	Outcome     ReplacementOutcome
	Text        string      // to be shown first, where no order was made
	Replacement Replacement // of an order
	Repeated    bool        // one was under way already and nothing new was decided
	Loss        LossReport  // the loss that the request set or that stands already; empty for other reasons
}

// RequestReplacement takes the holder's order of a new card (补换卡, R44): replacement, its fee order (R21), audit and, for
// a lost card, the loss report with its command, in one commit. Then it awaits the fee; nothing is told to the registry
// before. Where policy waives the fee (免收) there is no fee order, and the command to the registry is in that commit. The
// loss has its first attempt within the request. A card with a replacement under way gets that one back.
//
// Errors: ErrReplaceNotByPhone; DELEGATE_WINDOW_ONLY (R45), MINOR_WINDOW_ONLY and GUARDIAN_REQUIRED (R46) with the papers; what Gate refuses;
// ErrCardNotFound, ErrReplaceReason, ErrReplaceAtOutlet, ErrReplacementVoid, ErrCardCancelled, ErrReplaceNotInHand,
// CONSENT_REQUIRED where another bank is chosen or a photo comes with it (R53); a refusal of Fees; and, all at once in
// Fields, ErrUploadUnknown, BANK_NOT_AVAILABLE (R16), ErrOutletRequired.
func (s *Service) RequestReplacement(ctx context.Context, by models.Actor, in ReplaceInput) (ReplaceResult, error) {
	now := s.Clock.Now()
	rules, err := s.Replacing.ReplacementRules(ctx, now)
	if err != nil {
		return ReplaceResult{}, err
	}
	if err := s.mayReplace(ctx, by, in.ForPerson, rules); err != nil {
		return ReplaceResult{}, err
	}
	c, err := s.ownCard(ctx, by, in.CardID)
	if err != nil {
		return ReplaceResult{}, err
	}
	switch in.Reason {
	case ReasonMoved:
		return ReplaceResult{Outcome: ReplacementNotNeeded, Text: notNeededText}, nil
	case ReasonQuality:
		return ReplaceResult{Outcome: ReplacementAtWindow, Text: qualityText}, nil
	}
	if !slices.Contains(orderedReasons, in.Reason) {
		return ReplaceResult{}, ErrReplaceReason
	}
	own, err := s.Banks.BankOn(ctx, c.BankCode, now) // the bank on the card's face, or its successor
	if err != nil && !errors.Is(err, models.ErrNotFound) {
		return ReplaceResult{}, err
	}
	if in.BankCode == "" {
		in.BankCode = own.Code
	}
	fresh := Replacement{
		ID: models.NewID(), PersonID: c.PersonID, ApplicantID: by.ID, CardID: c.ID, Reason: in.Reason, State: ReplacementAwaitingFee, BankCode: in.BankCode,
		OutletRef: in.OutletRef, Channel: by.Channel, PayBy: now.AddDate(0, 0, rules.UnpaidDays), CreatedAt: now, UpdatedAt: now,
		Steps: []ReplacementStep{{ReplacementAwaitingFee, now}},
	}
	o := order{by: by, fresh: fresh}
	o.pictures, o.refusal = s.refuseReplacement(ctx, by, c, in, rules)
	if o.refusal == nil && in.BankCode != own.Code {
		o.refusal = s.Consents.RequireConsent(ctx, by, purposeBankData) // another bank gets her data
	}
	if o.refusal == nil && in.Photo != "" {
		o.refusal = s.Consents.RequireConsent(ctx, by, purposeIDImages)
	}
	if o.refusal == nil {
		o.quote, o.refusal = s.Fees.Quote(ctx, c.Area, now)
	}
	if in.Reason == ReasonLost {
		if o.loss, o.lossRefused = s.lossFirst(ctx, by, c, now); o.refusal == nil {
			o.refusal = o.lossRefused
		}
	}
	return s.acceptReplacement(ctx, o)
}

// mayReplace lets in the holder herself. Anybody else is sent to a window with the papers, unless policy opens the act to
// a session that stands for the holder.
func (s *Service) mayReplace(ctx context.Context, by models.Actor, whose models.ID, rules ReplacementRules) error {
	if by.Kind != models.CitizenActor {
		return ErrReplaceNotByPhone
	}
	if by.Subject == "" { // not bound: nobody's card
		return cmp.Or(s.Gate.Allow(ctx, by, models.ActReplace), error(ErrCardNotFound))
	}
	if whose != "" && whose != by.Subject { // nobody's session stands for that person
		if err := s.Gate.Allow(ctx, by, models.ActReplaceDeleg); err != nil {
			return withPapers(err, rules.Papers)
		}
		return withPapers(ErrReplaceSelfOnly, rules.Papers)
	}
	birth, err := s.Store.BirthDate(ctx, by.Subject)
	switch {
	case err != nil && !errors.Is(err, models.ErrNotFound):
		return err
	case birth != "" && birth.AgeAt(s.Clock.Now()) < adultForCards:
		err := s.Gate.Allow(ctx, by, models.ActReplaceMinor)
		if by.ForSelf() && (err == nil || asksForCheck(err)) {
			err = ErrReplaceByGuardian // open here, and a check of the child's own leads nowhere (R46)
		}
		return withPapers(err, rules.MinorPapers)
	case !by.ForSelf():
		return withPapers(s.Gate.Allow(ctx, by, models.ActReplaceDeleg), rules.Papers)
	}
	return s.Gate.Allow(ctx, by, models.ActReplace)
}

// withPapers adds to a refusal that sends to a window what to bring there.
func withPapers(err error, papers string) error {
	var refusal *models.Error
	if papers != "" && errors.As(err, &refusal) && (refusal.Is(ErrReplaceSelfOnly) || refusal.Is(ErrReplaceMinor) || refusal.Is(ErrReplaceByGuardian)) {
		return refusal.With("papers", papers)
	}
	return err
}

// refuseReplacement finds why a new order cannot be; it is said only once it is sure that this is no repeat.
func (s *Service) refuseReplacement(ctx context.Context, by models.Actor, c Card, in ReplaceInput, rules ReplacementRules) ([]Upload, error) {
	if !rules.Online[in.Reason] {
		return nil, ErrReplaceAtOutlet
	}
	if err := replaceable(c); err != nil {
		return nil, err
	}
	var found []fieldDefect
	var pictures []Upload
	if in.Photo != "" {
		u, err := s.ownUpload(ctx, by.Subject, UploadPhoto, in.Photo, s.set.UploadKeep)
		switch {
		case err == nil:
			pictures = []Upload{u}
		case errors.Is(err, ErrUploadUnknown):
			found = append(found, fieldDefect{"photo", ErrUploadUnknown})
		default:
			return nil, err
		}
	}
	found, err := s.placeDefects(ctx, SubmitInput{BankCode: in.BankCode, OutletRef: in.OutletRef}, found)
	if err == nil && len(found) > 0 {
		err = gathered(found)
	}
	return pictures, err
}

// replaceable refuses cards that are no card to replace.
func replaceable(c Card) error {
	switch {
	case c.Social == SocialVoid:
		return ErrReplacementVoid
	case c.Social == SocialCancelled:
		return ErrCardCancelled
	case c.Holding != Collected || c.Social == SocialNone:
		return ErrReplaceNotInHand
	}
	return nil
}

// lossFirst is the report that a lost card gets in the same commit, through the one way in which losses are reported (R44).
func (s *Service) lossFirst(ctx context.Context, by models.Actor, c Card, now time.Time) (LossReport, error) {
	strength, err := s.mayReport(ctx, by)
	if err != nil {
		return LossReport{}, err
	}
	kind, err := s.Policy.LossKind(ctx, by.Channel, now)
	return LossReport{
		ID: models.NewID(), PersonID: c.PersonID, CardID: c.ID, State: LossReceived, Source: string(by.Channel), Kind: kind,
		ReportedBy: by.Kind, ReporterID: by.ID, Strength: strength, ReportedAt: now, WaitingSince: now, UpdatedAt: now,
	}, err
}
