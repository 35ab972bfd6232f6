package store_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/audit"
	"onecard/models/citizen"
	"onecard/models/hotline"
	"onecard/models/notice"
	"onecard/models/store"
	"onecard/models/store/storetest"
)

// reports are confidential reports on a real store: two members of staff, one of the reported department.
type reports struct {
	*hotline.Misuse
	t              *testing.T
	db             *store.DB
	clock          *models.ManualClock
	log            *bytes.Buffer
	alarms         *alarms
	neutral, liais models.Actor
	wang           models.Actor
}

// list is the catalogue reports are checked against.
type list struct{}

func (list) Departments(context.Context) ([]string, error) {
	return []string{"民政局", "民政局、卫健委", "教育局、人社局(技工学校)", "水利局(移民)"}, nil
}
func (list) ReportedProgramme(_ context.Context, code string) (string, bool, error) {
	return map[string]string{"P28": "P28"}[code], code == "P28" || code == "P23", nil
}
func (list) ReportedPayment(_ context.Context, by models.Actor, arrival string) (string, string, string, error) {
	if arrival != "own" || by.Subject == "" {
		return "", "", "", models.ErrNotFound
	}
	return "P28", "民政局、卫健委", "410303", nil
}
func (list) AnswerDays(context.Context, time.Time) (int, error) { return 15, nil }

func (list) Workday(context.Context, models.Date) (bool, error) { return true, nil }

func eachReports(t *testing.T, fn func(t *testing.T, r *reports)) {
	t.Helper()
	for name, open := range map[string]func(*testing.T, ...storetest.Option) *store.DB{"sqlite": storetest.OpenSQLite, "postgres": storetest.OpenPostgres} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clock := models.NewManualClock(start)
			db := open(t, storetest.WithClock(clock))
			r := &reports{t: t, db: db, clock: clock, log: &bytes.Buffer{}, alarms: &alarms{}}
			r.Misuse = &hotline.Misuse{
				Service: hotline.New(hotline.Deps{Journal: db, Staff: db.Staff(), Enquiries: db.Enquiries(), Gate: tableGate{clock}, Clock: clock}),
				Reports: db.Misuse(), Subjects: list{}, Policy: list{}, Notices: db, Alarms: r.alarms, Log: slog.New(slog.NewJSONHandler(r.log, nil)),
			}
			r.neutral = r.member("banzhang", "", hotline.RoleSupervisor)
			r.liais = r.member("minzheng", "西工区民政局", hotline.RoleReviewer)
			_, err := db.Persons().ApplyPersons(t.Context(), []citizen.PersonFact{{Ref: "wang", LivingStatus: citizen.Alive, Version: 1, ChangedAt: start}}, start)
			require.NoError(t, err)
			known, err := db.Subsidies().PayeesByRef(t.Context(), []models.PersonRef{"wang"})
			require.NoError(t, err)
			id := known["wang"].ID
			r.wang = models.Actor{Kind: models.CitizenActor, ID: id, Subject: id, AccountID: models.NewID(), Channel: models.WechatMini, Level: models.LevelReal}
			fn(t, r)
		})
	}
}

func (r *reports) member(login, department string, role hotline.Role) models.Actor {
	r.t.Helper()
	s := staffMember(r.t, login, role)
	s.Department = department
	require.NoError(r.t, r.db.Staff().CreateStaff(r.t.Context(), s))
	return models.Actor{Kind: models.AgentActor, ID: s.ID, Channel: models.Phone12333, Level: models.LevelPlatform}
}

var guest = models.Actor{Kind: models.CitizenActor, Level: models.LevelGuest}

const secret = "村会计王某扣着我家三张卡不还"

func against(department string) hotline.MisuseInput {
	return hotline.MisuseInput{Kind: "held_card", Department: department, Text: secret, Contact: "13800001234"}
}

func (r *reports) report(by models.Actor, in hotline.MisuseInput) hotline.MisuseTaken {
	r.t.Helper()
	taken, err := r.ReportMisuse(r.t.Context(), by, in)
	require.NoError(r.t, err)
	return taken
}

func TestR68_AReportIsInvisibleToTheReportedDepartment(t *testing.T) {
	t.Parallel()
	eachReports(t, func(t *testing.T, r *reports) {
		taken := r.report(guest, against("民政局"))
		other := r.report(guest, against("教育局"))
		queue := func(by models.Actor, state hotline.MisuseState) []hotline.MisuseReport {
			list, err := r.MisuseQueue(t.Context(), by, state, hotline.Page{Limit: 10})
			require.NoError(t, err)
			return list
		}
		require.Len(t, queue(r.neutral, hotline.MisuseReceived), 2)
		seen := queue(r.liais, hotline.MisuseReceived)
		require.Len(t, seen, 1)
		require.Equal(t, other.Report.ID, seen[0].ID)
		require.Empty(t, seen[0].Text+seen[0].Contact+string(seen[0].PersonID), "the list has no text and no reporter")
		_, err := r.ReadMisuse(t.Context(), r.liais, taken.Report.ID)
		require.ErrorIs(t, err, hotline.ErrMisuseNotFound)
		_, err = r.AnswerMisuse(t.Context(), r.liais, taken.Report.ID, "没有这回事")
		require.ErrorIs(t, err, hotline.ErrMisuseNotFound)
		_, err = r.CloseMisuse(t.Context(), r.liais, taken.Report.ID)
		require.ErrorIs(t, err, hotline.ErrMisuseNotFound)
		agent := r.member("zuoxi", "", hotline.RoleAgent)
		_, err = r.MisuseQueue(t.Context(), agent, hotline.MisuseReceived, hotline.Page{Limit: 10})
		require.ErrorIs(t, err, hotline.ErrNotPermitted)

		read, err := r.ReadMisuse(t.Context(), r.neutral, taken.Report.ID)
		require.NoError(t, err)
		require.Equal(t, []string{secret, "13800001234"}, []string{read.Text, read.Contact})
		_, err = r.CloseMisuse(t.Context(), r.neutral, taken.Report.ID)
		require.ErrorIs(t, err, models.ErrConflict, "none ends without an answer")
		_, err = r.AnswerMisuse(t.Context(), r.neutral, taken.Report.ID, "已责令退还")
		require.NoError(t, err)
		require.Empty(t, queue(r.liais, hotline.MisuseAnswered))
		outcome, err := r.MisuseOutcome(t.Context(), taken.Report.Number, strings.ToLower(taken.Code))
		require.NoError(t, err)
		require.Equal(t, []string{"answered", "已责令退还"}, []string{string(outcome.State), outcome.Answer})
		_, err = r.CloseMisuse(t.Context(), r.neutral, taken.Report.ID)
		require.NoError(t, err)

		entries, err := r.db.AuditOf(t.Context(), "misuse_reports", string(taken.Report.ID))
		require.NoError(t, err)
		var actions []string
		for _, e := range entries {
			actions = append(actions, e.Action)
		}
		require.Equal(t, []string{"hotline.misuse.reported", "hotline.misuse.read", "hotline.misuse.answered", "hotline.misuse.closed"}, actions)
		var cells []byte
		row := r.db.SQL().QueryRowContext(t.Context(), "SELECT text_sealed, code_hash FROM misuse_reports WHERE id = '"+string(taken.Report.ID)+"'")
		var hash []byte
		require.NoError(t, row.Scan(&cells, &hash))
		require.NotContains(t, string(cells), "三张卡")
		require.NotContains(t, string(hash), taken.Code[:4])
	})
}

func TestR68_TheOutcomeReachesTheReporter(t *testing.T) {
	t.Parallel()
	eachReports(t, func(t *testing.T, r *reports) {
		in := against("")
		in.Arrival = "own"
		keyed := models.WithRequestKey(t.Context(), models.RequestKey{Operation: "reportMisuseOfArrival", Key: "one", BodyMAC: []byte("b")})
		first, err := r.ReportMisuse(keyed, r.wang, in)
		require.NoError(t, err)
		require.Equal(t, []string{"卫健委", "P28", "410303"}, []string{first.Report.Department, first.Report.Programme, first.Report.District})
		again, err := r.ReportMisuse(keyed, r.wang, in)
		require.NoError(t, err)
		require.Equal(t, first.Report.Number, again.Report.Number)
		require.Empty(t, again.Code, "the code is shown once")
		_, err = r.AnswerMisuse(t.Context(), r.neutral, first.Report.ID, "已核实")
		require.NoError(t, err)
		mine, err := r.MyMisuse(t.Context(), r.wang, hotline.Page{Limit: 10})
		require.NoError(t, err)
		require.Len(t, mine, 1)
		require.Equal(t, "已核实", mine[0].Answer)
		told, err := r.db.Notices().NoticesOf(t.Context(), r.wang.ID, "", 10)
		require.NoError(t, err)
		require.Len(t, told, 1)
		require.Equal(t, notice.ReportAnswered, told[0].Kind)
		says := text(t, told[0])
		require.NotContains(t, says, "举报")
		require.LessOrEqual(t, notice.Length(says), 70)

		// Who reported is in no audit row: an auditor must not learn it.
		var named int
		require.NoError(t, r.db.SQL().QueryRowContext(t.Context(), fmt.Sprintf(
			"SELECT count(*) FROM audit_entries WHERE object = 'misuse_reports' AND (actor_id = '%s' OR subject_id = '%s')", r.wang.ID, r.wang.ID)).Scan(&named))
		require.Zero(t, named)
		stranger := models.Actor{Kind: models.CitizenActor, ID: models.NewID(), Subject: r.wang.ID, Level: models.LevelReal}
		none, err := r.MyMisuse(t.Context(), stranger, hotline.Page{Limit: 10})
		require.NoError(t, err)
		require.Empty(t, none, "a report is the reporter's, not of those she acts for")
	})
}

func TestR68_AWrongNumberAndAWrongCodeHaveOneAnswer(t *testing.T) {
	t.Parallel()
	eachReports(t, func(t *testing.T, r *reports) {
		taken, other := r.report(guest, against("民政局")), r.report(guest, against("民政局"))
		for _, try := range [][2]string{{taken.Report.Number, other.Code}, {taken.Report.Number, ""}, {"20211220-00000000-0", taken.Code}, {"", ""}} {
			_, err := r.MisuseOutcome(t.Context(), try[0], try[1])
			require.Equal(t, hotline.ErrMisuseNotFound, err)
		}
	})
}

func TestR68_AReportUnansweredInTimeAlarmsOnce(t *testing.T) {
	t.Parallel()
	eachReports(t, func(t *testing.T, r *reports) {
		taken := r.report(guest, against("民政局"))
		require.Equal(t, time.Date(2022, 1, 4, 23, 59, 59, 999999000, models.Shanghai).UTC(), taken.Report.DueAt.UTC(), "the last instant of the fifteenth day, every day being worked here")
		answered := r.report(guest, against("民政局"))
		_, err := r.AnswerMisuse(t.Context(), r.neutral, answered.Report.ID, "已处理")
		require.NoError(t, err)
		n, err := r.WatchMisuse(t.Context(), 10)
		require.NoError(t, err)
		require.Zero(t, n)
		r.clock.Advance(17 * 24 * time.Hour)
		for range 2 {
			_, err = r.WatchMisuse(t.Context(), 10)
			require.NoError(t, err)
		}
		require.Equal(t, 1, r.alarms.of("MISUSE_OVERDUE"))
		require.Equal(t, 1, strings.Count(r.log.String(), "MISUSE_OVERDUE"))
		require.NotContains(t, r.log.String(), secret)
		queue, err := r.MisuseQueue(t.Context(), r.neutral, hotline.MisuseReceived, hotline.Page{Limit: 10})
		require.NoError(t, err)
		require.True(t, queue[0].Overdue(r.clock.Now()))
	})
}

func TestAReportIsCheckedAllAtOnce(t *testing.T) {
	t.Parallel()
	eachReports(t, func(t *testing.T, r *reports) {
		_, err := r.ReportMisuse(t.Context(), guest, hotline.MisuseInput{Kind: "rumour", Department: "公安局", Programme: "P99", District: "4103", Text: "太短",
			Contact: strings.Repeat("9", 101)})
		var refusal *models.Error
		require.ErrorAs(t, err, &refusal)
		var fields []string
		for _, f := range refusal.Fields {
			fields = append(fields, f.Field)
		}
		require.Equal(t, []string{"kind", "department", "district", "text", "contact", "programme"}, fields)
		in := against("人社局")
		in.Programme = "P23"
		require.Empty(t, r.report(guest, in).Report.Programme, "R55: the code of a High programme is not written down")
		departments, err := r.MisuseDepartments(t.Context())
		require.NoError(t, err)
		require.Equal(t, []string{"人社局", "卫健委", "教育局", "民政局", "水利局"}, departments)
		_, err = r.ReportMisuse(t.Context(), r.wang, hotline.MisuseInput{Arrival: "another's", Kind: "other", Text: secret})
		require.ErrorIs(t, err, models.ErrNotFound)
	})
}

// brokenJournal cannot write its audit row.
type brokenJournal struct{ hotline.Journal }

func (brokenJournal) RecordAudit(context.Context, audit.Entry) error { return models.ErrUnavailable }

func TestAFaultInAReportLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	eachReports(t, func(t *testing.T, r *reports) {
		taken := r.report(r.wang, against("民政局"))
		whole := r.Journal
		r.Journal = brokenJournal{whole}
		_, err := r.ReportMisuse(t.Context(), r.wang, against("民政局"))
		require.ErrorIs(t, err, models.ErrUnavailable)
		_, err = r.ReadMisuse(t.Context(), r.neutral, taken.Report.ID)
		require.ErrorIs(t, err, models.ErrUnavailable, "nobody reads what is not written down")
		_, err = r.AnswerMisuse(t.Context(), r.neutral, taken.Report.ID, "已处理")
		require.ErrorIs(t, err, models.ErrUnavailable)
		r.Journal = whole
		mine, err := r.MyMisuse(t.Context(), r.wang, hotline.Page{Limit: 10})
		require.NoError(t, err)
		require.Len(t, mine, 1)
		require.Equal(t, hotline.MisuseReceived, mine[0].State)
		told, err := r.db.Notices().NoticesOf(t.Context(), r.wang.ID, "", 10)
		require.NoError(t, err)
		require.Empty(t, told)
		require.Equal(t, 1, winners(4, func() error {
			_, err := r.AnswerMisuse(t.Context(), r.neutral, taken.Report.ID, "已处理")
			return err
		}))
	})
}
