package wechat

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"strings"
	"time"

	"github.com/silenceper/wechat/v2/util"

	"onecard/models"
	"onecard/models/citizen"
)

// The SDK does not know these two calls; its HTTP functions carry them, so they pass our transport like the rest.
const (
	verifyIDPath = "/cityservice/face/identify/getverifyid"
	verifyPath   = "/cityservice/face/identify/queryverifyinfo"
	realAddress  = "https://api.weixin.qq.com" // the transport puts the app's own in its place
)

// verify_ret of queryVerifyInfo.
const (
	facePassed     = 10000
	faceUnfinished = 0
)

// FaceCheck is WeChat's real-person check (人脸核身) in one mini-program.
type FaceCheck struct{ *app }

var _ citizen.FaceCheck = (*FaceCheck)(nil)

// FaceCheck is the real-person check of this mini-program, for one whose category has the right to it.
func (m *MiniProgram) FaceCheck() *FaceCheck { return &FaceCheck{m.app} }

// Platform is wechat_mini.
func (*FaceCheck) Platform() models.Channel { return models.WechatMini }

type certInfo struct {
	Type   string `json:"cert_type"`
	Name   string `json:"cert_name"`
	Number string `json:"cert_no"`
}

func certOf(r citizen.FaceRequest) certInfo {
	return certInfo{"IDENTITY_CARD", r.Name.Reveal(), r.IDNumber.Reveal()}
}

// hash is the digest by which the query proves that it asks about the same identity: SHA-256 over the three fields,
// each in base64.
func (c certInfo) hash() string {
	b := base64.StdEncoding.EncodeToString
	sum := sha256.Sum256([]byte("cert_type=" + b([]byte(c.Type)) + "&cert_name=" + b([]byte(c.Name)) + "&cert_no=" + b([]byte(c.Number))))
	return hex.EncodeToString(sum[:])
}

// Begin opens a check for exactly this name and number. Holders of anything but a mainland identity card are told that
// the check is not for them: the platform knows no other document.
func (f *FaceCheck) Begin(ctx context.Context, r citizen.FaceRequest) (citizen.FaceTicket, error) {
	if !mainlandCard(r.IDNumber) {
		return citizen.FaceTicket{}, citizen.ErrCheckUnavailable
	}
	var out struct {
		util.CommonError
		VerifyID  string `json:"verify_id"`
		ExpiresIn int64  `json:"expires_in"`
	}
	begun := f.clock.Now()
	err := f.withToken(ctx, verifyIDPath, func(ctx context.Context, token string) reply {
		return post(ctx, verifyIDPath, token, map[string]any{"out_seq_no": r.RequestID, "cert_info": certOf(r), "openid": r.OpenID}, &out, &out.CommonError)
	})
	if err != nil {
		return citizen.FaceTicket{}, faceError(err)
	}
	if out.VerifyID == "" || len(out.VerifyID) > 256 {
		return citizen.FaceTicket{}, models.ErrUnavailable.Because(errNoField)
	}
	ticket := citizen.FaceTicket{Ref: out.VerifyID}
	if out.ExpiresIn > 0 {
		ticket.ExpiresAt = begun.Add(time.Duration(out.ExpiresIn) * time.Second)
	}
	return ticket, nil
}

// Result asks WeChat's server how the check ended. Only errcode 0 with 10000 is a pass; whatever does not fit the
// opening call is an error and never a result.
func (f *FaceCheck) Result(ctx context.Context, r citizen.FaceRequest, ref string) (citizen.FaceResult, error) {
	var out struct {
		util.CommonError
		Result *int64 `json:"verify_ret"`
	}
	err := f.withToken(ctx, verifyPath, func(ctx context.Context, token string) reply {
		return patiently(ctx, func() reply {
			return post(ctx, verifyPath, token, map[string]any{"verify_id": ref, "out_seq_no": r.RequestID, "cert_hash": certOf(r).hash(), "openid": r.OpenID}, &out, &out.CommonError)
		})
	})
	switch {
	case err != nil:
		return "", faceError(err)
	case out.Result == nil:
		return "", models.ErrUnavailable.Because(errNoField)
	case *out.Result == facePassed:
		return citizen.FacePassed, nil
	case *out.Result == faceUnfinished:
		return citizen.FacePending, nil
	default:
		return citizen.FaceFailed, nil
	}
}

// post makes one call. Neither what is sent nor what is read back enters an error.
func post(ctx context.Context, path, token string, in, out any, told *util.CommonError) reply {
	body, err := util.PostJSONContext(ctx, realAddress+path+"?access_token="+url.QueryEscape(token), in)
	if err != nil {
		return reply{err: err}
	}
	*told = util.CommonError{} // an answer without errcode is a good one, whatever the try before it was told
	if err := json.Unmarshal(body, out); err != nil {
		return reply{err: err}
	}
	return of(*told, nil)
}

// faceError keeps to the port: a face check knows no log-in codes.
func faceError(err error) error {
	if models.KindOf(err) == models.Unauthenticated {
		return models.ErrUnavailable.Because(err)
	}
	return err
}

// mainlandCard: 18 characters, and not a residence permit (81, 82, 83) or a foreigner's number (9…).
func mainlandCard(n models.IDNumber) bool {
	s := n.Reveal()
	if len(s) != 18 || s[0] == '9' {
		return false
	}
	return !strings.HasPrefix(s, "81") && !strings.HasPrefix(s, "82") && !strings.HasPrefix(s, "83")
}
