package pdf

import (
	"bytes"
	"fmt"
	"regexp"
	"unicode/utf16"
)

// The drawing library writes the table from glyphs to text with the bare number of a character, which readers of the
// file take for another one where it lies beyond the first 65,536: a rare name could not be copied or read aloud. The
// table's own words are long enough to be shortened by what the right form is longer, so that nothing in the file moves.
var (
	beyond    = regexp.MustCompile(`<([0-9A-F]{4})><[0-9A-F]{4}><([0-9A-F]{5})>\n`)
	tableName = []byte("/CMapName /Adobe-Identity-UCS def /CMapType 2 def\n")
	tableTail = []byte("endcmap CMapName currentdict /CMap defineresource pop end end")
)

// rightText mends those tables of a whole file. A file with none is returned as it is; one with more than fit is an error.
func rightText(pdf []byte) ([]byte, error) {
	for at := 0; ; {
		from := bytes.Index(pdf[at:], []byte("/CIDInit /ProcSet findresource begin"))
		if from < 0 {
			return pdf, nil
		}
		from += at
		to := bytes.Index(pdf[from:], tableTail)
		if to < 0 {
			return nil, errTable
		}
		to += from + len(tableTail)
		if err := mend(pdf[from:to]); err != nil {
			return nil, err
		}
		at = to
	}
}

var errTable = fmt.Errorf("a table from glyphs to text is not as expected")

// mend writes one table anew in its own place.
func mend(table []byte) error {
	whole := len(table)
	right := beyond.ReplaceAllFunc(table, func(line []byte) []byte {
		var code rune
		parts := beyond.FindSubmatch(line)
		if _, err := fmt.Sscanf(string(parts[2]), "%X", &code); err != nil {
			return line
		}
		high, low := utf16.EncodeRune(code)
		return fmt.Appendf(nil, "<%s><%s><%04X%04X>\n", parts[1], parts[1], high, low)
	})
	if len(right) == whole {
		return nil
	}
	right = bytes.Replace(right, tableName, []byte("/CMapName /U def /CMapType 2 def\n"), 1)
	right = bytes.Replace(right, tableTail, []byte("endcmap end end"), 1)
	if len(right) > whole {
		return errTable
	}
	copy(table, append(right, bytes.Repeat([]byte{' '}, whole-len(right))...))
	return nil
}
