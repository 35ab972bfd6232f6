package registry

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestLossAndReleaseHappenOnce(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{Fence: true})
	loss := g.about("loss", "request-1", "wang", 1)
	first := g.command(loss)
	require.Equal(t, "done", first.Outcome)
	require.Equal(t, "00", first.Code)
	require.Equal(t, first, g.command(loss), "a repeat is the first answer")
	require.Len(t, g.EffectsOf("request-1", ""), 1)
	card, _ := g.Card(loss.CardRef)
	require.Equal(t, "4", card.AAZ502)
	require.Equal(t, "active", card.FinancialState, "the money account is untouched")
	require.Equal(t, "wechat_mini", card.Loss.Source)
	require.Equal(t, "request-1", card.Loss.RequestID)
	require.Equal(t, first.CardVersion, card.Version)

	again := g.about("loss", "request-2", "wang", 2)
	require.Equal(t, "01", g.command(again).Code, "already lost")
	release := g.command(g.about("release", "request-3", "wang", 3))
	require.Equal(t, "00", release.Code)
	require.Equal(t, "01", g.command(g.about("release", "request-4", "wang", 4)).Code)
	card, _ = g.Card(loss.CardRef)
	require.Equal(t, "1", card.AAZ502)
	require.Equal(t, "request-3", card.LossEnd.RequestID)
	require.Len(t, g.EffectsOf("", loss.CardRef), 2)
	require.Equal(t, 2, g.Commands()[0].Asked)
}

func TestCommandIDMayNotBeReused(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	loss := g.about("loss", "request-1", "wang", 1)
	g.command(loss)
	loss.Kind = "release"
	var p problem
	require.Equal(t, http.StatusConflict, g.do("POST", "/registry/cards/v1/commands", loss, &p))
	require.Equal(t, "REQUEST_ID_REUSED", p.Code)
}

func TestCommandAfterItsTimeIsRefused(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	loss := g.about("loss", "request-1", "wang", 1)
	g.clock.advance(2 * time.Minute)
	require.Equal(t, "EXPIRED", g.command(loss).ReasonCode)
	require.Empty(t, g.EffectsOf("request-1", ""))
	require.Equal(t, "EXPIRED", g.command(loss).ReasonCode, "and stays refused")
}

func TestRequestIDsAreForgottenAfterSevenDays(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	g.command(g.about("loss", "request-1", "wang", 1))
	require.Equal(t, http.StatusOK, g.do("GET", "/registry/cards/v1/commands/request-1", nil, nil))
	g.clock.advance(7*24*time.Hour + time.Second)
	var p problem
	require.Equal(t, http.StatusNotFound, g.do("GET", "/registry/cards/v1/commands/request-1", nil, &p))
	require.Equal(t, "NEVER_HEARD", p.Code)
}

func TestFence(t *testing.T) {
	t.Parallel()
	for _, fence := range []bool{true, false} {
		g := newRig(t, Options{Fence: fence})
		g.command(g.about("loss", "request-1", "wang", 1))
		g.command(g.about("loss", "request-3", "wang", 3))
		late := g.command(g.about("release", "request-2", "wang", 2))
		card := g.CardsOf("wang")[0]
		if fence {
			require.Equal(t, "SEQ_OLD", late.ReasonCode)
			require.Equal(t, "4", card.AAZ502)
		} else {
			require.Equal(t, "done", late.Outcome, "without the fence an overtaken release undoes a newer loss")
			require.Equal(t, "1", card.AAZ502)
		}
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	refused := func(citizen, ref string) string {
		in := g.about("loss", "request-"+citizen+ref, citizen, 9)
		if ref != "" {
			in.CardRef = ref
		}
		return g.command(in).ReasonCode
	}
	require.Equal(t, "CARD_UNKNOWN", refused("wang", "c-nobody"))
	require.Equal(t, "CARD_NOT_OF_PERSON", refused("wang", g.CardsOf("zhao")[0].Ref))
	old := g.CardsOf("wang")[0].Ref
	_, err := g.Happen(Happening{Kind: "replace", Citizen: "wang"})
	require.NoError(t, err)
	require.Equal(t, "CARD_VOID", refused("wang", old), "R42")
	_, err = g.Happen(Happening{Kind: "cancel", Citizen: "zhang"})
	require.NoError(t, err)
	require.Equal(t, "CARD_CANCELLED", refused("zhang", ""))
}

func TestR43_ALossThatWouldLapseIsRenewedByAFurtherLoss(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{Fence: true})
	g.command(g.about("loss", "request-1", "wang", 1))
	soon := g.clock.Now().Add(48 * time.Hour)
	_, err := g.Happen(Happening{Kind: "expiry", Citizen: "wang", ExpiresAt: &soon})
	require.NoError(t, err)
	renewal := g.command(g.about("loss", "request-2", "wang", 2))
	require.Equal(t, "already", renewal.Outcome)
	require.True(t, renewal.ExpiresAt.After(soon))
	require.Equal(t, g.CardsOf("wang")[0].Version, renewal.CardVersion)
	_, err = g.Happen(Happening{Kind: "lapse", Citizen: "wang"})
	require.NoError(t, err)
	require.Equal(t, "lapsed", g.CardsOf("wang")[0].LossEnd.How)
}

func TestAcceptedCommandIsDoneLater(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{Fence: true})
	require.NoError(t, g.SetFault(Fault{Target: "cards", Fault: FaultAccept, Op: "commands", Times: 1}))
	require.Equal(t, "accepted", g.command(g.about("loss", "request-1", "wang", 1)).Outcome)
	require.Equal(t, "1", g.CardsOf("wang")[0].AAZ502)
	_, err := g.Happen(Happening{Kind: "settle", RequestID: "request-1"})
	require.NoError(t, err)
	require.Equal(t, "4", g.CardsOf("wang")[0].AAZ502)
	var a CommandAnswer
	require.Equal(t, http.StatusOK, g.do("GET", "/registry/cards/v1/commands/request-1", nil, &a))
	require.Equal(t, "done", a.Outcome)
}

func TestMalformedCommands(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	for name, body := range map[string]string{
		"not json": `{`, "unknown field": `{"request_id":"request-1","pin":"1"}`, "two values": `{} {}`, "nothing": `{}`,
		"no card": `{"request_id":"request-1","kind":"loss","person_ref":"p","not_after":"2021-12-20T02:00:00Z","channel":"phone"}`,
	} {
		require.Equal(t, http.StatusBadRequest, g.do("POST", "/registry/cards/v1/commands", []byte(body), nil), name)
	}
	require.Empty(t, g.Commands())
}
