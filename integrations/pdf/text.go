package pdf

import (
	"strings"

	"github.com/signintech/gopdf"
)

// use makes a font the one to draw with. A font comes into the document when it is first needed.
func (c *canvas) use(f *face, size float64) error {
	if !c.used[f] {
		l, err := f.load()
		if err != nil {
			return err
		}
		if err := c.doc.AddTTFFontFromFontContainer(f.name, &l.box); err != nil {
			return err
		}
		c.used[f] = true
	}
	if c.face == f && c.size == size {
		return nil
	}
	c.face, c.size = f, size
	return c.doc.SetFont(f.name, "", size)
}

// text writes one line at a place, each character in the first font that has it.
func (c *canvas) text(x, y, size float64, text string) error {
	pieces, err := runs(text)
	if err != nil {
		return err
	}
	for _, p := range pieces {
		if err := c.use(p.face, size); err != nil {
			return err
		}
		width, err := c.doc.MeasureTextWidth(p.text)
		if err != nil {
			return err
		}
		c.doc.SetXY(x, y)
		if err := c.doc.CellWithOption(&gopdf.Rect{W: width, H: size * 1.2}, p.text, gopdf.CellOption{Align: gopdf.Middle}); err != nil {
			return err
		}
		x += width
	}
	return nil
}

// width is how wide a line will be.
func (c *canvas) width(size float64, text string) (float64, error) {
	pieces, err := runs(text)
	if err != nil {
		return 0, err
	}
	var total float64
	for _, p := range pieces {
		if err := c.use(p.face, size); err != nil {
			return 0, err
		}
		w, err := c.doc.MeasureTextWidth(p.text)
		if err != nil {
			return 0, err
		}
		total += w
	}
	return total, nil
}

// noStart may not begin a line: the line before it takes it, slightly over its width.
const noStart = ",.;:!?)、。,;:!?)”’》"

// wrap cuts a text into lines of at most a width. Chinese breaks anywhere; a figure or an address only where it must.
func (c *canvas) wrap(size float64, text string, width float64) ([]string, error) {
	var lines []string
	var line string
	var used float64
	for _, token := range tokens(text) {
		w, err := c.width(size, token)
		if err != nil {
			return nil, err
		}
		switch {
		case used+w <= width || line != "" && strings.Contains(noStart, token) && used+w <= width+size:
			line, used = line+token, used+w
			continue
		case line != "":
			lines, line, used = append(lines, strings.TrimRight(line, " ")), "", 0
		}
		if w <= width {
			line, used = strings.TrimLeft(token, " "), w
			continue
		}
		for _, r := range token { // longer than a line by itself
			rw, err := c.width(size, string(r))
			if err != nil {
				return nil, err
			}
			if used+rw > width && line != "" {
				lines, line, used = append(lines, line), "", 0
			}
			line, used = line+string(r), used+rw
		}
	}
	if line != "" || len(lines) == 0 {
		lines = append(lines, line)
	}
	return lines, nil
}

// tokens cuts a text where a line may end: after each Chinese character, and around runs of Latin ones.
func tokens(text string) []string {
	var out []string
	latin := false
	for _, r := range text {
		is := r > ' ' && r < 0x2000
		if is && latin {
			out[len(out)-1] += string(r)
		} else {
			out = append(out, string(r))
		}
		latin = is
	}
	return out
}
