package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/notice"
)

// fakeNotices holds one inbox of three entries and remembers what it was asked.
type fakeNotices struct {
	Notices
	entries []notice.Entry
	asked   []models.Actor
	took    []notice.Receipt
	replies []notice.Reply
	err     error
}

func (f *fakeNotices) Inbox(_ context.Context, by models.Actor, before models.ID, limit int) ([]notice.Entry, models.ID, error) {
	f.asked = append(f.asked, by)
	rest := f.entries
	for i, e := range f.entries {
		if e.ID == before {
			rest = f.entries[i+1:]
		}
	}
	if len(rest) > limit {
		return rest[:limit], rest[limit-1].ID, f.err
	}
	return rest, "", f.err
}

func (f *fakeNotices) NumberOf(context.Context, models.Actor) (models.Phone, error) {
	return models.ParsePhone("13900005678")
}

func (f *fakeNotices) TakeReceipts(_ context.Context, rs []notice.Receipt) (int, error) {
	f.took = append(f.took, rs...)
	return len(rs), f.err
}

func (f *fakeNotices) TakeReplies(_ context.Context, rs []notice.Reply) (int, error) {
	f.replies = append(f.replies, rs...)
	return len(rs), f.err
}

// fakeReceipts knows one token.
type fakeReceipts struct{ from netip.Addr }

func (f *fakeReceipts) Receipts(token string, from netip.Addr, body []byte) ([]notice.Receipt, error) {
	f.from = from
	if token != "right" {
		return nil, notice.ErrCallback
	}
	if !strings.HasPrefix(string(body), "[") {
		return nil, notice.ErrCallbackBody
	}
	return []notice.Receipt{{DeliveryID: "n1", Delivered: true}}, nil
}

func (f *fakeReceipts) Replies(token string, from netip.Addr, body []byte) ([]notice.Reply, error) {
	if _, err := f.Receipts(token, from, body); err != nil {
		return nil, err
	}
	return []notice.Reply{{Word: notice.ReplyStop}}, nil
}

func noticesRig(t *testing.T) (*rig, *fakeNotices, *fakeReceipts) {
	t.Helper()
	n, f := &fakeNotices{}, &fakeReceipts{}
	for range 3 {
		n.entries = append(n.entries, notice.Entry{
			ID: models.NewID(), Kind: notice.LossEffective, Title: "社保账户已挂失", Text: "社保账户已挂失。", SMS: notice.SMSSent,
			Object: "loss_report", ObjectID: models.NewID(), At: time.Date(2021, 12, 20, 2, 0, 0, 0, time.UTC),
		})
	}
	return newRig(t, func(d *Deps) { d.Notices, d.SMS, d.SMSAliyun, d.SMSTencent = n, n, f, f }), n, f
}

func TestInboxPagesAreBoundToTheirReader(t *testing.T) {
	t.Parallel()
	r, n, _ := noticesRig(t)
	var page list[noticeReply]
	w := r.call("GET", "/v1/notices?limit=2", "", bearer(citizenToken)...)
	require.Equal(t, 200, w.Code, w.Body.String())
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &page))
	require.Len(t, page.Items, 2)
	require.Equal(t, "loss_effective", page.Items[0].Kind)
	require.Equal(t, "sent", page.Items[0].SMS)
	require.Equal(t, models.ID("person-1"), n.asked[0].ID)

	requireProblem(t, r.call("GET", "/v1/notices?limit=2&cursor="+page.NextCursor, "", bearer(otherToken)...), 422, "CURSOR_INVALID")
	w = r.call("GET", "/v1/notices?limit=2&cursor="+page.NextCursor, "", bearer(citizenToken)...)
	page = list[noticeReply]{}
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &page))
	require.Len(t, page.Items, 1)
	require.Empty(t, page.NextCursor)

	n.err = models.NewError(models.Forbidden, "BINDING_REQUIRED", "请先绑定,或拨打12333。")
	requireProblem(t, r.call("GET", "/v1/notices", "", bearer(newToken)...), 403, "BINDING_REQUIRED")
}

func TestSMSReceiptsAreVerifiedAndAcknowledgedOnlyOnceTaken(t *testing.T) {
	t.Parallel()
	r, n, f := noticesRig(t)
	requireProblem(t, r.call("POST", "/callbacks/sms/aliyun/wrong", "[]"), 401, "CALLBACK_NOT_VERIFIED")
	requireProblem(t, r.call("POST", "/callbacks/sms/aliyun/right", "{}"), 422, "CALLBACK_MALFORMED")
	require.Empty(t, n.took)
	require.True(t, f.from.IsValid())

	w := r.call("POST", "/callbacks/sms/aliyun/right", "[]", "Content-Type", "application/json;charset=utf-8")
	require.Equal(t, 200, w.Code)
	require.JSONEq(t, `{"code":0,"msg":"接收成功"}`, w.Body.String())
	require.Len(t, n.took, 1)

	w = r.call("POST", "/callbacks/sms/tencent/right", "[]")
	require.JSONEq(t, `{"result":0,"errmsg":"OK"}`, w.Body.String())
	require.Len(t, n.took, 2)
	require.JSONEq(t, `{"code":0,"msg":"接收成功"}`, r.call("POST", "/callbacks/sms/aliyun/replies/right", "[]").Body.String())
	require.JSONEq(t, `{"result":0,"errmsg":"OK"}`, r.call("POST", "/callbacks/sms/tencent/replies/right", "[]").Body.String())
	require.Len(t, n.replies, 2)
	requireProblem(t, r.call("POST", "/callbacks/sms/tencent/replies/wrong", "[]"), 401, "CALLBACK_NOT_VERIFIED")

	n.err = errors.New("database away")
	for _, path := range []string{"aliyun/right", "aliyun/replies/right", "tencent/right", "tencent/replies/right"} {
		requireProblem(t, r.call("POST", "/callbacks/sms/"+path, "[]"), 500, "INTERNAL")
	}
	requireProblem(t, r.call("POST", "/callbacks/sms/aliyun/right", strings.Repeat(" ", maxSMSPush+1)), 413, "BODY_TOO_LARGE")
	require.NotContains(t, r.log.String(), "/aliyun/right", "the token is in the path, and paths are not logged")
}

func TestAVendorThatIsNotSetUpIsNotBelieved(t *testing.T) {
	t.Parallel()
	n := &fakeNotices{}
	r := newRig(t, func(d *Deps) { d.Notices, d.SMS, d.SMSAliyun = n, n, &fakeReceipts{} })
	for _, path := range []string{"/callbacks/sms/tencent/right", "/callbacks/sms/tencent/replies/right"} {
		requireProblem(t, r.call("POST", path, "[]"), 401, "CALLBACK_NOT_VERIFIED")
	}
	require.Empty(t, n.took)
}

// The number beside what an agent reads is the one that messages go to.
func TestNoticesOfACallShowTheNumberThatMessagesGoTo(t *testing.T) {
	t.Parallel()
	h, n := &fakeHotline{}, &fakeNotices{}
	r := newRig(t, func(d *Deps) { d.AgentSessions, d.Calls, d.Notices = h, h, n })
	w := r.call(http.MethodGet, "/agent/v1/calls/"+callID+"/notices", "", bearer(agentToken)...)
	require.Equal(t, http.StatusOK, w.Code, w.Body.String())
	require.Contains(t, w.Body.String(), `"phone":"139****5678"`)
}
