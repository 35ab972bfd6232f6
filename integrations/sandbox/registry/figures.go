package registry

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/emmansun/gmsm/sm3"
)

// Figure is how many lines, of how much, stand in one state of one programme in one district.
type Figure struct {
	Programme string `json:"programme_code"`
	District  string `json:"district"`
	State     string `json:"state"`
	Count     int    `json:"count"`
	TotalFen  int64  `json:"total_fen"`
	Content   int64  `json:"content_sum"`
}

// FiguresAnswer are the figures of one ledger month.
type FiguresAnswer struct {
	LedgerMonth string    `json:"ledger_month"`
	Figures     []Figure  `json:"figures"`
	CurrentAsOf time.Time `json:"current_as_of"`
}

// LineMark is one line as the two sides compare it.
type LineMark struct {
	BatchID   string `json:"batch_id"`
	LineNo    int    `json:"line_no"`
	Version   int64  `json:"version"`
	AmountFen int64  `json:"amount_fen"`
	DigestSM3 string `json:"digest_sm3"`
	Content   int64  `json:"content_sum"`
}

// LineMarks is a page of the lines of one figure, by batch and number.
type LineMarks struct {
	Lines       []LineMark `json:"lines"`
	NextAfter   string     `json:"next_after,omitempty"`
	CurrentAsOf time.Time  `json:"current_as_of"`
}

// FigureQuestion asks for the figures of a ledger month, of one district or of all, without some batches.
type FigureQuestion struct {
	LedgerMonth string   `json:"ledger_month"`
	District    string   `json:"district"`
	Except      []string `json:"except"`
}

// LineMarksQuestion asks for a page of the lines of one figure.
type LineMarksQuestion struct {
	FigureQuestion
	Programme string `json:"programme_code"`
	State     string `json:"state"`
	After     string `json:"after"`
	Limit     int    `json:"limit"`
}

// figures counts a month, as it is now.
func (r *Registry) figures(k call) reply {
	var q FigureQuestion
	if err := decode(k.body, &q); err != nil {
		return refusal(http.StatusBadRequest, "MALFORMED", err.Error())
	}
	if _, err := time.Parse("2006-01", q.LedgerMonth); err != nil {
		return refusal(http.StatusBadRequest, "MALFORMED", "ledger_month")
	}
	sums := map[Figure]*Figure{}
	r.eachLine(q, "", func(l *PaymentLine) bool {
		b := Figure{Programme: l.Programme, District: l.District, State: l.State}
		if sums[b] == nil {
			sums[b] = &Figure{Programme: l.Programme, District: l.District, State: l.State}
		}
		sums[b].Count++
		sums[b].TotalFen += l.AmountFen
		sums[b].Content += contentOf(l)
		return true
	})
	out := FiguresAnswer{LedgerMonth: q.LedgerMonth, Figures: make([]Figure, 0, len(sums)), CurrentAsOf: k.now}
	for _, f := range sums {
		out.Figures = append(out.Figures, *f)
	}
	slices.SortFunc(out.Figures, func(a, b Figure) int {
		return strings.Compare(a.District+"|"+a.Programme+"|"+a.State, b.District+"|"+b.Programme+"|"+b.State)
	})
	return answer(http.StatusOK, out)
}

// figureLines pages through the lines of one figure.
func (r *Registry) figureLines(k call) reply {
	q := LineMarksQuestion{Limit: pageDefault}
	if err := decode(k.body, &q); err != nil {
		return refusal(http.StatusBadRequest, "MALFORMED", err.Error())
	}
	batch, number, cut := strings.Cut(q.After, "/")
	no, err := strconv.Atoi(number)
	if q.Limit < 1 || q.Limit > pageMost || k.arg != "lines" || q.After != "" && (!cut || err != nil) {
		return refusal(http.StatusBadRequest, "MALFORMED", "limit or after")
	}
	out := LineMarks{Lines: []LineMark{}, CurrentAsOf: k.now}
	r.eachLine(q.FigureQuestion, batch, func(l *PaymentLine) bool {
		switch {
		case l.Programme != q.Programme || l.State != q.State || l.BatchID == batch && l.LineNo <= no:
			return true
		case len(out.Lines) == q.Limit:
			last := out.Lines[q.Limit-1]
			out.NextAfter = last.BatchID + "/" + strconv.Itoa(last.LineNo)
			return false
		}
		out.Lines = append(out.Lines, LineMark{l.BatchID, l.LineNo, l.Version, l.AmountFen, markOf(l), contentOf(l)})
		return true
	})
	return answer(http.StatusOK, out)
}

// markOf is the checksum of what a comparison looks at in a line.
func markOf(l *PaymentLine) string {
	sum := sm3.Sum(fmt.Appendf(nil, "%d|%d|%d|%s|%s", l.LineNo, l.ProgVersion, l.AmountFen, l.CreditNo, l.ReturnReason))
	return fmt.Sprintf("%x", sum)
}

// contentOf is a line's part in the content of a figure.
func contentOf(l *PaymentLine) int64 {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s|%d|%d|%d|%d|%s|%s|%s", l.BatchID, l.LineNo, l.Version, l.ProgVersion, l.AmountFen, l.PayeeRef, l.CreditNo, l.ReturnReason))
	return int64(binary.BigEndian.Uint32(sum[:4]))
}

// eachLine goes through the lines of a month by batch and number, from one batch on, until one says that it is enough.
// Withdrawn batches have none.
func (r *Registry) eachLine(q FigureQuestion, from string, see func(*PaymentLine) bool) {
	without := map[string]bool{}
	for _, id := range q.Except {
		without[id] = true
	}
	var ids []string
	for id, b := range r.st.batches.byID {
		if b.LedgerMonth == q.LedgerMonth && b.State != withdrawn && !without[id] && id >= from {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	for _, id := range ids {
		for no := 1; no <= r.st.batches.byID[id].Count; no++ {
			l := r.lineNow(id + "/" + strconv.Itoa(no))
			if l != nil && (q.District == "" || l.District == q.District) && !see(l) {
				return
			}
		}
	}
}

// someLines gives those of a batch's lines that are asked for by number and are there.
func (r *Registry) someLines(b *Batch, numbers string) reply {
	out := []byte{}
	for n := range strings.SplitSeq(numbers, ",") {
		no, err := strconv.Atoi(n)
		if err != nil || strings.Count(numbers, ",") >= mostAsked {
			return refusal(http.StatusBadRequest, "MALFORMED", "line_no")
		}
		if l := r.lineNow(b.ID + "/" + strconv.Itoa(no)); l != nil {
			out = appendLine(out, l)
		}
	}
	return reply{status: http.StatusOK, ctype: ndjson, body: out}
}

// mostAsked bounds how many lines are asked for by number.
const mostAsked = 100
