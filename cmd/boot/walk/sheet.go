package walk

import (
	"bytes"
	"compress/zlib"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf16"
)

// What a reader program knows of a PDF, as much as copying its text needs.
var (
	pdfObject  = regexp.MustCompile(`(?s)(?:^|\n)(\d+) 0 obj\n(.*?)endobj`)
	pdfContent = regexp.MustCompile(`/Contents\s+(\d+) 0 R`)
	pdfFont    = regexp.MustCompile(`/(F\d+) (\d+) 0 R`)
	pdfTable   = regexp.MustCompile(`/ToUnicode (\d+) 0 R`)
	pdfGlyph   = regexp.MustCompile(`<([0-9A-F]{4})><[0-9A-F]{4}><([0-9A-F]{4,8})>`)
	pdfText    = regexp.MustCompile(`/(F\d+) [\d.]+ Tf|\[(.*?)\] TJ`)
	pdfString  = regexp.MustCompile(`<([0-9A-F]+)>`)
	checkCode  = regexp.MustCompile(`核验码:?\s*((?:[0-9A-Z]{4}-){3}[0-9A-Z]{4})`)
)

// printedCode reads the check code off a statement, by the text that a person copies out of it.
func printedCode(pdf []byte) (string, error) {
	text, err := copied(pdf)
	if err != nil {
		return "", fmt.Errorf("the statement cannot be read: %w", err)
	}
	found := checkCode.FindStringSubmatch(text)
	if found == nil {
		return "", errors.New("no check code is printed on the statement")
	}
	return found[1], nil
}

// copied is the text of a PDF's pages.
func copied(pdf []byte) (string, error) {
	if !bytes.HasPrefix(pdf, []byte("%PDF-")) {
		return "", errors.New("it is no PDF")
	}
	objects, fonts := map[string][]byte{}, map[string]map[uint16]string{}
	var pages []string
	for _, m := range pdfObject.FindAllSubmatch(pdf, -1) {
		objects[string(m[1])] = m[2]
		for _, c := range pdfContent.FindAllSubmatch(m[2], -1) {
			pages = append(pages, string(c[1]))
		}
	}
	for _, body := range objects {
		for _, f := range pdfFont.FindAllSubmatch(body, -1) {
			if t := pdfTable.FindSubmatch(objects[string(f[2])]); t != nil {
				fonts[string(f[1])] = glyphs(objects[string(t[1])])
			}
		}
	}
	var out strings.Builder
	for _, page := range pages {
		_, packed, _ := bytes.Cut(objects[page], []byte("stream\n"))
		unpack, err := zlib.NewReader(bytes.NewReader(packed))
		if err != nil {
			return "", err
		}
		drawn, err := io.ReadAll(io.LimitReader(unpack, 1<<20))
		if err != nil {
			return "", err
		}
		font := ""
		for _, op := range pdfText.FindAllSubmatch(drawn, -1) {
			if len(op[1]) > 0 {
				font = string(op[1])
				continue
			}
			for _, s := range pdfString.FindAllSubmatch(op[2], -1) {
				codes, _ := hex.DecodeString(string(s[1])) // the pattern takes hex alone
				for i := 0; i+1 < len(codes); i += 2 {
					out.WriteString(fonts[font][uint16(codes[i])<<8|uint16(codes[i+1])])
				}
			}
		}
		out.WriteByte('\n')
	}
	return out.String(), nil
}

// glyphs is a font's table from the codes on the page to text.
func glyphs(table []byte) map[uint16]string {
	out := map[uint16]string{}
	for _, m := range pdfGlyph.FindAllSubmatch(table, -1) {
		code, _ := strconv.ParseUint(string(m[1]), 16, 16)
		raw, err := hex.DecodeString(string(m[2]))
		if err != nil || len(raw)%2 != 0 {
			continue
		}
		var units []uint16
		for i := 0; i < len(raw); i += 2 {
			units = append(units, uint16(raw[i])<<8|uint16(raw[i+1]))
		}
		out[uint16(code)] = string(utf16.Decode(units))
	}
	return out
}
