package registry

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"

	"onecard/configs"
	"onecard/models/mirror"
	"onecard/models/subsidy"
)

// Payments is the `payments` source: programmes, payees, batches and their lines.
type Payments struct{ *source }

var _ mirror.Source = (*Payments)(nil)

// NewPayments makes the client of the payments source.
func NewPayments(cfg configs.Source, o Options) (*Payments, error) {
	s, err := newSource("payments", cfg, o)
	if err != nil {
		return nil, err
	}
	return &Payments{s}, nil
}

// Page reads what comes after the cursor; see Cards.Page.
func (p *Payments) Page(ctx context.Context, cursor string, limit int) (mirror.Page, error) {
	return p.page(ctx, paymentEntities, cursor, limit)
}

// BatchLines hands over the lines of a batch as they are now, in line order. The answer was verified whole before the
// first line is handed over; an error of take ends it.
func (p *Payments) BatchLines(ctx context.Context, batch string, take func(subsidy.Line) error) error {
	q := question{op: "lines", lane: ReadLane, method: http.MethodGet, path: "/v1/batches/" + url.PathEscape(batch) + "/lines"}
	body, err := p.ask(ctx, q)
	if err != nil {
		return unavailable(err)
	}
	lines := bufio.NewScanner(bytes.NewReader(body))
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		var w wireLine
		if err := json.Unmarshal(lines.Bytes(), &w); err != nil {
			return unavailable(fmt.Errorf("line %d: %w", n, errMalformed))
		}
		l, err := w.line()
		if err != nil {
			return unavailable(fmt.Errorf("line %d: %w", n, err))
		}
		if err := take(l); err != nil {
			return err
		}
	}
	return lines.Err()
}
