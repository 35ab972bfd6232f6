package walk

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// phone is a desk on which somebody reads her messages.
func phone(t *testing.T, texts ...map[string]string) *Walker {
	t.Helper()
	desk := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"messages": texts, "batch_id": "1"})
	}))
	t.Cleanup(desk.Close)
	w := &Walker{desk: newClient(desk.URL)}
	w.Patience = 20 * time.Millisecond
	w.texts.sums = []string{"310.13元", "311.14元"}
	return w
}

func by(vendor, text string) map[string]string {
	return map[string]string{"vendor": vendor, "text": text}
}

func TestATextThatIsLostOrComesTwiceStopsTheWalk(t *testing.T) {
	t.Parallel()
	seen, err := phone(t, by("aliyun", "310.13元"), by("tencent", "311.14元"), by("aliyun", "123.45元")).toldOnce(t.Context())
	require.NoError(t, err)
	require.Equal(t, "2 texts (aliyun 1, tencent 1)", seen)
	_, err = phone(t, by("aliyun", "310.13元"), by("tencent", "311.14元"), by("tencent", "310.13元")).toldOnce(t.Context())
	require.ErrorContains(t, err, "one payment was told 2 times")
	_, err = phone(t, by("aliyun", "310.13元")).toldOnce(t.Context())
	require.ErrorContains(t, err, "1 of 2 payments were told")
}

func TestTheVendorAskedFirstIsBelievedWithItsReasonOnly(t *testing.T) {
	t.Parallel()
	const list = "asked first: tencent (set up: aliyun, tencent)\n2021-12-20 10:00:00  aliyun → tencent  slow  2 of 4 calls failed\n" +
		"2021-12-20 09:00:00  tencent → aliyun  probe_ok  0 of 1 calls failed\n"
	walk := func(vendor, reason string) (string, error) {
		w := phone(t, by("aliyun", "310.13元"), by("aliyun", "311.14元"), by("aliyun", "312.15元"), by("aliyun", "313.16元"))
		w.Operator = func(context.Context, ...string) (string, error) { return list, nil }
		return w.untilPreferred(t.Context(), vendor, reason)
	}
	seen, err := walk("tencent", "slow")
	require.NoError(t, err)
	require.Equal(t, "4 texts (aliyun 4, tencent 0), each once; asked first: tencent; aliyun → tencent slow 2 of 4 calls failed", seen)
	for _, wrong := range [][2]string{{"aliyun", ""}, {"tencent", "errors"}, {"tencent", "probe_ok"}} {
		_, err = walk(wrong[0], wrong[1])
		require.ErrorContains(t, err, "wanted "+wrong[0])
	}
}
