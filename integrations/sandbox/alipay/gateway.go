package alipay

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// maxBody is more than any call of ours needs.
const maxBody = 64 << 10

// call is one request that passed the gateway's checks.
type call struct {
	app    App
	method string
	form   url.Values
	home   string // the address under which the gateway was called, with a slash at its end
}

// content reads biz_content.
func (c call) content(into any) bool {
	return json.Unmarshal([]byte(c.form.Get("biz_content")), into) == nil
}

// refusal is the vendor's error body.
type refusal struct {
	Code    string `json:"code"`
	Msg     string `json:"msg"`
	SubCode string `json:"sub_code,omitempty"`
	SubMsg  string `json:"sub_msg,omitempty"`
}

var (
	badSignature = refusal{"40002", "Invalid Arguments", "isv.invalid-signature", "验签出错,请确认签名内容与公私钥"}
	badApp       = refusal{"40002", "Invalid Arguments", "isv.invalid-app-id", "无效的AppID参数"}
	badMethod    = refusal{"40002", "Invalid Arguments", "isv.invalid-method", "不存在的方法名"}
	badSignType  = refusal{"40002", "Invalid Arguments", "isv.invalid-signature-type", "无效的签名类型"}
	badTimestamp = refusal{"40002", "Invalid Arguments", "isv.invalid-timestamp", "非法的时间戳参数"}
	badParameter = refusal{"40004", "Business Failed", "INVALID_PARAMETER", "参数有误"}
	serviceDown  = refusal{"20000", "Service Currently Unavailable", "isp.unknow-error", "系统繁忙"}
)

func (p *Platform) gateway(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		p.answer(w, "error_response", badParameter)
		return
	}
	path, _, _ := strings.Cut(r.RequestURI, "?")
	c := call{method: r.Form.Get("method"), form: r.Form, home: "http://" + r.Host + strings.TrimSuffix(path, "gateway.do")}
	node := strings.ReplaceAll(c.method, ".", "_") + "_response"
	app, known := p.apps[r.Form.Get("app_id")]
	c.app = app
	switch {
	case !known:
		p.answer(w, node, badApp)
		return
	case r.Form.Get("sign_type") != "RSA2":
		p.answer(w, node, badSignType)
		return
	case !signedBy(app.PublicKey, r.Form):
		p.answer(w, node, badSignature)
		return
	}
	if _, err := time.Parse(time.DateTime, r.Form.Get("timestamp")); err != nil {
		p.answer(w, node, badTimestamp)
		return
	}
	switch c.method {
	case "alipay.system.oauth.token":
		if out, bad := p.oauthToken(c); bad != nil {
			p.answer(w, "error_response", bad) // this method alone refuses under another name
		} else {
			p.answer(w, node, out)
		}
	case "alipay.user.info.share":
		p.answer(w, node, p.userInfo(c))
	case "alipay.user.certify.open.initialize":
		p.answer(w, node, p.initialize(c))
	case "alipay.user.certify.open.certify":
		p.certifyPage(w, c)
	case "alipay.user.certify.open.query":
		p.answer(w, node, p.queryCertified(c))
	case "alipay.open.app.mini.templatemessage.send":
		p.answer(w, node, p.miniMessage(c))
	case "alipay.open.public.message.single.send":
		p.answer(w, node, p.lifeMessage(c))
	case "alipay.trade.create", "alipay.trade.query", "alipay.trade.close", "alipay.trade.refund", "alipay.trade.fastpay.refund.query",
		"alipay.data.dataservice.bill.downloadurl.query":
		p.answer(w, node, p.acquire(c))
	case "alipay.open.public.menu.query", "alipay.open.public.menu.create", "alipay.open.public.menu.modify", "alipay.open.public.message.custom.send":
		p.answer(w, node, p.life(c))
	default:
		p.answer(w, "error_response", badMethod)
	}
}

// signedBy checks RSA2 over the sorted parameters, without the signature itself and empty values.
func signedBy(key *rsa.PublicKey, form url.Values) bool {
	sign, err := base64.StdEncoding.DecodeString(form.Get("sign"))
	if err != nil || len(sign) == 0 {
		return false
	}
	keys := make([]string, 0, len(form))
	for k := range form {
		if k != "sign" && form.Get(k) != "" {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	var text strings.Builder
	for i, k := range keys {
		if len(form[k]) != 1 {
			return false
		}
		if i > 0 {
			text.WriteByte('&')
		}
		text.WriteString(k + "=" + form[k][0])
	}
	sum := sha256.Sum256([]byte(text.String()))
	return rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], sign) == nil
}

// sign is the platform's RSA2 signature in base64.
func (p *Platform) sign(data []byte) string {
	sum := sha256.Sum256(data)
	s, err := rsa.SignPKCS1v15(rand.Reader, p.key, crypto.SHA256, sum[:])
	if err != nil {
		return ""
	}
	return base64.StdEncoding.EncodeToString(s)
}

// answer writes one node and the signature over its very bytes. The vendor answers 200 whatever happened.
func (p *Platform) answer(w http.ResponseWriter, node string, body any) {
	data, err := json.Marshal(body)
	if err != nil {
		data, _ = json.Marshal(serviceDown)
	}
	var out bytes.Buffer
	name, _ := json.Marshal(node)
	out.WriteByte('{')
	out.Write(name)
	out.WriteByte(':')
	out.Write(data)
	if p.certSN != "" {
		out.WriteString(`,"alipay_cert_sn":"` + p.certSN + `"`)
	}
	out.WriteString(`,"sign":"` + p.sign(data) + `"}`)
	w.Header().Set("Content-Type", "text/html;charset=utf-8") // so does the vendor
	_, _ = w.Write(out.Bytes())
}

// operation names a request for the fault plan: the method, or the page's path.
func operation(r *http.Request) string {
	if r.URL.Path != "/gateway.do" {
		return r.URL.Path
	}
	_ = r.ParseForm()
	return r.Form.Get("method")
}

func (p *Platform) refuseByCode(w http.ResponseWriter, r *http.Request, code string) {
	node := strings.ReplaceAll(operation(r), ".", "_") + "_response"
	switch code {
	case "", "20000", serviceDown.SubCode:
		p.answer(w, node, serviceDown)
	default:
		p.answer(w, node, refusal{"40004", "Business Failed", code, "业务处理失败"})
	}
}

func limitBody(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		defer func() { _, _ = io.Copy(io.Discard, r.Body) }()
		next.ServeHTTP(w, r)
	})
}
