package hotline_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/hotline"
	"onecard/models/notice"
)

func TestATaskIsHandedOverOncePerActAndCall(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	call, by := r.call(r.agent("zuoxi1"), wangPhone)
	_, err := r.SendTask(t.Context(), by, call.ID, "replace")
	require.ErrorIs(t, err, hotline.ErrVerificationRequired)
	_, err = r.Verify(t.Context(), by, call.ID, basic)
	require.NoError(t, err)
	_, err = r.SendTask(t.Context(), r.in(by), call.ID, "请转账到这个账户")
	require.ErrorIs(t, err, hotline.ErrTaskUnknown, "picked from a list, no free text")
	_, err = r.SendTask(t.Context(), r.agent("zuoxi2"), call.ID, "replace")
	require.ErrorIs(t, err, models.ErrNotFound)

	var wait sync.WaitGroup
	var mu sync.Mutex
	fresh := 0
	in := r.in(by)
	for range 6 {
		wait.Go(func() {
			sent, err := r.SendTask(t.Context(), in, call.ID, "replace")
			mu.Lock()
			defer mu.Unlock()
			if err == nil && !sent.Repeated {
				fresh++
			}
		})
	}
	wait.Wait()
	require.Equal(t, 1, fresh)
	require.Len(t, r.m.rows.notices, 1)
	d := r.m.rows.notices[0]
	require.Equal(t, []any{notice.AgentTask, r.wang.ID, "task_replace", "申请补换卡"}, []any{d.Kind, d.PersonID, d.Object, d.Params["act"]})
	require.Len(t, r.entries("hotline.task.sent"), 1)
	sent, err := r.SendTask(t.Context(), in, call.ID, "release")
	require.NoError(t, err)
	require.False(t, sent.Repeated, "another act is another task")
}
