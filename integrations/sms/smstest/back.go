package smstest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/notice"
)

func asked(t *testing.T, v *Vendor) {
	a, m := v.Adapter(t, Setting{}), lapsed(t)
	q := notice.Question{Vendor: v.Name, DeliveryID: m.DeliveryID, Phone: m.Phone, Day: models.DateOf(v.Clock.Now())}
	ask := func() notice.Answer {
		answer, err := a.Ask(t.Context(), q)
		require.NoError(t, err)
		return answer
	}
	want := notice.NeverHeard
	if v.BySerial {
		want = notice.NotKnown // it cannot tell whether it has it: sending again is not allowed
	}
	require.Equal(t, want, ask().Fate)
	handed, err := a.Send(t.Context(), m)
	require.NoError(t, err)
	if v.BySerial {
		require.Equal(t, notice.NotKnown, ask().Fate, "the answer to the hand-over was lost")
	}
	q.VendorID = handed.ID
	require.Equal(t, notice.OnItsWay, ask().Fate, "sent, but the carrier has not answered")
	v.Clock.Advance(time.Minute)
	require.Equal(t, 1, v.Settle(v.DeadCode))
	answer := ask()
	require.Equal(t, notice.Settled, answer.Fate)
	require.Equal(t, m.DeliveryID, answer.Receipt.DeliveryID)
	require.Equal(t, m.Phone, answer.Receipt.Phone)
	require.Equal(t, v.DeadCode, answer.Receipt.Code)
	require.False(t, answer.Receipt.Delivered)
	require.True(t, answer.Receipt.At.Equal(v.Clock.Now()))
	q.DeliveryID, q.VendorID = models.NewID(), "another"
	require.Equal(t, notice.OnItsWay, ask().Fate, "a message that the vendor gave an id is never called unheard of")
	_, err = v.Adapter(t, Setting{WrongSecret: true}).Ask(t.Context(), q)
	requireClass(t, err, notice.NotAccepted, "")
}

// desk is our address for pushes, with the answer that the vendor wants, or 503 while down.
type desk struct {
	url      string
	down     bool
	receipts []notice.Receipt
	replies  []notice.Reply
}

func newDesk(t *testing.T, v *Vendor) *desk {
	t.Helper()
	d, c, from := &desk{}, v.Pushes(t), netip.MustParseAddr("127.0.0.1")
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || d.down {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		token := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
		if strings.HasPrefix(r.URL.Path, "/replies/") {
			got, err := c.Replies(token, from, body)
			d.replies = append(d.replies, got...)
			answer(w, v.Ack, err)
			return
		}
		got, err := c.Receipts(token, from, body)
		d.receipts = append(d.receipts, got...)
		answer(w, v.Ack, err)
	}))
	t.Cleanup(srv.Close)
	d.url = srv.URL
	return d
}

func answer(w http.ResponseWriter, ack string, err error) {
	if err != nil {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	_, _ = io.WriteString(w, ack)
}

func receipts(t *testing.T, v *Vendor) {
	a, d := v.Adapter(t, Setting{}), newDesk(t, v)
	good, bad := lapsed(t), lapsed(t)
	handed, err := a.Send(t.Context(), good)
	require.NoError(t, err)
	n, err := v.Push(t.Context(), d.url+"/"+Token)
	require.NoError(t, err)
	require.Zero(t, n, "nothing has been settled yet")
	require.Equal(t, 1, v.Settle(""))
	_, err = a.Send(t.Context(), bad)
	require.NoError(t, err)
	require.Equal(t, 1, v.Settle(v.DeadCode))
	d.down = true
	_, err = v.Push(t.Context(), d.url+"/"+Token)
	require.Error(t, err, "a receipt that was not taken comes again")
	d.down = false
	n, err = v.Push(t.Context(), d.url+"/"+Token)
	require.NoError(t, err)
	require.Equal(t, 2, n)
	require.Len(t, d.receipts, 2)
	first, second := d.receipts[0], d.receipts[1]
	require.True(t, first.Delivered)
	require.Equal(t, handed.ID, first.VendorID)
	require.Equal(t, v.Name, first.Vendor)
	require.Equal(t, good.Phone, first.Phone)
	require.True(t, first.At.Equal(v.Clock.Now()))
	if !v.BySerial {
		require.Equal(t, good.DeliveryID, first.DeliveryID)
	}
	require.False(t, second.Delivered)
	require.Equal(t, v.DeadCode, second.Code)
	require.NotEqual(t, notice.Alive, notice.DeathIn(second.Code))
	require.Equal(t, notice.Alive, notice.DeathIn(first.Code))
}

func replies(t *testing.T, v *Vendor) {
	d := newDesk(t, v)
	for _, text := range []string{"TD", "恢复", "我的身份证号是410303198001010012"} {
		v.Reply(phone, text)
		v.Clock.Advance(time.Minute)
	}
	d.down = true
	_, err := v.PushReplies(t.Context(), d.url+"/replies/"+Token)
	require.Error(t, err)
	d.down = false
	n, err := v.PushReplies(t.Context(), d.url+"/replies/"+Token)
	require.NoError(t, err)
	require.Equal(t, 3, n)
	require.Len(t, d.replies, 3)
	for i, want := range []notice.ReplyWord{notice.ReplyStop, notice.ReplyResume, notice.ReplyOther} {
		r := d.replies[i]
		require.Equal(t, want, r.Word)
		require.Equal(t, phone, r.Phone.Reveal())
		require.Equal(t, v.Name, r.Vendor)
		require.True(t, r.At.Equal(v.Clock.Now().Add(time.Duration(i-3)*time.Minute)), "%s", r.At)
	}
}

func forged(t *testing.T, v *Vendor) {
	c, from := v.Pushes(t), netip.MustParseAddr("1.2.3.4")
	for _, body := range []string{"[]", "not json"} {
		_, err := c.Receipts(Token+"x", from, []byte(body))
		require.ErrorIs(t, err, notice.ErrCallback)
		_, err = c.Replies("", from, []byte(body))
		require.ErrorIs(t, err, notice.ErrCallback)
	}
	for _, body := range []string{"", "7", "[1]", `[{"mobile":{}}]`, "[" + strings.Repeat("{},", 1000) + "{}]"} {
		if body != `[{"mobile":{}}]` {
			_, err := c.Receipts(Token, from, []byte(body))
			require.ErrorIs(t, err, notice.ErrCallbackBody, "%.20s", body)
		}
		if v.BySerial || body != `[{"mobile":{}}]` {
			_, err := c.Replies(Token, from, []byte(body))
			require.ErrorIs(t, err, notice.ErrCallbackBody, "%.20s", body)
		}
	}
}
