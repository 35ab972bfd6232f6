package boot

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/hotline"
	"onecard/models/policy"
)

// Without its days an order of a new type would be due the same day.
func TestR65_EveryTypeOfOrderHasItsDays(t *testing.T) {
	t.Parallel()
	days := map[string]bool{}
	for _, s := range policy.Catalogue() {
		days[s.Key] = true
	}
	for _, kind := range hotline.OrderTypes {
		require.True(t, days[policy.OrderDaysKey(string(kind))], kind)
	}
}

// exchange is the product's side, as the command sees it.
type exchange struct {
	by     models.Actor
	file   string
	left   int
	report []hotline.LineReport
}

func (x *exchange) ExportFile(_ context.Context, by models.Actor, department, district, after string) (hotline.OrderFileMade, error) {
	x.by = by
	return hotline.OrderFileMade{File: []byte(department + "|" + district + after + "\n"), Name: "orders.jsonl", Left: x.left, After: "n2"}, nil
}

func (x *exchange) ImportFile(_ context.Context, by models.Actor, file []byte) ([]hotline.LineReport, error) {
	x.by, x.file = by, string(file)
	return x.report, nil
}

func TestTheOperatorExchangesFilesOfOrders(t *testing.T) {
	t.Parallel()
	x := &exchange{}
	run := func(args ...string) (string, error) {
		var out bytes.Buffer
		err := OrdersCommand(t.Context(), x, args, &out)
		return out.String(), err
	}
	said, err := run("export", "--department", "民政局", "--district", "410303")
	require.NoError(t, err)
	require.Equal(t, "民政局|410303\n", said)
	require.Equal(t, hotline.Operator(), x.by)
	said, err = run("export", "--department", "民政局", "--district", "410303", "--after", "n1")
	require.NoError(t, err)
	require.Equal(t, "民政局|410303n1\n", said)
	name := filepath.Join(t.TempDir(), "out.jsonl")
	x.left = 3
	said, err = run("export", "--department", "民政局", "--district", "410303", "--out", name)
	require.NoError(t, err)
	require.Equal(t, "3 more are left: the next file begins with --after n2\n", said)
	info, err := os.Stat(name)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm(), "nobody else of the machine reads it")

	x.report = []hotline.LineReport{{Line: 1, Order: "20211220-00000042-9", Verdict: hotline.LineTaken}, {Line: 2, Verdict: hotline.LineRepeated}}
	said, err = run("import", name)
	require.NoError(t, err)
	require.Equal(t, "民政局|410303\n", x.file)
	require.Equal(t, "1\t20211220-00000042-9\ttaken\t\n2\t\trepeated\t\n", said)
	x.report = append(x.report, hotline.LineReport{Line: 3, Verdict: hotline.LineRefused, Codes: []string{"answer:LINK"}})
	said, err = run("import", name)
	require.ErrorIs(t, err, ErrLinesRefused)
	require.Contains(t, said, "3\t\trefused\tanswer:LINK\n")
	for _, wrong := range [][]string{nil, {"export"}, {"export", "--department", "民政局"}, {"import"}, {"import", "--x"}, {"import", "a", "b"}, {"send"}} {
		_, err = run(wrong...)
		require.ErrorIs(t, err, ErrUsage, "%v", wrong)
	}
	for _, wrong := range [][]string{nil, {"--key-file", name}, {name}, {name, "--key-file"}} {
		require.ErrorIs(t, SignAnswers(wrong, &bytes.Buffer{}), ErrUsage, "%v", wrong)
	}
	require.ErrorContains(t, SignAnswers([]string{name, "--key-file", name}, &bytes.Buffer{}), "no key")
}
