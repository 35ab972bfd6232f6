package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"onecard/models"
	"onecard/models/notice"
)

// codesBeside asks for codes while nothing else is told, and while a large batch is.
func (p *paces) codesBeside(ctx context.Context, progress io.Writer) error {
	alone, err := p.codes(ctx, 1)
	if err != nil {
		return err
	}
	beside, err := p.codes(ctx, p.o.Rows)
	if err != nil {
		return err
	}
	done, err := p.over(ctx, "queued")
	if err == nil && done {
		err = errors.New("the batch was over before the last code: take more rows")
	}
	if err != nil {
		return err
	}
	p99 := ms(quantile(beside, 0.99))
	p.facts = append(p.facts,
		Fact{"codes that left during the batch", float64(len(beside)), "codes", 0, len(beside) == codesSent},
		Fact{"a code's way out with nothing beside it, p99", ms(quantile(alone, 0.99)), "ms", 0, true},
		Fact{"a code's way out during the batch, p50", ms(quantile(beside, 0.5)), "ms", 0, true},
		Fact{"a code's way out during the batch, p99", p99, "ms", codeLimit, p99 <= codeLimit})
	fmt.Fprintf(progress, "codes beside %d arrivals: p99 %.0f ms; beside none: %.0f ms\n", p.o.Rows, p99, ms(quantile(alone, 0.99)))
	return nil
}

// codes gives how long codes took while rows arrivals were told, sorted.
func (p *paces) codes(ctx context.Context, rows int) ([]time.Duration, error) {
	if err := p.queueArrivals(ctx, rows, p.residents); err != nil {
		return nil, err
	}
	vendor, err := p.carrier(ctx, 0, 0)
	if err != nil {
		return nil, err
	}
	defer p.end(vendor)
	worker, err := p.worker(ctx, vendor, 0)
	if err != nil {
		return nil, err
	}
	defer p.end(worker)
	asked, err := p.askCodes(ctx, worker, vendor)
	if err != nil {
		return nil, err
	}
	return p.waitsOf(ctx, asked, vendor)
}

// askCodes queues the codes at a fixed pace, once the batch is on its way, and gives when each was asked for.
func (p *paces) askCodes(ctx context.Context, worker, vendor *process) (map[string]time.Time, error) {
	d := desk{world: p.world}
	if err := d.watch(ctx, worker, time.Minute, func() (bool, error) {
		s, err := state(ctx, vendor)
		return s.Distinct > 0, err
	}); err != nil {
		return nil, err
	}
	ring, closeRing, err := p.ring(ctx)
	if err != nil {
		return nil, err
	}
	defer closeRing()
	p.store.PlanBy(nil, ring)
	var people []string
	rows, err := p.db.Query(ctx, "SELECT id::text FROM bench_people ORDER BY n LIMIT $1", codesSent)
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		people = append(people, id)
	}
	asked := map[string]time.Time{}
	tick := time.NewTicker(codeEvery)
	defer tick.Stop()
	for i, person := range people {
		<-tick.C
		cause := "bench:code:" + strconv.Itoa(i)
		asked[cause] = time.Now()
		if err := p.store.AddNotice(ctx, notice.Draft{Cause: cause, Kind: notice.Code, PersonID: models.ID(person), Secret: notice.NewSecret("482913")}); err != nil {
			return nil, err
		}
	}
	return asked, rows.Err()
}

// waitsOf is how long each code took to reach the vendor, sorted; one that has not in time is left out.
func (p *paces) waitsOf(ctx context.Context, asked map[string]time.Time, vendor *process) ([]time.Duration, error) {
	rows, err := p.db.Query(ctx, "SELECT n.cause, d.id::text FROM notices n JOIN deliveries d ON d.notice_id = n.id WHERE n.kind = $1", string(notice.Code))
	if err != nil {
		return nil, err
	}
	ids := map[string]string{}
	for rows.Next() {
		var cause, id string
		if err := rows.Scan(&cause, &id); err != nil {
			return nil, err
		}
		ids[cause] = id
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	var s vendorState
	for deadline := time.Now().Add(5 * time.Second); len(s.At) < len(asked) && time.Now().Before(deadline); {
		if s, err = state(ctx, vendor); err != nil {
			return nil, err
		}
	}
	var waits []time.Duration
	for cause, at := range asked {
		if left, ok := s.At[ids[cause]]; ok {
			waits = append(waits, time.Unix(0, left).Sub(at))
		}
	}
	if len(waits) == 0 {
		return nil, errors.New("no code left")
	}
	slices.Sort(waits)
	return waits, nil
}
