package boot

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/notice"
	"onecard/models/store/storetest"
)

func TestTheFiguresOfMessagesAreShownByCommand(t *testing.T) {
	t.Parallel()
	db := storetest.OpenSQLite(t)
	admin := FiguresAdmin{
		Figures: db.Notices(), Costs: db.MessageCosts(), Backlog: db.Backlog, Codes: db.Codes().CodeShares, Clock: models.SystemClock{},
		AppName: func(string) string { return "other" },
	}
	require.NoError(t, db.AddNotice(t.Context(), notice.Draft{Cause: "credit:1", Kind: notice.Arrival, PersonID: models.NewID()}))
	now := time.Now()
	require.NoError(t, db.MessageCosts().AddCosts(t.Context(), []notice.Cost{{
		Day: models.DateOf(now), Channel: notice.SMS, Vendor: "aliyun", Kind: notice.Arrival, Messages: 2, Parts: 2, Milli: 90,
		CostCentre: notice.CostCentre{Programme: "P41", Department: "农业农村局"},
	}}))
	require.NoError(t, db.Notices().CountHour(t.Context(), models.Instant(now).Truncate(time.Hour), now))
	say := func(args ...string) string {
		var out strings.Builder
		require.NoError(t, NoticesCommand(t.Context(), admin, args, &out))
		return out.String()
	}
	var f noticeFigures
	require.NoError(t, json.Unmarshal([]byte(say("figures", "--json")), &f))
	require.Equal(t, []messageFigure{{notice.SMS, "arrivals", notice.Queued, "", "", 1}}, f.Messages)
	require.Equal(t, int64(1), f.Waiting[notice.LaneArrivals].Queued)
	require.Len(t, f.Waiting, 5)
	require.Equal(t, []costFigure{{"P41", "农业农村局", 2, 2, 90}}, f.Costs)
	require.Regexp(t, `arrivals\s+sms\s+queued\s+-\s+1`, say("figures"))
	for _, wrong := range [][]string{{}, {"totals"}, {"figures", "--from", "yesterday"}, {"figures", "now"}} {
		require.ErrorIs(t, NoticesCommand(t.Context(), admin, wrong, &strings.Builder{}), ErrUsage)
	}
}
