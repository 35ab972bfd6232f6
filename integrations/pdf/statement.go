package pdf

import (
	"context"
	"fmt"

	"github.com/signintech/gopdf"

	"onecard/models/subsidy"
)

// atOnce bounds how many sheets are drawn side by side: each holds some megabytes while it is drawn.
const atOnce = 2

// Printer draws statements.
type Printer struct{ free chan struct{} }

// NewPrinter makes one for a process.
func NewPrinter() *Printer { return &Printer{free: make(chan struct{}, atOnce)} }

var _ subsidy.StatementPrinter = (*Printer)(nil)

// A4 in points, and where things stand on it.
const (
	pageWidth, pageHeight = 595.28, 841.89
	left, right, top      = 48.0, 547.0, 52.0
	bottom                = 776.0 // below it stands the foot alone
	footAt                = 800.0
	lineHeight            = 15.0
	bodySize, titleSize   = 9.5, 16.0
)

// Print draws a sheet. Two passes: the second knows how many pages there are.
func (p *Printer) Print(ctx context.Context, sheet subsidy.Sheet) ([]byte, error) {
	select {
	case p.free <- struct{}{}:
		defer func() { <-p.free }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	counted, err := draw(ctx, sheet, 0)
	if err != nil {
		return nil, err
	}
	final, err := draw(ctx, sheet, counted.page)
	if err != nil {
		return nil, err
	}
	out, err := final.doc.GetBytesPdfReturnErr()
	if err != nil {
		return nil, err
	}
	return rightText(out)
}

// canvas is one document being drawn.
type canvas struct {
	doc   gopdf.GoPdf
	sheet subsidy.Sheet
	used  map[*face]bool
	face  *face
	size  float64
	page  int
	of    int
	y     float64
}

func draw(ctx context.Context, sheet subsidy.Sheet, of int) (*canvas, error) {
	c := &canvas{sheet: sheet, used: map[*face]bool{}, of: of}
	c.doc.Start(gopdf.Config{PageSize: *gopdf.PageSizeA4})
	c.doc.SetInfo(gopdf.PdfInfo{Title: sheet.Title, Creator: "One Card", Producer: "One Card", CreationDate: sheet.MadeAt})
	if err := c.newPage(); err != nil {
		return nil, err
	}
	if err := c.head(); err != nil {
		return nil, err
	}
	if err := c.table(ctx); err != nil {
		return nil, err
	}
	for _, text := range append(append([]string{}, sheet.Totals...), sheet.Notes...) {
		if err := c.paragraph(text); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// newPage begins a page with its foot.
func (c *canvas) newPage() error {
	c.doc.AddPage()
	c.page, c.y = c.page+1, top
	c.doc.SetLineWidth(0.5)
	c.doc.Line(left, footAt-6, right, footAt-6)
	if err := c.text(left, footAt, 8, c.sheet.PageFoot); err != nil {
		return err
	}
	number := fmt.Sprintf(c.sheet.PageOf, c.page, max(c.of, c.page))
	width, err := c.width(8, number)
	if err != nil {
		return err
	}
	return c.text(right-width, footAt, 8, number)
}

// head writes the title and the facts, two to a line.
func (c *canvas) head() error {
	width, err := c.width(titleSize, c.sheet.Title)
	if err != nil {
		return err
	}
	if err := c.text((pageWidth-width)/2, c.y, titleSize, c.sheet.Title); err != nil {
		return err
	}
	c.y += 38
	half := (right - left) / 2
	for i, fact := range c.sheet.Facts {
		x := left
		if i%2 == 1 {
			x += half
		}
		lines, err := c.wrap(bodySize+0.5, fact[0]+":"+fact[1], half-8)
		if err != nil {
			return err
		}
		y := c.y
		for _, l := range lines {
			if err := c.text(x, y, bodySize+0.5, l); err != nil {
				return err
			}
			y += lineHeight
		}
		if i%2 == 1 || i == len(c.sheet.Facts)-1 {
			c.y = max(y, c.y+lineHeight) + 3
		}
	}
	c.y += 8
	return nil
}

// paragraph writes a sentence over the whole width, on the next page where this one is full.
func (c *canvas) paragraph(text string) error {
	lines, err := c.wrap(bodySize, text, right-left)
	if err != nil {
		return err
	}
	if err := c.room(float64(len(lines)) * lineHeight); err != nil {
		return err
	}
	c.y += 4
	for _, l := range lines {
		if err := c.text(left, c.y, bodySize, l); err != nil {
			return err
		}
		c.y += lineHeight
	}
	return nil
}

// room begins a new page where what comes next does not fit on this one.
func (c *canvas) room(height float64) error {
	if c.y+height <= bottom {
		return nil
	}
	return c.newPage()
}
