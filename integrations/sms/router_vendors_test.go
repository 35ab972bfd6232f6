package sms_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/integrations/sandbox/fault"
	"onecard/integrations/sms"
	"onecard/models/notice"
)

// TestTwoRealVendorsOneOfThemFailing drives two adapters over HTTP at two pretend vendors: what the first surely did not take
// arrives by the second, what it may have arrives once or not at all.
func TestTwoRealVendorsOneOfThemFailing(t *testing.T) {
	t.Parallel()
	first, second := newBench(t), newBench(t)
	x := newCrossing()
	quick := func(c *sms.AliyunConfig) { c.Timeout = 300 * time.Millisecond }
	r, err := sms.NewRouter([]sms.Vendor{{Name: "first", Sender: first.vendor(t, quick)}, {Name: "second", Sender: second.vendor(t, quick)}}, x.cfg,
		sms.RouterPorts{Clock: x.clock, Log: x.list})
	require.NoError(t, err)
	send := func() (notice.Handed, error) {
		return r.Send(t.Context(), message(t, notice.LossLapsed, map[string]string{"date": "近日"}))
	}

	handed, err := send()
	require.NoError(t, err)
	require.Equal(t, "first", handed.Vendor)

	for _, code := range []string{"isv.AMOUNT_NOT_ENOUGH", "isv.SMS_SIGNATURE_ILLEGAL"} {
		require.NoError(t, first.gate.Faults().Next("SendSms", 1, fault.Failure{Mode: fault.Refuse, Code: code}))
		handed, err = send()
		require.NoError(t, err)
		require.Equal(t, "second", handed.Vendor, code)
	}
	require.NoError(t, first.gate.Faults().Next("SendSms", 1, fault.Failure{Mode: fault.LoseReply}))
	_, err = send()
	requireClass(t, err, notice.FateUnknown, "")
	require.Len(t, first.gate.Messages(phone), 2, "the first has it, and nobody else was given it")
	require.Len(t, second.gate.Messages(phone), 2)
	require.Equal(t, "second", x.list.newest().To, "three failures of its last four")

	x.clock.Advance(x.cfg.CoolDown)
	for range x.cfg.Probes {
		handed, err = send()
		require.NoError(t, err)
		require.Equal(t, "first", handed.Vendor)
	}
	require.Equal(t, notice.ChangedBack, x.list.newest().Reason)
}
