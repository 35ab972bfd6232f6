package api

import (
	"encoding/json"
	"errors"
	"unicode/utf8"
)

// Bounds of what a form may be; no operation comes near them.
const (
	maxJSONDepth = 16
	maxJSONKeys  = 512 // in all objects together, so that looking for a repeated key stays cheap
)

var (
	errNotJSON     = errors.New("not one JSON value in UTF-8")
	errNotObject   = errors.New("not a JSON object")
	errJSONDepth   = errors.New("nested too deep")
	errJSONKeys    = errors.New("too many keys")
	errRepeatedKey = errors.New("a key stands twice")
	errBadEscape   = errors.New("an escape no text can hold")
)

// strictJSON accepts one object in UTF-8 and nothing after it, in which no key stands twice and no text holds a NUL or
// half a surrogate pair: values Go's decoder would silently replace or a database refuse. It returns the keys found.
func strictJSON(body []byte) ([]string, error) {
	if !utf8.Valid(body) || !json.Valid(body) {
		return nil, errNotJSON
	}
	w := jsonWalk{b: body}
	w.blanks()
	if w.b[w.i] != '{' {
		return nil, errNotObject
	}
	err := w.value(0)
	return w.keys, err
}

// jsonWalk steps over a text json.Valid has accepted, so it need not doubt what comes next.
type jsonWalk struct {
	b    []byte
	i    int
	keys []string
}

func (w *jsonWalk) blanks() {
	for w.i < len(w.b) && (w.b[w.i] == ' ' || w.b[w.i] == '\t' || w.b[w.i] == '\n' || w.b[w.i] == '\r') {
		w.i++
	}
}

func (w *jsonWalk) value(depth int) error {
	w.blanks()
	switch w.b[w.i] {
	case '{':
		return w.object(depth + 1)
	case '[':
		return w.array(depth + 1)
	case '"':
		_, err := w.text()
		return err
	default: // number or word
		for w.i < len(w.b) && w.b[w.i] != ',' && w.b[w.i] != '}' && w.b[w.i] != ']' {
			w.i++
		}
		return nil
	}
}

func (w *jsonWalk) object(depth int) error {
	if depth > maxJSONDepth {
		return errJSONDepth
	}
	own := make([]string, 0, 8)
	for w.i++; ; w.i++ { // behind the brace, then behind each comma
		w.blanks()
		if w.b[w.i] == '}' {
			w.i++
			return nil
		}
		key, err := w.text()
		if err != nil {
			return err
		}
		for _, k := range own {
			if k == key {
				return errRepeatedKey
			}
		}
		own = append(own, key)
		if w.keys = append(w.keys, key); len(w.keys) > maxJSONKeys {
			return errJSONKeys
		}
		w.blanks()
		w.i++ // the colon
		if err := w.value(depth); err != nil {
			return err
		}
		w.blanks()
		if w.b[w.i] == '}' {
			w.i++
			return nil
		}
	}
}

func (w *jsonWalk) array(depth int) error {
	if depth > maxJSONDepth {
		return errJSONDepth
	}
	for w.i++; ; w.i++ {
		w.blanks()
		if w.b[w.i] == ']' {
			w.i++
			return nil
		}
		if err := w.value(depth); err != nil {
			return err
		}
		w.blanks()
		if w.b[w.i] == ']' {
			w.i++
			return nil
		}
	}
}

// text steps over a string and gives it unescaped.
func (w *jsonWalk) text() (string, error) {
	start, escaped := w.i, false
	for w.i++; w.b[w.i] != '"'; w.i++ {
		if w.b[w.i] == '\\' {
			escaped = true
			w.i++
		}
	}
	w.i++
	raw := w.b[start:w.i]
	if !escaped {
		return string(raw[1 : len(raw)-1]), nil
	}
	if !goodEscapes(raw) {
		return "", errBadEscape
	}
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return "", errNotJSON
	}
	return s, nil
}

// goodEscapes refuses \u0000 and surrogates that do not come as a pair.
func goodEscapes(raw []byte) bool {
	for i := 0; i < len(raw); i++ {
		if raw[i] != '\\' {
			continue
		}
		i++
		if raw[i] != 'u' {
			continue
		}
		unit := hex4(raw[i+1:])
		i += 4
		switch {
		case unit == 0, unit >= 0xDC00 && unit <= 0xDFFF:
			return false
		case unit >= 0xD800 && unit <= 0xDBFF:
			if len(raw) < i+7 || raw[i+1] != '\\' || raw[i+2] != 'u' {
				return false
			}
			if low := hex4(raw[i+3:]); low < 0xDC00 || low > 0xDFFF {
				return false
			}
			i += 6
		}
	}
	return true
}

func hex4(b []byte) rune {
	var r rune
	for _, c := range b[:4] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		default:
			c -= 'A' - 10
		}
		r = r<<4 | rune(c)
	}
	return r
}
