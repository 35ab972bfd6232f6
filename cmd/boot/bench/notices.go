package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"onecard/configs"
	"onecard/models/notice"
	"onecard/models/store"
)

// The limits of `bench notices` (performance 3).
const (
	fanOutLimit = 0.6 // of the bare loop's rate
	pacedLimit  = 0.95
	codeLimit   = 1000.0 // ms, p99
	codeEvery   = 100 * time.Millisecond
	codesSent   = 200

	fanOutPart = 20 // of the rows of the large batch
	pacedRate  = 200
	pacedFor   = 15 // seconds of messages
	farAway    = 50 * time.Millisecond
	killedRows = 20_000
)

// paces is what `bench notices` measures.
type paces struct {
	*world
	store *store.DB

	residents int // people whom the messages go to
	cfg       configs.Config

	cases  []Case
	ratios []Ratio
	facts  []Fact
}

// Notices measures how the queue of notices is worked: beside a bare loop, under a vendor's cap, with codes in the middle of
// a large batch, and with a worker killed half-way. The vendor is a process of its own.
func Notices(ctx context.Context, o Options, progress io.Writer) (r Report, err error) {
	if o.Rounds == 0 {
		o.Rounds = 3
	}
	if o, err = o.withDefaults(); err != nil {
		return Report{}, err
	}
	w, err := openWorld(ctx, o)
	if err != nil {
		return Report{}, err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	p := &paces{world: w}
	if p.store, p.cfg, err = w.ours(ctx); err != nil {
		return Report{}, err
	}
	defer func() { err = errors.Join(err, p.store.Close()) }()
	p.residents = max(o.Rows, killedRows)/perResident + 1
	if err = errors.Join(w.seedResidents(ctx, p.store, p.residents), w.haveApproved(ctx)); err != nil {
		return Report{}, err
	}
	for _, one := range []func(context.Context, io.Writer) error{p.fanOut, p.paced, p.codesBeside, p.killed} {
		if err := one(ctx, progress); err != nil {
			return Report{}, err
		}
	}
	r = w.report(ctx, "notices")
	r.Cases, r.Ratios, r.Facts = p.cases, p.ratios, p.facts
	return r, nil
}

// carrier starts the vendor.
func (p *paces) carrier(ctx context.Context, delay time.Duration, most int) (*process, error) {
	c := p.command(ctx, "bench", "baseline", bareVendor)
	c.Env = append(c.Env, "ONECARD_BENCH_DELAY="+delay.String(), "ONECARD_BENCH_CAP="+strconv.Itoa(most),
		"ONECARD_BENCH_WATCHED="+p.cfg.SMS.Aliyun.Templates.ByKind()[string(notice.Code)])
	return p.run(ctx, "/readyz", c)
}

// toVendor are the settings of a worker whose only carrier is the pretend one.
func toVendor(vendor *process, most int) []string {
	return []string{
		"ONECARD_SMS_ALIYUN_URL=" + vendor.base, "ONECARD_SMS_ALIYUN_PER_SECOND=" + strconv.Itoa(most),
		"ONECARD_SMS_TENCENT_SECRET_ID=", "ONECARD_SMS_DAILY_BUDGET_FEN=0",
	}
}

// worker starts the product's worker on the queue.
func (p *paces) worker(ctx context.Context, vendor *process, most int) (*process, error) {
	c := &process{cmd: p.command(ctx, "work")}
	c.cmd.Env = append(c.cmd.Env, toVendor(vendor, most)...)
	if err := c.cmd.Start(); err != nil {
		return nil, err
	}
	p.procs = append(p.procs, c)
	return c, nil
}

// over reports whether nothing waits to be sent any more, nor is being sent.
func (p *paces) over(ctx context.Context, state ...string) (bool, error) {
	var some bool
	err := p.db.QueryRow(ctx, "SELECT EXISTS (SELECT 1 FROM deliveries WHERE state = ANY ($1))", state).Scan(&some)
	return !some, err
}

// drain has a worker work the queue off, and gives what the vendor saw and how long it took from the first message until
// the last was written down.
func (p *paces) drain(ctx context.Context, vendor *process, most int) (s vendorState, r run, err error) {
	worker, err := p.worker(ctx, vendor, most)
	if err != nil {
		return s, r, err
	}
	defer p.end(worker)
	before, err := p.cpu(ctx, worker)
	if err != nil {
		return s, r, err
	}
	d := desk{world: p.world}
	if err := d.watch(ctx, worker, 10*time.Minute, func() (bool, error) { return p.over(ctx, "queued", "submitting") }); err != nil {
		return s, r, errors.Join(err, errors.New(p.said()))
	}
	done := time.Now()
	after, err := p.cpu(ctx, worker)
	if err != nil {
		return s, r, err
	}
	s, err = state(ctx, vendor)
	return s, run{done: s.Distinct, took: done.Sub(time.Unix(0, s.FirstNs)), cpu: after - before}, err
}

func state(ctx context.Context, vendor *process) (s vendorState, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, vendor.base+"/state", http.NoBody)
	if err != nil {
		return s, err
	}
	client := newClient(1)
	defer client.CloseIdleConnections()
	res, err := client.Do(req)
	if err != nil {
		return s, err
	}
	defer func() { _ = res.Body.Close() }()
	return s, json.NewDecoder(res.Body).Decode(&s)
}

// fanOut sends to a vendor that answers at once, in turns with the bare loop.
func (p *paces) fanOut(ctx context.Context, progress io.Writer) error {
	n := max(p.o.Rows/fanOutPart, 1000)
	var by [3]struct{ rate, cpu []float64 }
	var ratios []float64
	for round := range p.o.Rounds {
		plain, floor, err := p.floors(ctx, n)
		if err != nil {
			return fmt.Errorf("bare loop: %w", err)
		}
		if err := p.queueArrivals(ctx, n, p.residents); err != nil {
			return err
		}
		vendor, err := p.carrier(ctx, 0, 0)
		if err != nil {
			return err
		}
		seen, ours, err := p.drain(ctx, vendor, 0)
		p.end(vendor)
		if err != nil {
			return fmt.Errorf("fan-out: %w", err)
		}
		p.mustBe("fan-out", n, seen)
		for i, r := range []run{plain, floor, ours} {
			by[i].rate, by[i].cpu = append(by[i].rate, r.rate()), append(by[i].cpu, r.cpuEach())
		}
		ratios = append(ratios, ours.rate()/floor.rate())
		fmt.Fprintf(progress, "round %d of %d: bare loop %.0f/s, cpu %.0f us each (unsigned %.0f/s, %.0f us); the queue %.0f/s, %.0f us\n",
			round+1, p.o.Rounds, floor.rate(), floor.cpuEach(), plain.rate(), plain.cpuEach(), ours.rate(), ours.cpuEach())
	}
	for i, name := range []string{"bare loop, unsigned posts that no vendor takes", "bare loop: claim 500, post by the SDK, mark 500", "fan-out of arrivals"} {
		p.cases = append(p.cases, Case{Name: name, Rate: spreadOf(by[i].rate), CPU: spreadOf(by[i].cpu)})
	}
	p.ratios = append(p.ratios, ratio("fan-out to a vendor without delay: rate to the bare loop", ratios, fanOutLimit, true))
	return nil
}

// floors are the bare loop's two ways to post, each to a vendor of its own.
func (p *paces) floors(ctx context.Context, n int) (plain, floor run, err error) {
	client := newClient(bareCalls)
	defer client.CloseIdleConnections()
	for _, one := range []struct {
		into *run
		by   func(base string) (barePoster, error)
	}{
		{&plain, func(base string) (barePoster, error) { return unsigned(client, base), nil }},
		{&floor, func(base string) (barePoster, error) { return signed(client, base) }},
	} {
		vendor, err := p.carrier(ctx, 0, 0)
		if err != nil {
			return plain, floor, err
		}
		post, err := one.by(vendor.base)
		if err == nil {
			*one.into, err = p.bareLoop(ctx, post, n)
		}
		p.end(vendor)
		if err != nil {
			return plain, floor, err
		}
	}
	return plain, floor, nil
}

// mustBe notes what may not happen: a message that the vendor never saw, and one it saw twice.
func (p *paces) mustBe(name string, sent int, seen vendorState) {
	for _, f := range []Fact{{Name: name + ": lost", Value: float64(sent - seen.Distinct)}, {Name: name + ": sent again", Value: float64(seen.Taken - seen.Distinct)}} {
		f.Unit, f.OK = "messages", f.Value == 0
		p.facts = append(p.facts, f)
	}
}

// paced sends to a vendor that is far away and takes so many a second and no more.
func (p *paces) paced(ctx context.Context, progress io.Writer) error {
	const n = pacedRate * pacedFor
	var ratios []float64
	for round := range p.o.Rounds {
		if err := p.queueArrivals(ctx, n, p.residents); err != nil {
			return err
		}
		vendor, err := p.carrier(ctx, farAway, pacedRate)
		if err != nil {
			return err
		}
		seen, _, err := p.drain(ctx, vendor, pacedRate)
		p.end(vendor)
		if err != nil {
			return fmt.Errorf("paced: %w", err)
		}
		p.mustBe("paced", n, seen)
		rate := float64(n-1) / time.Duration(seen.SpanNs).Seconds()
		ratios = append(ratios, rate/pacedRate)
		fmt.Fprintf(progress, "paced, round %d of %d: %.0f/s of %d, %d refused by the vendor\n", round+1, p.o.Rounds, rate, pacedRate, seen.Refused)
	}
	p.ratios = append(p.ratios, ratio("vendor with a cap, 50 ms away: rate to the cap", ratios, pacedLimit, true))
	return nil
}
