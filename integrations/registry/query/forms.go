package query

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"io"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"

	"onecard/integrations/registry"
)

// service is one thing that is asked for.
type service int

const (
	basic service = iota
	production
	temporaryLoss
	formalLoss
	release
)

func (s service) op() string { return [...]string{"person", "progress", "loss", "loss", "release"}[s] }

func (s service) command() bool { return s >= temporaryLoss }

// The fields of an answer, in the order in which the pipe form has them.
var fields = map[service][]string{
	basic: {"AAC001", "AAC002", "AAC003", "AAC006", "AAC060", "AAE005", "AAB301", "AAZ500", "AAZ501", "AAZ502", "STATUS", "AAE008", "AAE010", "ORGANID"},
	production: {"AAC002", "AAC003", "BATCHNO", "APPLYTIME", "BANKTIME0", "BANKFINISHTIME0", "INSURETIME", "INSUREFINISHTIME", "PROVINCETIME", "CITYTIME",
		"GETTIME", "AAE010", "REMARKS", "VALIDTAG"},
}

// form is how a province calls its services and writes its answers.
type form struct {
	names map[service]string
	read  func(s service, text string) (answer, error)
}

var forms = map[string]form{
	// The province with this form knows the formal loss only.
	"pipe": {map[service]string{basic: "0811014", production: "0811016", temporaryLoss: "0821017", formalLoss: "0821017", release: "0821015"}, readPipe},
	"xml":  {map[service]string{basic: "getAC01", production: "getAZ03", temporaryLoss: "01", formalLoss: "02", release: "03"}, readXML},
}

// answer is a believed answer: a code, or a reason in words, and the fields of a question.
type answer struct {
	code   string // 00, 01; empty: refused
	reason string
	fields map[string]string
}

// What makes an answer unreadable. None holds anything of the answer.
var (
	errForm    = errors.New("ANSWER_UNREADABLE")
	errCharset = errors.New("ANSWER_CHARSET")
	errNotOurs = errors.New("ANSWER_NOT_OURS")
)

// ask makes one call. Names and numbers travel in the body, never in the address.
func (c *Cards) ask(ctx context.Context, lane registry.Lane, s service, key ...string) (answer, error) {
	body := url.Values{"user": {c.user}, "password": {c.pass.Reveal()}, "service": {c.form.names[s]}, "city": {c.city}}
	joined, err := c.text.encode(strings.Join(key, "|"))
	if err != nil {
		return answer{}, c.line.NotSent(s.op(), "NAME_NOT_IN_CHARSET")
	}
	body.Set("key", joined)
	var a answer
	err = c.line.Post(ctx, s.op(), lane, "application/x-www-form-urlencoded; charset="+c.text.name, []byte(body.Encode()), func(ctype string, raw []byte) error {
		text, err := c.text.decode(ctype, raw)
		if err == nil {
			a, err = c.form.read(s, text)
		}
		if err != nil {
			return registry.UnreadableError(err.Error())
		}
		return nil
	})
	return a, err
}

// readPipe reads `00|field|…`, `01`, or a reason, on one line.
func readPipe(s service, text string) (answer, error) {
	text = strings.TrimRight(text, "\r\n")
	if strings.ContainsAny(text, "\r\n") {
		return answer{}, errForm
	}
	parts := strings.Split(text, "|")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	names := fields[s]
	switch {
	case len(parts) == 1 && isCode(parts[0]) && s.command():
		return answer{code: parts[0]}, nil
	case len(parts) == 1:
		return refused(parts[0])
	case parts[0] != "00" || s.command() || len(parts) != len(names)+1:
		return answer{}, errForm
	}
	a := answer{code: "00", fields: make(map[string]string, len(names))}
	for i, n := range names {
		a.fields[n] = parts[i+1]
	}
	return a, nil
}

// readXML reads <ALL><ERR>…</ERR><FIELD>…</FIELD></ALL>: flat, every field once, nothing else. A field that the form names
// and the answer lacks makes it unreadable; others are skipped.
func readXML(s service, text string) (answer, error) {
	got, err := flat(text)
	if err != nil {
		return answer{}, err
	}
	code, ok := got["ERR"]
	switch {
	case !ok:
		return answer{}, errForm
	case s.command() && isCode(code):
		return answer{code: code}, nil
	case s.command() || code != "OK" && code != "00":
		return refused(code)
	}
	for _, n := range fields[s] {
		if _, ok := got[n]; !ok {
			return answer{}, errForm
		}
	}
	return answer{code: "00", fields: got}, nil
}

// flat reads the children of the one root.
func flat(text string) (map[string]string, error) {
	d := xml.NewDecoder(strings.NewReader(text))
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil } // it was decoded before
	out, path, value := map[string]string{}, []string{}, ""
	ended := false
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, errForm
		}
		switch t := token.(type) {
		case xml.StartElement:
			if path, value = append(path, t.Name.Local), ""; ended || len(path) > 2 || path[0] != "ALL" || len(t.Attr) > 0 {
				return nil, errForm
			}
		case xml.EndElement:
			if len(path) == 2 {
				if _, twice := out[path[1]]; twice {
					return nil, errForm
				}
				out[path[1]] = strings.TrimSpace(value)
			}
			path = path[:len(path)-1]
			ended = len(path) == 0
		case xml.CharData:
			if value += string(t); len(path) != 2 && len(bytes.TrimSpace(t)) > 0 {
				return nil, errForm
			}
		case xml.Directive: // a document type: nobody needs one
			return nil, errForm
		}
	}
	if !ended {
		return nil, errForm
	}
	return out, nil
}

func isCode(s string) bool { return s == "00" || s == "01" }

// refused takes a reason in words. What is none (a cut code, a page, nonsense) tells nothing.
func refused(text string) (answer, error) {
	n := utf8.RuneCountInString(text)
	han := strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) })
	odd := strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) || r == '<' || r == '>' || r == utf8.RuneError })
	if n < 2 || n > 200 || !han || odd {
		return answer{}, errForm
	}
	return answer{reason: text}, nil
}

// charset is how texts are written on the wire.
type charset struct {
	name  string
	also  []string // what its answers may call it
	codec encoding.Encoding
}

var charsets = map[string]charset{
	"utf-8":   {"utf-8", []string{"utf8"}, encoding.Nop},
	"gb18030": {"gb18030", []string{"gbk", "gb2312"}, simplifiedchinese.GB18030},
}

func (c charset) encode(s string) (string, error) { return c.codec.NewEncoder().String(s) }

// decode reads an answer. One that names another charset, or is not in this one, is not guessed at.
func (c charset) decode(ctype string, raw []byte) (string, error) {
	if _, named, ok := strings.Cut(strings.ToLower(ctype), "charset="); ok {
		named = strings.Trim(strings.SplitN(named, ";", 2)[0], `" `)
		if named != c.name && !slices.Contains(c.also, named) {
			return "", errCharset
		}
	}
	out, err := c.codec.NewDecoder().Bytes(raw)
	if err != nil || !utf8.Valid(out) || bytes.ContainsRune(out, utf8.RuneError) {
		return "", errCharset
	}
	return strings.TrimPrefix(string(out), "\ufeff"), nil
}
