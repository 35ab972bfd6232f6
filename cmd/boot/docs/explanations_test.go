package docs_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot/boottest"
	"onecard/models/subsidy"
)

const explanationsHead = `# Why has my subsidy not come?

Generated from the causes in models/subsidy and the demonstrations in cmd/boot/boottest; do not edit. ` + "`GET /v1/explanations`" + ` asks ordered
checks over dated facts and answers with the first that fails: one cause, one sentence, one next step, one office. A check that
the payment has overtaken is skipped: what has been at the bank is explained by the bank's word, not by the card of today. A copy
older than ` + "`explanation.stale_hours`" + ` is said to be old. Where nothing is known the answer is ` + "`CANNOT_TELL`" + ` and an enquiry, never a guess.
Agents read the same sentence by its id, after Full verification (` + "`GET /agent/v1/calls/{call_id}/explanation`" + `); a sentence that changes gets a
new id.

Who is asked: *office* is the one of programme and district (or township), else the district's finance office, else 12333; *bank* is
that of the card's face, or for what became of a payment that of its account, or the successor; *outlet* is a card service window.

| cause | sentence id | sentence | next step | ask at |
| --- | --- | --- | --- | --- |
`

const demonstrationsHead = `
## To see each of them

In the demo city: log in as the citizen, let the events happen (` + "`POST /desk/events`" + `, in order; ` + "`$line`" + ` and ` + "`$batch`" + ` are the ` + "`line_id`" + ` and ` + "`batch_id`" + ` that
the event before answered), wait until the feed is taken, and ask. Start from a fresh city each time. A scenario test walks this table.

| cause | citizen | ask for | events |
| --- | --- | --- | --- |
`

func TestExplanationsAreWrittenDown(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString(explanationsHead)
	for _, s := range subsidy.CauseSpecs() {
		fmt.Fprintf(&b, "| `%s` | `%s.%d` | %s | `%s` %s | %s |\n", s.Cause, s.Cause, s.Version, cell(s.Sentence), s.Next.Code, cell(s.Next.Text), s.AskAt)
	}
	b.WriteString(demonstrationsHead)
	for _, d := range boottest.CauseDemos() {
		var events []string
		for _, e := range d.Events {
			body := map[string]any{"kind": e.Kind}
			if e.Citizen != "" {
				body["citizen"] = e.Citizen
			}
			for k, v := range e.More {
				body[k] = v
			}
			raw, err := json.Marshal(body)
			require.NoError(t, err)
			events = append(events, "`"+string(raw)+"`")
		}
		if events == nil {
			events = []string{"none"}
		}
		ask := "`programme=" + d.Programme
		if d.Period != "" {
			ask += "&period=" + d.Period
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s` | %s |\n", d.Cause, d.Citizen, ask, strings.Join(events, "<br>"))
	}
	golden(t, "explanations.md", b.String())
}
