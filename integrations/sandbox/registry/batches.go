package registry

import (
	"net/http"
	"strconv"
	"strings"
)

// batchLines gives the lines of a batch as they are now, one JSON object a line, in line order.
func (r *Registry) batchLines(k call) reply {
	b := r.st.batches.byID[k.arg]
	switch {
	case b == nil:
		return refusal(http.StatusNotFound, "NO_SUCH_BATCH", "unknown batch")
	case b.State == withdrawn:
		return refusal(http.StatusGone, "BATCH_WITHDRAWN", "announced by mistake")
	case k.query("line_no") != "":
		return r.someLines(b, k.query("line_no"))
	}
	now := make(map[int]PaymentLine, len(r.st.linesOf[b.ID]))
	for _, id := range r.st.linesOf[b.ID] {
		l := r.st.lines.byID[id]
		now[l.LineNo] = *l
	}
	if p := r.st.paydays[b.ID]; p != nil {
		if len(now) == 0 {
			return reply{status: http.StatusOK, lines: &lineStream{count: p.lines(), line: p.line, ready: p.ready}}
		}
		return reply{status: http.StatusOK, lines: &lineStream{count: p.lines(), line: func(no int) PaymentLine {
			made := p.line(no)
			if l, told := now[no]; told && l.Version >= made.Version { // something happened to this one
				return l
			}
			return made
		}}}
	}
	out := []byte{}
	for no := 1; no <= b.Count; no++ {
		if l, ok := now[no]; ok {
			out = appendLine(out, &l)
		}
	}
	return reply{status: http.StatusOK, ctype: ndjson, body: out}
}

const ndjson = "application/x-ndjson"

// lineNow is a line by its id, one of a streamed batch too; nil where there is none.
func (r *Registry) lineNow(id string) *PaymentLine {
	if l := r.st.lines.byID[id]; l != nil {
		return l
	}
	batch, number, _ := strings.Cut(id, "/")
	no, err := strconv.Atoi(number)
	if p := r.st.paydays[batch]; err == nil && p != nil && no >= 1 && no <= p.lines() {
		l := p.line(no)
		return &l
	}
	return nil
}
