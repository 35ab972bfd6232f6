package scenario

import (
	"encoding/csv"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot/boottest"
	"onecard/configs"
	"onecard/models"
	"onecard/models/hotline"
)

func TestR59_FlagsStandOnTheBoardUntilASupervisorSettlesThem(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t, boottest.With(func(c *configs.Config) { c.Calls.LookUpsPerHour = 4 }))
	agent, agentID := r.Staff("zuoxi", "agent")
	boss, _ := r.Staff("banzhang", "supervisor")
	agent.Get("/agent/v1/board").Refused(http.StatusForbidden, "ROLE_NOT_PERMITTED")
	path := "/agent/v1/calls/" + verified(t, r, agent, "wang")
	require.NoError(t, r.App.Hotline.LinkStaff(t.Context(), hotline.Operator(), "zuoxi", models.PersonRef(r.Person("wang").PersonRef)))
	for range 5 {
		agent.Get(path + "/cards").Is(http.StatusOK)
	}
	agent.Post(path+"/call-backs", map[string]string{"reason": "asked_later", "destination": "phone_on_file"}).Is(http.StatusCreated)
	board := boss.Get("/agent/v1/board").Is(http.StatusOK)
	require.Equal(t, "zuoxi", board.Text("calls", 0, "login"))
	require.Equal(t, "basic", board.Text("calls", 0, "level"))
	require.EqualValues(t, 6, board.At("looks", 0, "looks"), "the verification and five looks")
	require.NotContains(t, string(board.Raw), r.Person("wang").Name)
	require.EqualValues(t, 1, board.At("waiting_call_backs", "count"))
	require.EqualValues(t, 0, board.At("overdue_orders", "count"))
	kinds := map[string]string{}
	for i := range board.List("flags") {
		kinds[board.Text("flags", i, "kind")] = board.Text("flags", i, "flag_id")
		require.Equal(t, agentID, board.Text("flags", i, "staff_id"))
	}
	require.Len(t, kinds, 2)
	require.Len(t, r.Decisions("hotline.flag.raised"), 2, "each once")

	settle := func(c *boottest.Caller, id, reason string) boottest.Reply {
		return c.Post("/agent/v1/flags/"+id+"/settlement", map[string]string{"reason": reason})
	}
	settle(boss, kinds["own_household"], "").Refused(http.StatusUnprocessableEntity, "FLAG_REASON_REQUIRED")
	settle(agent, kinds["own_household"], "explained").Refused(http.StatusForbidden, "ROLE_NOT_PERMITTED")
	settle(boss, kinds["own_household"], "reported").Is(http.StatusOK)
	settle(boss, kinds["own_household"], "explained").Refused(http.StatusConflict, "CONFLICT")
	left := boss.Get("/agent/v1/board").Is(http.StatusOK)
	require.Equal(t, "many_looks", left.Text("flags", 0, "kind"))
	require.Len(t, left.List("flags"), 1)
	require.Equal(t, "reported", r.Decisions("hotline.flag.settled")[0].Result)
}

func TestR59_CallsInARowWithoutAnActAreFlagged(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t, boottest.With(func(c *configs.Config) { c.Calls.CallsWithoutAct = 2 }))
	agent, _ := r.Staff("zuoxi", "agent")
	look := func(act bool) {
		path := "/agent/v1/calls/" + verified(t, r, agent, "wang")
		agent.Get(path + "/cards").Is(http.StatusOK)
		agent.Get(path + "/applications").Is(http.StatusOK)
		if act {
			agent.Post(path+"/tasks", map[string]string{"act": "replace"}).Is(http.StatusCreated)
		}
		agent.Post(path+"/close", nil).Is(http.StatusOK)
		r.Later(time.Second)
	}
	look(false)
	look(false)
	look(true)
	look(false)
	look(false)
	look(false)
	require.Empty(t, r.Decisions("hotline.flag.raised"), "two, an act, three: the present call may still come to something")
	look(false)
	raised := r.Decisions("hotline.flag.raised")
	require.Len(t, raised, 1)
	require.Equal(t, "looks_no_act", raised[0].Result)
	look(false)
	require.Len(t, r.Decisions("hotline.flag.raised"), 1, "one a day")
}

func TestATaskComesToTheInboxAndLeadsOnlyInsideTheApp(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	agent := r.Agent()
	wang := r.AtPhone("wechat_mini", "wang")
	path := "/agent/v1/calls/" + verified(t, r, agent, "wang") + "/tasks"
	agent.Post(path, map[string]string{"act": "看这个网址"}).Refused(http.StatusUnprocessableEntity, "TASK_UNKNOWN")
	require.Equal(t, "申请补换卡", agent.Post(path, map[string]string{"act": "replace"}).Is(http.StatusCreated).Text("text"))
	agent.Post(path, map[string]string{"act": "replace"}).Is(http.StatusOK)
	inbox := wang.Get("/v1/notices").Is(http.StatusOK)
	at := itemOf(t, inbox, "agent_task")
	require.Contains(t, inbox.Text("items", at, "text"), "办理申请补换卡")
	require.Equal(t, "task_replace", inbox.Text("items", at, "object"))
	require.NotContains(t, inbox.Text("items", at, "text"), "http")
	require.Len(t, r.Decisions("hotline.task.sent"), 1)
	log := wang.Get("/v1/me/access-log").Is(http.StatusOK)
	require.Contains(t, string(log.Raw), "12333坐席向您的消息里发送了一项待办")
}

func TestQualityIsDrawnScoredAndSeenByTheAgent(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t, boottest.With(func(c *configs.Config) { c.Calls.SampleSize = 2 }))
	agent, agentID := r.Staff("zuoxi", "agent")
	for range 3 {
		call := verified(t, r, agent, "wang")
		agent.Send(http.MethodPut, "/agent/v1/calls/"+call+"/note", map[string]string{"text": "<b>已说明</b>", "result": "answered"}).Is(http.StatusOK)
		agent.Post("/agent/v1/calls/"+call+"/close", nil).Is(http.StatusOK)
	}
	day := string(models.DateOf(r.Clock.Now()))
	boss, _ := r.Staff("banzhang", "supervisor")
	boss.Post("/agent/v1/samples", map[string]string{"day": day}).Refused(http.StatusUnprocessableEntity, "SAMPLE_DAY")
	r.Later(24 * time.Hour)
	boss, _ = r.Staff("banzhang2", "supervisor")
	agent2, _ := r.Staff("zuoxi2", "agent")
	agent2.Post("/agent/v1/samples", map[string]string{"day": day}).Refused(http.StatusForbidden, "ROLE_NOT_PERMITTED")
	drawn := boss.Post("/agent/v1/samples", map[string]string{"day": day}).Is(http.StatusOK)
	require.EqualValues(t, 3, drawn.At("finished"))
	require.Len(t, drawn.List("items"), 2)
	require.Len(t, drawn.Text("seed"), 64)
	again := boss.Post("/agent/v1/samples", map[string]string{"day": day}).Is(http.StatusOK)
	require.Equal(t, drawn.Text("sample_id"), again.Text("sample_id"), "a day is drawn once")

	item := "/agent/v1/sample-calls/" + drawn.Text("items", 0, "item_id")
	seen := boss.Get(item).Is(http.StatusOK)
	require.Equal(t, "<b>已说明</b>", seen.Text("note"))
	require.Len(t, r.Decisions("hotline.sample.read"), 1)
	scores := map[string]int{"greeting": 5, "verification": 4, "answer": 5, "read_back": 3, "record": 5}
	agent2.Post(item+"/score", scores).Refused(http.StatusForbidden, "ROLE_NOT_PERMITTED")
	boss.Post(item+"/score", map[string]int{"greeting": 9, "verification": 4, "answer": 5, "read_back": 3, "record": 5}).Is(http.StatusUnprocessableEntity)
	require.EqualValues(t, 22, boss.Post(item+"/score", scores).Is(http.StatusOK).At("total"))
	boss.Post(item+"/score", scores).Refused(http.StatusConflict, "CONFLICT")

	mine := agent2.Get("/agent/v1/scores").Is(http.StatusOK)
	require.Empty(t, mine.List("items"), "another's")
	own, err := r.App.Hotline.OwnScores(t.Context(), models.Actor{Kind: models.AgentActor, ID: models.ID(agentID), Channel: models.Phone12333})
	require.NoError(t, err)
	require.Len(t, own, 1)
	require.Equal(t, 22, own[0].Total)
	require.Empty(t, own[0].ScoredBy)
}

func TestAnExportIsMarkedCountedAndNeverOfEverything(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t, boottest.With(func(c *configs.Config) { c.Calls.ExportsPerDay, c.Calls.ExportDays, c.Calls.ExportLines = 2, 7, 3 }))
	agent, _ := r.Staff("zuoxi", "agent")
	wang := r.Person("wang")
	for range 2 {
		call := verified(t, r, agent, "wang")
		agent.Post("/agent/v1/calls/"+call+"/close", nil).Is(http.StatusOK)
	}
	boss, _ := r.Staff("banzhang", "supervisor")
	day := string(models.DateOf(r.Clock.Now()))
	ask := func(c *boottest.Caller, kind, from, to string) boottest.Reply {
		return c.Post("/agent/v1/exports", map[string]string{"kind": kind, "from": from, "to": to})
	}
	ask(agent, "calls", day, day).Refused(http.StatusForbidden, "ROLE_NOT_PERMITTED")
	ask(boss, "calls", "", "").Refused(http.StatusUnprocessableEntity, "EXPORT_WINDOW")
	ask(boss, "persons", day, day).Refused(http.StatusUnprocessableEntity, "EXPORT_WINDOW")
	ask(boss, "calls", "2000-01-01", day).Refused(http.StatusRequestEntityTooLarge, "EXPORT_TOO_LARGE")
	got := ask(boss, "calls", day, day).Is(http.StatusOK)
	require.Contains(t, got.Header.Get("Content-Disposition"), "attachment")
	lines, err := readCSV(got.Raw)
	require.NoError(t, err)
	require.Len(t, lines, 5, "the mark, the heads, two calls, the mark")
	made := r.Decisions("hotline.export.made")
	require.Len(t, made, 1)
	require.Contains(t, lines[0][0], "banzhang")
	require.Contains(t, lines[0][0], made[0].ObjectID)
	require.Equal(t, lines[0], lines[4])
	for _, personal := range []string{wang.Name, wang.IDNumber, wang.Phone, wang.IDNumber[12:]} {
		require.NotContains(t, string(got.Raw), personal)
	}
	for range 2 { // four calls: more than an export may hold
		call := verified(t, r, agent, "wang")
		agent.Post("/agent/v1/calls/"+call+"/close", nil).Is(http.StatusOK)
	}
	ask(boss, "calls", day, day).Refused(http.StatusRequestEntityTooLarge, "EXPORT_TOO_LARGE")
	ask(boss, "enquiries", day, day).Is(http.StatusOK)
	ask(boss, "enquiries", day, day).Refused(http.StatusTooManyRequests, "EXPORTS_USED_UP")
	require.Len(t, r.Decisions("hotline.export.refused"), 3)
}

func readCSV(raw []byte) ([][]string, error) {
	c := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(raw), "\uFEFF")))
	c.FieldsPerRecord = -1
	return c.ReadAll()
}
