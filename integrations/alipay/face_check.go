package alipay

import (
	"context"
	"errors"
	"net/url"
	"strings"

	sdk "github.com/smartwalle/alipay/v3"

	"onecard/models"
	"onecard/models/citizen"
)

// FaceCheck is Alipay's identity certification (身份认证) in one app.
type FaceCheck struct {
	*app
	returnTo string
}

var _ citizen.FaceCheck = (*FaceCheck)(nil)

// FaceCheck is the certification in this app, for one that has the right to it. returnTo is our page to which the
// wallet goes back; it proves nothing.
func (m *MiniProgram) FaceCheck(returnTo string) (*FaceCheck, error) {
	return newFaceCheck(m.app, returnTo)
}

// FaceCheck is the certification in this app, for one that has the right to it. returnTo is our page to which the
// wallet goes back; it proves nothing.
func (l *LifeAccount) FaceCheck(returnTo string) (*FaceCheck, error) {
	return newFaceCheck(l.app, returnTo)
}

func newFaceCheck(a *app, returnTo string) (*FaceCheck, error) {
	if u, err := url.Parse(returnTo); err != nil || u.Host == "" {
		return nil, errors.New("alipay: the return address of the certification is not an address")
	}
	return &FaceCheck{a, returnTo}, nil
}

const (
	initializeMethod = "alipay.user.certify.open.initialize"
	queryMethod      = "alipay.user.certify.open.query"
)

// Begin opens a certification of exactly this name and number and gives the signed address that opens it in the
// wallet. The face is not kept for later use (face_reserve_strategy never), which the SDK's own type cannot say.
// Holders of documents the platform does not know are told that the check is not for them.
func (f *FaceCheck) Begin(ctx context.Context, r citizen.FaceRequest) (citizen.FaceTicket, error) {
	document, ok := certType(r.IDNumber)
	if !ok {
		return citizen.FaceTicket{}, citizen.ErrCheckUnavailable
	}
	payload := sdk.NewPayload(initializeMethod).
		AddBizField("outer_order_no", r.RequestID).
		AddBizField("biz_code", string(sdk.CertifyBizCodeFace)).
		AddBizField("identity_param", map[string]string{"identity_type": "CERT_INFO", "cert_type": document, "cert_name": r.Name.Reveal(), "cert_no": r.IDNumber.Reveal()}).
		AddBizField("merchant_config", map[string]string{"return_url": f.returnTo, "face_reserve_strategy": "never"})
	var rsp sdk.UserCertifyOpenInitializeRsp
	err := f.ask(ctx, initializeMethod, func(ctx context.Context) (sdk.Error, error) {
		err := f.client.Request(ctx, payload, &rsp)
		return rsp.Error, err
	})
	switch {
	case err != nil:
		return citizen.FaceTicket{}, faceError(err)
	case rsp.CertifyId == "" || len(rsp.CertifyId) > 256:
		return citizen.FaceTicket{}, models.ErrUnavailable.Because(&callError{method: initializeMethod, cause: "the answer has no usable certify_id"})
	}
	var address *url.URL
	const method = "alipay.user.certify.open.certify"
	_, err = f.call(ctx, method, func(context.Context) (sdk.Error, error) {
		var err error
		address, err = f.client.UserCertifyOpenCertify(sdk.UserCertifyOpenCertify{CertifyId: rsp.CertifyId})
		return sdk.Error{}, err
	})
	if err != nil {
		return citizen.FaceTicket{}, models.ErrUnavailable.Because(err)
	}
	return citizen.FaceTicket{Ref: rsp.CertifyId, URL: address.String()}, nil
}

// Result asks Alipay's server how the certification ended. Only T is a pass. F without a reason is one the user has not
// finished: the platform says F from the start.
func (f *FaceCheck) Result(ctx context.Context, _ citizen.FaceRequest, ref string) (citizen.FaceResult, error) {
	var rsp struct {
		sdk.Error
		Passed string `json:"passed"`
		Reason string `json:"fail_reason"`
	}
	err := f.patiently(ctx, queryMethod, func(ctx context.Context) (sdk.Error, error) {
		rsp.Passed, rsp.Reason, rsp.Error = "", "", sdk.Error{}
		err := f.client.Request(ctx, sdk.NewPayload(queryMethod).AddBizField("certify_id", ref), &rsp)
		return rsp.Error, err
	})
	switch {
	case err != nil:
		return "", faceError(err)
	case rsp.Passed == "T":
		return citizen.FacePassed, nil
	case rsp.Passed == "F" && rsp.Reason == "":
		return citizen.FacePending, nil
	case rsp.Passed == "F":
		return citizen.FaceFailed, nil
	}
	return "", models.ErrUnavailable.Because(&callError{method: queryMethod, cause: "neither passed nor failed"})
}

// faceError keeps to the port: a face check knows no log-in codes.
func faceError(err error) error {
	if models.KindOf(err) == models.Unauthenticated {
		return models.ErrUnavailable.Because(err)
	}
	return err
}

// certType is the platform's word for the document behind a number (domain 4.2).
func certType(n models.IDNumber) (string, bool) {
	s := n.Reveal()
	switch {
	case len(s) != 18 || s[0] == '9':
		return "", false
	case strings.HasPrefix(s, "81"), strings.HasPrefix(s, "82"):
		return "RESIDENCE_PERMIT_HK_MC", true
	case strings.HasPrefix(s, "83"):
		return "RESIDENCE_PERMIT_TAIWAN", true
	}
	return "IDENTITY_CARD", true
}
