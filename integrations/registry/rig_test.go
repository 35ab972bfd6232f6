package registry

import (
	"context"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/configs"
	sandbox "onecard/integrations/sandbox/registry"
	"onecard/models"
	"onecard/models/card"
)

const (
	cardsSecret    = "cards-secret-cards-secret-cards!"
	paymentsSecret = "payments-secret-payments-secret!"
)

// rig is the pretend registry behind real HTTP, and our clients of it.
type rig struct {
	t        *testing.T
	other    *sandbox.Registry
	server   *httptest.Server
	clock    *models.ManualClock
	cards    *Cards
	payments *Payments
	pictures map[models.ID][]byte
}

func newRig(t *testing.T, o Options) *rig {
	t.Helper()
	g := &rig{t: t, clock: models.NewManualClock(time.Date(2021, 12, 20, 1, 0, 0, 0, time.UTC)), pictures: map[models.ID][]byte{}}
	var err error
	g.other, err = sandbox.New(sandbox.Options{Seed: 1, Now: g.clock.Now, Fence: true,
		Cards: sandbox.Client{ID: "one-card", Secret: cardsSecret}, Payments: sandbox.Client{ID: "one-card", Secret: paymentsSecret}})
	require.NoError(t, err)
	g.server = httptest.NewServer(g.other.Handler())
	t.Cleanup(func() {
		require.NoError(t, g.other.Close())
		g.server.Close()
	})
	o.Clock = g.clock
	g.cards, err = NewCards(configs.CardsSource{Source: g.source("cards", cardsSecret), Fence: true}, o, g, g)
	require.NoError(t, err)
	g.payments, err = NewPayments(g.source("payments", paymentsSecret), o)
	require.NoError(t, err)
	return g
}

// source is the settings of one side.
func (g *rig) source(name, secret string) configs.Source {
	return configs.Source{URL: g.server.URL + "/registry/" + name, ClientID: "one-card", Secret: configs.NewSecret(secret), Timeout: 5 * time.Second}
}

// Picture gives an uploaded picture.
func (g *rig) Picture(_ context.Context, id models.ID) ([]byte, error) {
	if p, ok := g.pictures[id]; ok {
		return p, nil
	}
	return nil, models.ErrNotFound
}

// PersonRef tells who a person is there; in this rig the ids are the references.
func (g *rig) PersonRef(_ context.Context, id models.ID) (models.PersonRef, error) {
	return models.PersonRef(id), nil
}

func (g *rig) fault(f sandbox.Fault) {
	g.t.Helper()
	if f.Target == "" {
		f.Target = "cards"
	}
	require.NoError(g.t, g.other.SetFault(f))
}

func (g *rig) happen(h sandbox.Happening) sandbox.Outcome {
	g.t.Helper()
	out, err := g.other.Happen(h)
	require.NoError(g.t, err)
	return out
}

// about is a command about a named citizen's card.
func (g *rig) about(kind card.CommandKind, citizen string, seq int64) card.Command {
	g.t.Helper()
	c := g.other.CardsOf(citizen)[0]
	return card.Command{ID: models.NewID(), Kind: kind, PersonRef: models.PersonRef(c.PersonRef), CardRef: models.CardRef(c.Ref), CardSeq: seq,
		LossKind: card.LossAsRegistry, Channel: models.WechatMini, NotAfter: g.clock.Now().Add(time.Minute)}
}

func (g *rig) effects(c card.Command) int { return len(g.other.EffectsOf(string(c.ID), "")) }
