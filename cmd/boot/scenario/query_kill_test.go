package scenario_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot/boottest"
)

// At a registry that is only asked nothing remembers a request: what a killed process has sent is found out by looking at
// the card. Wherever it dies, the repeat with the same key is the same report, the card is stopped once, and told once.
func TestR32_KilledInEachGapAtARegistryThatIsOnlyAsked(t *testing.T) {
	t.Parallel()
	for name, form := range map[string]string{"pipe": "pipe", "xml": "xml"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			boottest.EmbeddedHalf(t, true)
			w := newWorld(t, false)
			w.env = append(w.env, "ONECARD_REGISTRY_CARDS_KIND=query", "ONECARD_REGISTRY_CARDS_FORM="+form)
			killedWhileAsking(t, w)
		})
	}
}

func killedWhileAsking(t *testing.T, w *world) {
	w.hush()
	running := w.start("dev")
	p := newProduct(running.base)
	gaps := []gap{
		{name: "sent, not there yet", faults: []string{`{"target":"cards","op":"commands","fault":"delay","delay_ms":700,"times":1}`}, reached: faultTaken},
		{name: "done, its answer on the way", faults: []string{`{"target":"cards","op":"commands","fault":"late","delay_ms":3000,"times":1}`}, reached: done},
		{name: "done, its answer lost", faults: []string{`{"target":"cards","op":"commands","fault":"lose_reply","times":1}`}, reached: done},
		{name: "done, its answer half", faults: []string{`{"target":"cards","op":"commands","fault":"half","times":1}`}, reached: done},
		{name: "accepted while it is down, never sent", faults: []string{`{"target":"cards","op":"commands","fault":"down"}`}, before: true,
			reached: func(*world, *person) bool { return true }, after: registryBack},
		{name: "while the card is read back", before: true, after: registryBack, faults: []string{`{"target":"cards","op":"commands","fault":"lose_reply","times":1}`,
			`{"target":"cards","op":"commands","fault":"delay","delay_ms":3000}`}, reached: done},
	}
	people := w.residents(len(gaps))
	w.bind(p, people)
	for i, g := range gaps {
		one := people[i]
		for _, order := range g.faults {
			require.NoError(t, w.fault(order), g.name)
		}
		answered := make(chan error, 1)
		ctx, cancel := context.WithTimeout(t.Context(), 40*time.Second)
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
		require.NoError(t, w.fault(registryBack), g.name)
		w.hush()
		running = w.start("dev")
		p.base.Store(&running.base)
		if !g.before {
			require.NoError(t, <-answered, g.name)
		}
		require.NoError(t, until(ctx, func() error { return one.stopped(ctx, p) }), g.name)
		cancel()
		require.Empty(t, one.other, "%s: every acknowledgement named one report", g.name)
		require.Len(t, w.desk.City.Registry.EffectsOf("", one.cardRef), 1, "%s: one effect, however often it was sent", g.name)
	}
	for i, one := range people {
		require.Equal(t, 1, w.toldOf(one.Phone, "社保账户已挂失"), gaps[i].name)
	}
	require.NoError(t, running.stop(40*time.Second), running.log.tail())
	w.auditHolds()
}

// stopped waits for her report to be in force.
func (one *person) stopped(ctx context.Context, p *product) error {
	a, err := p.must(ctx, http.StatusOK, http.MethodGet, "/v1/loss-reports/"+one.lossID, one.token, nil)
	if err == nil && a.text("state") != "effective" {
		err = fmt.Errorf("the report is %s", a.text("state"))
	}
	return err
}

// toldOf counts the messages on a phone that hold the words, once they have come.
func (w *world) toldOf(phone, words string) int {
	n := 0
	_ = until(w.t.Context(), func() error {
		n = 0
		for _, m := range w.desk.City.SMS.Messages(phone) {
			if strings.Contains(m.Text, words) {
				n++
			}
		}
		if n == 0 {
			return fmt.Errorf("nothing came")
		}
		return nil
	})
	return n
}
