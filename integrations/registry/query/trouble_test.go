package query

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/integrations/registry"
	"onecard/integrations/registry/cardstest"
	"onecard/models"
	"onecard/models/card"
	"onecard/models/mirror"
)

// answering is our adapter before a source that answers every question with one text.
func (g *rig) answering(t *testing.T, handler http.HandlerFunc) *Cards {
	t.Helper()
	front := httptest.NewServer(handler)
	t.Cleanup(front.Close)
	cfg := g.config(rigConfig{form: "pipe"}, cardstest.Setup{Timeout: time.Second})
	cfg.URL = front.URL
	c, err := New(cfg, registry.Options{Clock: g.clock}, Deps{People: g, Tickets: g})
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

func says(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(text)) }
}

// What cannot be taken of one person's answer is hers: the next one is asked about. What a source says of itself is not.
func TestWhoseTheTroubleIs(t *testing.T) {
	t.Parallel()
	const other = "00|p9|410303198001010023|王建国|19800101|1||410303|A12345678|c1|1|04|103|6217000000001234|o1"
	for name, tc := range map[string]struct {
		handler http.HandlerFunc
		hers    bool
	}{
		"cut short":          {says("00|p1|4103"), true},
		"a page":             {says("<html>请登录</html>"), true},
		"somebody else":      {says(other), true},
		"only a code":        {says("00"), true},
		"a code of commands": {says("01"), true},
		"empty fields":       {says("00||||||||||||||"), true},
		"unknown words":      {says("今日不办"), true},
		"another charset": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain; charset=big5")
			_, _ = w.Write([]byte("x"))
		}, true},
		"busy":         {says("系统繁忙,请稍后再试"), false},
		"our password": {says("用户名或密码错误"), false},
		"down":         {func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "", http.StatusBadGateway) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newRig(t, rigConfig{form: "pipe"}, cardstest.Setup{})
			wang, _ := g.other.Citizen("wang")
			_, err := g.answering(t, tc.handler).Ask(t.Context(), mirror.Question{Ref: models.PersonRef(wang.PersonRef)})
			require.Error(t, err)
			require.Equal(t, !tc.hers, models.KindOf(err) == models.Unavailable, "%v", err)
			if tc.hers {
				require.ErrorIs(t, err, mirror.ErrUnreadable)
			}
			require.NotContains(t, err.Error(), "王建国")
		})
	}
}

// A source that does not know her, or her card, any more says nothing about a copy of a loss that may have arrived before;
// a release is refused by it, and its loss stands as it was known.
func TestWhoIsNotKnownAnyMoreTellsNothingOfALoss(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]string{"nobody": "查无此人员信息,不存在", "no card": ""} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newRig(t, rigConfig{form: "pipe"}, cardstest.Setup{})
			wang, _ := g.other.Citizen("wang")
			if answer == "" {
				answer = "00|" + wang.PersonRef + "|" + wang.IDNumber + "|" + wang.Name + "|19800101|1||||||||| "
			}
			c := g.answering(t, says(answer))
			for _, kind := range []card.CommandKind{card.CommandLoss, card.CommandRelease} {
				cmd := g.about(kind, "wang")
				_, err := c.StateAfter(t.Context(), cmd)
				require.ErrorContains(t, err, "_UNKNOWN", "a copy may have been carried out")
				require.ErrorIs(t, err, registry.ErrUnknownFate)
				cmd.Attempt = 1
				a, err := c.Carry(t.Context(), cmd, nil)
				require.NoError(t, err)
				require.Equal(t, card.OutcomeRefused, a.Outcome, "of which nothing was sent")
				cmd.Attempt = 2
				_, err = c.Carry(t.Context(), cmd, nil)
				require.ErrorIs(t, err, registry.ErrUnknownFate, "an earlier copy may have been carried out")
			}
		})
	}
}
