package card

import (
	"context"
	"errors"
	"time"

	"onecard/models"
)

// Slip is the receipt of an application in words, ready to be drawn: what stands on it is decided here.
type Slip struct {
	Title  string
	Facts  [][2]string
	Steps  [][2]string // stage and date
	Notes  []string
	Foot   string
	MadeAt time.Time
}

// SlipPrinter draws a slip as PDF. ErrNoGlyph where no font has a character, never a sheet with a hole.
type SlipPrinter interface {
	PrintSlip(ctx context.Context, slip Slip) ([]byte, error)
}

// ErrNoGlyph is a printer's answer to a text that it has no sign for.
var ErrNoGlyph = errors.New("no font has the character")

// PrintSlip makes the printable receipt of an application: its number, how far it is and what comes next. It goes from
// hand to hand: neither the name nor the whole number of the document stands on it.
//
// Errors: what Gate refuses, ErrApplicationNotFound, ErrSlipNotPrintable.
func (s *Service) PrintSlip(ctx context.Context, by models.Actor, id models.ID) (Application, []byte, error) {
	p, err := s.Application(ctx, by, id)
	if err != nil {
		return Application{}, nil, err
	}
	number, err := s.Store.IDNumberOf(ctx, p.Application.PersonID)
	if err != nil {
		return Application{}, nil, err
	}
	out, err := s.Slips.PrintSlip(ctx, slipOf(p, number, s.Clock.Now()))
	if errors.Is(err, ErrNoGlyph) {
		err = ErrSlipNotPrintable.Because(err)
	}
	return p.Application, out, err
}

func slipOf(p Progress, number models.IDNumber, now time.Time) Slip {
	a := p.Application
	slip := Slip{
		Title: "社会保障卡申领受理凭证", MadeAt: now, Foot: "受理号 " + a.Receipt,
		Facts: [][2]string{{"受理号", a.Receipt}, {"证件号码", number.String()}, {"提交时间", minute(a.CreatedAt)}, {"当前进度", p.Label}, {"费用", "0元,首次申领不收费"}, {"打印时间", minute(now)}},
	}
	if p.Bank.Name != "" {
		slip.Facts = append(slip.Facts, [2]string{"发卡银行", p.Bank.Name})
	}
	if p.Outlet.Name != "" {
		slip.Facts = append(slip.Facts, [2]string{"领卡网点", p.Outlet.Name})
	}
	for _, l := range p.Timeline {
		when := minute(l.At)
		if l.At.IsZero() {
			when = "待办理"
		}
		slip.Steps = append(slip.Steps, [2]string{l.Label, when})
	}
	for _, d := range p.Defects {
		slip.Notes = append(slip.Notes, "需要补正:"+d.Text+"。"+d.Todo)
	}
	slip.Notes = append(slip.Notes, p.Advice)
	if p.Overdue != "" {
		slip.Notes = append(slip.Notes, p.Overdue)
	}
	slip.Notes = append(slip.Notes, "本凭证只证明申领已提交,不能代替社会保障卡。进度以办理渠道显示为准。")
	return slip
}

// minute writes an instant as people read it.
func minute(t time.Time) string { return t.In(models.Shanghai).Format("2006-01-02 15:04") }
