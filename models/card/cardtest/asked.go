package cardtest

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"onecard/models"
	"onecard/models/card"
)

// Asked is the other side as most bureaus have it: it only tells how a card stands. It does every command that reaches it,
// as often and in whatever order they come, and knows no request ids, no not_after and no versions. A command on its way
// arrives within the settling time, or never.
type Asked struct {
	*Registry
	Settling time.Duration
	Ended    func(models.CardRef) // sees each loss that a command has ended
	tickets  int64
	late     []late
}

type late struct {
	command card.Command
	sent    time.Time
}

// NewAskedRig builds the capability on a store and such a source.
func NewAskedRig(clock *models.ManualClock, s card.Store, g *Registry, set card.Settings) (*Rig, *Asked) {
	r := NewRig(clock, s, g)
	a := &Asked{Registry: g, Settling: set.Settling, tickets: 1000} // above every version that a feed told
	r.Service = card.New(card.Ports{
		Store: r.Store, Registry: a, ReadBack: a, Gate: r.Gate, Calls: r.Calls, Policy: r.Policy, Banks: Banks{}, Outlets: Outlets{},
		Bindings: r.Bindings, Clock: clock, Log: slog.New(slog.DiscardHandler), Watch: r.Meter,
	}, set)
	return r, a
}

// Fenced: it is not.
func (a *Asked) Fenced() bool { return false }

// Asked knows no request ids.
func (a *Asked) Asked(context.Context, models.ID) (card.Answer, error) {
	return card.Answer{}, card.ErrNeverHeard
}

func (a *Asked) ticket() int64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.tickets++
	return a.tickets
}

// Carry does what reaches it.
func (a *Asked) Carry(ctx context.Context, c card.Command, _ *card.Application) (card.Answer, error) {
	if err := burn(ctx); err != nil {
		return card.Answer{}, fmt.Errorf("%w: %w", card.ErrNotSent, err)
	}
	fate := Answered
	if a.Fate != nil {
		fate = a.Fate(c)
	}
	a.mu.Lock()
	if fate != NotSent {
		a.Sent = append(a.Sent, c)
	}
	sent := a.Clock.Now()
	a.mu.Unlock()
	a.during("sent", c)
	var out card.Answer
	err := ErrNoAnswer
	switch fate {
	case NotSent:
		err = card.ErrNotSent
	case Dropped:
	case Delayed:
		a.late = append(a.late, late{c, sent})
	case LostReply:
		a.do(c)
	case Refused:
		out, err = card.Answer{Outcome: card.OutcomeRefused, Code: a.RefuseCode}, nil
	default:
		out, err = a.do(c), nil
		out.CardVersion = a.ticket()
	}
	a.during("answered", c)
	if dead := burn(ctx); dead != nil {
		return card.Answer{}, dead
	}
	return out, err
}

// do changes the card as the command says.
func (a *Asked) do(c card.Command) card.Answer {
	a.mu.Lock()
	defer a.mu.Unlock()
	e := a.cards[c.CardRef]
	switch {
	case e.Social == card.SocialVoid:
		return card.Answer{Outcome: card.OutcomeRefused, Code: "CARD_VOID"}
	case e.Social == card.SocialCancelled:
		return card.Answer{Outcome: card.OutcomeRefused, Code: "CARD_CANCELLED"}
	case (c.Kind == card.CommandLoss) == (e.Loss != nil):
		return card.Answer{Outcome: card.OutcomeAlready, Code: "01"}
	case c.Kind == card.CommandLoss:
		a.lose(e, card.LossFact{Source: string(c.Channel), ReportedAt: a.Clock.Now()})
	default:
		a.endLoss(e, card.EndFact{How: "released", Source: string(c.Channel), At: a.Clock.Now()})
		if a.Ended != nil {
			a.Ended(c.CardRef)
		}
	}
	return card.Answer{Outcome: card.OutcomeDone, Code: "00", EffectiveAt: a.Clock.Now()}
}

// Deliver lets one of the commands on their way arrive, if any still may.
func (a *Asked) Deliver(pick func(n int) int) {
	now := a.Clock.Now()
	a.late = slices.DeleteFunc(a.late, func(l late) bool { return now.Sub(l.sent) >= a.Settling })
	if len(a.late) == 0 {
		return
	}
	n := pick(len(a.late))
	c := a.late[n].command
	a.late = slices.Delete(a.late, n, n+1)
	a.do(c)
}

// state is how a card stands now, under the number of the question.
func (a *Asked) state(ctx context.Context, ref models.CardRef) (card.Fact, error) {
	if err := burn(ctx); err != nil {
		return card.Fact{}, err
	}
	ticket, asked := a.ticket(), a.Clock.Now()
	a.during("sent", card.Command{})
	a.mu.Lock()
	f, down := a.cards[ref].Fact, a.Down
	a.mu.Unlock()
	a.during("answered", card.Command{})
	if err := burn(ctx); err != nil {
		return card.Fact{}, err
	}
	if down {
		return card.Fact{}, models.ErrUnavailable
	}
	f.Loss, f.Ended, f.Version, f.ChangedAt, f.AskedAt, f.HandedOver = nil, nil, ticket, asked, asked, f.Holding == card.Collected
	return f, nil
}

// CardsOf reads a person's card.
func (a *Asked) CardsOf(ctx context.Context, person models.PersonRef) ([]card.Fact, error) {
	for _, ref := range a.order {
		if a.cards[ref].PersonRef == person {
			f, err := a.state(ctx, ref)
			return []card.Fact{f}, err
		}
	}
	return nil, nil
}

// StateAfter reads the card of a command.
func (a *Asked) StateAfter(ctx context.Context, c card.Command) (card.Answer, error) {
	f, err := a.state(ctx, c.CardRef)
	switch {
	case err != nil:
		return card.Answer{}, ErrNoAnswer
	case f.Social == card.SocialVoid:
		return card.Answer{Outcome: card.OutcomeRefused, Code: "CARD_VOID"}, nil
	case f.Social == card.SocialCancelled:
		return card.Answer{Outcome: card.OutcomeRefused, Code: "CARD_CANCELLED"}, nil
	case f.Social.Lost() == (c.Kind == card.CommandLoss):
		return card.Answer{Outcome: card.OutcomeAlready, Code: "01", EffectiveAt: f.AskedAt, CardVersion: f.Version}, nil
	}
	return card.Answer{}, card.ErrNeverHeard
}

// Poll asks about a person's card and takes what is told.
func (a *Asked) Poll(ctx context.Context, r *Rig, person models.ID) error {
	ref, err := r.Store.PersonRef(ctx, person)
	if err != nil {
		return err
	}
	facts, err := a.CardsOf(ctx, ref)
	if err != nil {
		return err
	}
	return r.Store.InTx(ctx, func(ctx context.Context) error { return r.ApplyTold(ctx, person, facts) })
}
