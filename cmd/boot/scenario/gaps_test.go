package scenario_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot/boottest"
	"onecard/integrations/sandbox/registry"
)

// gap is a place between two steps of a loss report in which the process dies.
type gap struct {
	name   string
	faults []string // what the registry does, told before she reports
	// reached is true once the process is in the gap.
	reached func(w *world, one *person) bool
	before  bool   // the client has been answered before the kill: the sweep is what dies
	after   string // told to the registry after the kill
}

const registryBack = `{"target":"cards","fault":"none"}`

// gaps follow design 7: the command is committed, sent, done at the registry, answered, written down.
var gaps = []gap{
	{
		name: "committed, the registry has not heard of it", faults: []string{`{"target":"cards","op":"commands","fault":"delay","delay_ms":700,"times":1}`},
		reached: faultTaken,
	},
	{
		name: "done at the registry, its answer on the way", faults: []string{`{"target":"cards","op":"commands","fault":"late","delay_ms":3000,"times":1}`},
		reached: done,
	},
	{
		name: "done at the registry, its answer lost", faults: []string{`{"target":"cards","op":"commands","fault":"lose_reply","times":1}`},
		reached: done,
	},
	{
		name: "accepted while the registry is down, never sent", faults: []string{`{"target":"cards","op":"commands","fault":"down"}`},
		before: true, reached: func(*world, *person) bool { return true }, after: registryBack,
	},
	{
		name: "the sweep asks what became of it", before: true, after: registryBack,
		faults:  []string{`{"target":"cards","op":"feed","fault":"off"}`, `{"target":"cards","op":"commands","fault":"lose_reply","times":1}`, `{"target":"cards","op":"command_status","fault":"delay","delay_ms":3000,"times":1}`},
		reached: faultTaken,
	},
}

// faultTaken: the registry has met every call that it was told to treat badly a number of times.
func faultTaken(w *world, _ *person) bool {
	return !slices.ContainsFunc(w.desk.City.Registry.Faults(), func(f registry.Fault) bool { return f.Times > 0 })
}

func done(w *world, one *person) bool {
	return len(w.desk.City.Registry.EffectsOf("", one.cardRef)) > 0
}

// Wherever the process dies, the repeat with the same key is the same report, it becomes effective by one command with
// one effect, and its holder is told once.
//
// On SQLite the sweep alone finds out what became of it; on PostgreSQL the feed may tell first.
func TestR32_KilledInEachGapOfALossReport(t *testing.T) {
	t.Parallel()
	for name, onServers := range map[string]bool{"sqlite": false, "postgres": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			boottest.EmbeddedHalf(t, !onServers)
			killedInGaps(t, newWorld(t, onServers))
		})
	}
}

func killedInGaps(t *testing.T, w *world) {
	w.hush()
	running := w.start("dev")
	p := newProduct(running.base)
	people := w.residents(len(gaps))
	w.bind(p, people)
	for i, g := range gaps {
		one := people[i]
		for _, order := range g.faults {
			require.NoError(t, w.fault(order), g.name)
		}
		answered := make(chan error, 1)
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		go func() { answered <- one.report(ctx, p) }()
		if g.before {
			require.NoError(t, <-answered, g.name)
		}
		require.NoError(t, until(ctx, func() error {
			if !g.reached(w, one) {
				return fmt.Errorf("not reached")
			}
			return nil
		}), g.name)
		running.kill()
		if g.after != "" {
			require.NoError(t, w.fault(g.after), g.name)
		}
		running = w.start("dev")
		p.base.Store(&running.base)
		if !g.before {
			require.NoError(t, <-answered, g.name)
		}
		cancel()
		require.NoError(t, w.fault(registryBack), g.name)
		w.hush()
		require.NoError(t, w.once(t.Context(), p, one), g.name)
		t.Logf("%s: asked %d times, one effect", g.name, one.asked)
	}
	w.nothingDoubled(people)
	require.NoError(t, running.stop(40*time.Second), running.log.tail())
	w.auditHolds()
}
