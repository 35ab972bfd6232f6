package wechatpay

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/wechatpay-apiv3/wechatpay-go/services/payments"
	"github.com/wechatpay-apiv3/wechatpay-go/utils"

	"onecard/models"
	"onecard/models/payment"
)

// envelope is a notice before its content is opened.
type envelope struct {
	ID       string `json:"id"`
	Event    string `json:"event_type"`
	Resource *struct {
		Algorithm  string `json:"algorithm"`
		Ciphertext string `json:"ciphertext"`
		Associated string `json:"associated_data"`
		Nonce      string `json:"nonce"`
	} `json:"resource"`
}

const gcmNonce = 12

// Notice reads a notice: first its signature over the raw body, and that it is younger than five minutes; then what it
// says. payment.ErrCallback for what the platform did not send, payment.ErrCallbackBody for what it did and we cannot
// read. Their causes quote nothing.
func (p *Pay) Notice(ctx context.Context, header http.Header, body []byte) (n payment.Notice, err error) {
	defer func() {
		if recover() != nil {
			n, err = payment.Notice{}, payment.ErrCallbackBody
		}
	}()
	req := &http.Request{Header: header, Body: io.NopCloser(bytes.NewReader(body))}
	if err := p.notices.Validate(ctx, req); err != nil {
		return n, payment.ErrCallback.Because(errors.New("wechatpay: the signature is not believed, or old"))
	}
	var in envelope
	if json.Unmarshal(body, &in) != nil || in.ID == "" || in.Resource == nil || in.Resource.Algorithm != "AEAD_AES_256_GCM" || len(in.Resource.Nonce) != gcmNonce {
		return n, payment.ErrCallbackBody
	}
	plain, err := utils.DecryptAES256GCM(p.key, in.Resource.Associated, in.Resource.Nonce, in.Resource.Ciphertext)
	if err != nil {
		return n, payment.ErrCallbackBody.Because(errors.New("wechatpay: the content cannot be opened"))
	}
	n = payment.Notice{Provider: payment.WechatPay, ID: in.ID}
	switch {
	case in.Event == "TRANSACTION.SUCCESS":
		n.Trade, err = tradeNotice(plain)
	case strings.HasPrefix(in.Event, "REFUND."):
		n.Refund, err = refundNotice(plain)
	default:
		err = payment.ErrCallbackBody
	}
	return n, err
}

func tradeNotice(plain string) (*payment.Told, error) {
	var x payments.Transaction
	if json.Unmarshal([]byte(plain), &x) != nil {
		return nil, payment.ErrCallbackBody
	}
	told, err := toldOf(x)
	if err != nil || told.Number == "" {
		return nil, payment.ErrCallbackBody
	}
	return &told, nil
}

func refundNotice(plain string) (*payment.RefundTold, error) {
	var x struct {
		MchID       string    `json:"mchid"`
		TradeNumber string    `json:"out_trade_no"`
		Number      string    `json:"out_refund_no"`
		ID          string    `json:"refund_id"`
		Status      string    `json:"refund_status"`
		SuccessTime time.Time `json:"success_time"`
		Amount      struct {
			Refund int64 `json:"refund"`
		} `json:"amount"`
	}
	if json.Unmarshal([]byte(plain), &x) != nil || x.Number == "" {
		return nil, payment.ErrCallbackBody
	}
	state, ok := refundStates[x.Status]
	if !ok {
		return nil, payment.ErrCallbackBody
	}
	out := payment.RefundTold{Number: x.Number, TradeNumber: x.TradeNumber, MerchantID: x.MchID, AmountFen: models.Fen(x.Amount.Refund), State: state, ProviderRef: x.ID}
	if !x.SuccessTime.IsZero() {
		out.DoneAt = models.Instant(x.SuccessTime)
	}
	return &out, nil
}
