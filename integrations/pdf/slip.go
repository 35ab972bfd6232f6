package pdf

import (
	"context"
	"errors"

	"onecard/models/card"
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
