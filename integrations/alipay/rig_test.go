package alipay_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/configs"
	"onecard/integrations/alipay"
	sandbox "onecard/integrations/sandbox/alipay"
	"onecard/models"
	"onecard/models/notice"
)

const (
	miniID     = "2021000000000001"
	lifeID     = "2021000000000002"
	contentKey = "MDEyMzQ1Njc4OWFiY2RlZg=="
)

type people map[string]sandbox.Citizen

func (p people) Named() []sandbox.Citizen { return []sandbox.Citizen{p["wang"], p["li"]} }
func (p people) Find(key string) (sandbox.Citizen, bool) {
	c, ok := p[key]
	return c, ok
}

var town = people{
	"wang": {Key: "wang", Name: "王建国", IDNumber: "410303198001010015", Phone: "13803790001"},
	"li":   {Key: "li", Name: "李秀英", IDNumber: "410303199203120022", Phone: "13803790002"},
}

type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) { l.mu.Lock(); defer l.mu.Unlock(); return l.b.Write(p) }
func (l *lines) String() string              { l.mu.Lock(); defer l.mu.Unlock(); return l.b.String() }

type rig struct {
	*sandbox.Platform
	url   string
	keys  sandbox.Keys
	clock *models.ManualClock
	log   *lines
}

// start serves a platform; a change sees each answer of the gateway before our side does.
func start(t *testing.T, changes ...func(http.Handler) http.Handler) rig {
	t.Helper()
	keys, err := sandbox.KeysIn("")
	require.NoError(t, err)
	clock := models.NewManualClock(time.Date(2021, 12, 20, 4, 0, 0, 0, time.UTC))
	p, err := sandbox.New(sandbox.Options{People: town, Now: clock.Now, Key: keys.Platform, Apps: []sandbox.App{
		{ID: miniID, PublicKey: &keys.App.PublicKey, AESKey: contentKey, Templates: filed(notice.AlipayMini)},
		{ID: lifeID, PublicKey: &keys.App.PublicKey, AESKey: contentKey, UserIDs: true, Life: true, Templates: filed(notice.AlipayLife)},
	}})
	require.NoError(t, err)
	h := p.Handler()
	for _, f := range changes {
		h = f(h)
	}
	srv := httptest.NewServer(http.StripPrefix("/alipay", h))
	t.Cleanup(srv.Close)
	return rig{p, srv.URL + "/alipay", keys, clock, &lines{}}
}

func (r rig) settings(t *testing.T, id, kind string) (configs.Alipay, configs.AlipayApp) {
	t.Helper()
	public, err := sandbox.PublicKeyText(&r.keys.Platform.PublicKey)
	require.NoError(t, err)
	return configs.Alipay{GatewayURL: r.url + "/gateway.do", AuthorizeURL: r.url + "/oauth2/publicAppAuthorize.htm", Timeout: 5 * time.Second},
		configs.AlipayApp{Name: kind, Kind: kind, AppID: id, PrivateKey: configs.NewSecret(sandbox.PrivateKeyText(r.keys.App)), PublicKey: public, ContentKey: configs.NewSecret(contentKey), RealPerson: true}
}

func (r rig) deps() alipay.Deps {
	return alipay.Deps{Log: slog.New(slog.NewJSONHandler(r.log, nil)), KeysAllowed: true}
}

func (r rig) mini(t *testing.T, change ...func(*configs.Alipay, *configs.AlipayApp)) *alipay.MiniProgram {
	t.Helper()
	cfg, app := r.settings(t, miniID, "mini")
	for _, f := range change {
		f(&cfg, &app)
	}
	m, err := alipay.NewMiniProgram(cfg, app, r.deps())
	require.NoError(t, err)
	return m
}

func (r rig) life(t *testing.T) *alipay.LifeAccount {
	t.Helper()
	cfg, app := r.settings(t, lifeID, "life")
	l, err := alipay.NewLifeAccount(cfg, app, "https://card.test/m/return", r.deps())
	require.NoError(t, err)
	return l
}

// always answers the same, whatever is asked.
func always(status int, body string) func(http.Handler) http.Handler {
	return func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		})
	}
}

// altered passes each answer through f.
func altered(f func([]byte) []byte) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			rec := httptest.NewRecorder()
			next.ServeHTTP(rec, r)
			_, _ = w.Write(f(rec.Body.Bytes()))
		})
	}
}
