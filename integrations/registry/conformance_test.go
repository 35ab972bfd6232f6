package registry

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/integrations/registry/cardstest"
	sandbox "onecard/integrations/sandbox/registry"
	"onecard/models"
)

// The contract's own source keeps everything the suite asks.
func TestTheContractConforms(t *testing.T) {
	t.Parallel()
	cardstest.Run(t, cardstest.Promise{RequestIDs: true, NotAfter: true, Fence: true, Origin: true, SaysBusy: true}, openSide)
}

// Without the fence it is held to the weaker promise.
func TestTheContractWithoutTheFenceConforms(t *testing.T) {
	t.Parallel()
	cardstest.Run(t, cardstest.Promise{RequestIDs: true, NotAfter: true, Origin: true, SaysBusy: true}, func(t *testing.T, s cardstest.Setup) cardstest.Side {
		g := newSide(t, s)
		g.other.SetFence(false)
		g.cards.fenced = false
		return g.side()
	})
}

func openSide(t *testing.T, s cardstest.Setup) cardstest.Side { return newSide(t, s).side() }

func newSide(t *testing.T, s cardstest.Setup) *rig {
	t.Helper()
	o := Options{}
	if s.OnlyLosses {
		o.Budget = BudgetFunc(func(_ context.Context, lane Lane) error {
			if lane != LossLane {
				return ErrBudgetFull
			}
			return nil
		})
	}
	g := newRig(t, o)
	g.cards.longest = 1 << 20
	if s.Timeout > 0 {
		g.cards.timeout = s.Timeout
	}
	return g
}

// side is the rig as the suite sees it.
func (g *rig) side() cardstest.Side {
	return cardstest.Side{
		Source: g.cards, Clock: g.clock, Stop: g.server.Close,
		Fault: func(op, fault string, times int, more cardstest.More) {
			ops := map[string][]string{"person": {"match", "cards"}, "commands": {op}}[op]
			for _, one := range ops {
				n := times
				if op == "person" { // each of its two questions once
					n = max(times/2, 1)
				}
				g.fault(sandbox.Fault{Op: one, Fault: fault, Times: n, Code: more.Code, DelayMS: int(more.Delay.Milliseconds())})
			}
		},
		Card: func(citizen string) (models.PersonRef, models.CardRef) {
			c := g.present(citizen)
			return models.PersonRef(c.PersonRef), models.CardRef(c.Ref)
		},
		Papers: func(citizen string) (string, string) {
			c, ok := g.other.Citizen(citizen)
			require.True(g.t, ok)
			return c.Name, c.IDNumber
		},
		Lost:    func(citizen string) bool { return g.present(citizen).Loss != nil },
		Effects: func(citizen string) int { return len(g.other.EffectsOf("", g.other.CardsOf(citizen)[0].Ref)) },
		Window:  func(what, citizen string) { g.happen(sandbox.Happening{Kind: what, Citizen: citizen}) },
	}
}

// present is a citizen's card that has not ended.
func (g *rig) present(citizen string) sandbox.Card {
	for _, c := range g.other.CardsOf(citizen) {
		if c.End == nil {
			return c
		}
	}
	return g.other.CardsOf(citizen)[0]
}
