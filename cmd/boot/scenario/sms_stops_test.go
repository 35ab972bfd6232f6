package scenario

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot/boottest"
)

// A reply travels from the phone over the vendor's push to a row and its audit entry, and is undone the same way.
func TestAReplyOfTheHolderStopsHerMessagesAndHerNextOneResumesThem(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	r.Happens("credit", "wang", map[string]any{"programme": "41", "amount_fen": 33_800})
	require.Equal(t, 1, r.Told("wang", "就业补助"))
	phone := r.Messages("wang")[0].Phone
	active := func() (n int) {
		require.NoError(t, r.DB().QueryRowContext(t.Context(), "SELECT count(*) FROM sms_stops WHERE active AND reason = 'asked'").Scan(&n))
		return n
	}
	r.Happens("sms_reply", "wang", map[string]any{"phone": phone, "text": "你们是谁"})
	r.Happens("sms_reply", "wang", map[string]any{"phone": phone, "text": "TD"})
	r.Eventually(func() bool { return active() == 1 })
	stopped := r.Decisions("notice.sms.stopped")
	require.Len(t, stopped, 1)
	require.Equal(t, "aliyun", stopped[0].Note("vendor"))
	r.Later(time.Minute)
	r.Happens("sms_reply", "wang", map[string]any{"phone": phone, "text": "恢复"})
	r.Eventually(func() bool { return active() == 0 })
	require.Len(t, r.Decisions("notice.sms.lifted"), 1)
}
