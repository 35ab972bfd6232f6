package boot

import (
	"bytes"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/configs"
	"onecard/models"
	"onecard/models/citizen"
	"onecard/models/notice"
	"onecard/models/store/storetest"
)

// watchRoom is a program's watching half on an empty database, with its log.
func watchRoom(t *testing.T, change func(*configs.Config)) (*App, *models.ManualClock, *bytes.Buffer) {
	t.Helper()
	clock := models.NewManualClock(models.Date("2021-12-20").Start().Add(10 * time.Hour))
	cfg := configs.Dev(t.TempDir())
	change(&cfg)
	var log bytes.Buffer
	return &App{
		cfg: cfg, clock: clock, log: slog.New(slog.NewJSONHandler(&log, nil)), watch: newWatch(), db: storetest.OpenSQLite(t, storetest.WithClock(clock)),
	}, clock, &log
}

func TestABudgetThatIsPassedAlarmsOnceADayAndShare(t *testing.T) {
	t.Parallel()
	a, clock, log := watchRoom(t, func(c *configs.Config) { c.SMS.DailyBudgetFen = 1000 })
	spend := func(milli int64) {
		require.NoError(t, a.db.MessageCosts().AddCosts(t.Context(), []notice.Cost{{
			Day: models.DateOf(clock.Now()), Channel: notice.SMS, Vendor: "aliyun", Kind: notice.Arrival, Messages: 1, Parts: 1, Milli: milli,
		}}))
		for range 3 {
			require.NoError(t, a.watchCosts(t.Context()))
		}
	}
	spend(7000)
	require.NotContains(t, shown(t, a), "SMS_BUDGET")
	spend(1000)
	require.Contains(t, shown(t, a), `onecard_alarms_total{code="SMS_BUDGET"} 1`)
	require.Contains(t, log.String(), `"percent":80`)
	spend(3000)
	require.Contains(t, shown(t, a), `onecard_alarms_total{code="SMS_BUDGET"} 2`)
	require.Contains(t, shown(t, a), "onecard_messages_cost_today_fen 1100")
	require.Contains(t, shown(t, a), "onecard_messages_budget_fen 1000")
	other, _, _ := watchRoom(t, func(c *configs.Config) { c.SMS.DailyBudgetFen = 1000 })
	other.db = a.db
	require.NoError(t, other.watchCosts(t.Context()))
	require.NotContains(t, shown(t, other), "SMS_BUDGET", "one replica speaks")
	clock.Advance(24 * time.Hour)
	spend(8000)
	require.Contains(t, shown(t, a), `onecard_alarms_total{code="SMS_BUDGET"} 3`)
}

func TestR61_CodesThatNobodyUsesAlarmWithTheirApp(t *testing.T) {
	t.Parallel()
	a, clock, log := watchRoom(t, func(c *configs.Config) { c.SMS.CodesJudgedFrom, c.SMS.CodesUsedLeast = 5, 30 })
	account, session := models.NewID(), models.NewID()
	now := clock.Now()
	for _, row := range []struct {
		sql  string
		args []any
	}{
		{`INSERT INTO platform_accounts (id, platform, app_id, open_id, union_id, user_id, handle, level, bound_by, made_at, seen_at) VALUES (?,?,?,?,'','','h','platform','',?,?)`,
			[]any{string(account), "wechat_mini", a.cfg.Wechat.Apps[0].AppID, "open", now, now}},
		{`INSERT INTO sessions (id, kind, handle, secret_hash, account_id, channel, level, device, made_at, seen_at, expires_at, ended_why, version) VALUES (?,'citizen','h','s',?,'wechat_mini','platform','',?,?,?,'',1)`,
			[]any{string(session), string(account), now, now, now.Add(time.Hour)}},
	} {
		_, err := a.db.SQL().ExecContext(t.Context(), row.sql, row.args...)
		require.NoError(t, err)
	}
	codes := a.db.Codes()
	for i := range 6 {
		id := models.NewID()
		require.NoError(t, codes.AddCode(t.Context(), citizen.Code{
			ID: id, Purpose: citizen.CodeForBinding, SessionID: session, PersonID: models.NewID(), PhoneKey: []byte("k"), Digest: []byte("d"),
			SentAt: clock.Now(), ExpiresAt: clock.Now().Add(citizen.CodeLife),
		}))
		if i == 0 {
			require.NoError(t, codes.UseCode(t.Context(), id, clock.Now()))
		}
		clock.Advance(time.Minute)
	}
	require.NoError(t, a.watchCodes(t.Context()))
	require.NotContains(t, shown(t, a), "CODES_NOT_USED", "a code that can still be used is not judged")
	clock.Advance(citizen.CodeLife)
	for range 3 {
		require.NoError(t, a.watchCodes(t.Context()))
	}
	require.Contains(t, shown(t, a), `onecard_alarms_total{code="CODES_NOT_USED"} 1`)
	require.Contains(t, shown(t, a), `onecard_codes_used_percent{app="wechat mini"} 16`)
	require.Contains(t, log.String(), `"app":"wechat mini"`)
	clock.Advance(2 * time.Hour)
	require.NoError(t, a.watchCodes(t.Context()))
	require.Contains(t, shown(t, a), `onecard_codes_used_percent{app="wechat mini"} 0`)
}

func TestMessagesAreCountedUnderWordsOfOurs(t *testing.T) {
	t.Parallel()
	a := &App{watch: newWatch()}
	a.watch.MessageCounted(notice.SMS, "aliyun", notice.LaneArrivals, notice.CountedFailed, "MOBILE_NOT_ON_SERVICE")
	a.watch.VendorCalled("aliyun", notice.LaneCodes, "sent", time.Second)
	a.watch.VendorShown("aliyun", true, "open")
	a.watch.VendorChanged(notice.VendorChange{From: "aliyun", To: "tencent", Reason: notice.ChangedForErrors})
	a.watch.VendorChanged(notice.VendorChange{From: "tencent", To: "aliyun", Reason: notice.ChangedBack})
	page := shown(t, a)
	for _, line := range []string{
		`onecard_messages_total{channel="sms",lane="arrivals",outcome="failed",reason="number",vendor="aliyun"} 1`,
		`onecard_sms_calls_total{lane="codes",outcome="sent",vendor="aliyun"} 1`,
		`onecard_sms_vendor_preferred{vendor="aliyun"} 1`,
		`onecard_sms_vendor_state{vendor="aliyun"} 2`,
		`onecard_sms_vendor_changes_total{from="aliyun",reason="errors",to="tencent"} 1`,
		`onecard_alarms_total{code="SMS_VENDOR_LEFT"} 1`,
	} {
		require.Contains(t, page, line)
	}
}
