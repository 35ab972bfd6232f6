package pdf

import (
	"bytes"
	"compress/gzip"
	_ "embed" // the fonts travel with the product; fonts/README.md says where they come from
	"fmt"
	"io"
	"slices"
	"sync"

	"github.com/signintech/gopdf"
	"github.com/signintech/gopdf/fontmaker/core"

	"onecard/models/subsidy"
)

//go:embed fonts/latin.ttf.gz
var latinGzip []byte

//go:embed fonts/cjk.ttf.gz
var cjkGzip []byte

//go:embed fonts/rare.ttf.gz
var rareGzip []byte

// face is one font: read when it is first needed, then kept. The rare one is not needed by most people's sheets.
type face struct {
	name   string
	packed []byte
	load   func() (*loaded, error)
}

type loaded struct {
	covers []span // ascending
	box    gopdf.FontContainer
}

type span struct{ from, to rune }

func newFace(name string, packed []byte) *face {
	f := &face{name: name, packed: packed}
	f.load = sync.OnceValues(f.read)
	return f
}

// faces are asked in this order for each sign.
var faces = []*face{newFace("latin", latinGzip), newFace("cjk", cjkGzip), newFace("rare", rareGzip)}

func (f *face) read() (*loaded, error) {
	z, err := gzip.NewReader(bytes.NewReader(f.packed))
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(z)
	if err != nil {
		return nil, err
	}
	var table core.TTFParser
	if err := table.ParseFontData(data); err != nil {
		return nil, fmt.Errorf("font %s: %w", f.name, err)
	}
	l := &loaded{covers: coverage(&table)}
	return l, l.box.AddTTFFontData(f.name, data)
}

// coverage lists which characters a font has signs for. The drawing library is not asked: it draws a blank for some it has not.
func coverage(t *core.TTFParser) []span {
	var all []rune
	for c, glyph := range t.Chars() {
		if glyph != 0 && c >= ' ' {
			all = append(all, rune(c))
		}
	}
	for _, g := range t.GroupingTables() {
		for c := max(g.StartCharCode, 0x10000); c <= g.EndCharCode; c++ {
			all = append(all, rune(c))
		}
	}
	slices.Sort(all)
	var out []span
	for _, c := range all {
		if n := len(out); n > 0 && out[n-1].to+1 >= c {
			out[n-1].to = c
		} else {
			out = append(out, span{c, c})
		}
	}
	return out
}

func (l *loaded) has(c rune) bool {
	_, found := slices.BinarySearchFunc(l.covers, c, func(s span, c rune) int {
		switch {
		case s.to < c:
			return -1
		case s.from > c:
			return 1
		}
		return 0
	})
	return found
}

// faceOf finds the first font that has a sign. What draws nothing by its nature needs none.
func faceOf(c rune) (*face, error) {
	for _, f := range faces {
		l, err := f.load()
		if err != nil {
			return nil, err
		}
		if l.has(c) {
			return f, nil
		}
	}
	return nil, fmt.Errorf("%w: plane %d", subsidy.ErrNoGlyph, c>>16) // which one would name somebody
}

// run is a piece of text in one font.
type run struct {
	face *face
	text string
}

// runs cuts a text by fonts.
func runs(text string) ([]run, error) {
	var out []run
	for _, c := range text {
		f, err := faceOf(c)
		if err != nil {
			return nil, err
		}
		if n := len(out); n > 0 && out[n-1].face == f {
			out[n-1].text += string(c)
		} else {
			out = append(out, run{f, string(c)})
		}
	}
	return out, nil
}
