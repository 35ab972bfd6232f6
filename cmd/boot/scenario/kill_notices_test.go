package scenario_test

import (
	"encoding/json"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot"
	"onecard/configs"
	"onecard/models"
	"onecard/models/notice"
)

// Design 8: an arrival is told once, wherever the process dies: what was with the carrier at that moment is of unknown
// fate and is not sent again, until the carrier says that it never heard of it. What nobody had taken yet is sent by the
// next process.
func TestR12_KilledWhileTellingOfArrivalsEverybodyIsToldOnce(t *testing.T) {
	t.Parallel()
	const told, deaths, atOnce = 60, 4, 4 // two batches of two
	random := seed(t)
	w := newWorld(t, os.Getenv("ONECARD_TEST_POSTGRES") != "" && os.Getenv("ONECARD_TEST_REDIS") != "") // the city's history is read sooner there
	w.env = append(w.env, "ONECARD_SMS_PARALLEL=2")
	running := w.start("dev")
	require.NoError(t, w.fault(`{"target":"sms","op":"SendSms","fault":"delay","delay_ms":120}`))
	people := w.residents(told)
	for _, one := range people {
		credit, err := json.Marshal(map[string]any{"kind": "credit", "citizen": one.PersonRef, "programme": "28", "amount_fen": 12345, "times": 2})
		require.NoError(t, err)
		require.NoError(t, postJSON(t.Context(), w.desk.URL()+"/desk/events", string(credit)))
	}
	sent := func() (n int) {
		for _, one := range people {
			n += len(w.arrivals(one))
		}
		return n
	}
	before := 0
	for range deaths {
		eventually(t, 60*time.Second, func() error {
			if n := sent(); n <= before || n >= told-atOnce {
				return fmt.Errorf("%d texts were sent", n)
			}
			return nil
		})
		moment(random.IntN(250_000))
		running.kill()
		before = sent()
		running = w.start("dev")
	}
	running.kill()

	// The last process looks when every lease of a dead one is over.
	require.NoError(t, w.fault(`{"target":"sms","fault":"none"}`))
	clock := models.NewManualClock(time.Now().Add(45 * time.Second))
	heir, err := boot.Build(t.Context(), w.cfg, boot.Roles{Work: true}, boot.WithClock(clock))
	require.NoError(t, err)
	for range 3 {
		require.NoError(t, heir.RunOnce(t.Context()))
		clock.Advance(15 * time.Second)
	}
	require.GreaterOrEqual(t, sent(), told-(deaths+1)*atOnce, "only what was with the carrier at a death may be missing")
	atDeaths := told - sent()
	for range told/20 + 2 { // a few are asked about at a time
		clock.Advance(notice.DefaultConfig().DenyAfter)
		_, err := heir.Notices.Inquire(t.Context())
		require.NoError(t, err)
		_, err = heir.Notices.Dispatch(t.Context())
		require.NoError(t, err)
	}
	require.NoError(t, heir.Close())
	for _, one := range people {
		require.Len(t, w.arrivals(one), 1, "texts about one credit to %s", one.PersonRef)
	}
	t.Logf("%d told, each once; %d deaths, the last but one after %d texts; %d were learnt of from the carrier", told, deaths+1, before, atDeaths)
}

// arrivals are the texts about this test's credit on a citizen's phone, repeats included.
func (w *world) arrivals(one *person) (texts []string) {
	code := configs.DemoTemplates().ByKind()[string(notice.Arrival)]
	for _, m := range w.desk.City.SMS.Messages(one.Phone) {
		if m.TemplateCode == code {
			texts = append(texts, m.Text)
		}
	}
	return texts
}
