package registry

import (
	"errors"
	"time"
)

// driveLoss records a loss made elsewhere: at a window, by another platform.
func driveLoss(r *Registry, h Happening, now time.Time) (change, Outcome, error) {
	card, err := r.present(h)
	if err != nil {
		return change{}, nil, err
	}
	if code, _ := ended(card); code != "" || card.Loss != nil {
		return change{}, nil, errors.New("this card cannot be reported lost now")
	}
	source := h.Source
	if source == "" {
		source = "window"
	}
	next := r.lost(card, Loss{Reference: r.reference("GS", now), Source: source, Kind: h.LossKind, ReportedAt: now, EffectiveAt: now, ExpiresAt: h.ExpiresAt})
	c, out, err := aboutCard(next, "card.loss")
	c.Effect = &Effect{Kind: "loss", CardRef: card.Ref, Version: next.Version, At: now}
	return c, out, err
}

func driveRelease(r *Registry, h Happening, now time.Time) (change, Outcome, error) {
	source := h.Source
	if source == "" {
		source = "window"
	}
	return r.endLoss(h, "card.released", "release", LossEnd{How: "released", Source: source, At: now})
}

// driveLapse ends a loss because its time ran out: the lost card works again.
func driveLapse(r *Registry, h Happening, now time.Time) (change, Outcome, error) {
	return r.endLoss(h, "card.loss_lapsed", "lapse", LossEnd{How: "lapsed", Source: "registry", At: now})
}

func (r *Registry) endLoss(h Happening, typ, kind string, end LossEnd) (change, Outcome, error) {
	card, err := r.present(h)
	if err != nil {
		return change{}, nil, err
	}
	if card.Loss == nil {
		return change{}, nil, errors.New("there is no loss on record")
	}
	next := released(card, end)
	c, out, err := aboutCard(next, typ)
	c.Effect = &Effect{Kind: kind, CardRef: card.Ref, Version: next.Version, At: end.At}
	return c, out, err
}

// driveExpiry sets the instant at which the loss on record will lapse.
func driveExpiry(r *Registry, h Happening, now time.Time) (change, Outcome, error) {
	card, err := r.present(h)
	if err != nil {
		return change{}, nil, err
	}
	if card.Loss == nil {
		return change{}, nil, errors.New("there is no loss on record")
	}
	next, loss := *card, *card.Loss
	loss.ExpiresAt = h.ExpiresAt
	next.Loss, next.Version, next.ChangedAt = &loss, card.Version+1, now
	return aboutCard(&next, "card.loss_expiry")
}

// driveReplace completes a replacement, an ordered one or one made at a window: a new card, the old one void by itself.
func driveReplace(r *Registry, h Happening, now time.Time) (change, Outcome, error) {
	card, err := r.present(h)
	if err != nil {
		return change{}, nil, err
	}
	if a := r.orderedFor(card); a != nil { // one that was ordered here comes to its end
		h.Citizen, h.Stage = card.PersonRef, "collected"
		return driveProduce(r, h, now)
	}
	old, fresh := r.replaced(card, now)
	return change{Events: []event{happened(old, "card.replacement_completed"), happened(fresh, "card.issued")}},
		Outcome{"card_ref": fresh.Ref, "old_card_ref": old.Ref, "person_ref": card.PersonRef}, nil
}

func driveCancel(r *Registry, h Happening, now time.Time) (change, Outcome, error) {
	card, err := r.present(h)
	if err != nil {
		return change{}, nil, err
	}
	next := *card
	if card.Loss != nil {
		next.LossEnd = &LossEnd{How: "voided", Source: "registry", At: now}
	}
	next.AAZ502, next.PersonStatus, next.FinancialState, next.Loss = "9", "09", "closed", nil
	next.End = &CardEnd{Kind: "cancelled", Reason: "emigration", At: now}
	next.Version, next.ChangedAt = card.Version+1, now
	return aboutCard(&next, "card.cancelled")
}

// driveFinancial is the bank telling another state of the money account.
func driveFinancial(r *Registry, h Happening, now time.Time) (change, Outcome, error) {
	card, err := r.present(h)
	if err != nil {
		return change{}, nil, err
	}
	next := *card
	next.FinancialState, next.Version, next.ChangedAt = h.Financial, card.Version+1, now
	return aboutCard(&next, "card.financial")
}

// driveSettle does a command that was only accepted. With the fence, a newer command of its card has made it void.
func driveSettle(r *Registry, h Happening, now time.Time) (change, Outcome, error) {
	rec := r.st.commands[h.RequestID]
	if rec == nil || rec.Answer.Outcome != "accepted" || rec.CardRef == "" {
		return change{}, nil, errors.New("no accepted command with this request_id")
	}
	next := *rec
	next.Answer = CommandAnswer{RequestID: rec.RequestID, Kind: rec.Request.Kind}
	var c change
	if r.fence && rec.CardSeq < r.st.seenSeq[rec.CardRef] {
		next.refuse("SEQ_OLD", "这张卡已处理过更新的命令")
	} else {
		c = r.execute(&next, r.st.cards.byID[rec.CardRef], now)
	}
	c.Command = &next
	return c, Outcome{"request_id": rec.RequestID, "outcome": next.Answer.Outcome}, nil
}

// serial numbers things made at the desk. The counter of changes is the same after a restart, so no number comes twice.
func (r *Registry) serial() uint64 {
	r.sub++
	return (uint64(r.counter)<<8 | uint64(r.sub)) * 0x9e3779b97f4a7c15 >> 16
}
