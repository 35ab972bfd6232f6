package hotline_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/hotline"
)

func TestANoteHoldsNoNumberHoweverItIsWritten(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	call, by := r.call(r.agent("zuoxi1"), wangPhone)
	for _, text := range []string{
		"证件" + wangID, "卡号 6228 4800 1234 5678 910", "4103-0319-8001-0100-15", "四一〇三〇三一九八〇〇一〇一〇〇一五",
		"410303198001010015", "号码41030319800101004X", "6228.4800.1234.5678", "老号 410303 800101 001",
	} {
		_, err := r.NoteCall(t.Context(), by, call.ID, text, "answered")
		require.ErrorIs(t, err, hotline.ErrNoteHasNumber, text)
	}
	receipt := models.ReceiptNumber(r.clock.Now(), 42)
	for _, text := range []string{
		"受理号" + receipt, "来电13800001234,2021年12月20日09:12已挂失", "<script>alert(1)</script>", "", strings.Repeat("字", 1000),
	} {
		n, err := r.NoteCall(t.Context(), by, call.ID, text, "answered")
		require.NoError(t, err, text)
		require.Equal(t, text, n.Text, "kept as it was typed")
	}
	_, err := r.NoteCall(t.Context(), by, call.ID, strings.Repeat("字", 1001), "answered")
	require.ErrorIs(t, err, hotline.ErrNoteTooLong)
	_, err = r.NoteCall(t.Context(), by, call.ID, "好", "splendid")
	require.ErrorIs(t, err, hotline.ErrResultUnknown)
	require.Len(t, r.entries("hotline.call.noted"), 5)
	for _, e := range r.entries("hotline.call.noted") {
		require.Equal(t, "answered", e.Result)
		require.Empty(t, e.Detail, "codes only")
	}
}

func TestANoteIsOnesOwnForAWhileAndIsScrubbed(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	call, by := r.call(r.agent("zuoxi1"), wangPhone)
	_, err := r.NoteCall(t.Context(), r.agent("zuoxi2"), call.ID, "别人的", "done")
	require.ErrorIs(t, err, models.ErrNotFound)
	_, err = r.CloseCall(t.Context(), by, call.ID)
	require.NoError(t, err)
	r.clock.Advance(29 * time.Minute)
	_, err = r.NoteCall(t.Context(), by, call.ID, "已说明解挂须到网点", "guided")
	require.NoError(t, err)
	r.clock.Advance(2 * time.Minute)
	_, err = r.NoteCall(t.Context(), by, call.ID, "迟了", "done")
	require.ErrorIs(t, err, hotline.ErrNoActiveCall)
	_, err = r.NoteOf(t.Context(), r.agent("zuoxi3"), call.ID)
	require.ErrorIs(t, err, models.ErrNotFound)
	r.clock.Advance(179 * 24 * time.Hour)
	require.NoError(t, r.Sweep(t.Context()))
	n, err := r.NoteOf(t.Context(), by, call.ID)
	require.NoError(t, err)
	require.NotEmpty(t, n.Text)
	r.clock.Advance(24 * time.Hour)
	require.NoError(t, r.Sweep(t.Context()))
	n, err = r.NoteOf(t.Context(), by, call.ID)
	require.NoError(t, err)
	require.Empty(t, n.Text)
	require.EqualValues(t, "guided", n.Result, "what the call came to stays")
}
