package sandbox_test

import (
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/integrations/sandbox"
)

func TestTheDeskLeadsToWhereAFeeIsPaidByHand(t *testing.T) {
	t.Parallel()
	page := func(w world, path string) string {
		res, err := http.Get(w.url + path)
		require.NoError(t, err)
		defer func() { _ = res.Body.Close() }()
		require.Equal(t, http.StatusOK, res.StatusCode)
		text, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		return string(text)
	}
	bureau := start(t, func(o *sandbox.Options) { o.NonTax = sandbox.Unit{Code: "410300017001", Item: "103044733"} })
	desk := page(bureau, "/")
	for _, path := range []string{"/alipay/cashier", "/nontax/cashier"} {
		require.Contains(t, desk, `action="`+path+`"`)
		require.Contains(t, page(bureau, path), "<h1>")
	}
	without := page(start(t), "/")
	require.Contains(t, without, "/alipay/cashier")
	require.NotContains(t, without, "/nontax/", "no bureau in this world")
	require.NotContains(t, without, "/wechatpay/", "no merchant in this world")
}
