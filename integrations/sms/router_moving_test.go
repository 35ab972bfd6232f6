package sms_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/integrations/sms"
	"onecard/models"
	"onecard/models/notice"
)

// A process that dies leaves a row with the vendor that may have the message: another one is written down before it is
// asked, and is not asked where that cannot be written.
func TestNoOtherVendorIsAskedBeforeItStandsWritten(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		ours    bool
		err     error
		handed  string
		written []string
	}{
		"written":         {ours: true, handed: "b", written: []string{"b"}},
		"the claim ended": {ours: false, written: []string{"b"}},
		"no database":     {err: errors.New("down"), written: []string{"b"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := newCrossing()
			x.a.set(notTaken, 0)
			var written []string
			r, err := sms.NewRouter([]sms.Vendor{{Name: "a", Sender: x.a}, {Name: "b", Sender: x.b}}, sms.DefaultFailover(), sms.RouterPorts{
				Clock: x.clock,
				Moving: func(_ context.Context, m notice.Message, vendor string) (bool, error) {
					require.Zero(t, x.b.count(), "asked before it stands written")
					require.Equal(t, 3, m.Attempt)
					written = append(written, vendor)
					return c.ours, c.err
				},
			})
			require.NoError(t, err)
			handed, err := r.Send(t.Context(), notice.Message{DeliveryID: models.NewID(), Attempt: 3, Vendor: r.Present(t.Context()), Kind: notice.Arrival})
			require.Equal(t, c.written, written)
			require.Equal(t, c.handed, handed.Vendor)
			if c.handed == "" {
				var refusal *notice.SendError
				require.ErrorAs(t, err, &refusal)
				require.Equal(t, notice.NotAccepted, refusal.Class, "surely not taken: the queue tries again")
				require.Zero(t, x.b.count())
			}
		})
	}
}
