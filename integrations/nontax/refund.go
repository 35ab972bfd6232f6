package nontax

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"onecard/models"
	"onecard/models/payment"
)

// refundBody is an application for a refund (退付申请) in the platform's words.
type refundBody struct {
	Number string    `json:"number"`
	Demand string    `json:"demand"`
	Unit   string    `json:"unit"`
	Amount string    `json:"amount"`
	Stage  string    `json:"stage"`
	Serial string    `json:"serial"`
	DoneAt time.Time `json:"done_at"`
}

// Refund makes the application; made again under its number it is the same one, and tells how far it is.
func (p *Pay) Refund(ctx context.Context, t payment.Trade, r payment.Refund) (payment.RefundTold, error) {
	why := payment.RefundReason(r.Reason)
	if why == "" {
		why = "不再需要缴费"
	}
	var out refundBody
	_, err := p.ask(ctx, http.MethodPost, "/v1/refunds", map[string]any{"number": r.Number, "demand": t.Number, "unit": p.unit, "amount": r.AmountFen.Yuan(), "reason": why}, &out)
	if err != nil {
		return payment.RefundTold{}, err
	}
	return p.refundTold(out, r)
}

// AskRefund asks how far an application is.
func (p *Pay) AskRefund(ctx context.Context, _ payment.Trade, r payment.Refund) (payment.RefundTold, error) {
	var out refundBody
	if _, err := p.ask(ctx, http.MethodGet, "/v1/refunds/"+url.PathEscape(r.Number), nil, &out); err != nil {
		return payment.RefundTold{}, err
	}
	return p.refundTold(out, r)
}

func (p *Pay) refundTold(x refundBody, r payment.Refund) (payment.RefundTold, error) {
	out, err := refundOf(x)
	if err != nil || x.Number != r.Number {
		return payment.RefundTold{}, unclear("refunds", "another application, or one that cannot be read")
	}
	return out, nil
}

// refundOf is an application in our words. Until the bureau has paid it stays requested, whatever was approved: approved is
// not money.
func refundOf(x refundBody) (payment.RefundTold, error) {
	amount, err := models.ParseYuan(x.Amount)
	if err != nil || x.Number == "" {
		return payment.RefundTold{}, errUnreadable
	}
	out := payment.RefundTold{Number: x.Number, TradeNumber: x.Demand, MerchantID: x.Unit, AmountFen: amount, ProviderRef: x.Serial, Stage: payment.RefundStage(x.Stage)}
	switch out.Stage {
	case payment.StageApplied, payment.StageApproved:
		out.State = payment.RefundRequested
	case payment.StageRejected:
		out.State = payment.RefundAbnormal
	case payment.StagePaid:
		if x.DoneAt.IsZero() {
			return out, errUnreadable
		}
		out.State, out.DoneAt = payment.RefundSucceeded, models.Instant(x.DoneAt)
	default:
		return out, errUnreadable
	}
	return out, nil
}

// Bill is the bureau's settlement of a day that is over, signed as a whole.
func (p *Pay) Bill(ctx context.Context, day models.Date) ([]payment.BillLine, error) {
	var out struct {
		Day   string `json:"day"`
		Unit  string `json:"unit"`
		Lines []struct {
			Demand string `json:"demand"`
			Serial string `json:"serial"`
			Refund string `json:"refund"`
			Amount string `json:"amount"`
		} `json:"lines"`
	}
	if _, err := p.ask(ctx, http.MethodGet, "/v1/settlements/"+string(day), nil, &out); err != nil {
		return nil, err
	}
	if out.Day != string(day) || out.Unit != p.unit {
		return nil, unclear("GET settlements", "another day, or another unit's")
	}
	lines := make([]payment.BillLine, 0, len(out.Lines))
	for _, l := range out.Lines {
		amount, err := models.ParseYuan(l.Amount)
		if err != nil || l.Demand == "" || l.Serial == "" {
			return nil, unclear("GET settlements", "a line cannot be read")
		}
		lines = append(lines, payment.BillLine{Number: l.Demand, TransactionID: l.Serial, RefundNumber: l.Refund, AmountFen: amount})
	}
	return lines, nil
}
