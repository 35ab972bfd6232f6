package scenario

import (
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot/boottest"
	"onecard/configs"
	"onecard/integrations/redis/redistest"
	"onecard/models"
	"onecard/models/store"
	"onecard/models/store/storetest"
)

// cost is what one request took: statements, commits, and its answer.
type cost struct {
	*httptest.ResponseRecorder
	statements, commits int
}

// costOf sends one request straight to the handler and counts.
func costOf(t *testing.T, r *boottest.Rig, c *boottest.Citizen, path string, headers ...string) cost {
	t.Helper()
	ctx, counted := new(store.DB).CountStatements(t.Context())
	req := httptest.NewRequest(http.MethodGet, path, http.NoBody).WithContext(ctx)
	req.Header.Set("Authorization", "Bearer "+c.Token)
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	r.App.Handler().ServeHTTP(w, req)
	require.Less(t, w.Code, 400, w.Body.String())
	r.App.Settle(t.Context())
	return cost{w, counted.Statements(), counted.Commits()}
}

// trips is how often Redis was asked so far.
func trips(t *testing.T, r *boottest.Rig) int {
	t.Helper()
	all, err := r.App.Metrics().Gather()
	require.NoError(t, err)
	for _, m := range all {
		if m.GetName() == "onecard_redis_trips_total" {
			return int(m.GetMetric()[0].GetCounter().GetValue())
		}
	}
	require.Fail(t, "nobody counts trips to Redis")
	return 0
}

// eachWorld runs on the embedded database and Redis, and on servers of both where they are there.
func eachWorld(t *testing.T, test func(t *testing.T, r *boottest.Rig)) {
	t.Helper()
	t.Run("embedded", func(t *testing.T) {
		t.Parallel()
		boottest.EmbeddedHalf(t, true)
		test(t, boottest.Start(t))
	})
	addr := os.Getenv("ONECARD_TEST_REDIS")
	if addr == "" || os.Getenv(storetest.EnvPostgres) == "" {
		return
	}
	t.Run("servers", func(t *testing.T) {
		t.Parallel()
		prefix := "onecard-test:" + string(models.NewID()) + ":"
		redistest.Open(t, addr, prefix) // removes the keys afterwards
		r := boottest.Start(t, boottest.OnPostgres(storetest.EmptyPostgres(t)), boottest.OnRedis(addr, prefix))
		r.Work()
		test(t, r)
	})
}

func TestAReadyListCostsNoStatementAndAnyOtherOne(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, r *boottest.Rig) {
		wang := r.Fresh("wechat_mini", "wang")
		costOf(t, r, wang, "/v1/arrivals/summary") // the session is copied now
		for _, path := range []string{"/v1/arrivals", "/v1/arrivals?year=2021"} {
			read := costOf(t, r, wang, path)
			require.Equal(t, 1, read.statements, "%s: one covering read, who asks comes from Redis", path)
			require.Zero(t, read.commits)
			before := trips(t, r)
			ready := costOf(t, r, wang, path)
			require.Equal(t, 1, trips(t, r)-before, "%s: session, limit, version and answer together", path)
			require.Zero(t, ready.statements, path)
			require.Zero(t, ready.commits, path)
			require.Equal(t, read.Body.String(), ready.Body.String())
			require.Equal(t, read.Header().Get("ETag"), ready.Header().Get("ETag"))
			same := costOf(t, r, wang, path, "If-None-Match", ready.Header().Get("ETag"))
			require.Equal(t, http.StatusNotModified, same.Code)
			require.Zero(t, same.statements)
		}

		// A credit is seen with the next look, and no other person's answer is lost for it.
		chen := r.Fresh("alipay_mini", "chen")
		costOf(t, r, chen, "/v1/arrivals")
		require.Zero(t, costOf(t, r, chen, "/v1/arrivals").statements)
		paid := r.Happens("credit", "wang", map[string]any{"programme": "41", "amount_fen": 33_800})
		after := costOf(t, r, wang, "/v1/arrivals")
		require.Equal(t, 1, after.statements)
		require.Contains(t, after.Body.String(), paid.Text("batch_id"))
		require.Zero(t, costOf(t, r, chen, "/v1/arrivals").statements)

		// A programme that gets another name is another answer for everybody.
		r.Happens("rename_programme", "", map[string]any{"programme": "28", "name": "高龄老人津贴", "valid_from": "2022-01-01"})
		require.Equal(t, 1, costOf(t, r, chen, "/v1/arrivals").statements)
	})
}

func TestAReadyListEndsWithTheMonth(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	r.Clock.Advance(time.Date(2021, 12, 31, 15, 58, 0, 0, time.UTC).Sub(r.Clock.Now()))
	wang := r.Fresh("wechat_mini", "wang")
	wang.Get("/v1/arrivals").Is(http.StatusOK)
	r.App.Settle(t.Context())
	require.Equal(t, "2021-12", wang.Get("/v1/arrivals").Is(http.StatusOK).Text("to_month"))
	r.Clock.Advance(2*time.Minute + time.Second)
	require.Equal(t, "2022-01", wang.Get("/v1/arrivals").Is(http.StatusOK).Text("to_month"))
}

func TestALogOutCountsForReadyListsToo(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	wang := r.Fresh("wechat_mini", "wang")
	wang.Get("/v1/arrivals").Is(http.StatusOK)
	r.App.Settle(t.Context())
	wang.Get("/v1/arrivals").Is(http.StatusOK)
	wang.Send(http.MethodDelete, "/v1/sessions/current", nil).Is(http.StatusNoContent)
	wang.Get("/v1/arrivals").Refused(http.StatusUnauthorized, "LOGIN_REQUIRED")
	chen := r.Fresh("alipay_mini", "chen")
	chen.Get("/v1/arrivals").Is(http.StatusOK)
	r.Later(31 * 24 * time.Hour)
	chen.Get("/v1/arrivals").Refused(http.StatusUnauthorized, "LOGIN_REQUIRED")
}

func TestWithRedisGoneListsComeFromTheDatabase(t *testing.T) {
	t.Parallel()
	addr, stop := redistest.Stoppable(t)
	r := boottest.Start(t, boottest.OnRedis(addr, "hot:"), boottest.With(func(c *configs.Config) { c.HTTP.Limits.Reads = 20 }))
	wang := r.Fresh("wechat_mini", "wang")
	before := wang.Get("/v1/arrivals").Is(http.StatusOK)
	r.App.Settle(t.Context())
	stop()
	require.JSONEq(t, string(before.Raw), string(wang.Get("/v1/arrivals").Is(http.StatusOK).Raw))
	paid := r.Happens("credit", "wang", map[string]any{"programme": "41"})
	require.Contains(t, string(wang.Get("/v1/arrivals").Is(http.StatusOK).Raw), paid.Text("batch_id"))
	for range 18 { // this process counts by itself now
		wang.Get("/v1/arrivals").Is(http.StatusOK)
	}
	wang.Get("/v1/arrivals").Refused(http.StatusTooManyRequests, "RATE_LIMITED")
}
