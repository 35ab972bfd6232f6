package card

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"onecard/models"
	"onecard/models/notice"
)

// replacementNotices say which stages concern the holder enough for an SMS.
var replacementNotices = map[ReplacementState]notice.Kind{
	ReplacementAccepted:   notice.ReplacementAccepted,
	ReplacementRejected:   notice.ReplacementRefused,
	ReplacementBankFailed: notice.ReplacementBankFailed,
	ReplacementAtOutlet:   notice.ReplacementReady,
	ReplacementCompleted:  notice.ReplacementCompleted,
	ReplacementReturned:   notice.ReplacementReturned,
	ReplacementWithdrawn:  notice.ReplacementWithdrawn,
}

// replacementAnswered takes the registry's verdict on an order or its withdrawal, with the card locked. An answer that
// the feed has overtaken moves nothing.
func (s *Service) replacementAnswered(ctx context.Context, c Command, a Answer, now time.Time) error {
	r, err := s.Store.LockReplacement(ctx, c.SubjectID)
	if err != nil {
		return err
	}
	refused, withdrawal := a.Outcome == OutcomeRefused, c.Kind == CommandReplacementWithdrawal
	corrected := c.Kind == CommandReplacementCorrection
	on := ReplacementTaken
	switch {
	case withdrawal && refused:
		on = ReplacementWithdrawalLate
	case withdrawal:
		on = ReplacementGone
	case refused && corrected:
		on = ReplacementNotCorrected
	case refused:
		on = ReplacementNo
	}
	if refused && !withdrawal {
		r.ReasonCode = a.Code
	} else if a.Reference != "" {
		r.RegistryRef = a.Reference
	}
	if on != ReplacementWithdrawalLate && on != ReplacementNotCorrected && a.ApplicationVersion > 0 && r.FactVersion >= a.ApplicationVersion {
		on = "" // what came after this answer is known already; a refusal changes no version, and nothing else ends the waiting for it
	}
	r.FactVersion = max(r.FactVersion, a.ApplicationVersion)
	stillWanted := r.State == ReplacementWithdrawing && !withdrawal
	if r, err = s.moveReplacement(ctx, r, on, now, c.CreatedAt); err != nil || !stillWanted || r.State != ReplacementWithdrawing {
		return err
	}
	return s.queueReplacement(ctx, r, CommandReplacementWithdrawal)
}

// replacementExpired gives what the registry never heard of its next command in the same commit. An order that was taken
// back before the registry ever heard of it is gone.
func (s *Service) replacementExpired(ctx context.Context, c Command, now time.Time) error {
	r, err := s.Store.LockReplacement(ctx, c.SubjectID)
	switch {
	case err != nil:
		return err
	case r.State == ReplacementWithdrawing && c.Kind == CommandReplacement:
		_, err = s.moveReplacement(ctx, r, ReplacementGone, now, c.CreatedAt)
		return err
	case r.State == ReplacementWithdrawing:
		return s.queueReplacement(ctx, r, CommandReplacementWithdrawal)
	case r.State == ReplacementSubmitted:
		return s.queueReplacement(ctx, r, c.Kind)
	}
	return nil
}

// replacementFact takes a stage that the registry reports of what a command of ours ordered. The card is locked before the
// replacement, as everywhere.
func (s *Service) replacementFact(ctx context.Context, f ApplicationFact) error {
	r, err := s.Store.ReplacementByRequest(ctx, f.RequestID)
	if errors.Is(err, models.ErrNotFound) {
		return nil // made at a window: its card comes by the card feed
	}
	if err != nil {
		return err
	}
	if _, err := s.Store.LockCard(ctx, r.CardID); err != nil {
		return err
	}
	if r, err = s.Store.LockReplacement(ctx, r.ID); err != nil || f.Version <= r.FactVersion {
		return err
	}
	r.FactVersion, r.ReasonCode = f.Version, f.ReasonCode
	if f.Event == ApplicationSentBack {
		before := r.LateDefects
		r = r.sentBack(f.Defects)
		if _, err := ReplacementFlow.Next(r.State, ReplacementEvent(f.Event)); err == nil {
			s.Store.AfterCommit(ctx, func() { s.Watch.ApplicationReturned(r.LateDefects - before) })
		}
	}
	if f.OutletRef != "" {
		r.OutletRef = f.OutletRef
	}
	if f.Reference != "" {
		r.RegistryRef = f.Reference
	}
	_, err = s.moveReplacement(ctx, r, ReplacementEvent(f.Event), f.ChangedAt, s.telling(f))
	return err
}

// sentBack takes the defects of a return, and counts what it names late (R69), as of an application.
func (r Replacement) sentBack(defects []Defect) Replacement {
	var codes []string
	for _, d := range defects[:min(len(defects), defectsMost)] {
		code := knownDefect(d.Code)
		codes = append(codes, code)
		field := Defect{Code: code}.Shown().Field
		if len(r.Defects) > 0 && !slices.Contains(r.Defects, code) && (field == "" || !slices.Contains(r.Corrected, field)) {
			r.LateDefects++
		}
	}
	r.Defects, r.Corrected = codes, nil
	return r
}

// knownDefect keeps a code we have words for; of any other only that there is one.
func knownDefect(code string) string {
	if _, known := defectWords[code]; known {
		return code
	}
	return "OTHER"
}

// moveReplacement writes one step, gives the fee back where it ended without a card (R49), tells the holder where it
// concerns her, and audits. An event that the state does not take keeps what it adds and moves nothing. told is since when
// she may have been told of it; zero: she is not.
func (s *Service) moveReplacement(ctx context.Context, r Replacement, on ReplacementEvent, at, told time.Time) (Replacement, error) {
	from := r.State
	next, err := r.After(on, at)
	moved := err == nil
	if !moved {
		next = r
	}
	if err := s.Store.AdvanceReplacement(ctx, next, from); err != nil {
		return r, err
	}
	next.Version++
	if !moved {
		return next, nil
	}
	if why := whyReturned[next.State]; why != "" {
		if err := s.Fees.ReturnFee(ctx, next.Cause(), why); err != nil {
			return next, err
		}
	}
	kind, ok := replacementNotices[next.State]
	if from == ReplacementWithdrawing && next.Unfinished() {
		kind, ok = notice.ReplacementNotWithdrawn, true // who asked to withdraw must hear that the batch was faster
	}
	if ok && !told.IsZero() {
		if err := s.tellReplacement(ctx, next, kind, at, told); err != nil {
			return next, err
		}
	}
	return next, s.recordReplacement(ctx, models.FromRegistry(), next, "card.replacement."+string(next.State))
}

func (s *Service) tellReplacement(ctx context.Context, r Replacement, kind notice.Kind, at, told time.Time) error {
	have := map[string]string{"receipt": r.Receipt, "reason": reasonTexts[r.ReasonCode]}
	if o, err := s.Outlets.OutletByRef(ctx, r.OutletRef); err == nil {
		have["outlet"] = o.Name
	}
	if b, err := s.Banks.BankOn(ctx, r.BankCode, at); err == nil {
		have["bank"] = b.Name
	}
	cause := "replacement:" + string(r.ID) + ":" + string(kind)
	if slices.Contains([]notice.Kind{notice.ReplacementBankFailed, notice.ReplacementReturned, notice.ReplacementNotWithdrawn}, kind) { // may come again
		cause += ":" + strconv.Itoa(r.Version)
	} else if r.Corrections > 0 { // taken again, or refused, after it was put right
		cause += ":corrected:" + strconv.Itoa(r.Corrections)
	}
	d := draft(cause, kind, r.PersonID, have, "replacement", r.ID, s.Clock.Now())
	d.FactAt = told
	if kind == notice.ReplacementCompleted && r.LossID != "" {
		d.Replaces = []string{"loss:" + string(r.LossID) + ":" + string(notice.CardVoided)} // it says the same and less
	}
	return s.Store.AddNotice(ctx, d)
}
