package registry

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// call is one question that passed the signature check.
type call struct {
	source string
	op     string
	arg    string // the last part of the path, where there is one
	query  func(string) string
	body   []byte
	now    time.Time
	fault  Fault
}

// reply is an answer before it is signed.
type reply struct {
	status int
	ctype  string
	body   []byte
	lines  *lineStream // instead of a body
}

func answer(status int, v any) reply {
	body, err := json.Marshal(v)
	if err != nil {
		return reply{status: http.StatusInternalServerError, ctype: "application/json", body: []byte(`{"code":"INTERNAL"}`)}
	}
	return reply{status: status, ctype: "application/json", body: body}
}

// problem is the body of every answer that is not a success.
type problem struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

func refusal(status int, code, message string) reply { return answer(status, problem{code, message}) }

const (
	maxBody       = 1 << 20
	maxAttachment = 10 << 20
)

// source serves one of the two sources: faults, signature, then the operation.
func (r *Registry) source(name string, c Client) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		op, arg, ok := r.route(name, req)
		f := r.takeFault(name, op)
		switch f.Fault {
		case FaultOff:
			cut(w)
			return
		case FaultDown:
			w.Header().Set("Retry-After", "5")
			http.Error(w, "<html>503 upstream</html>", http.StatusServiceUnavailable)
			return
		}
		body, err := readBody(w, req, op)
		if err != nil {
			http.Error(w, "unreadable", http.StatusRequestEntityTooLarge)
			return
		}
		now := r.now()
		if code := r.refusalOfSignature(c, req, body, now); code != "" {
			r.send(w, req, c, refusal(http.StatusUnauthorized, code, "signature refused"), code == "UNKNOWN_CLIENT")
			return
		}
		if !ok {
			r.send(w, req, c, refusal(http.StatusNotFound, "NO_SUCH_OPERATION", "see the contract"), false)
			return
		}
		r.serve(w, req, c, call{source: name, op: op, arg: arg, query: req.URL.Query().Get, body: body, fault: f})
	})
}

// serve does the operation with its fault. A delayed operation happens at the end of its delay.
func (r *Registry) serve(w http.ResponseWriter, req *http.Request, c Client, k call) {
	f := k.fault
	if f.Fault == FaultDelay {
		r.wait(f.DelayMS)
	}
	k.now = instant(r.now())
	var out reply
	switch {
	case f.Fault == FaultBusy:
		out = refusal(http.StatusServiceUnavailable, "BUSY", "not taken, try again")
	case f.Fault == FaultRefuse && k.op != "commands":
		out = refusal(http.StatusForbidden, f.Code, f.Reason)
	default:
		out = r.operate(k)
	}
	if f.Fault == FaultLate {
		r.wait(f.DelayMS)
	}
	if f.Fault == FaultLoseReply {
		cut(w)
		return
	}
	if f.Fault == FaultForge {
		c.Secret += "x"
	}
	if out.lines != nil && out.status == http.StatusOK {
		r.flow(w, req, c, out.lines, f)
		return
	}
	if f.Fault == FaultGarbage || f.Fault == FaultHalf || f.Fault == FaultLong {
		r.sendSpoilt(w, req, c, out, f)
		return
	}
	r.send(w, req, c, out, false)
}

// sendSpoilt signs what a broken source would sign.
func (r *Registry) sendSpoilt(w http.ResponseWriter, req *http.Request, c Client, out reply, f Fault) {
	whole := out.body
	switch f.Fault {
	case FaultGarbage:
		out.body = []byte("{\"outcome\":17,")
	case FaultLong:
		out.body = append(slices.Clone(whole), bytes.Repeat([]byte(" "), 2<<20)...)
	}
	signAnswer(w.Header(), c.Secret, req.Header.Get(headerNonce), out.status, out.body, r.now())
	if f.Fault != FaultHalf {
		f = Fault{}
	}
	spoil(w, f, out)
}

func (r *Registry) send(w http.ResponseWriter, req *http.Request, c Client, out reply, unsigned bool) {
	h := w.Header()
	if !unsigned {
		signAnswer(h, c.Secret, req.Header.Get(headerNonce), out.status, out.body, r.now())
	}
	h.Set("Content-Type", out.ctype)
	h.Set("Content-Length", strconv.Itoa(len(out.body)))
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(out.status)
	_, _ = w.Write(out.body) // a caller who left learns it by asking again
}

// cut closes the connection without an answer.
func cut(w http.ResponseWriter) {
	if h, ok := w.(http.Hijacker); ok {
		if conn, _, err := h.Hijack(); err == nil {
			_ = conn.Close()
			return
		}
	}
	panic(http.ErrAbortHandler)
}

func readBody(w http.ResponseWriter, req *http.Request, op string) ([]byte, error) {
	limit := int64(maxBody)
	if op == "attachments" {
		limit = maxAttachment
	}
	return io.ReadAll(http.MaxBytesReader(w, req.Body, limit))
}

// route names the operation of a path.
func (r *Registry) route(source string, req *http.Request) (op, arg string, ok bool) {
	path, ok := strings.CutPrefix(req.URL.EscapedPath(), "/registry/"+source+"/v1/")
	if !ok {
		return "", "", false
	}
	parts := strings.Split(path, "/")
	key := req.Method + " " + parts[0]
	if len(parts) > 1 {
		var err error
		if arg, err = url.PathUnescape(parts[1]); err != nil {
			return "", "", false
		}
		key += " *"
	}
	if len(parts) > 2 {
		key += " " + strings.Join(parts[2:], "/")
	}
	if key == "POST persons *" && arg == "match" {
		return "match", "", source == sourceCards
	}
	op, ok = operations[source][key]
	return op, arg, ok
}

var operations = map[string]map[string]string{
	sourceCards: {
		"GET persons *": "person", "GET persons * cards": "cards", "PUT attachments *": "attachments", "POST commands": "commands",
		"GET commands *": "command_status", "GET feed": "feed", "GET snapshot": "snapshot", "GET health": "health",
	},
	sourcePayments: {"GET feed": "feed", "GET snapshot": "snapshot", "GET batches * lines": "lines", "POST figures": "figures",
		"POST figures *": "figure_lines", "GET health": "health"},
}

// decode reads a strict JSON body: no unknown fields, nothing after it.
func decode(body []byte, into any) error {
	d := json.NewDecoder(strings.NewReader(string(body)))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return errors.New("not the JSON of the contract")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more than one JSON value")
	}
	return nil
}
