package api

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/citizen"
	"onecard/models/notice"
)

// door is a platform's adapter that says what it is told to.
type door struct{ err error }

func (d door) Echo(string, url.Values) (string, error) { return "123", d.err }

func (d door) Read(context.Context, string, url.Values, []byte) (notice.Received, error) {
	return d.received()
}

func (d door) received() (notice.Received, error) {
	return notice.Received{Answer: func(text string) (string, []byte) {
		return "application/xml; charset=utf-8", []byte("<xml>" + text + "</xml>")
	}}, d.err
}

type lifeDoor struct{ door }

func (d lifeDoor) Read(context.Context, []byte) (notice.Received, error) { return d.received() }

type echoFront struct{ err error }

func (f echoFront) Serve(context.Context, notice.Received) (string, error) { return "收到", f.err }

func TestPlatformCallbacksAreRefusedWithTheirCodeAndCounted(t *testing.T) {
	t.Parallel()
	form := []string{"Content-Type", "application/x-www-form-urlencoded"}
	for _, c := range []struct {
		err    *models.Error
		status int
	}{
		{notice.ErrMessageForged, 401}, {notice.ErrMessageStale, 401}, {notice.ErrMessageMalformed, 422}, {notice.ErrMessageBusy, 503}, {models.ErrUnavailable, 503},
	} {
		r := newRig(t, func(d *Deps) {
			d.WechatServer, d.LifeGateway, d.Front = door{c.err}, lifeDoor{door{c.err}}, echoFront{}
			d.WechatHold = time.Millisecond
		})
		if c.status < 500 {
			requireProblem(t, r.call("POST", "/callbacks/wechat/oa?openid=oSECRET", "<xml/>"), c.status, c.err.Code)
		} else {
			requireDropped(t, r, "/callbacks/wechat/oa?openid=oSECRET")
		}
		requireProblem(t, r.call("POST", "/callbacks/alipay/gateway", "a=b", form...), c.status, c.err.Code)
		require.Contains(t, newRecorderOf(r.metrics.handler()), `onecard_http_refusals_total{code="`+c.err.Code+`"} 2`)
		require.NotContains(t, r.log.String(), "oSECRET", "WeChat writes the open id into the address")
	}
	r := newRig(t, func(d *Deps) {
		d.WechatServer, d.LifeGateway, d.Front = door{}, lifeDoor{}, echoFront{notice.ErrMessageBusy}
		d.WechatHold = time.Millisecond
	})
	requireDropped(t, r, "/callbacks/wechat/oa")
	require.Contains(t, r.log.String(), "PLATFORM_MESSAGE_NOT_TAKEN")
	requireProblem(t, r.call("POST", "/callbacks/wechat/oa", strings.Repeat(" ", maxPlatformMessage+1)), 413, "BODY_TOO_LARGE")
	w := r.call("GET", "/callbacks/wechat/oa?echostr=123", "")
	require.Equal(t, "123", w.Body.String())
	require.Equal(t, "text/plain; charset=utf-8", w.Header().Get("Content-Type"))
	require.Equal(t, "nosniff", w.Header().Get("X-Content-Type-Options"))

	bare := newRig(t)
	requireProblem(t, bare.call("POST", "/callbacks/wechat/oa", "<xml/>"), 401, "PLATFORM_MESSAGE_NOT_VERIFIED")
	requireProblem(t, bare.call("GET", "/v1/wechat/jssdk-signature?url=x", ""), 404, "PAGE_SIGNATURE_UNAVAILABLE")
}

// requireDropped: WeChat repeats only what got no answer, so the connection ends without one.
func requireDropped(t *testing.T, r *rig, path string) {
	t.Helper()
	require.PanicsWithError(t, http.ErrAbortHandler.Error(), func() { r.call("POST", path, "<xml/>") })
}

type pageSigner struct{}

func (pageSigner) SignPage(_ context.Context, page string) (citizen.PageSignature, error) {
	if page != "https://card.test/m/" {
		return citizen.PageSignature{}, citizen.ErrPageNotOurs
	}
	return citizen.PageSignature{AppID: "wx1", Nonce: "n", Timestamp: 7, Signature: "s"}, nil
}

func TestAPageSignatureIsNeverKept(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(d *Deps) { d.PageSigner = pageSigner{} })
	w := r.call("GET", "/v1/wechat/jssdk-signature?url=https%3A%2F%2Fcard.test%2Fm%2F", "")
	require.Equal(t, http.StatusOK, w.Code)
	require.JSONEq(t, `{"app_id":"wx1","timestamp":7,"nonce_str":"n","signature":"s"}`, w.Body.String())
	require.Contains(t, w.Header().Get("Cache-Control"), "no-store")
	requireProblem(t, r.call("GET", "/v1/wechat/jssdk-signature?url=https%3A%2F%2Fevil.test%2F", ""), 422, "PAGE_NOT_OURS")
}
