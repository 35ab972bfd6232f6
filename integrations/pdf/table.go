package pdf

import "context"

// table draws the rows under a head that each page repeats.
func (c *canvas) table(ctx context.Context) error {
	if len(c.sheet.Rows) == 0 {
		return c.paragraph(c.sheet.Empty)
	}
	if err := c.row(c.heads(), true); err != nil {
		return err
	}
	for _, cells := range c.sheet.Rows {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := c.row(cells, false); err != nil {
			return err
		}
	}
	c.y += 6
	return nil
}

func (c *canvas) heads() []string {
	heads := make([]string, len(c.sheet.Columns))
	for i, col := range c.sheet.Columns {
		heads[i] = col.Head
	}
	return heads
}

// row draws one row; a cell that is too long goes on below, and the row is as high as its longest cell.
func (c *canvas) row(cells []string, head bool) error {
	wrapped, most := make([][]string, len(cells)), 1
	for i, cell := range cells {
		lines, err := c.wrap(bodySize, cell, c.columnWidth(i)-6)
		if err != nil {
			return err
		}
		wrapped[i], most = lines, max(most, len(lines))
	}
	height := float64(most)*lineHeight + 4
	if c.y+height > bottom && !head {
		if err := c.newPage(); err != nil {
			return err
		}
		if err := c.row(c.heads(), true); err != nil {
			return err
		}
	}
	if head {
		c.doc.SetFillColor(232, 238, 245)
		c.doc.RectFromUpperLeftWithStyle(left, c.y, right-left, height, "F")
		c.doc.SetFillColor(0, 0, 0)
	}
	x := left
	for i, lines := range wrapped {
		for n, l := range lines {
			at := x + 3
			if c.sheet.Columns[i].Right {
				width, err := c.width(bodySize, l)
				if err != nil {
					return err
				}
				at = x + c.columnWidth(i) - 3 - width
			}
			if err := c.text(at, c.y+4+float64(n)*lineHeight, bodySize, l); err != nil {
				return err
			}
		}
		x += c.columnWidth(i)
	}
	c.y += height
	c.doc.SetLineWidth(0.3)
	c.doc.Line(left, c.y, right, c.y)
	return nil
}

func (c *canvas) columnWidth(i int) float64 { return (right - left) * c.sheet.Columns[i].Share }
