package pdf

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models/card"
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
