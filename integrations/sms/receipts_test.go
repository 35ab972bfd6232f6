package sms_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/integrations/sms"
	"onecard/models"
	"onecard/models/notice"
)

const token = "sixteen-letters-or-more"

func newCallback(t *testing.T, sources ...string) *sms.Callback {
	t.Helper()
	c, err := sms.NewCallback(token, sources, models.NewManualClock(time.Date(2021, 12, 20, 2, 0, 0, 0, time.UTC)))
	require.NoError(t, err)
	return c
}

// The sample of https://help.aliyun.com/document_detail/101867.html, with an out_id of ours.
const published = `[{"phone_number":"1381111****","send_time":"2017-01-01 00:00:00","report_time":"2017-01-01 00:00:00","success":true,
"err_code":"DELIVERED","err_msg":"用户接收成功","sms_size":"1","biz_id":"12345********","out_id":"%s"}]`

func TestThePublishedSampleIsRead(t *testing.T) {
	t.Parallel()
	id := models.NewID()
	got, err := newCallback(t).Receipts(token, netip.MustParseAddr("1.2.3.4"), fmt.Appendf(nil, published, id))
	require.NoError(t, err)
	require.Equal(t, []notice.Receipt{{
		Vendor: "aliyun", VendorID: "12345********", DeliveryID: id, Delivered: true, Code: "DELIVERED",
		At: time.Date(2016, 12, 31, 16, 0, 0, 0, time.UTC),
	}}, got)
}

func TestAPushIsVerifiedBeforeItIsRead(t *testing.T) {
	t.Parallel()
	c := newCallback(t, "100.64.0.0/10", "2001:db8::1")
	for name, try := range map[string]struct{ token, from string }{
		"no token": {"", "100.64.0.1"}, "wrong token": {token + "x", "100.64.0.1"}, "wrong source": {token, "9.9.9.9"}, "no source": {token, ""},
	} {
		from, _ := netip.ParseAddr(try.from)
		_, err := c.Receipts(try.token, from, []byte("not json"))
		require.ErrorIs(t, err, notice.ErrCallback, name)
	}
	_, err := c.Receipts(token, netip.MustParseAddr("::ffff:100.64.0.1"), []byte("[]"))
	require.NoError(t, err)
	_, err = c.Receipts(token, netip.MustParseAddr("2001:db8::1"), []byte("[]"))
	require.NoError(t, err)
	_, err = sms.NewCallback("short", nil, nil)
	require.Error(t, err)
	_, err = sms.NewCallback(token, []string{"everywhere"}, nil)
	require.Error(t, err)
}

func TestBadPushesAreRefusedAndOddElementsLeftOut(t *testing.T) {
	t.Parallel()
	c, from := newCallback(t), netip.MustParseAddr("1.2.3.4")
	for _, body := range []string{"", "{}", "[1]", `[{"success":"yes"}]`, "[" + strings.Repeat("{},", 1000) + "{}]"} {
		_, err := c.Receipts(token, from, []byte(body))
		require.ErrorIs(t, err, notice.ErrCallbackBody, body[:min(len(body), 20)])
	}
	id := models.NewID()
	got, err := c.Receipts(token, from, fmt.Appendf(nil, `[{"success":true,"out_id":"13800138000"},{"out_id":%q},{"success":false,"err_code":"no 13800138000","out_id":%q,"report_time":"?"}]`, id, id))
	require.NoError(t, err)
	require.Len(t, got, 1)
	require.Equal(t, "code_not_shown", got[0].Code)
	require.Equal(t, 2021, got[0].At.Year())
}

func FuzzReceipts(f *testing.F) {
	f.Add([]byte(published))
	f.Add([]byte(`[{"success":false,"out_id":"018cb5c0-0000-7000-8000-000000000000"}]`))
	c, err := sms.NewCallback(token, nil, models.SystemClock{})
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := c.Receipts(token, netip.Addr{}, body)
		if err == nil {
			for _, r := range got {
				_, bad := models.ParseID(string(r.DeliveryID))
				require.NoError(t, bad)
			}
		}
	})
}

func TestWhatThePretendVendorPushesIsWhatWeRead(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	m := message(t, notice.LossLapsed, map[string]string{"date": "近日"})
	handed, err := b.vendor(t, nil).Send(t.Context(), m)
	require.NoError(t, err)
	c := newCallback(t)
	var got []notice.Receipt
	status := http.StatusServiceUnavailable
	us := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || status != http.StatusOK {
			w.WriteHeader(status)
			return
		}
		got, err = c.Receipts(strings.TrimPrefix(r.URL.Path, "/"), netip.MustParseAddr("127.0.0.1"), body)
		if err != nil {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		_, _ = io.WriteString(w, `{"code":0,"msg":"ok"}`)
	}))
	t.Cleanup(us.Close)
	n, err := b.gate.Push(t.Context(), us.Client(), us.URL+"/"+token)
	require.NoError(t, err)
	require.Zero(t, n, "nothing has been settled yet")
	require.Equal(t, 1, b.gate.Settle(nil, ""))
	_, err = b.gate.Push(t.Context(), us.Client(), us.URL+"/"+token)
	require.Error(t, err, "a receipt that was not taken comes again")
	status = http.StatusOK
	n, err = b.gate.Push(t.Context(), us.Client(), us.URL+"/"+token)
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.Equal(t, []notice.Receipt{{Vendor: "aliyun", VendorID: handed.ID, DeliveryID: m.DeliveryID, Phone: m.Phone, Delivered: true, Code: "DELIVERED", At: b.clock.Now()}}, got)
}
