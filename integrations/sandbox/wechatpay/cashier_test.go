package wechatpay

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A tap that names no order pays none: the newest is somebody else's.
func TestAnEmptyTapPaysNothing(t *testing.T) {
	t.Parallel()
	p := &Platform{o: Options{Now: time.Now}, trades: map[string]*trade{"n1": {Number: "n1", PrepayID: "wx1", State: "NOTPAY"}}, order: []string{"n1"}}
	for _, result := range []string{"pay", "fail"} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(url.Values{"result": {result}}.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		p.atCashier(w, r)
		require.Contains(t, w.Body.String(), "订单不存在")
		require.Equal(t, "NOTPAY", p.trades["n1"].State)
	}
}
