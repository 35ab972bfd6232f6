package wechat_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/configs"
	sandbox "onecard/integrations/sandbox/wechat"
	"onecard/integrations/wechat"
	"onecard/models"
	"onecard/models/notice"
)

// The names under which the pretend platform and our settings know each other.
const (
	miniID, miniSecret = "wx00000000000mini", "mini-secret-5f0c9b7e"
	oaID, oaSecret     = "wx0000000000000oa", "oa-secret-91ab44c2"
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

// store is a TokenStore that all instances of one test share.
type store struct {
	mu     sync.Mutex
	clock  models.Clock
	values map[string]kept
}

type kept struct {
	value string
	until time.Time
}

func (s *store) Fetch(ctx context.Context, name string, fetch func(context.Context) (string, time.Duration, error)) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if k, ok := s.values[name]; ok && s.clock.Now().Before(k.until) {
		return k.value, nil
	}
	value, ttl, err := fetch(ctx)
	if err == nil && ttl > 0 {
		s.values[name] = kept{value, s.clock.Now().Add(ttl)}
	}
	return value, err
}

func (s *store) Forget(_ context.Context, name, dead string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.values[name].value == dead {
		delete(s.values, name)
	}
}

type rig struct {
	*sandbox.Platform
	url   string
	clock *models.ManualClock
	store *store
	log   *lines
}

// lines is a log one can read.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) { l.mu.Lock(); defer l.mu.Unlock(); return l.b.Write(p) }
func (l *lines) String() string              { l.mu.Lock(); defer l.mu.Unlock(); return l.b.String() }

func start(t *testing.T) rig {
	t.Helper()
	clock := models.NewManualClock(time.Date(2021, 12, 20, 4, 0, 0, 0, time.UTC))
	p := sandbox.New(sandbox.Options{People: town, Now: clock.Now, Apps: []sandbox.App{
		{ID: miniID, Secret: miniSecret, Kind: sandbox.Mini, OpenPlatform: "op", Templates: filed(notice.WechatMini)},
		{ID: oaID, Secret: oaSecret, Kind: sandbox.Official, OpenPlatform: "op", Templates: filed(notice.WechatOA)},
	}})
	srv := httptest.NewServer(http.StripPrefix("/wechat", p.Handler()))
	t.Cleanup(srv.Close)
	return rig{p, srv.URL + "/wechat", clock, &store{clock: clock, values: map[string]kept{}}, &lines{}}
}

func (r rig) deps() wechat.Deps {
	return wechat.Deps{Tokens: r.store, Clock: r.clock, Log: slog.New(slog.NewJSONHandler(r.log, nil))}
}

func settings(url string) configs.Wechat {
	return configs.Wechat{APIURL: url, AuthorizeURL: url + "/connect/oauth2/authorize", Timeout: 5 * time.Second}
}

func (r rig) mini(t *testing.T, change ...func(*configs.Wechat, *configs.WechatApp)) *wechat.MiniProgram {
	t.Helper()
	cfg, app := settings(r.url), configs.WechatApp{Name: "mini", Kind: "mini", AppID: miniID, Secret: configs.NewSecret(miniSecret), RealPerson: true}
	for _, f := range change {
		f(&cfg, &app)
	}
	m, err := wechat.NewMiniProgram(cfg, app, r.deps())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, m.Close()) })
	return m
}

func (r rig) oa(t *testing.T, url string) *wechat.OfficialAccount {
	t.Helper()
	o, err := wechat.NewOfficialAccount(settings(url), configs.WechatApp{Name: "oa", Kind: "oa", AppID: oaID, Secret: configs.NewSecret(oaSecret)}, "https://card.test/m/return", r.deps())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, o.Close()) })
	return o
}

func quick(d time.Duration) func(*configs.Wechat, *configs.WechatApp) {
	return func(c *configs.Wechat, _ *configs.WechatApp) { c.Timeout = d }
}
