package api

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"onecard/models"
	"onecard/models/payment"
)

// Fees are the use cases of fee orders.
type Fees interface {
	Order(ctx context.Context, by models.Actor, id models.ID) (payment.View, error)
	BeginPayment(ctx context.Context, by models.Actor, id models.ID) (payment.Begun, error)
	ShareOrder(ctx context.Context, by models.Actor, id models.ID) (until time.Time, err error)
	InvitedOrder(ctx context.Context, by models.Actor, id models.ID) (payment.View, error)
	PayInvited(ctx context.Context, by models.Actor, id models.ID) (payment.Begun, error)
	TakeNotice(ctx context.Context, n payment.Notice) (payment.Outcome, error)
}

// WechatPayNotices verifies a notice over its raw body and reads it.
type WechatPayNotices interface {
	Notice(ctx context.Context, header http.Header, body []byte) (payment.Notice, error)
}

// AlipayNotices verifies a notice over its raw body and reads it.
type AlipayNotices interface {
	Notice(ctx context.Context, body []byte) (payment.Notice, error)
}

// NonTaxNotices verifies a notice over its raw body and reads it.
type NonTaxNotices interface {
	Notice(ctx context.Context, header http.Header, body []byte) (payment.Notice, error)
}

const (
	maxPayNotice = 64 << 10
	// noticeTime stays below the five seconds after which the platform counts a notice as lost.
	noticeTime = 4 * time.Second
)

func (s *server) registerFeeOrders() {
	register(s, op{
		Method: http.MethodGet, Path: "/v1/fee-orders/{fee_order_id}", ID: "getFeeOrder", Summary: "A fee, whether it is paid, and what went back of it (R21, R49)",
		Act: models.ActProgressRead, For: byGuardians, Audience: Citizen, Limit: LimitRead, Errs: []*models.Error{payment.ErrOrderNotFound},
	}, s.getFeeOrder)
	register(s, op{
		Method: http.MethodPost, Path: "/v1/fee-orders/{fee_order_id}/payment", ID: "payFeeOrder",
		Summary: "Begin to pay a fee in the account of this session; answers what wx.requestPayment or my.tradePay needs, or a payment code (R21)",
		Act:     models.ActPay, For: byGuardians, Audience: Citizen, Limit: LimitWrite, Statuses: []int{http.StatusCreated},
		Errs: []*models.Error{payment.ErrOrderNotFound, payment.ErrFeePaid, payment.ErrFeeClosed, payment.ErrPayByPhone, payment.ErrPayChannel,
			payment.ErrFeeRoute, models.ErrConflict},
	}, s.payFeeOrder)
	registerRaw(s, op{
		Method: http.MethodPost, Path: "/callbacks/wechatpay", ID: "takeWechatPayNotice", Summary: "Notices of WeChat Pay: paid, refunded (R63)",
		Audience: Callback, Limit: LimitWrite, BodyLimit: maxPayNotice, Errs: []*models.Error{payment.ErrCallback, payment.ErrCallbackBody, models.ErrUnavailable},
	}, s.takeWechatPayNotice)
	registerRaw(s, op{
		Method: http.MethodPost, Path: "/callbacks/alipay/trade", ID: "takeAlipayNotice", Summary: "Notices of Alipay: paid, refunded, closed (R63)",
		Audience: Callback, Limit: LimitWrite, BodyLimit: maxPayNotice, Errs: []*models.Error{payment.ErrCallback, payment.ErrCallbackBody, models.ErrUnavailable},
	}, s.takeAlipayNotice)
	registerRaw(s, op{
		Method: http.MethodPost, Path: "/callbacks/nontax", ID: "takeNonTaxNotice", Summary: "Notices of the platform for non-tax revenue: paid, receipt issued, refund decided (R63)",
		Audience: Callback, Limit: LimitWrite, BodyLimit: maxPayNotice, Errs: []*models.Error{payment.ErrCallback, payment.ErrCallbackBody, models.ErrUnavailable},
	}, s.takeNonTaxNotice)
}

type feeOrderPath struct {
	FeeOrderID string `path:"fee_order_id" maxLength:"36"`
}

type feeRefundReply struct {
	AmountFen   int64      `json:"amount_fen"`
	State       string     `json:"state" enum:"requested,processing,succeeded,abnormal"`
	Label       string     `json:"label" doc:"The state in Chinese, to be shown as it is"`
	Stage       string     `json:"stage,omitempty" enum:"applied,approved,rejected,paid_back" doc:"Of the application at the finance bureau, for non-tax revenue"`
	StageLabel  string     `json:"stage_label,omitempty" doc:"The stage in Chinese"`
	Reason      string     `json:"reason,omitempty" doc:"In Chinese"`
	RequestedAt time.Time  `json:"requested_at"`
	DoneAt      *time.Time `json:"done_at,omitempty"`
}

type feeReceiptReply struct {
	State     string     `json:"state" enum:"awaited,issued,red_reversed"`
	Label     string     `json:"label" doc:"The state in Chinese, to be shown as it is"`
	Code      string     `json:"code,omitempty" doc:"票据代码"`
	Number    string     `json:"number,omitempty" doc:"票据号码"`
	CheckCode string     `json:"check_code,omitempty" doc:"校验码"`
	URL       string     `json:"url,omitempty" doc:"Where it can be seen"`
	IssuedAt  *time.Time `json:"issued_at,omitempty"`
}

type feeOrderReply struct {
	FeeOrderID string           `json:"fee_order_id"`
	Number     string           `json:"number" doc:"What people read aloud"`
	Item       string           `json:"item"`
	Holder     string           `json:"holder" doc:"Whom the card is for, masked; she may be another than who pays"`
	AmountFen  int64            `json:"amount_fen"`
	Basis      string           `json:"basis" doc:"The legal basis of the fee"`
	State      string           `json:"state" enum:"created,paying,paid,closed,refunding,refunded"`
	Label      string           `json:"label" doc:"The state in Chinese, to be shown as it is"`
	Advice     string           `json:"advice"`
	Payable    bool             `json:"payable"`
	OpenedAt   time.Time        `json:"opened_at"`
	PaidAt     *time.Time       `json:"paid_at,omitempty"`
	EndedAt    *time.Time       `json:"ended_at,omitempty" doc:"Closed, or the money is back"`
	Receipt    *feeReceiptReply `json:"receipt,omitempty" doc:"The fiscal e-receipt, for non-tax revenue"`
	Refunds    []feeRefundReply `json:"refunds" nullable:"false" doc:"Of one's own money; the holder sees all"`
}

type feeOrderOutput struct {
	ETag string `header:"ETag"`
	Body feeOrderReply
}

func (s *server) getFeeOrder(ctx context.Context, in *feeOrderPath) (*feeOrderOutput, error) {
	v, err := s.Fees.Order(ctx, actorFrom(ctx), models.ID(in.FeeOrderID))
	if err != nil {
		return nil, err
	}
	return s.feeOrder(v), nil
}

func (s *server) feeOrder(v payment.View) *feeOrderOutput {
	o := v.Order
	out := &feeOrderOutput{Body: feeOrderReply{
		FeeOrderID: string(o.ID), Number: o.Number, Item: o.Item, Holder: v.Holder.String(), AmountFen: int64(o.AmountFen), Basis: o.Basis, State: string(o.State), Label: v.Label,
		Advice: v.Advice, Payable: v.Payable, OpenedAt: o.OpenedAt, PaidAt: instantOrNone(o.PaidAt), EndedAt: instantOrNone(o.EndedAt),
		Refunds: []feeRefundReply{},
	}}
	for _, r := range v.Refunds {
		out.Body.Refunds = append(out.Body.Refunds, feeRefundReply{int64(r.AmountFen), string(r.State), v.RefundLabel(r),
			string(r.Stage), payment.StageLabel(r.Stage), payment.RefundReason(r.Reason), r.RequestedAt, instantOrNone(r.DoneAt)})
	}
	out.Body.Receipt = feeReceiptOf(v.Receipt)
	out.ETag = s.etag(out.Body)
	return out
}

func feeReceiptOf(r payment.Receipt) *feeReceiptReply {
	if r.State == "" {
		return nil
	}
	return &feeReceiptReply{string(r.State), payment.ReceiptLabel(r.State), r.Code, r.Number, r.CheckCode, r.URL, instantOrNone(r.IssuedAt)}
}

type payFeeOrderOutput struct {
	Body struct {
		Provider  string            `json:"provider" enum:"wechat_pay,alipay,non_tax"`
		Params    map[string]string `json:"params" doc:"To be handed to wx.requestPayment or my.tradePay as they are; at non_tax paymentCode (缴款码), to be shown"`
		ExpiresAt time.Time         `json:"expires_at" doc:"Nothing is taken after this; begin again"`
	}
}

func (s *server) payFeeOrder(ctx context.Context, in *feeOrderPath) (*payFeeOrderOutput, error) {
	return begunPayment(s.Fees.BeginPayment(ctx, actorFrom(ctx), models.ID(in.FeeOrderID)))
}

func begunPayment(b payment.Begun, err error) (*payFeeOrderOutput, error) {
	if err != nil {
		return nil, err
	}
	out := &payFeeOrderOutput{}
	out.Body.Provider, out.Body.Params, out.Body.ExpiresAt = string(b.Trade.Provider), b.Params, b.Trade.ExpiresAt
	return out, nil
}

// takeWechatPayNotice answers 200 only once what the notice says is committed: the platform sends anything else again.
func (s *server) takeWechatPayNotice(c *gin.Context) {
	read := func(context.Context) (payment.Notice, error) { return payment.Notice{}, payment.ErrCallback }
	if s.WechatPay != nil {
		read = func(ctx context.Context) (payment.Notice, error) {
			return s.WechatPay.Notice(ctx, c.Request.Header, rawBody(ctx))
		}
	}
	if s.takePayNotice(c, read) {
		c.JSON(http.StatusOK, gin.H{"code": "SUCCESS", "message": "成功"})
	}
}

// takeAlipayNotice answers the one word the platform waits for, once what the notice says is committed: it sends a notice
// with any other answer again, for a day.
func (s *server) takeAlipayNotice(c *gin.Context) {
	read := func(context.Context) (payment.Notice, error) { return payment.Notice{}, payment.ErrCallback }
	if s.Alipay != nil {
		read = func(ctx context.Context) (payment.Notice, error) { return s.Alipay.Notice(ctx, rawBody(ctx)) }
	}
	if s.takePayNotice(c, read) {
		c.String(http.StatusOK, "success")
	}
}

// takeNonTaxNotice is as takeWechatPayNotice.
func (s *server) takeNonTaxNotice(c *gin.Context) {
	read := func(context.Context) (payment.Notice, error) { return payment.Notice{}, payment.ErrCallback }
	if s.NonTax != nil {
		read = func(ctx context.Context) (payment.Notice, error) {
			return s.NonTax.Notice(ctx, c.Request.Header, rawBody(ctx))
		}
	}
	if s.takePayNotice(c, read) {
		c.JSON(http.StatusOK, gin.H{"result": "OK"})
	}
}

// takePayNotice reads and takes a notice in time, or refuses it.
func (s *server) takePayNotice(c *gin.Context, read func(context.Context) (payment.Notice, error)) (taken bool) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), noticeTime)
	defer cancel()
	n, err := read(ctx)
	if err == nil {
		_, err = s.Fees.TakeNotice(ctx, n)
	}
	if err != nil {
		s.refuse(c, err)
	}
	return err == nil
}
