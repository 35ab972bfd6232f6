package api

import (
	"context"
	"crypto/hmac"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"net/http"
	"strings"
	"time"

	"onecard/models"
	"onecard/models/payment"
)

// errFeeLink also answers for a link that was never made.
var errFeeLink = models.NewError(models.NotFound, "FEE_LINK_INVALID", "这个代付链接无效或已过期。请让持卡人重新发送,或由本人支付;如有疑问请拨打12333。")

func (s *server) registerFeeLinks() {
	register(s, op{
		Method: http.MethodPost, Path: "/v1/fee-orders/{fee_order_id}/links", ID: "shareFeeOrder",
		Summary: "A link by which somebody else may pay this fee for a day; it tells the payer the item, the amount and the masked name, no more",
		Act:     models.ActPay, For: byGuardians, Audience: Citizen, Limit: LimitWrite, Statuses: []int{http.StatusCreated},
		Errs: []*models.Error{payment.ErrOrderNotFound, payment.ErrFeePaid, payment.ErrFeeClosed, payment.ErrPayByPhone, payment.ErrFeeRoute},
	}, s.shareFeeOrder)
	register(s, op{
		Method: http.MethodGet, Path: "/v1/fee-links/{link}", ID: "getSharedFeeOrder", Summary: "The fee that somebody asks one to pay",
		Act: models.ActPay, Audience: Citizen, Limit: LimitRead, Errs: []*models.Error{errFeeLink, payment.ErrOrderNotFound},
	}, s.getSharedFeeOrder)
	register(s, op{
		Method: http.MethodPost, Path: "/v1/fee-links/{link}/payment", ID: "paySharedFeeOrder",
		Summary: "Begin to pay it in the account of this session, as payFeeOrder; what goes back goes back to the payer",
		Act:     models.ActPay, Audience: Citizen, Limit: LimitWrite, Statuses: []int{http.StatusCreated},
		Errs: []*models.Error{errFeeLink, payment.ErrOrderNotFound, payment.ErrFeePaid, payment.ErrFeeClosed, payment.ErrPayByPhone, payment.ErrPayChannel,
			payment.ErrFeeRoute, models.ErrConflict},
	}, s.paySharedFeeOrder)
}

type shareFeeOrderOutput struct {
	Body struct {
		Link      string    `json:"link" doc:"To be sent to who pays; it opens nothing else and names nobody"`
		ExpiresAt time.Time `json:"expires_at"`
	}
}

func (s *server) shareFeeOrder(ctx context.Context, in *feeOrderPath) (*shareFeeOrderOutput, error) {
	until, err := s.Fees.ShareOrder(ctx, actorFrom(ctx), models.ID(in.FeeOrderID))
	if err != nil {
		return nil, err
	}
	out := &shareFeeOrderOutput{}
	out.Body.Link, out.Body.ExpiresAt = s.feeLink(models.ID(in.FeeOrderID), until), until
	return out, nil
}

type feeLinkPath struct {
	Link string `path:"link" maxLength:"64" doc:"As shareFeeOrder answered it"`
}

func (s *server) getSharedFeeOrder(ctx context.Context, in *feeLinkPath) (*feeOrderOutput, error) {
	id, err := s.linkedFee(in.Link)
	if err != nil {
		return nil, err
	}
	v, err := s.Fees.InvitedOrder(ctx, actorFrom(ctx), id)
	if err != nil {
		return nil, err
	}
	return s.feeOrder(v), nil
}

func (s *server) paySharedFeeOrder(ctx context.Context, in *feeLinkPath) (*payFeeOrderOutput, error) {
	id, err := s.linkedFee(in.Link)
	if err != nil {
		return nil, err
	}
	return begunPayment(s.Fees.PayInvited(ctx, actorFrom(ctx), id))
}

// A link is a MAC, the second in which it ends and the order.
const (
	feeLinkMAC  = 16
	feeLinkSize = feeLinkMAC + 8 + 16
)

func (s *server) feeLink(order models.ID, until time.Time) string {
	id, _ := hex.DecodeString(strings.ReplaceAll(string(order), "-", "")) // an order's id, which ShareOrder knew
	body := append(binary.BigEndian.AppendUint64(nil, uint64(until.Unix())), id...)
	return base64.RawURLEncoding.EncodeToString(append(s.macs.sum("fee link", string(body))[:feeLinkMAC], body...))
}

// linkedFee is the order that a link of ours leads to, while it may be honoured.
func (s *server) linkedFee(link string) (models.ID, error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(link)
	if err != nil || len(b) != feeLinkSize {
		return "", errFeeLink
	}
	body := b[feeLinkMAC:]
	if !hmac.Equal(b[:feeLinkMAC], s.macs.sum("fee link", string(body))[:feeLinkMAC]) {
		return "", errFeeLink
	}
	if s.Clock.Now().Unix() >= int64(binary.BigEndian.Uint64(body)) {
		return "", errFeeLink
	}
	id := hex.EncodeToString(body[8:])
	return models.ID(strings.Join([]string{id[:8], id[8:12], id[12:16], id[16:20], id[20:]}, "-")), nil
}
