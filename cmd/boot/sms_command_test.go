package boot

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/notice"
	"onecard/models/store"
	"onecard/models/store/storetest"
)

func adminOf(db *store.DB, clock models.Clock) SMSAdmin {
	return SMSAdmin{Vendors: notice.NewVendors(db.SMSVendors()), Costs: db.MessageCosts(), Names: []string{"aliyun", "tencent"}, Clock: clock}
}

func TestTheOperatorSwitchesTheVendorOnRecord(t *testing.T) {
	t.Parallel()
	clock := models.NewManualClock(models.Date("2021-12-20").Start())
	db := storetest.OpenSQLite(t, storetest.WithClock(clock))
	run := func(args ...string) (string, error) {
		var out bytes.Buffer
		err := SMSCommand(t.Context(), adminOf(db, clock), args, &out)
		return out.String(), err
	}
	said, err := run("vendor")
	require.NoError(t, err)
	require.Contains(t, said, "asked first: aliyun")
	said, err = run("vendor", "tencent", "--reason", "阿里云维护公告")
	require.NoError(t, err)
	require.Equal(t, "tencent is asked first from now on\n", said)
	said, err = run("vendor")
	require.NoError(t, err)
	require.Contains(t, said, "asked first: tencent")
	require.Contains(t, said, "by_hand")
	require.Contains(t, said, "阿里云维护公告")
	list, err := db.SMSVendors().VendorChanges(t.Context(), 1)
	require.NoError(t, err)
	rows, err := db.AuditOf(t.Context(), "sms_vendor_changes", string(list[0].ID))
	require.NoError(t, err)
	require.Len(t, rows, 1)
	for _, wrong := range [][]string{
		nil, {"vendor", "nobody", "--reason", "some words"}, {"vendor", "aliyun"}, {"vendor", "aliyun", "--reason", " "}, {"vendor", "aliyun", "--why", "words"},
		{"vendor", "aliyun", "--reason", strings.Repeat("字", 201)}, {"costs", "--from", "yesterday"}, {"costs", "--from", "2021-12-02", "--to", "2021-12-01"}, {"send"},
	} {
		_, err = run(wrong...)
		require.ErrorIs(t, err, ErrUsage, "%v", wrong)
	}
	list, err = db.SMSVendors().VendorChanges(t.Context(), 10)
	require.NoError(t, err)
	require.Len(t, list, 1)
}

func TestCostsAreAddedUpByProgrammeAndDepartment(t *testing.T) {
	t.Parallel()
	clock := models.NewManualClock(models.Date("2021-12-20").Start())
	db := storetest.OpenSQLite(t, storetest.WithClock(clock))
	housing := notice.CostCentre{Programme: "XG01", Department: "住房保障中心"}
	prices := notice.Prices{"aliyun": 45, "tencent": 50}
	spec, _ := notice.SpecOf(notice.ReportAnswered)
	var list []notice.Cost
	for _, day := range []models.Date{"2021-11-30", "2021-12-01", "2021-12-20"} {
		for _, vendor := range []string{"aliyun", "tencent"} {
			list = append(list, prices.Of(day, notice.SMS, vendor, spec, nil, housing), prices.Of(day, notice.SMS, vendor, spec, nil, notice.CostCentre{}))
		}
	}
	require.NoError(t, db.MessageCosts().AddCosts(t.Context(), list))
	var out bytes.Buffer
	require.NoError(t, SMSCommand(t.Context(), adminOf(db, clock), []string{"costs"}, &out))
	var rows [][]string
	for line := range strings.Lines(out.String()) {
		rows = append(rows, strings.Fields(line))
	}
	require.Len(t, rows, 4, out.String())
	require.ElementsMatch(t, []string{"XG01", "-"}, []string{rows[1][0], rows[2][0]})
	require.Equal(t, []string{"4", "0.19"}, []string{rows[1][2], rows[1][4]}, "this month's, rounded up once")
	require.Equal(t, []string{"all", "8", "8", "0.38"}, rows[3])
	out.Reset()
	require.NoError(t, SMSCommand(t.Context(), adminOf(db, clock), []string{"costs", "--from", "2021-11-30", "--to", "2021-11-30", "--json"}, &out))
	require.Equal(t, 4, strings.Count(out.String(), "\n"))
	require.Contains(t, out.String(), `"department":"住房保障中心"`)
	require.Contains(t, out.String(), `"cost_milli_yuan":50`)
}
