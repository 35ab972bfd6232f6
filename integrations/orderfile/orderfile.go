// Package orderfile is the file by which districts without a log-in get work orders and send answers back: UTF-8, one
// JSON object a line, the head first, each line signed by HMAC-SM3 under the key that the department's district shares
// with us. Whoever has the key has written the line; which answers count is decided by the capability.
package orderfile

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/emmansun/gmsm/sm3"

	"onecard/models"
	"onecard/models/hotline"
)

// The kinds of files.
const (
	kindOrders  = "onecard-orders"
	kindAnswers = "onecard-order-answers"
	version     = 1
)

// Limits of a file of answers: a line is one short answer.
const (
	MostBytes = 1 << 20
	MostLines = 500
	mostLine  = 16 << 10
)

// What is wrong with a whole file.
var (
	ErrHead    = errors.New("the file does not begin with a signed head of this kind and version")
	ErrNoKey   = errors.New("there is no key for this department and district")
	ErrTooLong = errors.New("the file is too long")
)

// head is the first line of both kinds.
type head struct {
	Kind       string    `json:"kind"`
	Version    int       `json:"version"`
	File       string    `json:"file"`
	Number     int       `json:"number"`
	Department string    `json:"department"`
	District   string    `json:"district"`
	MadeAt     time.Time `json:"made_at,omitzero"`
	MadeBy     string    `json:"made_by,omitempty"` // the watermark
	Lines      int       `json:"lines,omitempty"`
	Left       int       `json:"left,omitempty"` // how many more wait, for the next file
	MAC        string    `json:"mac,omitempty"`
}

// orderLine is one order, with what the department needs: no ID number, no phone.
type orderLine struct {
	File      string    `json:"file"`
	Line      int       `json:"line"`
	Order     string    `json:"order"`
	Type      string    `json:"type"`
	Kind      string    `json:"kind"`
	Programme string    `json:"programme,omitempty"`
	Object    string    `json:"object,omitempty"`
	ObjectID  string    `json:"object_id,omitempty"`
	Person    string    `json:"person,omitempty"` // masked
	OpenedAt  time.Time `json:"opened_at"`
	DueAt     time.Time `json:"due_at"`
	Text      string    `json:"text,omitempty"`
	Watermark string    `json:"watermark"`
	MAC       string    `json:"mac,omitempty"`
}

// answerLine is one answer, under the file and line of its order.
type answerLine struct {
	File       string `json:"file"`
	Line       int    `json:"line"`
	Order      string `json:"order"`
	ReasonCode string `json:"reason_code"`
	Answer     string `json:"answer"`
	MAC        string `json:"mac,omitempty"`
}

// sign is the signature of a line of a kind, the field mac being empty.
func sign(key []byte, kind string, line any) (string, error) {
	b, err := json.Marshal(line)
	if err != nil {
		return "", err
	}
	m := hmac.New(sm3.New, key)
	m.Write([]byte("onecard orderfile v1\n" + kind + "\n"))
	m.Write(b)
	return hex.EncodeToString(m.Sum(nil)), nil
}

func fits(key []byte, kind, mac string, line any) bool {
	want, err := sign(key, kind, line)
	return err == nil && hmac.Equal([]byte(want), []byte(mac))
}

// Write writes a file of orders.
func Write(w io.Writer, key []byte, f hotline.OrderFile) error {
	enc := json.NewEncoder(w)
	h := head{
		Kind: kindOrders, Version: version, File: string(f.ID), Number: f.Number, Department: f.Department, District: f.District,
		MadeAt: f.MadeAt, MadeBy: f.MadeBy, Lines: len(f.Lines), Left: f.Left,
	}
	var err error
	if h.MAC, err = sign(key, "head", h); err != nil {
		return err
	}
	if err := enc.Encode(h); err != nil {
		return err
	}
	for _, l := range f.Lines {
		o := l.Order
		line := orderLine{
			File: string(f.ID), Line: l.Line, Order: o.Number, Type: string(o.Type), Kind: o.Kind, Programme: o.Programme, Object: o.Object, ObjectID: o.ObjectID,
			Person: l.Person, OpenedAt: o.OpenedAt, DueAt: o.DueAt, Text: o.Text,
			Watermark: fmt.Sprintf("%s %s %s-%d", f.MadeBy, models.DateOf(f.MadeAt), f.District, f.Number),
		}
		if line.MAC, err = sign(key, "order", line); err != nil {
			return err
		}
		if err := enc.Encode(line); err != nil {
			return err
		}
	}
	return nil
}

// Read reads a file of answers. keys gives the key of a department's district, or nil. The head must be believed; a line
// that cannot be is handed on with its fault, so that it keeps no other out.
func Read(r io.Reader, keys func(department, district string) []byte) (hotline.AnswerFile, error) {
	lines := bufio.NewScanner(io.LimitReader(r, MostBytes+1))
	lines.Buffer(make([]byte, 0, 4096), mostLine)
	var h head
	if !lines.Scan() || strict(lines.Bytes(), &h) != nil || h.Kind != kindAnswers || h.Version != version {
		return hotline.AnswerFile{}, ErrHead
	}
	key := keys(h.Department, h.District)
	if len(key) == 0 {
		return hotline.AnswerFile{}, ErrNoKey
	}
	mac := h.MAC
	if h.MAC = ""; !fits(key, "head", mac, h) {
		return hotline.AnswerFile{}, ErrHead
	}
	out := hotline.AnswerFile{Department: h.Department, District: h.District}
	read := 0
	for lines.Scan() {
		raw := lines.Bytes()
		if read += len(raw); len(out.Lines) == MostLines || read > MostBytes {
			return hotline.AnswerFile{}, ErrTooLong
		}
		if len(bytes.TrimSpace(raw)) > 0 {
			out.Lines = append(out.Lines, answer(raw, key, len(out.Lines)+1))
		}
	}
	if lines.Err() != nil {
		return hotline.AnswerFile{}, ErrTooLong
	}
	return out, nil
}

// answer reads one line. What does not hold has only its place in the file: nothing of it is believed.
func answer(raw, key []byte, place int) hotline.AnswerLine {
	var l answerLine
	tampered := hotline.AnswerLine{Line: place, Fault: hotline.LineTampered}
	if strict(raw, &l) != nil {
		return tampered
	}
	mac := l.MAC
	if l.MAC = ""; !fits(key, "answer", mac, l) {
		return tampered
	}
	return hotline.AnswerLine{File: models.ID(l.File), Line: l.Line, Order: l.Order, ReasonCode: l.ReasonCode, Answer: l.Answer}
}

// strict reads one JSON object that has no field we do not know, and nothing after it.
func strict(raw []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something stands after the object")
	}
	return nil
}

// Sign turns a file of answers without signatures into one with them: what a district does with its own key, on its own
// machine. The head is that of the file of orders; each further line is an answer.
func Sign(r io.Reader, w io.Writer, key []byte) error {
	lines := bufio.NewScanner(io.LimitReader(r, MostBytes))
	lines.Buffer(make([]byte, 0, 4096), mostLine)
	var h head
	if !lines.Scan() || strict(lines.Bytes(), &h) != nil || h.Version != version {
		return ErrHead
	}
	mac := h.MAC
	if h.MAC = ""; h.Kind == kindOrders && !fits(key, "head", mac, h) {
		return ErrHead // of another district, or the key is another one
	}
	h.Kind, h.Lines = kindAnswers, 0
	enc := json.NewEncoder(w)
	var err error
	if h.MAC, err = sign(key, "head", h); err != nil {
		return err
	}
	if err := enc.Encode(h); err != nil {
		return err
	}
	for n := 2; lines.Scan(); n++ {
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		var l answerLine
		if err := strict(lines.Bytes(), &l); err != nil {
			return fmt.Errorf("line %d is no answer: it has file, line, order, reason_code and answer", n)
		}
		l.MAC = ""
		if l.MAC, err = sign(key, "answer", l); err != nil {
			return err
		}
		if err := enc.Encode(l); err != nil {
			return err
		}
	}
	return lines.Err()
}
