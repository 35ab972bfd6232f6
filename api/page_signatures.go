package api

import (
	"context"
	"net/http"

	"onecard/models"
	"onecard/models/citizen"
)

func (s *server) registerPageSignatures() {
	register(s, op{
		Method: http.MethodGet, Path: "/v1/wechat/jssdk-signature", ID: "signWechatPage", Summary: "Signature with which a page of ours may use WeChat's browser (wx.config)",
		Audience: Public, Limit: LimitRead, Errs: []*models.Error{citizen.ErrPageNotOurs, citizen.ErrNoPageSigner, models.ErrUnavailable},
	}, s.signWechatPage)
}

type signWechatPageInput struct {
	URL string `query:"url" required:"true" maxLength:"1024" doc:"Address of the page as the browser has it, up to the #; only pages of this service"`
}

type signWechatPageOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         struct {
		AppID     string `json:"app_id"`
		Timestamp int64  `json:"timestamp"`
		NonceStr  string `json:"nonce_str"`
		Signature string `json:"signature"`
	}
}

func (s *server) signWechatPage(ctx context.Context, in *signWechatPageInput) (*signWechatPageOutput, error) {
	if s.PageSigner == nil {
		return nil, citizen.ErrNoPageSigner
	}
	got, err := s.PageSigner.SignPage(ctx, in.URL)
	if err != nil {
		return nil, err
	}
	out := &signWechatPageOutput{CacheControl: "no-store"}
	out.Body.AppID, out.Body.Timestamp, out.Body.NonceStr, out.Body.Signature = got.AppID, got.Timestamp, got.Nonce, got.Signature
	return out, nil
}
