package sandbox_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMalformedOrdersAreRefusedAndChangeNothing(t *testing.T) {
	t.Parallel()
	w := start(t)
	const form = "application/x-www-form-urlencoded"
	for _, path := range []string{"/desk/faults", "/desk/events", "/desk/face", "/desk/receipts"} {
		for _, c := range []struct{ kind, body string }{
			{"application/json", "{"}, {"application/json", ""}, {"application/json", "[1]"}, {"application/json", `"text"`},
			{"application/json", `{"citizen":{},"target":7,"kind":[]}`}, {"application/json", strings.Repeat(" ", 2<<20)}, {form, "times=x&delay_ms=y"}, {form, "%zz"},
		} {
			res, err := http.Post(w.url+path, c.kind, strings.NewReader(c.body))
			require.NoError(t, err)
			require.NoError(t, res.Body.Close())
			require.Equal(t, http.StatusBadRequest, res.StatusCode, "%s %.40q", path, c.body)
		}
	}
	require.Empty(t, w.Registry.Faults())
	require.Empty(t, w.WeChat.Faults().Orders())
	require.Empty(t, w.SMS.Faults().Orders())
}
