package cardtest

import (
	"time"

	"onecard/models"
	"onecard/models/card"
)

// What others do at the registry. Each tells whether it was possible.

// Card is the registry's own view of a card.
func (g *Registry) Card(ref models.CardRef) card.Fact {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.told(g.cards[ref])
}

// at runs one change of a card that is still alive.
func (g *Registry) at(ref models.CardRef, fits func(e *Entry) bool, change func(e *Entry)) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	e := g.cards[ref]
	if e.Social == card.SocialVoid || e.Social == card.SocialCancelled || !fits(e) {
		return false
	}
	change(e)
	return true
}

func lost(e *Entry) bool   { return e.Loss != nil }
func free(e *Entry) bool   { return e.Loss == nil }
func whatever(*Entry) bool { return true }

// WindowLoss reports a loss at a counter.
func (g *Registry) WindowLoss(ref models.CardRef) bool {
	return g.at(ref, free, func(e *Entry) { g.lose(e, card.LossFact{Source: "window", ReportedAt: g.Clock.Now()}) })
}

// WindowRelease releases at a counter.
func (g *Registry) WindowRelease(ref models.CardRef) bool {
	return g.at(ref, lost, func(e *Entry) {
		g.endLoss(e, card.EndFact{How: "released", Source: "window", At: g.Clock.Now()})
	})
}

// Lapse lets a loss run out.
func (g *Registry) Lapse(ref models.CardRef) bool {
	return g.at(ref, lost, func(e *Entry) {
		g.endLoss(e, card.EndFact{How: "lapsed", Source: "registry", At: g.Clock.Now()})
	})
}

// Expire sets the day on which the loss would lapse; the zero time takes it away.
func (g *Registry) Expire(ref models.CardRef, at time.Time) bool {
	return g.at(ref, lost, func(e *Entry) {
		l := *e.Loss
		l.ExpiresAt = at
		e.Loss = &l
		g.changed(e)
	})
}

// Touch changes something that is not about loss.
func (g *Registry) Touch(ref models.CardRef) bool {
	return g.at(ref, whatever, func(e *Entry) {
		if e.Financial == card.FinancialActive {
			e.Financial = card.FinancialLoss
		} else {
			e.Financial = card.FinancialActive
		}
		g.changed(e)
	})
}

// Replace completes a replacement: the card is void.
func (g *Registry) Replace(ref models.CardRef) bool { return g.close(ref, card.SocialVoid) }

// Cancel takes the card out of use.
func (g *Registry) Cancel(ref models.CardRef) bool { return g.close(ref, card.SocialCancelled) }

func (g *Registry) close(ref models.CardRef, to card.SocialState) bool {
	return g.at(ref, whatever, func(e *Entry) {
		if e.Loss != nil {
			e.Ended = &card.EndFact{How: "voided", Source: "registry", At: g.Clock.Now()}
		}
		e.Loss, e.Social, e.Financial = nil, to, card.FinancialClosed
		g.changed(e)
	})
}
