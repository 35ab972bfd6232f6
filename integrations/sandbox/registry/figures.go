package registry

import (
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
}

// LineMarks is a page of the lines of one figure, by batch and number.
type LineMarks struct {
	Lines       []LineMark `json:"lines"`
	NextAfter   string     `json:"next_after,omitempty"`
	CurrentAsOf time.Time  `json:"current_as_of"`
}

// figures counts a month, as it is now.
func (r *Registry) figures(k call) reply {
	month := k.query("ledger_month")
	if _, err := time.Parse("2006-01", month); err != nil {
		return refusal(http.StatusBadRequest, "MALFORMED", "ledger_month")
	}
	sums := map[Figure]*Figure{}
	r.eachLine(month, k.query("district"), k.query("except"), "", func(l *PaymentLine) bool {
		b := Figure{Programme: l.Programme, District: l.District, State: l.State}
		if sums[b] == nil {
			sums[b] = &Figure{Programme: l.Programme, District: l.District, State: l.State}
		}
		sums[b].Count++
		sums[b].TotalFen += l.AmountFen
		return true
	})
	out := FiguresAnswer{LedgerMonth: month, Figures: make([]Figure, 0, len(sums)), CurrentAsOf: k.now}
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
	limit, fits := limitOf(k.query("limit"))
	month, after := k.query("ledger_month"), k.query("after")
	batch, number, cut := strings.Cut(after, "/")
	no, err := strconv.Atoi(number)
	if !fits || k.arg != "lines" || after != "" && (!cut || err != nil) {
		return refusal(http.StatusBadRequest, "MALFORMED", "limit or after")
	}
	out := LineMarks{Lines: []LineMark{}, CurrentAsOf: k.now}
	r.eachLine(month, k.query("district"), k.query("except"), batch, func(l *PaymentLine) bool {
		switch {
		case l.Programme != k.query("programme_code") || l.State != k.query("state") || l.BatchID == batch && l.LineNo <= no:
			return true
		case len(out.Lines) == limit:
			last := out.Lines[limit-1]
			out.NextAfter = last.BatchID + "/" + strconv.Itoa(last.LineNo)
			return false
		}
		out.Lines = append(out.Lines, LineMark{l.BatchID, l.LineNo, l.Version, l.AmountFen, markOf(l)})
		return true
	})
	return answer(http.StatusOK, out)
}

// markOf is the checksum of what a comparison looks at in a line.
func markOf(l *PaymentLine) string {
	sum := sm3.Sum(fmt.Appendf(nil, "%d|%d|%d|%s|%s", l.LineNo, l.ProgVersion, l.AmountFen, l.CreditNo, l.ReturnReason))
	return fmt.Sprintf("%x", sum)
}

// eachLine goes through the lines of a month by batch and number, from one batch on, until one says that it is enough.
// Withdrawn batches have none.
func (r *Registry) eachLine(month, district, except, from string, see func(*PaymentLine) bool) {
	without := map[string]bool{}
	for id := range strings.SplitSeq(except, ",") {
		without[id] = true
	}
	var ids []string
	for id, b := range r.st.batches.byID {
		if b.LedgerMonth == month && b.State != withdrawn && !without[id] && id >= from {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	for _, id := range ids {
		for no := 1; no <= r.st.batches.byID[id].Count; no++ {
			l := r.lineNow(id + "/" + strconv.Itoa(no))
			if l != nil && (district == "" || l.District == district) && !see(l) {
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
