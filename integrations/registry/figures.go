package registry

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"onecard/models"
	"onecard/models/subsidy"
)

// The shapes of the contract, as the payments source writes its figures.

type wireFigure struct {
	Programme string `json:"programme_code"`
	District  string `json:"district"`
	State     string `json:"state"`
	Count     int    `json:"count"`
	TotalFen  int64  `json:"total_fen"`
}

type wireFigures struct {
	LedgerMonth string       `json:"ledger_month"`
	Figures     []wireFigure `json:"figures"`
	CurrentAsOf time.Time    `json:"current_as_of"`
}

type wireLineMark struct {
	BatchID   string `json:"batch_id"`
	LineNo    int    `json:"line_no"`
	Version   int64  `json:"version"`
	AmountFen int64  `json:"amount_fen"`
	DigestSM3 string `json:"digest_sm3"`
}

type wireLineMarks struct {
	Lines       []wireLineMark `json:"lines"`
	NextAfter   string         `json:"next_after"`
	CurrentAsOf time.Time      `json:"current_as_of"`
}

var _ subsidy.FigureSource = (*Payments)(nil)

func figureQuery(q subsidy.FigureQuery) url.Values {
	v := url.Values{"ledger_month": {q.Month}}
	if q.District != "" {
		v.Set("district", q.District)
	}
	if len(q.Except) > 0 {
		v.Set("except", strings.Join(q.Except, ","))
	}
	return v
}

// Figures asks for the sums of a month. A state that this release does not know counts where such lines stand here.
func (p *Payments) Figures(ctx context.Context, q subsidy.FigureQuery) (map[subsidy.Bucket]subsidy.Sum, error) {
	var in wireFigures
	err := p.askJSON(ctx, question{op: "figures", lane: ReadLane, method: http.MethodGet, path: "/v1/figures", query: figureQuery(q)}, &in)
	if err == nil && in.LedgerMonth != q.Month {
		err = errMalformed
	}
	if err != nil {
		return nil, unavailable(err)
	}
	out := make(map[subsidy.Bucket]subsidy.Sum, len(in.Figures))
	for _, f := range in.Figures {
		b := subsidy.Bucket{Programme: f.Programme, District: f.District, State: wireLine{State: f.State}.state()}
		sum := out[b]
		out[b] = subsidy.Sum{Count: sum.Count + f.Count, TotalFen: sum.TotalFen + models.Fen(f.TotalFen)}
	}
	return out, nil
}

// Marks asks for a page of one figure's lines, by batch and number.
func (p *Payments) Marks(ctx context.Context, q subsidy.MarkQuery) ([]subsidy.LineMark, bool, error) {
	v := figureQuery(q.FigureQuery)
	v.Set("district", q.Bucket.District)
	v.Set("programme_code", q.Bucket.Programme)
	v.Set("state", string(q.State))
	v.Set("limit", strconv.Itoa(q.Limit))
	if q.After.BatchID != "" {
		v.Set("after", q.After.BatchID+"/"+strconv.Itoa(q.After.Line))
	}
	var in wireLineMarks
	err := p.askJSON(ctx, question{op: "figure_lines", lane: ReadLane, method: http.MethodGet, path: "/v1/figures/lines", query: v}, &in)
	out := make([]subsidy.LineMark, 0, len(in.Lines))
	for _, l := range in.Lines {
		m := subsidy.LineMark{Key: subsidy.Key{LedgerMonth: q.Month, BatchID: l.BatchID, Line: l.LineNo}, Version: l.Version, AmountFen: models.Fen(l.AmountFen),
			Digest: l.DigestSM3}
		if !m.Key.Proper() {
			err = errors.Join(err, errKeyForm)
		}
		out = append(out, m)
	}
	if err == nil && in.NextAfter != "" && len(out) == 0 { // a page without lines that is not the last would be asked for ever
		err = errMalformed
	}
	if err != nil {
		return nil, false, unavailable(err)
	}
	return out, in.NextAfter != "", nil
}

// LinesNow asks for lines of a batch by their numbers. A line that cannot be read is one that is not there.
func (p *Payments) LinesNow(ctx context.Context, batch string, lines []int) ([]subsidy.Line, error) {
	numbers := make([]string, len(lines))
	for i, n := range lines {
		numbers[i] = strconv.Itoa(n)
	}
	body, err := p.ask(ctx, question{op: "lines", lane: ReadLane, method: http.MethodGet, path: "/v1/batches/" + url.PathEscape(batch) + "/lines",
		query: url.Values{"line_no": {strings.Join(numbers, ",")}}})
	if call := (*CallError)(nil); errors.As(err, &call) && (call.Code == "NO_SUCH_BATCH" || call.Code == "BATCH_WITHDRAWN") {
		return nil, nil
	}
	if err != nil {
		return nil, unavailable(err)
	}
	var out []subsidy.Line
	err = LineForm{Batch: batch}.Read(bytes.NewReader(body), func(l subsidy.Line) error {
		if l.Bad == "" && l.Storable() {
			l.Raw = bytes.Clone(l.Raw)
			out = append(out, l)
		}
		return nil
	})
	if err != nil {
		return nil, unavailable(err)
	}
	return out, nil
}
