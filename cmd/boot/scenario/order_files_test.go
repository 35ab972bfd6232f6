package scenario

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot"
	"onecard/cmd/boot/boottest"
	"onecard/configs"
)

var (
	xigongKey  = configs.NewKey([32]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17})
	jiandongKy = configs.NewKey([32]byte{21, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17})
)

// district is a department's district without a log-in: it has its key and a program of ours that signs.
type district struct {
	t   *testing.T
	dir string
	key string // in hex
}

func (d district) signs(head string, lines ...string) []byte {
	d.t.Helper()
	keyFile, answers := filepath.Join(d.dir, "key"), filepath.Join(d.dir, "answers.jsonl")
	require.NoError(d.t, os.WriteFile(keyFile, []byte(d.key), 0o600))
	require.NoError(d.t, os.WriteFile(answers, []byte(head+"\n"+strings.Join(lines, "\n")+"\n"), 0o600))
	var out bytes.Buffer
	require.NoError(d.t, boot.SignAnswers([]string{answers, "--key-file", keyFile}, &out))
	return out.Bytes()
}

// TestADistrictWithoutALogInGetsAndAnswersItsOrders: a supervisor takes the file out, the district signs its answers, and
// each line is taken once or refused for itself.
func TestADistrictWithoutALogInGetsAndAnswersItsOrders(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t, boottest.With(func(c *configs.Config) {
		c.Orders.Districts = []configs.OrderDistrict{
			{Department: "民政局", District: "410303", Key: xigongKey}, {Department: "民政局", District: "410304", Key: jiandongKy},
		}
	}))
	agent := r.Agent()
	call := agent.Post("/agent/v1/calls", map[string]any{}).Is(http.StatusCreated).Text("call_id")
	var ids []string
	for i := range 3 {
		opened := agent.Post("/agent/v1/calls/"+call+"/work-orders", map[string]any{
			"type": "subsidy", "programme": civilProgramme(t, r), "district": "410303", "object": "payments", "object_id": fmt.Sprintf("batch-%d", i), "text": "补贴没有到账",
		}).Is(http.StatusCreated)
		require.Equal(t, "民政局", opened.Text("department"))
		ids = append(ids, opened.Text("order_id"))
	}
	boss, _ := r.Staff("boss-one", "supervisor")
	agent.Post("/agent/v1/order-files", map[string]any{"department": "民政局", "district": "410303"}).Refused(http.StatusForbidden, "ROLE_NOT_PERMITTED")
	boss.Post("/agent/v1/order-files", map[string]any{"department": "民政局", "district": "410399"}).Refused(http.StatusConflict, "NO_ORDER_EXCHANGE")
	boss.Post("/agent/v1/order-files", map[string]any{"department": "民政局", "district": "410304"}).Refused(http.StatusConflict, "NO_ORDERS_TO_EXPORT")
	file := boss.Post("/agent/v1/order-files", map[string]any{"department": "民政局", "district": "410303"}).Is(http.StatusOK)
	require.Contains(t, file.Header.Get("Content-Disposition"), "orders-410303-1.jsonl")
	require.Equal(t, []string{"0", ""}, []string{file.Header.Get("Orders-Left"), file.Header.Get("Orders-After")})
	out := strings.Split(strings.TrimSpace(string(file.Raw)), "\n")
	require.Len(t, out, 4)
	require.Contains(t, out[1], `"watermark":"boss-one 2021-12-20 410303-1"`)
	require.NotContains(t, string(file.Raw), "410303198001010015")
	require.Len(t, r.Decisions("hotline.order_file.exported"), 1)
	require.Len(t, r.Decisions("hotline.order.export"), 3)

	fileID := between(out[0], `"file":"`, `"`)
	line := func(n int, file, answer string) string {
		return fmt.Sprintf(`{"file":"%s","line":%d,"order":"%s","reason_code":"paid","answer":"%s"}`, file, n, between(out[n], `"order":"`, `"`), answer)
	}
	own := district{t, t.TempDir(), fmt.Sprintf("%x", xigongKey.Bytes())}
	signed := own.signs(out[0], line(1, fileID, "已于本月补发到卡。"), line(2, fileID, "请联系13800001234"), line(3, "01900000-0000-7000-8000-00000000abcd", "已发放。"))
	lines := strings.Split(strings.TrimSpace(string(signed)), "\n")
	lines = append(lines, strings.Replace(own3(own, out[0], line(3, fileID, "已发放。")), "已发放", "不发放", 1))
	body := []byte(strings.Join(lines, "\n"))
	import1 := boss.Post("/agent/v1/order-files/answers", body, "Content-Type", "application/x-ndjson").Is(http.StatusOK)
	verdicts := func(reply boottest.Reply) (all []string) {
		for i := range reply.List("items") {
			all = append(all, reply.Text("items", i, "verdict"))
		}
		return all
	}
	require.Equal(t, []string{"taken", "refused", "foreign", "tampered"}, verdicts(import1))
	require.Equal(t, "answer:PHONE_NUMBER", import1.Text("items", 1, "codes", 0))
	require.Equal(t, []string{"repeated", "refused", "foreign", "tampered"},
		verdicts(boss.Post("/agent/v1/order-files/answers", body, "Content-Type", "application/x-ndjson").Is(http.StatusOK)), "twice is once")
	require.Equal(t, []string{"done", "new", "new"}, []string{stateOf(agent, ids[0]), stateOf(agent, ids[1]), stateOf(agent, ids[2])}, "the oldest stands first in the file")
	boss.Post("/agent/v1/order-files/answers", []byte("hello"), "Content-Type", "application/x-ndjson").Refused(http.StatusUnprocessableEntity, "ANSWER_FILE_INVALID")

	// Another district's key opens nothing of this one's file.
	other := district{t, t.TempDir(), fmt.Sprintf("%x", jiandongKy.Bytes())}
	head := fmt.Sprintf(`{"kind":"onecard-order-answers","version":1,"file":"%s","number":1,"department":"民政局","district":"410304"}`, fileID)
	require.Equal(t, []string{"foreign"}, verdicts(boss.Post("/agent/v1/order-files/answers", other.signs(head, line(2, fileID, "已发放。")), "Content-Type", "application/x-ndjson").Is(http.StatusOK)))

	// What was moved meanwhile, or comes after the days of the setting, is stale.
	boss.Post(orderPath(ids[1], "transfer"), map[string]any{"reason": "wrong_department", "note": "改由热线办理"}).Is(http.StatusOK)
	stale := own.signs(out[0], line(2, fileID, "已发放。"), line(3, fileID, "已发放。"))
	r.Clock.Advance(32 * 24 * time.Hour)
	late, _ := r.Staff("boss-two", "supervisor")
	require.Equal(t, []string{"stale", "stale"}, verdicts(late.Post("/agent/v1/order-files/answers", stale, "Content-Type", "application/x-ndjson").Is(http.StatusOK)))
	require.NotContains(t, r.Log.String(), "补发")
}

// own3 is one further signed line of a district.
func own3(d district, head, line string) string {
	return strings.Split(strings.TrimSpace(string(d.signs(head, line))), "\n")[1]
}

func between(s, from, to string) string {
	_, after, _ := strings.Cut(s, from)
	found, _, _ := strings.Cut(after, to)
	return found
}

// civilProgramme is the code of an item that the civil affairs bureau alone pays.
func civilProgramme(t *testing.T, r *boottest.Rig) string {
	t.Helper()
	all := r.Nobody().Get("/v1/programmes").Is(http.StatusOK)
	for i := range all.List("items") {
		if all.Text("items", i, "department") == "民政局" {
			return all.Text("items", i, "code")
		}
	}
	require.Fail(t, "no programme of the civil affairs bureau")
	return ""
}

func stateOf(c *boottest.Caller, id string) string {
	return c.Get(orderPath(id)).Is(http.StatusOK).Text("state")
}
