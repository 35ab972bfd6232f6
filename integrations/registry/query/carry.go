package query

import (
	"context"
	"errors"
	"fmt"

	"onecard/integrations/registry"
	"onecard/models"
	"onecard/models/card"
)

func laneOf(k card.CommandKind) registry.Lane {
	if k == card.CommandRelease {
		return registry.ReleaseLane
	}
	return registry.LossLane
}

// serviceOf is the call of a command. Where nobody says which loss, it is a temporary one, as for every channel but a
// window.
func serviceOf(c card.Command) service {
	switch {
	case c.Kind == card.CommandRelease:
		return release
	case c.LossKind == card.LossFormal:
		return formalLoss
	}
	return temporaryLoss
}

// Refusals of our own. The texts to people are models/card's.
const (
	codeAtWindow = "APPLICATION_AT_WINDOW" // such a source takes no applications
	codeOther    = "NOT_ACCEPTED"          // a reason nobody knows
)

// Carry tells the source one loss or release. It first asks for the person's card, because commands are addressed by the
// printed number, which we do not keep: until the command itself leaves, every failure is card.ErrNotSent. The same command
// twice is done once, because the second is answered 01; between two of a card nothing but the caller keeps order.
func (c *Cards) Carry(ctx context.Context, cmd card.Command, _ *card.Application) (card.Answer, error) {
	if cmd.Kind != card.CommandLoss && cmd.Kind != card.CommandRelease {
		return card.Answer{Outcome: card.OutcomeRefused, Code: codeAtWindow}, nil
	}
	s, err := c.seeRef(ctx, laneOf(cmd.Kind), cmd.PersonRef)
	switch {
	case errors.Is(err, errNobody):
		return c.cannotSend(cmd, "PERSON_UNKNOWN")
	case err != nil:
		var call *registry.CallError
		if errors.As(err, &call) {
			return card.Answer{}, c.line.NotSent("commands", call.Code)
		}
		return card.Answer{}, c.line.NotSent("commands", "CARD_NOT_READ")
	}
	if code := s.notHers(cmd.CardRef); code != "" {
		return c.cannotSend(cmd, code)
	}
	a, err := c.ask(ctx, laneOf(cmd.Kind), serviceOf(cmd), s.person.IDNumber.Reveal(), s.person.Name.Reveal(), s.cardNo)
	if err != nil {
		return card.Answer{}, err
	}
	return c.verdict(ctx, cmd, a, s)
}

// cannotSend refuses what surely never left us. An earlier copy may have been carried out before the card was lost sight of.
func (c *Cards) cannotSend(cmd card.Command, code string) (card.Answer, error) {
	if cmd.Attempt > 1 && code != "CARD_VOID" {
		return card.Answer{}, fmt.Errorf("%w: %w", card.ErrLostSight, c.line.Unknown("commands", code))
	}
	return card.Answer{Outcome: card.OutcomeRefused, Code: code}, nil
}

// notHers is why a command about a card cannot be sent, as far as the person's present card tells.
func (s sight) notHers(ref models.CardRef) string {
	switch {
	case s.card == nil:
		return "CARD_UNKNOWN"
	case s.card.Ref == ref:
		return ""
	case !s.card.HandedOver: // the new one is not in her hands yet, and the old one cannot be addressed
		return "CARD_UNKNOWN"
	}
	return "CARD_VOID" // another card stands in its place (R42)
}

// verdict reads the answer to a command. Its number is drawn after the answer came: what was asked before says nothing new.
func (c *Cards) verdict(ctx context.Context, cmd card.Command, a answer, s sight) (card.Answer, error) {
	ticket, err := c.ticketAfter(ctx)
	if err != nil {
		return card.Answer{}, c.line.Unknown("commands", "TICKET")
	}
	out := card.Answer{Outcome: card.OutcomeDone, Code: a.code, EffectiveAt: models.Instant(c.line.Clock().Now()), CardVersion: ticket}
	r := unclear
	if a.code == "" {
		r = reasonOf(a.reason)
	}
	switch {
	case a.code == "00":
		return out, nil
	case a.code == "01", r == lostYet && cmd.Kind == card.CommandLoss, r == freeYet && cmd.Kind == card.CommandRelease:
		out.Outcome, out.Code = card.OutcomeAlready, "01"
		return out, nil
	case r == trouble, r == denied:
		return card.Answer{}, c.line.Unknown("commands", string(r))
	case r == unclear, r == lostYet, r == freeYet:
		return c.weighed(ctx, cmd, forLog(a.reason, s.person.Name.Reveal()))
	}
	return card.Answer{Outcome: card.OutcomeRefused, Code: string(r)}, nil
}

// weighed looks at the card when a command was answered by words that nobody knows: they may say that it was done.
func (c *Cards) weighed(ctx context.Context, cmd card.Command, words string) (card.Answer, error) {
	c.deps.Log.WarnContext(ctx, "the registry answered a command in words nobody knows", "code", "REASON_UNKNOWN", "command", cmd.ID, "words", words)
	a, err := c.StateAfter(ctx, cmd)
	if errors.Is(err, card.ErrNeverHeard) {
		return card.Answer{Outcome: card.OutcomeRefused, Code: codeOther}, nil
	}
	return a, err
}

// Asked cannot be answered by such a source: it keeps no request ids. StateAfter is asked instead.
func (c *Cards) Asked(context.Context, models.ID) (card.Answer, error) {
	return card.Answer{}, card.ErrNeverHeard
}

// StateAfter reads how the card of a command stands: see card.ReadBack.
func (c *Cards) StateAfter(ctx context.Context, cmd card.Command) (card.Answer, error) {
	s, err := c.seeRef(ctx, laneOf(cmd.Kind), cmd.PersonRef)
	var code string
	switch {
	case errors.Is(err, errNobody):
		code = "PERSON_UNKNOWN"
	case err != nil:
		return card.Answer{}, err
	default:
		code = s.notHers(cmd.CardRef)
	}
	switch {
	case code == "PERSON_UNKNOWN" || code == "CARD_UNKNOWN":
		// A copy may have stopped or released the card before it was lost sight of: nobody may be told that it has not.
		return card.Answer{}, fmt.Errorf("%w: %w", card.ErrLostSight, c.line.Unknown("person", code))
	case code != "":
		return card.Answer{Outcome: card.OutcomeRefused, Code: code}, nil
	}
	there := card.Answer{Outcome: card.OutcomeAlready, Code: "01", EffectiveAt: s.card.AskedAt, CardVersion: s.card.Version}
	switch social := s.card.Social; {
	case social == card.SocialCancelled:
		return card.Answer{Outcome: card.OutcomeRefused, Code: "CARD_CANCELLED"}, nil
	case social == card.SocialUnknown:
		return card.Answer{}, c.line.Unknown("person", "STATE_UNKNOWN")
	case social.Lost() == (cmd.Kind == card.CommandLoss):
		return there, nil
	}
	return card.Answer{}, card.ErrNeverHeard
}
