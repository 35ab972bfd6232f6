package configs

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestFiguresOfCallsAreHeldToTheirRange(t *testing.T) {
	t.Parallel()
	require.NoError(t, Dev(t.TempDir()).Validate())
	for key, change := range map[string]func(*Calls){
		"calls.look_ups_per_hour":   func(c *Calls) { c.LookUpsPerHour = 0 },
		"calls.calls_without_act":   func(c *Calls) { c.CallsWithoutAct = 0 },
		"calls.unmask_for":          func(c *Calls) { c.UnmaskFor = time.Hour },
		"calls.wrap_up":             func(c *Calls) { c.WrapUp = 48 * time.Hour },
		"calls.keep_notes":          func(c *Calls) { c.KeepNotes = time.Hour },
		"calls.sample_size":         func(c *Calls) { c.SampleSize = 0 },
		"calls.exports_per_day":     func(c *Calls) { c.ExportsPerDay = -1 },
		"calls.order_files_per_day": func(c *Calls) { c.OrderFilesPerDay = -1 },
		"calls.export_days":         func(c *Calls) { c.ExportDays = 1000 },
		"calls.export_lines":        func(c *Calls) { c.ExportLines = 1 << 20 },
	} {
		cfg := Dev(t.TempDir())
		change(&cfg.Calls)
		require.ErrorContains(t, cfg.Validate(), key)
	}
}
