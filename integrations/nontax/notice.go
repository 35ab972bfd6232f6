package nontax

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"onecard/models/payment"
)

// Notice reads a notice: first the platform's signature over the raw body, and that it is younger than five minutes; then
// what it says. payment.ErrCallback for what the platform did not send, payment.ErrCallbackBody for what it did and we
// cannot read. Their causes quote nothing.
func (p *Pay) Notice(_ context.Context, header http.Header, body []byte) (payment.Notice, error) {
	if !p.believed(header, "NOTICE", header.Get(headNonce), body) {
		return payment.Notice{}, payment.ErrCallback.Because(errors.New("nontax: the signature is not believed, or old"))
	}
	var in struct {
		ID      string       `json:"id"`
		Kind    string       `json:"kind"`
		Demand  *demandBody  `json:"demand"`
		Refund  *refundBody  `json:"refund"`
		Receipt *receiptBody `json:"receipt"`
	}
	if json.Unmarshal(body, &in) != nil || in.ID == "" || len(in.ID) > 128 {
		return payment.Notice{}, payment.ErrCallbackBody
	}
	n, err := payment.Notice{Provider: payment.NonTax, ID: in.ID}, errUnreadable
	switch {
	case in.Kind == "demand" && in.Demand != nil:
		var told payment.Told
		told, err = toldOf(*in.Demand)
		n.Trade = &told
	case in.Kind == "refund" && in.Refund != nil:
		var told payment.RefundTold
		told, err = refundOf(*in.Refund)
		n.Refund = &told
	case in.Kind == "receipt" && in.Receipt != nil:
		var told payment.ReceiptTold
		told, err = receiptOf(*in.Receipt)
		n.Receipt = &told
	}
	if err != nil {
		return payment.Notice{}, payment.ErrCallbackBody
	}
	return n, nil
}
