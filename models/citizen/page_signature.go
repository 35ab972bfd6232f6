package citizen

import (
	"context"

	"onecard/models"
)

// PageSignature lets one page of ours use what WeChat's browser offers (wx.config). It holds nothing secret: the ticket
// stays with us.
type PageSignature struct {
	AppID     string
	Nonce     string
	Timestamp int64
	Signature string
}

// PageSigner signs a page for the official account. ErrPageNotOurs for any other site's page.
type PageSigner interface {
	SignPage(ctx context.Context, page string) (PageSignature, error)
}

// Refusals of page signatures.
var (
	ErrPageNotOurs    = models.NewError(models.Invalid, "PAGE_NOT_OURS", "只能为本服务的页面签名,请从官方页面进入;如有疑问请拨打12333。")
	ErrNoPageSigner   = models.NewError(models.NotFound, "PAGE_SIGNATURE_UNAVAILABLE", "暂不支持在微信中使用扫一扫和定位,可手工填写或选择;如有疑问请拨打12333。")
	pageSignatureErrs = []*models.Error{ErrPageNotOurs, ErrNoPageSigner}
)
