package wechat_test

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/configs"
	"onecard/integrations/sandbox/fault"
	"onecard/integrations/wechat"
	"onecard/models"
	"onecard/models/citizen"
)

func demoMenu(t *testing.T) []configs.Button {
	t.Helper()
	menu, err := configs.ReadMenu(configs.ShippedMenu(), []string{"hotline", "ask"})
	require.NoError(t, err)
	return configs.MenuAt("https://card.test", menu)
}

func TestAMenuComesBackAsItWasSet(t *testing.T) {
	t.Parallel()
	r := start(t)
	o := r.oa(t, r.url)
	now, err := o.Menu(t.Context())
	require.NoError(t, err)
	require.Nil(t, now)
	want := demoMenu(t)
	require.NoError(t, o.SetMenu(t.Context(), want))
	now, err = o.Menu(t.Context())
	require.NoError(t, err)
	require.Equal(t, configs.MenuLines(want), configs.MenuLines(now))
	r.KillTokens(oaID)
	require.NoError(t, o.SetMenu(t.Context(), want), "a dead token is renewed once")
	err = o.SetMenu(t.Context(), append(want, want[0]))
	require.ErrorIs(t, err, models.ErrUnavailable)
	require.ErrorContains(t, err, "40017")
	require.NotContains(t, err.Error(), oaSecret)
}

// stores is a store for each name: a ticket is fetched with a token, which is another name.
type stores struct {
	mu    sync.Mutex
	clock models.Clock
	of    map[string]*store
}

func (s *stores) named(name string) *store {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.of[name] == nil {
		s.of[name] = &store{clock: s.clock, values: map[string]kept{}}
	}
	return s.of[name]
}

func (s *stores) Fetch(ctx context.Context, name string, fetch func(context.Context) (string, time.Duration, error)) (string, error) {
	return s.named(name).Fetch(ctx, name, fetch)
}

func (s *stores) Forget(ctx context.Context, name, dead string) {
	s.named(name).Forget(ctx, name, dead)
}

func TestPagesOfOursAreSignedWithOneTicketForAll(t *testing.T) {
	t.Parallel()
	r := start(t)
	deps := r.deps()
	deps.Tokens = &stores{clock: r.clock, of: map[string]*store{}}
	o, err := wechat.NewOfficialAccount(settings(r.url), configs.WechatApp{Name: "oa", Kind: "oa", AppID: oaID, Secret: configs.NewSecret(oaSecret)}, "https://card.test/m/return", deps)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, o.Close()) })
	signer, err := o.PageSignatures("https://card.test")
	require.NoError(t, err)
	const page = "https://card.test/m/outlets?near=1"
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			got, err := signer.SignPage(t.Context(), page)
			if err != nil || !r.PageSigned(oaID, got.Nonce, strconv.FormatInt(got.Timestamp, 10), page, got.Signature) || got.AppID != oaID {
				t.Error("a page was not signed as the platform wants it", err)
			}
		})
	}
	wg.Wait()
	require.Equal(t, 1, r.TicketsMade(oaID))
	r.clock.Advance(2*time.Hour - time.Minute)
	_, err = signer.SignPage(t.Context(), page)
	require.NoError(t, err)
	for _, foreign := range []string{
		"", "https://evil.test/m/", "http://card.test/m/", "https://card.test.evil.test/", "https://card.test@evil.test/", "https://u:p@card.test/m/",
		"https://card.test/m/#/a", "javascript:alert(1)", "//card.test/m/", "https://card.test:444/m/", "https:card.test/m/",
	} {
		_, err := signer.SignPage(t.Context(), foreign)
		require.ErrorIs(t, err, citizen.ErrPageNotOurs, foreign)
	}
	require.NoError(t, r.FailNext("/cgi-bin/ticket/getticket", 1, fault.Failure{Mode: fault.Status, Status: http.StatusBadGateway}))
	r.clock.Advance(3 * time.Hour)
	_, err = signer.SignPage(t.Context(), page)
	require.ErrorIs(t, err, models.ErrUnavailable)
	require.NotContains(t, err.Error(), "access_token")
}
