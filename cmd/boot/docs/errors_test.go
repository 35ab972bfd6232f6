package docs_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/api"
)

const errorsHead = `# Errors

Generated from the operations' own declarations; do not edit. Every refusal is ` + "`application/problem+json`" + ` with a stable
` + "`code`" + `, a Chinese ` + "`detail`" + ` that says what to do next (R48), ` + "`fields`" + ` where input was bad, ` + "`facts`" + ` a client shows beside the
sentence, and a ` + "`request_id`" + `. Clients branch on ` + "`code`" + `, never on the sentence. A code is never used for another meaning.

| code | status | sentence | where |
| --- | --- | --- | --- |
`

// many operations are not listed one by one: every place that asks the gate has its refusals.
const many = 12

func TestErrorsAreWrittenDown(t *testing.T) {
	t.Parallel()
	all, err := api.Catalogue()
	require.NoError(t, err)
	var b strings.Builder
	b.WriteString(errorsHead)
	for _, e := range all {
		operations := slices.Compact(e.Operations)
		where := "`" + strings.Join(operations, "` `") + "`"
		switch n := len(operations); {
		case n == 0:
			where = "any operation"
		case n > many:
			where = fmt.Sprintf("%d operations: `x-problem-codes` in openapi.json", n)
		}
		fmt.Fprintf(&b, "| `%s` | %d | %s | %s |\n", e.Code, e.Status, cell(e.Message), where)
	}
	golden(t, "errors.md", b.String())
}

// cell keeps a sentence inside one cell of a table.
func cell(s string) string {
	return strings.NewReplacer("|", `\|`, "\n", "<br>").Replace(s)
}
