package registry

import "time"

// execute changes the social-security account as a loss or release command asks, if the card's state allows it.
// The money account is never touched.
func (r *Registry) execute(rec *CommandRecord, card *Card, now time.Time) change {
	if code, reason := ended(card); code != "" {
		rec.refuse(code, reason)
		return change{}
	}
	if rec.Request.Kind == "loss" {
		return r.executeLoss(rec, card, now)
	}
	return r.executeRelease(rec, card, now)
}

// ended gives the refusal of a card that takes no loss and no release.
func ended(c *Card) (code, reason string) {
	switch {
	case c.End != nil && c.End.Kind == "void":
		return "CARD_VOID", "此卡已因补换卡作废"
	case c.AAZ502 == "9":
		return "CARD_CANCELLED", "此卡已注销"
	case c.AAZ502 == "0":
		return "CARD_SEALED", "此卡已封存"
	case c.PersonStatus == "01" || c.PersonStatus == "02":
		return "CARD_NOT_COLLECTED", "此卡尚未领取"
	}
	return "", ""
}

func (r *Registry) executeLoss(rec *CommandRecord, card *Card, now time.Time) change {
	in := rec.Request
	if card.Loss != nil {
		rec.Answer.Outcome, rec.Answer.Code, rec.Answer.Reference = "already", "01", card.Loss.Reference
		rec.Answer.EffectiveAt, rec.Answer.ExpiresAt, rec.Answer.LossKind, rec.Answer.CardVersion = &card.Loss.EffectiveAt, card.Loss.ExpiresAt, card.Loss.Kind, card.Version
		if card.Loss.ExpiresAt == nil {
			return change{}
		}
		next := *card // a loss that would lapse is renewed by a further loss
		renewed := *card.Loss
		renewed.ExpiresAt = ptr(now.Add(lossLife))
		next.Loss, next.Version, next.ChangedAt = &renewed, card.Version+1, now
		rec.Answer.ExpiresAt, rec.Answer.CardVersion = renewed.ExpiresAt, next.Version
		return change{Events: []event{happened(&next, "card.loss_renewed")}}
	}
	reported := now
	if in.ReportedAt != nil {
		reported = instant(*in.ReportedAt)
	}
	next := r.lost(card, Loss{Reference: r.reference("GS", now), RequestID: in.RequestID, Source: in.Channel, Kind: in.LossKind, ReportedAt: reported, EffectiveAt: now})
	rec.Answer.Outcome, rec.Answer.Code, rec.Answer.Reference, rec.Answer.LossKind = "done", "00", next.Loss.Reference, next.Loss.Kind
	rec.Answer.EffectiveAt, rec.Answer.CardVersion = &now, next.Version
	return change{Events: []event{happened(next, "card.loss")}, Effect: &Effect{RequestID: in.RequestID, Kind: "loss", CardRef: card.Ref, Version: next.Version, At: now}}
}

// lossLife is how long a loss that may lapse lasts after a renewal.
const lossLife = 7 * 24 * time.Hour

// lost is the card with a loss on record. Where nobody says which kind, a window writes a formal loss, others a temporary one.
func (r *Registry) lost(card *Card, l Loss) *Card {
	if l.Kind == "" {
		l.Kind = "temporary"
		if l.Source == "window" || l.Source == "bank_window" {
			l.Kind = "formal"
		}
	}
	next := *card
	l.Before = card.AAZ502 + card.PersonStatus
	next.Loss, next.LossEnd, next.AAZ502, next.PersonStatus = &l, nil, "4", "06"
	if l.Kind == "formal" {
		next.AAZ502, next.PersonStatus = "2", "05"
	}
	next.Version, next.ChangedAt = card.Version+1, l.EffectiveAt
	return &next
}

func (r *Registry) executeRelease(rec *CommandRecord, card *Card, now time.Time) change {
	if card.Loss == nil {
		rec.Answer.Outcome, rec.Answer.Code, rec.Answer.CardVersion = "already", "01", card.Version
		rec.Answer.EffectiveAt = &card.ChangedAt
		return change{}
	}
	next := released(card, LossEnd{How: "released", Source: rec.Request.Channel, RequestID: rec.RequestID, At: now})
	rec.Answer.Outcome, rec.Answer.Code, rec.Answer.Reference = "done", "00", r.reference("JG", now)
	rec.Answer.EffectiveAt, rec.Answer.CardVersion = &now, next.Version
	return change{Events: []event{happened(next, "card.released")},
		Effect: &Effect{RequestID: rec.RequestID, Kind: "release", CardRef: card.Ref, Version: next.Version, At: now}}
}

// released is the card with its loss taken off, back in the state it had before.
func released(card *Card, end LossEnd) *Card {
	next := *card
	next.AAZ502, next.PersonStatus = "1", "04"
	if b := card.Loss.Before; len(b) == 3 {
		next.AAZ502, next.PersonStatus = b[:1], b[1:]
	}
	next.Loss, next.LossEnd, next.Version, next.ChangedAt = nil, &end, card.Version+1, end.At
	return &next
}
