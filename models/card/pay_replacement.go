package card

import (
	"context"
	"errors"
	"strings"
	"time"

	"onecard/models"
	"onecard/models/audit"
	"onecard/models/notice"
)

// Why a fee goes back, in the words of the one who returns it.
const (
	whyWithdrawn = "withdrawn"
	whyRejected  = "rejected"
	whyLapsed    = "lapsed"
)

// whyReturned is why the fee of a replacement that has ended without a card is not owed; empty for any other state.
var whyReturned = map[ReplacementState]string{
	ReplacementWithdrawn: whyWithdrawn, ReplacementRejected: whyRejected, ReplacementLapsed: whyLapsed,
}

// FeePaid is told in the transaction in which the fee of a cause becomes paid, with its order locked: the replacement is
// submitted and the command to the registry queued in the same commit. One that is not wanted any more gives the money
// back there. Again: nothing. ErrReplacementNotFound for a cause that is no replacement of ours.
func (s *Service) FeePaid(ctx context.Context, cause string, at time.Time) error {
	id, ok := strings.CutPrefix(cause, causeOfReplacement)
	if _, err := models.ParseID(id); !ok || err != nil {
		return ErrReplacementNotFound
	}
	unclaimed := false // no failure of the transaction that this is told in: what was paid stays written down
	err := s.Store.InTx(ctx, func(ctx context.Context) error {
		r, err := s.Store.LockReplacement(ctx, models.ID(id))
		if errors.Is(err, models.ErrNotFound) {
			unclaimed = true
			return nil
		}
		if err != nil {
			return err
		}
		if why := whyReturned[r.State]; why != "" {
			return s.Fees.ReturnFee(ctx, cause, why)
		}
		if r.State != ReplacementAwaitingFee {
			return nil
		}
		next, err := r.After(ReplacementPaid, at)
		if err != nil {
			return err
		}
		if err := s.Store.AdvanceReplacement(ctx, next, r.State); err != nil {
			return err
		}
		if err := s.queueReplacement(ctx, next, CommandReplacement); err != nil {
			return err
		}
		return s.recordReplacement(ctx, models.System(), next, "card.replacement.submitted")
	})
	if err == nil && unclaimed {
		err = ErrReplacementNotFound
	}
	return err
}

// LapseReplacements closes replacements that nobody paid in time, with their fee orders; it returns how many it looked at.
// Money that comes for one afterwards goes back by itself.
func (s *Service) LapseReplacements(ctx context.Context, limit int) (int, error) {
	now := s.Clock.Now()
	late, err := s.Store.UnpaidReplacements(ctx, now, limit)
	if err != nil {
		return 0, err
	}
	var errs []error
	for _, r := range late {
		_, err := s.endUnpaid(ctx, models.System(), r, ReplacementUnpaid, notice.ReplacementLapsed)
		errs = append(errs, ignoreConflict(err))
	}
	return len(late), errors.Join(errs...)
}

// endUnpaid ends a replacement whose fee is not paid. The order is locked before the replacement, as a payment does it: of
// the two one is first, and the other sees what it did. models.ErrConflict when it has been paid, or ended, meanwhile.
func (s *Service) endUnpaid(ctx context.Context, by models.Actor, r Replacement, on ReplacementEvent, tell notice.Kind) (Replacement, error) {
	now := s.Clock.Now()
	err := s.Store.InTx(ctx, func(ctx context.Context) error {
		next, err := r.After(on, now)
		if err != nil {
			return models.ErrConflict.Because(err)
		}
		if err := s.Fees.ReturnFee(ctx, r.Cause(), whyReturned[next.State]); err != nil {
			return err
		}
		have, err := s.Store.LockReplacement(ctx, r.ID)
		if err != nil {
			return err
		}
		if have.State != ReplacementAwaitingFee {
			return models.ErrConflict
		}
		have.ReasonCode = r.ReasonCode
		if next, err = have.After(on, now); err != nil {
			return models.ErrConflict.Because(err)
		}
		if err := s.Store.AdvanceReplacement(ctx, next, have.State); err != nil {
			return err
		}
		next.Version++
		r = next
		if tell != "" {
			if err := s.tellReplacement(ctx, next, tell, now, now); err != nil {
				return err
			}
		}
		return s.recordReplacement(ctx, by, next, "card.replacement."+string(next.State))
	})
	return r, err
}

// cardEnded ends the unpaid replacement of a card that is none any more: it was replaced at a window, or cancelled. It
// joins the feed's transaction, which holds the card.
func (s *Service) cardEnded(ctx context.Context, c Card) error {
	r, err := s.Store.OpenReplacement(ctx, c.ID)
	if errors.Is(err, models.ErrNotFound) || err == nil && r.State != ReplacementAwaitingFee {
		return nil // of one that the registry has, its own word comes
	}
	if err != nil {
		return err
	}
	r.ReasonCode = "CARD_VOID"
	if c.Social == SocialCancelled {
		r.ReasonCode = "CARD_CANCELLED"
	}
	_, err = s.endUnpaid(ctx, models.FromRegistry(), r, ReplacementNo, notice.ReplacementRefused)
	return err
}

// queueReplacement adds the command that carries a replacement, or its withdrawal, to the registry.
func (s *Service) queueReplacement(ctx context.Context, r Replacement, kind CommandKind) error {
	now, err := s.Store.Now(ctx)
	if err != nil {
		return err
	}
	ref, err := s.Store.PersonRef(ctx, r.PersonID)
	if err != nil {
		return err
	}
	c, err := s.Store.Card(ctx, r.CardID)
	if err != nil {
		return err
	}
	err = s.Store.AddCommand(ctx, Command{
		ID: models.NewID(), Kind: kind, PersonID: r.PersonID, PersonRef: ref, CardID: c.ID, CardRef: c.Ref, SubjectID: r.ID, Channel: r.Channel,
		State: CommandRequested, NotAfter: now.Add(s.set.ApplyValid), DueAt: now, CreatedAt: now,
	})
	if err == nil {
		s.Store.Wake(ctx, TopicCommands)
	}
	return err
}

func (s *Service) recordReplacement(ctx context.Context, by models.Actor, r Replacement, action string) error {
	e := audit.Of(by, s.Clock.Now(), action, "replacements", string(r.ID), string(r.State)).About(r.PersonID)
	if r.RegistryRef != "" {
		e = e.Noting("reference", r.RegistryRef)
	}
	return s.Store.RecordAudit(ctx, e)
}
