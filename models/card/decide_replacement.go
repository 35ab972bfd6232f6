package card

import (
	"context"
	"errors"
	"maps"

	"onecard/models"
	"onecard/models/audit"
)

// replaceTries is how often a decision about a replacement is made anew after somebody else was first.
const replaceTries = 6

// order is one request for a replacement on its way to the decision.
type order struct {
	by    models.Actor
	fresh Replacement
	quote FeeQuote
	// pictures come with the order, unused until its commit.
	pictures []Upload
	refusal  error // why a new one cannot be

	loss        LossReport // of a lost card
	lossRefused error
}

// acceptReplacement decides, again while another door is first: its replacement is then the answer.
func (s *Service) acceptReplacement(ctx context.Context, o order) (ReplaceResult, error) {
	err := error(models.ErrConflict)
	for range replaceTries {
		open, lookErr := s.Store.OpenReplacement(ctx, o.fresh.CardID)
		if lookErr != nil && !errors.Is(lookErr, models.ErrNotFound) {
			return ReplaceResult{}, lookErr
		}
		var res ReplaceResult
		var cmd Command
		res, cmd, err = s.decideReplacement(ctx, o, open.ID)
		switch {
		case err == nil && cmd.ID != "":
			res.Loss = s.triedOnce(ctx, cmd, res.Loss)
			return res, nil
		case err == nil:
			return res, nil
		case !errors.Is(err, models.ErrConflict) && !errors.Is(err, ErrLossOpen):
			return ReplaceResult{}, err
		}
	}
	return ReplaceResult{}, err
}

// decideReplacement is the decision: one commit. The idempotency row comes first and names the replacement that will be
// the answer; open is that one if we saw one before. models.ErrConflict when it is another by now.
func (s *Service) decideReplacement(ctx context.Context, o order, open models.ID) (res ReplaceResult, cmd Command, err error) {
	answer := o.fresh.ID
	if open != "" {
		answer = open
	}
	res.Outcome = ReplacementOrdered
	err = s.Store.InTx(ctx, func(ctx context.Context) error {
		prior, err := s.Store.Remember(ctx, o.by, "replacements", string(answer))
		if err != nil {
			return err
		}
		if err := s.stillActsFor(ctx, o.by); err != nil {
			return err
		}
		c, err := s.Store.LockCard(ctx, o.fresh.CardID)
		if err != nil {
			return err
		}
		stands, err := s.Store.OpenReplacement(ctx, c.ID)
		if err != nil && !errors.Is(err, models.ErrNotFound) {
			return err
		}
		if prior != "" {
			if stands, err = s.Store.Replacement(ctx, models.ID(prior)); err != nil {
				return err
			}
		}
		switch {
		case prior == "" && stands.ID != open:
			return models.ErrConflict
		case stands.ID != "":
			res.Replacement, res.Repeated = stands, true
			if prior == "" && o.fresh.Reason == ReasonLost { // ordered for another reason, or found meanwhile: now it is lost (R44)
				if o.lossRefused != nil {
					return o.lossRefused
				}
				res.Loss, cmd, err = s.standsLost(ctx, o, c)
				return err
			}
			res.Loss, err = s.lossOf(ctx, stands)
			return err
		case o.refusal != nil:
			return o.refusal
		}
		if err := replaceable(c); err != nil {
			return err
		}
		res.Replacement, res.Loss, cmd, err = s.writeReplacement(ctx, o, c)
		return err
	})
	return res, cmd, err
}

// writeReplacement writes the replacement with its fee order, and for a lost card the loss before both. One that costs
// nothing has no fee order and goes on at once, as one whose fee is paid does.
func (s *Service) writeReplacement(ctx context.Context, o order, c Card) (r Replacement, loss LossReport, cmd Command, err error) {
	r = o.fresh
	if r.Reason == ReasonLost {
		if loss, cmd, err = s.standsLost(ctx, o, c); err != nil {
			return r, loss, cmd, err
		}
		r.LossID = loss.ID
	}
	n, err := s.Store.NextNumber(ctx, "replacement", models.DateOf(r.CreatedAt))
	if err != nil {
		return r, loss, cmd, err
	}
	r.Receipt = models.ReceiptNumber(r.CreatedAt, n)
	if r, err = s.usePictures(ctx, r, o.pictures); err != nil {
		return r, loss, cmd, err
	}
	waived := o.quote.AmountFen == 0
	if waived {
		if r, err = r.After(ReplacementWaived, r.CreatedAt); err != nil {
			return r, loss, cmd, err
		}
	}
	if err := s.Store.CreateReplacement(ctx, r); err != nil {
		return r, loss, cmd, err
	}
	entry := audit.Of(o.by, r.CreatedAt, "card.replacement.asked", "replacements", string(r.ID), string(r.State)).About(r.PersonID).
		Noting("reason", string(r.Reason)).Noting("bank", r.BankCode)
	if waived {
		entry = entry.Noting("fee", "waived")
		err = s.queueReplacement(ctx, r, CommandReplacement)
	} else {
		err = s.Fees.OpenFee(ctx, r.Cause(), r.PersonID, o.quote)
	}
	if err != nil {
		return r, loss, cmd, err
	}
	return r, loss, cmd, s.Store.RecordAudit(ctx, entry)
}

// usePictures ties unused pictures to a replacement, each in the place of the one before it. models.ErrConflict when one was
// used meanwhile.
func (s *Service) usePictures(ctx context.Context, r Replacement, pictures []Upload) (Replacement, error) {
	uploads := map[UploadPurpose]models.ID{}
	maps.Copy(uploads, r.Uploads)
	for _, u := range pictures {
		if err := s.Store.UseUpload(ctx, u, r.ID); err != nil {
			return r, err
		}
		uploads[u.Purpose] = u.ID
	}
	r.Uploads = uploads
	return r, nil
}

// standsLost is the loss that stands for a card, set now where there is none; its command where one is to be tried.
func (s *Service) standsLost(ctx context.Context, o order, c Card) (LossReport, Command, error) {
	if err := stoppable(c); err != nil {
		return LossReport{}, Command{}, err
	}
	stands, err := s.Store.OpenLossReport(ctx, c.ID)
	switch {
	case err == nil && stands.State == LossReleaseRequested:
		return s.lossAgain(ctx, o.by, c, stands, LossReport{})
	case err == nil:
		return stands, Command{}, nil
	case !errors.Is(err, models.ErrNotFound):
		return LossReport{}, Command{}, err
	}
	return s.newReport(ctx, o.by, c, o.loss)
}

// lossOf is the loss beside a replacement; empty where none is.
func (s *Service) lossOf(ctx context.Context, r Replacement) (LossReport, error) {
	if r.LossID == "" {
		return LossReport{}, nil
	}
	return s.Store.LossReport(ctx, r.LossID)
}
