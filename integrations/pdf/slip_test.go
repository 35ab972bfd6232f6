package pdf

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models/card"
	"onecard/models/policy"
)

func TestR17_ASlipIsOnePageAndNeverHasAHole(t *testing.T) {
	t.Parallel()
	slip := card.Slip{Title: "社会保障卡申领受理凭证", Facts: [][2]string{{"受理号", "20211220-00000042-7"}, {"证件号码", "410***********0015"}},
		Steps: [][2]string{{"已提交", "2021-12-20 10:00"}, {"受理", "待办理"}}, Notes: []string{"首次申领不收费。"}, Foot: "受理号 20211220-00000042-7",
		MadeAt: time.Date(2021, 12, 20, 2, 0, 0, 0, time.UTC)}
	out, err := NewPrinter().PrintSlip(t.Context(), slip)
	require.NoError(t, err)
	require.True(t, bytes.HasPrefix(out, []byte("%PDF-1.")))
	require.Equal(t, 1, pages(out))
	slip.Notes = append(slip.Notes, "\U0010FFFD")
	_, err = NewPrinter().PrintSlip(t.Context(), slip)
	require.ErrorIs(t, err, card.ErrNoGlyph)
}

func TestR37_AGuideIsOnePageAndTheSameOneAllDay(t *testing.T) {
	t.Parallel()
	guide := policy.Sheet{
		Title: "社会保障卡办事一次性告知单", Facts: [][2]string{{"事项", "社保账户解挂"}, {"办理人", "代办人"}, {"费用", "不收费"}, {"咨询电话", "12333"}},
		Papers: [][2]string{{"持卡人居民身份证原件", "须在有效期内。"}, {"代办人居民身份证原件", "须在有效期内。"}},
		Notes:  []string{"社保账户解挂:请代办人带持卡人居民身份证原件、代办人居民身份证原件,到社保卡服务网点办理,不收费。"}, Foot: "guide.release.delegate.yes.1",
		MadeAt: time.Date(2021, 12, 19, 16, 0, 0, 0, time.UTC),
	}
	out, err := NewPrinter().PrintGuide(t.Context(), guide)
	require.NoError(t, err)
	require.Equal(t, 1, pages(out))
	again, err := NewPrinter().PrintGuide(t.Context(), guide)
	require.NoError(t, err)
	require.Equal(t, out, again)
	guide.Papers = nil
	guide.Empty = "\U0010FFFD"
	_, err = NewPrinter().PrintGuide(t.Context(), guide)
	require.ErrorIs(t, err, policy.ErrNoGlyph)
}
