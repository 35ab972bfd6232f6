package cardtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"onecard/models"
	"onecard/models/card"
)

// ErrNoAnswer is a call whose fate is unknown.
var ErrNoAnswer = errors.New("cardtest: no answer")

// Fate is what the network does to one command on its way.
type Fate string

// The fates of a command.
const (
	Answered  Fate = ""           // carried out and answered
	LostReply Fate = "lost_reply" // carried out, the answer is lost
	Delayed   Fate = "delayed"    // no answer; it arrives when Deliver says so
	Dropped   Fate = "dropped"    // no answer; it never arrives
	NotSent   Fate = "not_sent"   // it surely did not leave
	Refused   Fate = "refused"    // refused with RefuseCode
)

// Registry is the other side: cards with versions, request ids that act once, not_after, and the fence where it is on.
type Registry struct {
	Clock models.Clock
	Fence bool
	// Mute: facts do not say how a loss ended, as with a source that tells the state only.
	Mute bool
	// Life, where set, gives each loss a date on which it would lapse.
	Life time.Duration
	// Down: nobody answers a question; commands fare as Fate says.
	Down       bool
	RefuseCode string
	// Fate decides what becomes of each command; nil answers all.
	Fate func(c card.Command) Fate
	// During is called while a command or question is on its way there ("sent") and back ("answered").
	During func(stage string, c card.Command)

	mu       sync.Mutex
	cards    map[models.CardRef]*Entry
	order    []models.CardRef
	answers  map[models.ID]card.Answer
	kinds    map[models.ID]card.CommandKind
	InFlight []card.Command
	Sent     []card.Command // every command handed to the network, in order
	Asks     int
	Events   []card.Fact // in the order of their commits
	refs     int
}

// Entry is one card at the registry.
type Entry struct {
	card.Fact
	seen int64
}

// NewRegistry has no cards yet.
func NewRegistry(clock models.Clock, fence bool) *Registry {
	return &Registry{Clock: clock, Fence: fence, cards: map[models.CardRef]*Entry{}, answers: map[models.ID]card.Answer{}, kinds: map[models.ID]card.CommandKind{}}
}

// Issue makes a card that was collected and is in use.
func (g *Registry) Issue(ref models.CardRef, person models.PersonRef) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.cards[ref] = &Entry{Fact: card.Fact{Ref: ref, PersonRef: person, NumberMask: "A*****123", Area: "410300", BankCode: "103",
		Social: card.SocialNormal, Financial: card.FinancialActive, Holding: card.Collected}}
	g.order = append(g.order, ref)
	g.changed(g.cards[ref])
}

// changed gives the card its next version and announces it.
func (g *Registry) changed(e *Entry) {
	e.Version++
	e.ChangedAt = g.Clock.Now()
	g.Events = append(g.Events, g.told(e))
}

// told is the fact as others see it.
func (g *Registry) told(e *Entry) card.Fact {
	f := e.Fact
	if f.Loss != nil {
		l := *f.Loss
		f.Loss = &l
	}
	if g.Mute {
		f.Ended = nil
	}
	return f
}

// Carry takes one command, or not, as its fate is.
func (g *Registry) Carry(ctx context.Context, c card.Command, _ *card.Application) (card.Answer, error) {
	if err := burn(ctx); err != nil {
		return card.Answer{}, fmt.Errorf("%w: %w", card.ErrNotSent, err)
	}
	g.mu.Lock()
	fate := Answered
	if g.Fate != nil {
		fate = g.Fate(c)
	}
	if fate != NotSent {
		g.Sent = append(g.Sent, c)
	}
	g.mu.Unlock()
	g.during("sent", c)
	a, err := g.carried(c, fate)
	g.during("answered", c)
	if dead := burn(ctx); dead != nil {
		return card.Answer{}, dead
	}
	return a, err
}

func (g *Registry) carried(c card.Command, fate Fate) (card.Answer, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch fate {
	case NotSent:
		return card.Answer{}, card.ErrNotSent
	case Dropped:
		return card.Answer{}, ErrNoAnswer
	case Delayed:
		g.InFlight = append(g.InFlight, c)
		return card.Answer{}, ErrNoAnswer
	case LostReply:
		g.take(c)
		return card.Answer{}, ErrNoAnswer
	case Refused:
		if a, known := g.answers[c.ID]; known {
			return a, nil
		}
		return g.answer(c, card.Answer{Outcome: card.OutcomeRefused, Code: g.RefuseCode}), nil
	}
	return g.take(c), nil
}

func (g *Registry) during(stage string, c card.Command) {
	if g.During != nil {
		g.During(stage, c)
	}
}

// Deliver lets the nth delayed command arrive; it may be kept to arrive once more.
func (g *Registry) Deliver(n int, keep bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	c := g.InFlight[n]
	if !keep {
		g.InFlight = slices.Delete(g.InFlight, n, n+1)
	}
	g.take(c)
}

// Asked tells what became of a command.
func (g *Registry) Asked(ctx context.Context, id models.ID) (card.Answer, error) {
	if err := burn(ctx); err != nil {
		return card.Answer{}, err
	}
	g.during("sent", card.Command{ID: id})
	g.mu.Lock()
	g.Asks++
	a, known := g.answers[id]
	down := g.Down
	g.mu.Unlock()
	g.during("answered", card.Command{ID: id})
	switch err := burn(ctx); {
	case err != nil:
		return card.Answer{}, err
	case down:
		return card.Answer{}, ErrNoAnswer
	case !known:
		return card.Answer{}, card.ErrNeverHeard
	}
	return a, nil
}

// CardsOf reads a person's cards.
func (g *Registry) CardsOf(ctx context.Context, person models.PersonRef) ([]card.Fact, error) {
	if err := burn(ctx); err != nil {
		return nil, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.Down {
		return nil, models.ErrUnavailable
	}
	var out []card.Fact
	for _, ref := range g.order {
		if e := g.cards[ref]; e.PersonRef == person {
			out = append(out, g.told(e))
		}
	}
	return out, nil
}

// Fenced tells what the source promises.
func (g *Registry) Fenced() bool { return g.Fence }

func (g *Registry) answer(c card.Command, a card.Answer) card.Answer {
	g.answers[c.ID], g.kinds[c.ID] = a, c.Kind
	return a
}

// take carries a command out once.
func (g *Registry) take(c card.Command) card.Answer {
	if a, known := g.answers[c.ID]; known {
		return a
	}
	refuse := func(code string) card.Answer {
		return g.answer(c, card.Answer{Outcome: card.OutcomeRefused, Code: code})
	}
	e := g.cards[c.CardRef]
	now := g.Clock.Now()
	switch {
	case now.After(c.NotAfter):
		return refuse("EXPIRED")
	case e == nil:
		return refuse("CARD_UNKNOWN")
	case g.Fence && c.CardSeq < e.seen:
		return refuse("SEQ_OLD")
	}
	e.seen = max(e.seen, c.CardSeq)
	switch {
	case e.Social == card.SocialVoid:
		return refuse("CARD_VOID")
	case e.Social == card.SocialCancelled:
		return refuse("CARD_CANCELLED")
	case c.Kind == card.CommandLoss:
		return g.takeLoss(c, e, now)
	case e.Loss == nil:
		return g.answer(c, card.Answer{Outcome: card.OutcomeAlready, Code: "01", CardVersion: e.Version})
	}
	g.endLoss(e, card.EndFact{How: "released", Source: string(c.Channel), RequestID: string(c.ID), At: now})
	return g.answer(c, card.Answer{Outcome: card.OutcomeDone, Code: "00", Reference: g.reference("JG"), EffectiveAt: now, CardVersion: e.Version})
}

func (g *Registry) takeLoss(c card.Command, e *Entry, now time.Time) card.Answer {
	outcome, code := card.OutcomeDone, "00"
	if e.Loss == nil {
		g.lose(e, card.LossFact{Source: string(c.Channel), RequestID: string(c.ID), ReportedAt: now})
	} else {
		outcome, code = card.OutcomeAlready, "01"
		if !e.Loss.ExpiresAt.IsZero() { // a further loss renews
			l := *e.Loss
			l.ExpiresAt = now.Add(g.Life)
			e.Loss = &l
			g.changed(e)
		}
	}
	return g.answer(c, card.Answer{Outcome: outcome, Code: code, Reference: e.Loss.Reference, EffectiveAt: now, ExpiresAt: e.Loss.ExpiresAt, CardVersion: e.Version})
}

func (g *Registry) lose(e *Entry, l card.LossFact) {
	l.Reference, l.Kind = g.reference("GS"), card.LossTemporary
	if g.Life > 0 {
		l.ExpiresAt = g.Clock.Now().Add(g.Life)
	}
	e.Loss, e.Ended, e.Social = &l, nil, card.SocialLossTemp
	g.changed(e)
}

func (g *Registry) endLoss(e *Entry, end card.EndFact) {
	e.Loss, e.Ended, e.Social = nil, &end, card.SocialNormal
	g.changed(e)
}

func (g *Registry) reference(prefix string) string {
	g.refs++
	return fmt.Sprintf("%s%06d", prefix, g.refs)
}
