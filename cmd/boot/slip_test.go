package boot

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/citizen"
)

type slipDesk struct{ got citizen.IssueSlipInput }

func (d *slipDesk) IssueSlip(_ context.Context, by models.Actor, in citizen.IssueSlipInput) (citizen.Slip, string, error) {
	d.got = in
	return citizen.Slip{ExpiresAt: time.Date(2021, 12, 20, 2, 0, 0, 0, time.UTC)}, "ABCD-EFGH", nil
}

func TestR52_SlipReadsPapersFromStandardInputOnly(t *testing.T) {
	t.Parallel()
	d, out := &slipDesk{}, &bytes.Buffer{}
	require.NoError(t, SlipCommand(t.Context(), d, []string{"issue", "--outlet", "W001"}, strings.NewReader("王建国\n410303198001010015\n"), out))
	require.Equal(t, citizen.IssueSlipInput{Name: "王建国", IDNumber: "410303198001010015", OutletID: "W001"}, d.got)
	require.Equal(t, "ABCD-EFGH\nvalid until 2021-12-20 10:00, once\n", out.String())

	require.NoError(t, SlipCommand(t.Context(), d, []string{"issue", "--helper"}, strings.NewReader("张德福\n410303193805060314\n"), out))
	require.Equal(t, citizen.SlipForHelper, d.got.Purpose)
	require.Empty(t, d.got.OutletID)

	for _, args := range [][]string{nil, {"issue", "--outlet"}, {"issue", "--outlet", "W001", "--helper"}, {"--helper"}, {"issue", "410303198001010015"}, {"list"}} {
		require.ErrorIs(t, SlipCommand(t.Context(), d, args, strings.NewReader(""), out), ErrUsage)
	}
	require.ErrorIs(t, SlipCommand(t.Context(), d, []string{"issue"}, strings.NewReader("王建国\n"), out), ErrUsage, "half of the papers")
}
