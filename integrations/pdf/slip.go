package pdf

import (
	"context"
	"errors"

	"onecard/models/card"
	"onecard/models/policy"
	"onecard/models/subsidy"
)

var _ card.SlipPrinter = (*Printer)(nil)

// slipColumns are stage and date.
var slipColumns = []subsidy.Column{{Head: "步骤", Share: 0.6}, {Head: "时间", Share: 0.4}}

// PrintSlip draws the receipt of an application on the same sheet as a statement.
func (p *Printer) PrintSlip(ctx context.Context, slip card.Slip) ([]byte, error) {
	sheet := subsidy.Sheet{Title: slip.Title, Facts: slip.Facts, Columns: slipColumns, Empty: "暂无进度。", Notes: slip.Notes, PageFoot: slip.Foot, PageOf: "第%d页 共%d页", MadeAt: slip.MadeAt}
	for _, step := range slip.Steps {
		sheet.Rows = append(sheet.Rows, step[:])
	}
	out, err := p.Print(ctx, sheet)
	if errors.Is(err, subsidy.ErrNoGlyph) {
		return nil, errors.Join(card.ErrNoGlyph, err)
	}
	return out, err
}

var _ policy.SheetPrinter = (*Printer)(nil)

// guideColumns are what to bring and what to know about it.
var guideColumns = []subsidy.Column{{Head: "请带材料", Share: 0.45}, {Head: "说明", Share: 0.55}}

// PrintGuide draws what to bring and where to go.
func (p *Printer) PrintGuide(ctx context.Context, guide policy.Sheet) ([]byte, error) {
	sheet := subsidy.Sheet{Title: guide.Title, Facts: guide.Facts, Columns: guideColumns, Empty: guide.Empty, Notes: guide.Notes, PageFoot: guide.Foot, PageOf: "第%d页 共%d页", MadeAt: guide.MadeAt}
	for _, paper := range guide.Papers {
		sheet.Rows = append(sheet.Rows, paper[:])
	}
	out, err := p.Print(ctx, sheet)
	if errors.Is(err, subsidy.ErrNoGlyph) {
		return nil, errors.Join(policy.ErrNoGlyph, err)
	}
	return out, err
}
