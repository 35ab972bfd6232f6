package query

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/configs"
	"onecard/integrations/registry"
	"onecard/integrations/registry/cardstest"
	sandbox "onecard/integrations/sandbox/registry"
	"onecard/models"
	"onecard/models/card"
	"onecard/models/citizen"
	"onecard/models/mirror"
)

func TestNothingPersonalStandsInAnAddress(t *testing.T) {
	t.Parallel()
	g := newRig(t, rigConfig{form: "pipe"}, cardstest.Setup{})
	var mu sync.Mutex
	var asked []string
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		asked = append(asked, r.Method+" "+r.RequestURI)
		mu.Unlock()
		g.other.Handler().ServeHTTP(w, r)
	}))
	t.Cleanup(front.Close)
	cfg := g.config(rigConfig{form: "pipe"}, cardstest.Setup{})
	cfg.URL = front.URL + sandbox.AskedPath
	c, err := New(cfg, registry.Options{Clock: g.clock}, Deps{People: g, Tickets: g})
	require.NoError(t, err)
	t.Cleanup(c.Close)
	_, err = c.Carry(t.Context(), g.about(card.CommandLoss, "wang"), nil)
	require.NoError(t, err)
	mu.Lock()
	defer mu.Unlock()
	require.Equal(t, []string{"POST /registry/query", "POST /registry/query"}, asked, "how the card stands and its number, then the command")
}

func TestOnePersonIsToldWhole(t *testing.T) {
	t.Parallel()
	g := newRig(t, rigConfig{form: "xml"}, cardstest.Setup{})
	wang, _ := g.other.Citizen("wang")
	told, err := g.cards.Ask(t.Context(), mirror.Question{Ref: models.PersonRef(wang.PersonRef)})
	require.NoError(t, err)
	require.Equal(t, g.clock.Now(), told.AsOf)
	require.Len(t, told.Events, 2)
	p, ok := told.Events[0].Fact.(citizen.PersonFact)
	require.True(t, ok)
	f, ok := told.Events[1].Fact.(card.Fact)
	require.True(t, ok)
	require.Equal(t, p.Version, f.Version, "one question, one number")
	require.Equal(t, g.clock.Now(), f.AskedAt)
	li, _ := g.other.Citizen("li")
	told, err = g.cards.Ask(t.Context(), mirror.Question{Ref: models.PersonRef(li.PersonRef), Progress: true})
	require.NoError(t, err)
	require.Len(t, told.Events, 1, "no card, and no record of its production")
	_, err = g.cards.Ask(t.Context(), mirror.Question{Ref: "p0"})
	require.ErrorIs(t, err, mirror.ErrNobody)
}

func TestTheListsComeOnceAndAgainWhenTheyChange(t *testing.T) {
	t.Parallel()
	g := newRig(t, rigConfig{form: "xml"}, cardstest.Setup{})
	first, err := g.cards.Page(t.Context(), "", 10)
	require.NoError(t, err)
	require.Greater(t, len(first.Events), 20)
	kinds := map[string]int{}
	for _, e := range first.Events {
		kinds[e.Entity]++
		require.NotNil(t, e.Fact)
	}
	require.Len(t, kinds, 2)
	same, err := g.cards.Page(t.Context(), first.Next, 10)
	require.NoError(t, err)
	require.Empty(t, same.Events)
	require.Equal(t, first.Next, same.Next)
	_, err = g.other.Happen(sandbox.Happening{Kind: "merge_bank", ID: "313LY", Into: "313ZY"})
	require.NoError(t, err)
	g.clock.Advance(listsEvery)
	changed, err := g.cards.Page(t.Context(), first.Next, 10)
	require.NoError(t, err)
	require.NotEqual(t, first.Next, changed.Next)
	require.NotEmpty(t, changed.Events)
}

func TestListsFromAFile(t *testing.T) {
	t.Parallel()
	g := newRig(t, rigConfig{form: "xml"}, cardstest.Setup{})
	cfg := g.config(rigConfig{form: "xml"}, cardstest.Setup{})
	cfg.Lists = filepath.Join(t.TempDir(), "lists.json")
	c, err := New(cfg, registry.Options{Clock: g.clock}, Deps{People: g, Tickets: g})
	require.NoError(t, err)
	t.Cleanup(c.Close)
	for _, bad := range []string{"", "{}", `{"banks":[{"name":"without a code"}]}`, `{"banks":[1]}`} {
		require.NoError(t, os.WriteFile(cfg.Lists, []byte(bad), 0o600))
		_, err = c.Page(t.Context(), "", 10)
		require.ErrorIs(t, err, models.ErrUnavailable, bad)
		require.NotContains(t, err.Error(), cfg.Lists)
		g.clock.Advance(listsRetry)
	}
	require.NoError(t, os.WriteFile(cfg.Lists, []byte(`{"banks":[{"code":"103","name":"农业银行","phone":"95599","version":1,"changed_at":"2021-12-01T00:00:00Z"}]}`), 0o600))
	page, err := c.Page(t.Context(), "", 10)
	require.NoError(t, err)
	require.Len(t, page.Events, 1)
}

func TestSettingsAreChecked(t *testing.T) {
	t.Parallel()
	good := configs.CardsSource{Form: "xml", Charset: "utf-8", City: "410300", Source: configs.Source{URL: "http://registry", ClientID: "c", Secret: configs.NewSecret("s")}}
	for name, bend := range map[string]func(*configs.CardsSource){
		"form": func(c *configs.CardsSource) { c.Form = "json" }, "charset": func(c *configs.CardsSource) { c.Charset = "big5" },
		"url": func(c *configs.CardsSource) { c.URL = "ftp://x" }, "secret": func(c *configs.CardsSource) { c.Secret = configs.Secret{} },
	} {
		bad := good
		bend(&bad)
		_, err := New(bad, registry.Options{}, Deps{})
		require.Error(t, err, name)
	}
	_, err := New(good, registry.Options{}, Deps{})
	require.NoError(t, err)
}

// noTickets cannot number questions, as when the database is away.
type noTickets struct{ after int64 }

func (n *noTickets) Ticket(context.Context) (int64, error) {
	if n.after--; n.after < 0 {
		return 0, errors.New("away")
	}
	return 1, nil
}

// Without a number nothing is asked; a command that was done is of unknown fate, and read back.
func TestWithoutANumberNothingIsTakenForAnAnswer(t *testing.T) {
	t.Parallel()
	g := newRig(t, rigConfig{form: "pipe"}, cardstest.Setup{})
	g.cards.deps.Tickets = &noTickets{}
	_, err := g.cards.Carry(t.Context(), g.about(card.CommandLoss, "wang"), nil)
	require.ErrorIs(t, err, card.ErrNotSent)
	require.Nil(t, g.present("wang").Loss)
	g.cards.deps.Tickets = &noTickets{after: 1}
	_, err = g.cards.Carry(t.Context(), g.about(card.CommandLoss, "wang"), nil)
	require.Error(t, err)
	require.NotErrorIs(t, err, card.ErrNotSent)
	require.NotNil(t, g.present("wang").Loss)
}

// A gateway's page, a redirect and a cut connection are no answers of the source.
func TestWhatIsNoAnswerIsOfUnknownFate(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]http.HandlerFunc{
		"login page": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>请登录</html>")) },
		"redirect":   func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) },
		"empty":      func(http.ResponseWriter, *http.Request) {},
		"json":       func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"code":"00"}`)) },
		"error":      func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "00", http.StatusInternalServerError) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newRig(t, rigConfig{form: "pipe"}, cardstest.Setup{})
			front := httptest.NewServer(handler)
			t.Cleanup(front.Close)
			cfg := g.config(rigConfig{form: "pipe"}, cardstest.Setup{Timeout: time.Second})
			cfg.URL = front.URL
			c, err := New(cfg, registry.Options{Clock: g.clock}, Deps{People: g, Tickets: g})
			require.NoError(t, err)
			t.Cleanup(c.Close)
			a, err := c.ask(t.Context(), registry.LossLane, formalLoss, "410303198001010015", "王建国", "A12345678")
			require.ErrorIs(t, err, registry.ErrUnknownFate, "%v", a)
			require.NotContains(t, err.Error(), "王建国")
		})
	}
}
