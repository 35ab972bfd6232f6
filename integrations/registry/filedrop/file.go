package filedrop

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"onecard/integrations/registry"
	"onecard/models/subsidy"
)

// What a file of lines may be written in.
const (
	formatCSV    = "csv"
	formatNDJSON = "ndjson"
	utf8Name     = "utf-8"
	gb18030Name  = "gb18030"
)

// ErrFile says why a file cannot be read at all, in words for the operator.
var ErrFile = errors.New("file of lines")

// File is one batch: its announcement and its lines.
type File struct {
	path    string
	control control
}

var _ subsidy.LineSource = (*File)(nil)

// ControlOf is where the control file of a file of lines lies unless it is named.
func ControlOf(path string) string { return path + ".control.json" }

// Open reads the control file and looks at the beginning of the lines: what cannot be read at all is refused here,
// with ErrControl or ErrFile.
func Open(path, controlPath string) (*File, error) {
	c, err := readControl(controlPath)
	if err != nil {
		return nil, err
	}
	if c.Format == "" {
		switch strings.ToLower(filepath.Ext(path)) {
		case ".csv":
			c.Format = formatCSV
		case ".ndjson", ".jsonl":
			c.Format = formatNDJSON
		default:
			return nil, fmt.Errorf("%w: the name tells no format: call it .csv or .ndjson, or say \"format\" in the control file", ErrFile)
		}
	}
	f := &File{path, c}
	in, _, err := f.open()
	if err != nil {
		return nil, err
	}
	return f, in.Close()
}

// Batch is the batch as its control file announces it.
func (f *File) Batch() subsidy.Batch { return f.control.batch() }

// BatchLines reads the lines; the same each time while the file is not touched. It streams.
func (f *File) BatchLines(ctx context.Context, batch string, take func(subsidy.Line) error) error {
	if batch != f.control.ID {
		return fmt.Errorf("%w: it holds another batch", ErrFile)
	}
	in, form, err := f.open()
	if err != nil {
		return err
	}
	err = form.Read(in, func(l subsidy.Line) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return take(l)
	})
	return errors.Join(err, in.Close())
}

// text is an open file of lines, in UTF-8 without a byte order mark, behind the header of a table.
type text struct {
	*bufio.Reader
	file *os.File
}

func (t *text) Close() error { return t.file.Close() }

const peeked = 64 << 10

func (f *File) open() (*text, registry.LineForm, error) {
	form := registry.LineForm{Batch: f.control.ID, Strict: true}
	file, err := os.Open(f.path)
	if err != nil {
		return nil, form, fmt.Errorf("%w: %w", ErrFile, err)
	}
	var from io.Reader = file
	if f.control.Encoding == gb18030Name {
		from = simplifiedchinese.GB18030.NewDecoder().Reader(file)
	}
	t := &text{bufio.NewReaderSize(from, peeked), file}
	if err := t.begin(f.control.Encoding == gb18030Name); err != nil {
		return nil, form, errors.Join(err, file.Close())
	}
	if f.control.Format == formatCSV {
		table, err := readHeader(t.Reader, f.control)
		if err != nil {
			return nil, form, errors.Join(err, file.Close())
		}
		form.Turn = table.turn
	}
	if from != io.Reader(file) {
		form.Turn = converted(form.Turn)
	}
	return t, form, nil
}

var errNotGB18030 = errors.New("not_gb18030")

// converted refuses rows in which the conversion met what is no letter.
func converted(turn func([]byte) ([]byte, error)) func([]byte) ([]byte, error) {
	return func(row []byte) ([]byte, error) {
		if bytes.ContainsRune(row, utf8.RuneError) {
			return nil, errNotGB18030
		}
		if turn == nil {
			return row, nil
		}
		return turn(row)
	}
}

// begin looks at the first bytes: a byte order mark is passed over, another encoding is refused with a way out.
func (t *text) begin(converted bool) error {
	first, err := t.Peek(peeked)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: %w", ErrFile, err)
	}
	switch {
	case len(first) == 0:
		return fmt.Errorf("%w: it is empty", ErrFile)
	case bytes.HasPrefix(first, []byte("\xff\xfe")), bytes.HasPrefix(first, []byte("\xfe\xff")):
		return fmt.Errorf("%w: it is UTF-16; save it as UTF-8", ErrFile)
	case converted && bytes.ContainsRune(first, utf8.RuneError):
		return fmt.Errorf("%w: it is not GB18030, as its control file says", ErrFile)
	case !soundSoFar(first):
		return fmt.Errorf("%w: it is not UTF-8; if it is GB18030 (GBK), say \"encoding\": \"gb18030\" in the control file", ErrFile)
	}
	if bytes.HasPrefix(first, []byte("\ufeff")) {
		_, err = t.Discard(len("\ufeff"))
		return err
	}
	return nil
}

// soundSoFar reports whether the bytes begin a text in UTF-8; the last letter may be cut.
func soundSoFar(b []byte) bool {
	for cut := range min(utf8.UTFMax, len(b)) {
		if utf8.Valid(b[:len(b)-cut]) {
			return cut == 0 || !utf8.FullRune(b[len(b)-cut:])
		}
	}
	return false
}
