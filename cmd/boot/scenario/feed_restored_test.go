package scenario

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot/boottest"
)

// A source that was restored from an older copy answers for less than we have read: we do not stand there silently.
func TestASourceThatWasRestoredIsReadAnew(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	r.Work()
	wang := r.Fresh("wechat_mini", "wang")
	shown := len(wang.Get("/v1/arrivals").Is(http.StatusOK).List("items"))
	r.Happens("credit", "wang", nil)
	r.Work()
	r.Happens("rewind_feed", "", map[string]any{"target": "payments", "times": 200})
	r.Happens("credit", "wang", nil)
	r.Work()
	require.Len(t, wang.Get("/v1/arrivals").Is(http.StatusOK).List("items"), shown+2, "what it had told stays, what it tells now comes")
	require.Equal(t, 1, strings.Count(r.Log.String(), `"code":"CURSOR_UNKNOWN"`), "an alarm with a name, once")
	r.Work()
	require.Equal(t, 1, strings.Count(r.Log.String(), `"code":"CURSOR_UNKNOWN"`))
	require.Equal(t, 2, r.Told("wang", "存入"))
}
