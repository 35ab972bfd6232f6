package nontax

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"onecard/models"
	"onecard/models/payment"
)

// Name names the provider in rows.
func (*Pay) Name() payment.ProviderName { return payment.NonTax }

// MerchantID is our collecting unit.
func (p *Pay) MerchantID() string { return p.unit }

// Takes: a payment code can be paid from any wallet and at a bank, whatever channel it was asked for on.
func (*Pay) Takes(models.Channel) bool { return true }

// Terms: what is charged is the item, a code can be carried to a bank, and the receipt names the card's holder.
func (p *Pay) Terms(payment.Account) payment.Terms {
	return payment.Terms{AppID: p.item, Life: p.life, NamesHolder: true}
}

// demandBody is one payment notice (缴款书) in the platform's words.
type demandBody struct {
	Number string    `json:"number"`
	Unit   string    `json:"unit"`
	Item   string    `json:"item"`
	Amount string    `json:"amount"`
	Code   string    `json:"payment_code"`
	State  string    `json:"state"`
	Serial string    `json:"serial"`
	PaidAt time.Time `json:"paid_at"`
}

// Prepare makes the payment notice and gives its payment code (缴款码); asked again it gives the same one.
func (p *Pay) Prepare(ctx context.Context, t payment.Trade, payer payment.Account) (string, error) {
	name := payer.Holder.Reveal() // a receipt without the holder's name is none
	if name == "" {
		return "", unclear("POST demands", "the holder has no name")
	}
	var out demandBody
	refusal, err := p.ask(ctx, http.MethodPost, "/v1/demands", map[string]any{
		"number": t.Number, "unit": p.unit, "item": t.AppID, "amount": t.AmountFen.Yuan(), "payer_name": name, "purpose": t.Item,
		"expires_at": t.ExpiresAt.Format(time.RFC3339), "notify_url": p.notify,
	}, &out, "PAID")
	switch {
	case err != nil:
		return "", err
	case refusal == "PAID":
		return "", payment.ErrTradePaid
	case out.Number != t.Number || out.Code == "" || len(out.Code) > 64:
		return "", unclear("POST demands", "no usable payment code")
	}
	return out.Code, nil
}

// ClientParams are the payment code, which the payer types or scans under 非税缴款.
func (p *Pay) ClientParams(_ context.Context, t payment.Trade) (map[string]string, error) {
	return map[string]string{"paymentCode": t.Ref}, nil
}

// Ask asks what became of a payment notice.
func (p *Pay) Ask(ctx context.Context, t payment.Trade) (payment.Told, error) {
	var out demandBody
	refusal, err := p.ask(ctx, http.MethodGet, "/v1/demands/"+url.PathEscape(t.Number), nil, &out, "NO_DEMAND")
	switch {
	case err != nil:
		return payment.Told{}, err
	case refusal != "":
		return payment.Told{}, payment.ErrTradeUnknown
	case out.Number != t.Number:
		return payment.Told{}, unclear("GET demands", "another notice")
	}
	told, err := toldOf(out)
	if err != nil {
		return payment.Told{}, unclear("GET demands", "an amount, an instant or a state cannot be read")
	}
	return told, nil
}

var errUnreadable = errors.New("unreadable")

// toldOf is a payment notice in our words.
func toldOf(d demandBody) (payment.Told, error) {
	amount, err := models.ParseYuan(d.Amount)
	if err != nil || d.Number == "" {
		return payment.Told{}, errUnreadable
	}
	out := payment.Told{Number: d.Number, AppID: d.Item, MerchantID: d.Unit, AmountFen: amount, Currency: "CNY"}
	switch d.State {
	case "paid":
		if d.Serial == "" || d.PaidAt.IsZero() {
			return out, errUnreadable
		}
		out.State, out.TransactionID, out.PaidAt = payment.ToldPaid, d.Serial, models.Instant(d.PaidAt)
	case "unpaid":
		out.State = payment.ToldUnpaid
	case "void":
		out.State = payment.ToldClosed
	default:
		return out, errUnreadable
	}
	return out, nil
}

// Close makes an unpaid payment notice void (作废).
func (p *Pay) Close(ctx context.Context, t payment.Trade) error {
	var out demandBody
	refusal, err := p.ask(ctx, http.MethodPost, "/v1/demands/"+url.PathEscape(t.Number)+"/void", nil, &out, "NO_DEMAND", "PAID")
	if err == nil && refusal == "PAID" {
		return payment.ErrTradePaid
	}
	return err
}

// receiptBody is a fiscal e-receipt in the platform's words.
type receiptBody struct {
	Demand string    `json:"demand"`
	Unit   string    `json:"unit"`
	Code   string    `json:"code"`
	Number string    `json:"number"`
	Check  string    `json:"check_code"`
	URL    string    `json:"url"`
	State  string    `json:"state"`
	At     time.Time `json:"issued_at"`
}

// AskReceipt asks for the fiscal e-receipt of a paid notice.
func (p *Pay) AskReceipt(ctx context.Context, t payment.Trade) (payment.ReceiptTold, error) {
	var out receiptBody
	refusal, err := p.ask(ctx, http.MethodGet, "/v1/receipts/"+url.PathEscape(t.Number), nil, &out, "NO_RECEIPT")
	switch {
	case err != nil:
		return payment.ReceiptTold{}, err
	case refusal != "":
		return payment.ReceiptTold{}, payment.ErrNoReceipt
	case out.Demand != t.Number:
		return payment.ReceiptTold{}, unclear("GET receipts", "another receipt")
	}
	told, err := receiptOf(out)
	if err != nil {
		return payment.ReceiptTold{}, unclear("GET receipts", "it cannot be read")
	}
	return told, nil
}

// maxReceiptWord is more than any part of a receipt is long.
const maxReceiptWord = 64

func receiptOf(r receiptBody) (payment.ReceiptTold, error) {
	state := map[string]payment.ReceiptState{"issued": payment.ReceiptIssued, "red_reversed": payment.ReceiptReversed}[r.State]
	for _, w := range []string{r.Demand, r.Code, r.Number, r.Check} {
		if w == "" || len(w) > maxReceiptWord {
			return payment.ReceiptTold{}, errUnreadable
		}
	}
	if state == "" || r.At.IsZero() {
		return payment.ReceiptTold{}, errUnreadable
	}
	out := payment.ReceiptTold{TradeNumber: r.Demand, MerchantID: r.Unit, Code: r.Code, Number: r.Number, CheckCode: r.Check, State: state, IssuedAt: models.Instant(r.At)}
	if u, err := url.Parse(r.URL); err == nil && u.Scheme == "https" && u.Host != "" && len(r.URL) <= 512 {
		out.URL = r.URL // shown as a link: nothing else than a page
	}
	return out, nil
}
