package api

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models/payment"
)

// slowFees takes no notice before its time is over.
type slowFees struct {
	Fees
	left time.Duration
	slow bool
}

func (f *slowFees) TakeNotice(ctx context.Context, _ payment.Notice) (payment.Outcome, error) {
	until, _ := ctx.Deadline()
	if f.left = time.Until(until); f.slow {
		return "", context.DeadlineExceeded
	}
	return payment.OutcomePaid, nil
}

type anyNotice struct{}

func (anyNotice) Notice(context.Context, http.Header, []byte) (payment.Notice, error) {
	return payment.Notice{ID: "1"}, nil
}

type anyForm struct{}

func (anyForm) Notice(context.Context, []byte) (payment.Notice, error) {
	return payment.Notice{ID: "1"}, nil
}

// R63: a platform hears within five seconds. What could not be committed until then is no success: it is sent again.
func TestR63_ANoticeIsAnsweredWithinFiveSeconds(t *testing.T) {
	t.Parallel()
	f := &slowFees{}
	r := newRig(t, func(d *Deps) { d.Fees, d.WechatPay, d.Alipay, d.NonTax = f, anyNotice{}, anyForm{}, anyNotice{} })
	for path, taken := range map[string]string{
		"/callbacks/wechatpay": `{"code":"SUCCESS","message":"成功"}`, "/callbacks/alipay/trade": "success", "/callbacks/nontax": `{"result":"OK"}`,
	} {
		f.slow = false
		w := r.call("POST", path, "x=1")
		require.Equal(t, http.StatusOK, w.Code, path)
		require.Equal(t, taken, w.Body.String())
		require.Positive(t, f.left, path)
		require.Less(t, f.left, 5*time.Second, path)
		f.slow = true
		w = r.call("POST", path, "x=1")
		require.GreaterOrEqual(t, w.Code, 500, path)
		require.NotContains(t, w.Body.String(), taken)
	}
}
