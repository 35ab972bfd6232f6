package bench

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"time"

	"onecard/cmd/boot"
	"onecard/configs"
	"onecard/integrations/redis"
	"onecard/models"
	"onecard/models/notice"
)

// ring wakes the worker as the process does that queues a code.
func (p *paces) ring(ctx context.Context) (ring, done func(), err error) {
	c, err := redis.Open(ctx, p.cfg.Redis, models.SystemClock{})
	if err != nil {
		return nil, nil, err
	}
	return func() { c.WakeUps().Wake(notice.TopicUrgent) }, func() { _ = c.Close() }, nil
}

// killed ends the worker half-way with -9 and counts at the vendor. The next worker sends what nobody had; what was with the
// vendor at that moment is asked about, by a clock that runs ahead, and sent only where the vendor never heard of it.
func (p *paces) killed(ctx context.Context, progress io.Writer) error {
	if err := p.queueArrivals(ctx, killedRows, p.residents); err != nil {
		return err
	}
	vendor, err := p.carrier(ctx, 5*time.Millisecond, 0)
	if err != nil {
		return err
	}
	defer p.end(vendor)
	worker, err := p.worker(ctx, vendor, 0)
	if err != nil {
		return err
	}
	d := desk{world: p.world}
	if err := d.watch(ctx, worker, 5*time.Minute, func() (bool, error) {
		s, err := state(ctx, vendor)
		return s.Distinct >= killedRows/2, err
	}); err != nil {
		return err
	}
	if err := worker.cmd.Process.Kill(); err != nil {
		return err
	}
	_ = worker.cmd.Wait()
	heir, err := p.worker(ctx, vendor, 0)
	if err != nil {
		return err
	}
	err = d.watch(ctx, heir, 5*time.Minute, func() (bool, error) { return p.over(ctx, "queued") })
	p.end(heir)
	if err != nil {
		return err
	}
	open, err := p.askAfter(ctx, vendor)
	if err != nil {
		return err
	}
	seen, err := state(ctx, vendor)
	if err != nil {
		return err
	}
	p.mustBe("killed half-way", killedRows, seen)
	fmt.Fprintf(progress, "killed half-way: %d were with the vendor or on their way to it\n", open)
	if seen.Distinct == killedRows {
		return nil
	}
	return p.tellStates(ctx, progress)
}

// askAfter lets the leases of the dead run out and asks the vendor until nothing is left to be asked. It gives how many
// were of unknown fate.
func (p *paces) askAfter(ctx context.Context, vendor *process) (open int, err error) {
	cfg, err := configs.Load(configs.Dev(p.dir), "", append(p.env(), toVendor(vendor, 0)...))
	if err != nil {
		return 0, err
	}
	pace := notice.DefaultConfig()
	clock := models.NewManualClock(time.Now().Add(pace.Lease + time.Second))
	app, err := boot.Build(ctx, cfg, boot.Roles{Work: true}, boot.WithClock(clock), boot.WithLog(slog.New(slog.DiscardHandler)))
	if err != nil {
		return 0, err
	}
	defer func() { _ = app.Close() }()
	if _, err := app.Notices.Dispatch(ctx); err != nil {
		return 0, err
	}
	if err := p.db.QueryRow(ctx, "SELECT count(*) FROM deliveries WHERE state = 'unknown'").Scan(&open); err != nil {
		return 0, err
	}
	clock.Advance(pace.DenyAfter)
	for range open/20 + 2 { // a few are asked about at a time
		if _, err := app.Notices.Inquire(ctx); err != nil {
			return 0, err
		}
		if _, err := app.Notices.Dispatch(ctx); err != nil {
			return 0, err
		}
	}
	return open, nil
}

// tellStates says where the queue's messages are, for whoever looks for lost ones.
func (p *paces) tellStates(ctx context.Context, progress io.Writer) error {
	rows, err := p.db.Query(ctx, "SELECT state || ' ' || reason || ' ' || vendor, count(*) FROM deliveries GROUP BY 1 ORDER BY 1")
	if err != nil {
		return err
	}
	for rows.Next() {
		var what string
		var n int
		if err := rows.Scan(&what, &n); err != nil {
			return err
		}
		fmt.Fprintf(progress, "  %6d %s\n", n, what)
	}
	return rows.Err()
}
