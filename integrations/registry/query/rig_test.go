package query

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/simplifiedchinese"

	"onecard/configs"
	"onecard/integrations/registry"
	"onecard/integrations/registry/cardstest"
	sandbox "onecard/integrations/sandbox/registry"
	"onecard/models"
	"onecard/models/card"
)

const password = "cards-secret-cards-secret-cards!"

type rigConfig struct {
	form string
	gb   bool // the other side writes GB18030
}

// rig is the pretend registry that is only asked, behind real HTTP, and our adapter of it.
type rig struct {
	t       *testing.T
	other   *sandbox.Registry
	server  *httptest.Server
	clock   *models.ManualClock
	cards   *Cards
	tickets atomic.Int64
	log     bytes.Buffer
}

func newRig(t *testing.T, c rigConfig, s cardstest.Setup) *rig {
	t.Helper()
	g := &rig{t: t, clock: models.NewManualClock(time.Date(2021, 12, 20, 1, 0, 0, 0, time.UTC))}
	var err error
	g.other, err = sandbox.New(sandbox.Options{Seed: 1, Now: g.clock.Now, Cards: sandbox.Client{ID: "one-card", Secret: password},
		Payments: sandbox.Client{ID: "one-card", Secret: "payments-secret-payments-secret!"}})
	require.NoError(t, err)
	handler := g.other.Handler()
	if c.gb {
		handler = inGB18030(handler)
	}
	mux := http.NewServeMux()
	mux.Handle("/registry/", handler)
	mux.Handle("/desk/", g.other.DeskHandler())
	g.server = httptest.NewServer(mux)
	t.Cleanup(func() {
		require.NoError(t, g.other.Close())
		g.server.Close()
	})
	o := registry.Options{Clock: g.clock}
	if s.OnlyLosses {
		o.Budget = registry.BudgetFunc(func(_ context.Context, lane registry.Lane) error {
			if lane != registry.LossLane {
				return registry.ErrBudgetFull
			}
			return nil
		})
	}
	g.cards, err = New(g.config(c, s), o, Deps{People: g, Tickets: g, Log: slog.New(slog.NewTextHandler(&g.log, nil))})
	require.NoError(t, err)
	t.Cleanup(g.cards.Close)
	return g
}

func (g *rig) config(c rigConfig, s cardstest.Setup) configs.CardsSource {
	cfg := configs.CardsSource{Kind: "query", Form: c.form, Charset: "utf-8", City: "410300", Lists: g.server.URL + "/desk/registry/lists",
		Source: configs.Source{URL: g.server.URL + sandbox.AskedPath, ClientID: "one-card", Secret: configs.NewSecret(password), Timeout: 5 * time.Second}}
	if c.gb {
		cfg.Charset = "gb18030"
	}
	if s.Timeout > 0 {
		cfg.Timeout = s.Timeout
	}
	return cfg
}

// Ticket counts questions.
func (g *rig) Ticket(context.Context) (int64, error) { return g.tickets.Add(1), nil }

// Identity is who a reference is, by the city.
func (g *rig) Identity(_ context.Context, ref models.PersonRef) (models.Name, models.IDNumber, error) {
	c, ok := g.other.Citizen(string(ref))
	if !ok {
		return models.Name{}, models.IDNumber{}, models.ErrNotFound
	}
	n, err := models.ParseName(c.Name)
	if err != nil {
		return n, models.IDNumber{}, err
	}
	id, err := models.ParseIDNumber(c.IDNumber, g.clock.Now())
	return n, id, err
}

func (g *rig) side() cardstest.Side {
	return cardstest.Side{
		Source: g.cards, ReadBack: g.cards, Clock: g.clock, Stop: g.server.Close,
		Fault: func(op, fault string, times int, more cardstest.More) {
			require.NoError(g.t, g.other.SetFault(sandbox.Fault{Target: "cards", Op: op, Fault: fault, Times: times, Code: more.Code, DelayMS: int(more.Delay.Milliseconds())}))
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
		Window: func(what, citizen string) {
			_, err := g.other.Happen(sandbox.Happening{Kind: what, Citizen: citizen})
			require.NoError(g.t, err)
		},
	}
}

func (g *rig) present(citizen string) sandbox.Card {
	for _, c := range g.other.CardsOf(citizen) {
		if c.End == nil {
			return c
		}
	}
	return g.other.CardsOf(citizen)[0]
}

func (g *rig) about(kind card.CommandKind, citizen string) card.Command {
	c := g.present(citizen)
	return card.Command{ID: models.NewID(), Kind: kind, PersonRef: models.PersonRef(c.PersonRef), CardRef: models.CardRef(c.Ref), CardSeq: 1,
		LossKind: card.LossAsRegistry, Channel: models.WechatMini, NotAfter: g.clock.Now().Add(time.Minute)}
}

// inGB18030 stands between: the other side's texts are written in GB18030 on the wire, as many a bureau's are.
func inGB18030(next http.Handler) http.Handler {
	gb := simplifiedchinese.GB18030
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		form, _ := url.ParseQuery(string(raw))
		key, _ := gb.NewDecoder().String(form.Get("key"))
		form.Set("key", key)
		body := form.Encode()
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
		next.ServeHTTP(&transcoded{ResponseWriter: w}, r)
	})
}

// transcoded rewrites an answer that is valid UTF-8; others pass as they are, and so does one that will break off.
type transcoded struct{ http.ResponseWriter }

func (t *transcoded) WriteHeader(status int) {
	h := t.Header()
	h.Set("Content-Type", strings.Replace(h.Get("Content-Type"), "utf-8", "GBK", 1))
	h.Del("Content-Length")
	t.ResponseWriter.WriteHeader(status)
}

func (t *transcoded) Write(p []byte) (int, error) {
	out, err := simplifiedchinese.GB18030.NewEncoder().Bytes(bytes.ReplaceAll(p, []byte(`encoding="UTF-8"`), []byte(`encoding="GBK"`)))
	if err != nil {
		out = p
	}
	_, err = t.ResponseWriter.Write(out)
	return len(p), err
}

// Unwrap lets a broken answer break off.
func (t *transcoded) Unwrap() http.ResponseWriter { return t.ResponseWriter }

// Flush passes on.
func (t *transcoded) Flush() {
	if f, ok := t.ResponseWriter.(http.Flusher); ok {
		f.Flush()
	}
}
