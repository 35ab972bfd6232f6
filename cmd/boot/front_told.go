package boot

import (
	"context"

	"onecard/models/notice"
)

// frontTold hands on what platforms tell of consents to our messages and of what became of them.
type frontTold struct{ app *App }

func (f frontTold) TakeConsents(ctx context.Context, m notice.PlatformMessage) error {
	e := notice.PlatformEvent{Channel: m.Channel, App: m.App, OpenID: m.From, Kind: notice.ConsentAsked, At: m.At}
	for _, c := range m.Consents {
		if c.Standing {
			e.Kind = notice.ConsentChanged
		}
		e.Items = append(e.Items, notice.PlatformEventItem{TemplateID: c.Template, Answer: notice.Answered(c.Answer)})
	}
	return f.app.Subscribed.TakePlatformEvent(ctx, e)
}

// TakePlatformReceipt notes whom a message could not reach, and takes the receipts.
func (f frontTold) TakePlatformReceipt(ctx context.Context, m notice.PlatformMessage) error {
	e := notice.PlatformEvent{Channel: m.Channel, App: m.App, OpenID: m.From, Kind: notice.MessageEnded, At: m.At}
	for _, r := range m.Receipts {
		delivered, code := notice.MessageEnd(r.Status)
		e.Items = append(e.Items, notice.PlatformEventItem{TemplateID: r.Template, MessageID: r.VendorID, Delivered: delivered, Code: code})
	}
	if err := f.app.Subscribed.TakePlatformEvent(ctx, e); err != nil {
		return err
	}
	_, err := f.app.reception().TakeReceipts(ctx, e.Receipts())
	return err
}
