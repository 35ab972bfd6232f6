package boot

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/configs"
)

func TestAProcessThatOnlyWorksShowsItsAlarms(t *testing.T) {
	t.Parallel()
	cfg := configs.Dev(t.TempDir())
	cfg.HTTP.MetricsAddr = "127.0.0.1:0"
	a := &App{cfg: cfg, roles: Roles{Work: true}, watch: newWatch()}
	require.NoError(t, a.openListeners(t.Context()))
	t.Cleanup(func() { require.NoError(t, a.Close()) })
	require.NotNil(t, a.metrics)
	a.watch.LossAlarmed()
	page := httptest.NewRecorder()
	a.metricsPage().ServeHTTP(page, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics/work", nil))
	require.Contains(t, page.Body.String(), `onecard_alarms_total{code="LOSS_UNCONFIRMED"} 1`)
}
