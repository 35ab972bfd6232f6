package registry

import (
	"bytes"
	"context"
	"encoding/json"
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
	Content   *int64 `json:"content_sum"`
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
	Content   *int64 `json:"content_sum"`
}

type wireLineMarks struct {
	Lines       []wireLineMark `json:"lines"`
	NextAfter   string         `json:"next_after"`
	CurrentAsOf time.Time      `json:"current_as_of"`
}

// wireFigureQuestion goes into the body of a question: batches that are not counted may be thousands.
type wireFigureQuestion struct {
	LedgerMonth string   `json:"ledger_month"`
	District    string   `json:"district,omitempty"`
	Except      []string `json:"except,omitempty"`
}

type wireLineMarksQuestion struct {
	wireFigureQuestion
	Programme string `json:"programme_code"`
	State     string `json:"state"`
	After     string `json:"after,omitempty"`
	Limit     int    `json:"limit"`
}

var _ subsidy.FigureSource = (*Payments)(nil)

func figureQuestion(q subsidy.FigureQuery) wireFigureQuestion {
	return wireFigureQuestion{q.Month, q.District, q.Except}
}

// contentOf is the content that a source tells.
func contentOf(told *int64) int64 {
	if told == nil || *told < 0 {
		return subsidy.NoContent
	}
	return *told
}

// sums are the figures by bucket. A state that this release does not know counts where such lines stand here; a sum of
// which a part tells no content tells none.
func (w wireFigures) sums() map[subsidy.Bucket]subsidy.Sum {
	out := make(map[subsidy.Bucket]subsidy.Sum, len(w.Figures))
	for _, f := range w.Figures {
		b := subsidy.Bucket{Programme: f.Programme, District: f.District, State: wireLine{State: f.State}.state()}
		sum, is := out[b], contentOf(f.Content)
		if sum.Content += is; is == subsidy.NoContent || sum.Content < is {
			sum.Content = subsidy.NoContent
		}
		out[b] = subsidy.Sum{Count: sum.Count + f.Count, TotalFen: sum.TotalFen + models.Fen(f.TotalFen), Content: sum.Content}
	}
	return out
}

// Figures asks for the sums of a month.
func (p *Payments) Figures(ctx context.Context, q subsidy.FigureQuery) (map[subsidy.Bucket]subsidy.Sum, error) {
	var in wireFigures
	err := p.askWith(ctx, "figures", "/v1/figures", figureQuestion(q), &in)
	if err == nil && in.LedgerMonth != q.Month {
		err = errMalformed
	}
	if err != nil {
		return nil, unavailable(err)
	}
	return in.sums(), nil
}

// askWith reads by a question that has a body.
func (p *Payments) askWith(ctx context.Context, op, path string, ask, into any) error {
	body, err := json.Marshal(ask)
	if err != nil {
		return err
	}
	return p.askJSON(ctx, question{op: op, lane: ReadLane, method: http.MethodPost, path: path, body: body, ctype: jsonType}, into)
}

// Marks asks for a page of one figure's lines, by batch and number.
func (p *Payments) Marks(ctx context.Context, q subsidy.MarkQuery) ([]subsidy.LineMark, bool, error) {
	ask := wireLineMarksQuestion{wireFigureQuestion: figureQuestion(q.FigureQuery), Programme: q.Bucket.Programme, State: string(q.State), Limit: q.Limit}
	if ask.District = q.Bucket.District; q.After.BatchID != "" {
		ask.After = q.After.BatchID + "/" + strconv.Itoa(q.After.Line)
	}
	var in wireLineMarks
	err := p.askWith(ctx, "figure_lines", "/v1/figures/lines", ask, &in)
	out := make([]subsidy.LineMark, 0, len(in.Lines))
	for _, l := range in.Lines {
		m := subsidy.LineMark{Key: subsidy.Key{LedgerMonth: q.Month, BatchID: l.BatchID, Line: l.LineNo}, Version: l.Version, AmountFen: models.Fen(l.AmountFen),
			Digest: l.DigestSM3, Content: contentOf(l.Content)}
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
