package hotline_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/hotline"
)

func TestR54_AWholeValueNeedsFullAndAReasonAndIsAudited(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	call, by := r.call(r.agent("zuoxi1"), wangPhone)
	_, err := r.Unmask(t.Context(), by, call.ID, hotline.ValueID, "check_identity")
	require.ErrorIs(t, err, hotline.ErrVerificationRequired)
	_, err = r.Verify(t.Context(), by, call.ID, basic)
	require.NoError(t, err)
	_, err = r.Unmask(t.Context(), r.in(by), call.ID, hotline.ValueID, "check_identity")
	require.ErrorIs(t, err, hotline.ErrVerificationRequired, "Basic is not enough")
	_, err = r.Verify(t.Context(), by, call.ID, full)
	require.NoError(t, err)
	for _, reason := range []string{"", "curious"} {
		_, err = r.Unmask(t.Context(), r.in(by), call.ID, hotline.ValueID, reason)
		require.ErrorIs(t, err, hotline.ErrReasonRequired)
		require.Equal(t, models.Invalid, models.KindOf(err))
	}
	_, err = r.Unmask(t.Context(), r.in(by), call.ID, "pin", "check_identity")
	require.ErrorIs(t, err, hotline.ErrUnmaskField)
	require.Empty(t, r.entries("hotline.value.shown"))

	looks := len(r.m.rows.looks)
	for field, want := range map[string]string{"name": "王小明", "id_number": wangID, "phone": wangPhone, "card_tail": "788"} {
		got, err := r.Unmask(t.Context(), r.in(by), call.ID, field, "check_identity")
		require.NoError(t, err, field)
		require.Equal(t, want, got.Value)
		require.Equal(t, r.clock.Now().Add(time.Minute), got.ExpiresAt)
		require.NotContains(t, fmt.Sprintf("%v %+v %#v", got, got, got), want, "it prints masked")
	}
	shown := r.entries("hotline.value.shown")
	require.Len(t, shown, 4)
	require.Len(t, r.m.rows.looks, looks+4, "counted")
	require.Equal(t, r.wang.ID, shown[0].SubjectID)
	require.Equal(t, "check_identity", shown[0].Detail["reason"])
}
