package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5"
)

// desk is the pretend registry in a process of its own. A batch's lines lie ready there when they are announced; what
// sending them costs is told apart.
type desk struct {
	*world
	p *process
}

// openDesk starts the registry and lets a worker learn whom it pays. What its city was paid before is history.
func (w *world) openDesk(ctx context.Context) (*desk, error) {
	p, err := w.run(ctx, "/", w.elsewhere(ctx, "sandbox"))
	if err != nil {
		return nil, err
	}
	d := &desk{w, p}
	if _, err := w.db.Exec(ctx, "UPDATE feed_cursors SET cursor = '', caught_up_at = NULL"); err != nil {
		return nil, err
	}
	worker, err := d.work(ctx)
	if err != nil {
		return nil, err
	}
	defer w.end(worker)
	return d, d.watch(ctx, worker, time.Minute, func() (bool, error) {
		var behind int
		err := w.db.QueryRow(ctx, "SELECT count(*) FROM feed_cursors WHERE caught_up_at IS NULL").Scan(&behind)
		return behind == 0, err
	})
}

// work starts a worker that hears the registry.
func (d *desk) work(ctx context.Context) (*process, error) {
	p := &process{cmd: d.command(ctx, "work")}
	p.cmd.Env = append(p.cmd.Env, "ONECARD_SANDBOX_URL="+d.p.base)
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	d.procs = append(d.procs, p)
	return p, nil
}

var errWorkerEnded = errors.New("the worker ended, or needs longer than anybody would wait")

// lookEvery is often enough for a batch of some seconds, and seldom enough to cost who is measured nothing.
const lookEvery = 20 * time.Millisecond

// watch looks at a worker's doings until they are over.
func (d *desk) watch(ctx context.Context, worker *process, patience time.Duration, over func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		if is, err := over(); is || err != nil {
			return err
		}
		if _, err := peakRSS(worker.cmd.Process.Pid); err != nil {
			return errWorkerEnded
		}
		select {
		case <-ctx.Done():
			return errWorkerEnded
		case <-time.After(lookEvery):
		}
	}
}

// bring has a batch announced about the city's people, each of them many times, and a worker that has done whatever else
// it had to: what it does once a minute is not a payday's. It hears the announcement when the batch is to be taken. What
// earlier batches left to be told and made ready anew is let go.
func (d *desk) bring(ctx context.Context, month string, rows int) (func(context.Context) (loaded, error), error) {
	for _, statement := range []string{"UPDATE notice_runs SET state = 'cancelled' WHERE state IN ('queued', 'running')", "DELETE FROM river_job"} {
		if _, err := d.db.Exec(ctx, statement); err != nil {
			return nil, err
		}
	}
	hear, err := d.deafen(ctx)
	if err != nil {
		return nil, err
	}
	batch, err := d.announce(ctx, month, rows)
	if err != nil {
		return nil, err
	}
	worker, err := d.work(ctx)
	if err != nil {
		return nil, err
	}
	quiet := 0
	err = d.watch(ctx, worker, time.Minute, func() (bool, error) {
		var busy int
		err := d.db.QueryRow(ctx, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
			AND state = 'active' AND wait_event_type IS DISTINCT FROM 'Lock'`).Scan(&busy)
		if quiet++; busy > 0 {
			quiet = 0
		}
		return quiet == quietLooks, err
	})
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) (loaded, error) {
		if err := hear(ctx); err != nil {
			return loaded{}, err
		}
		return d.take(ctx, worker, batch, rows)
	}, nil
}

// quietLooks is how many times in a row nobody may be seen at work.
const quietLooks = 100

// deafen keeps workers from reading the payments feed, by holding its cursor, until hear is called.
func (d *desk) deafen(ctx context.Context) (hear func(context.Context) error, err error) {
	conn, err := pgx.Connect(ctx, d.dsn)
	if err != nil {
		return nil, err
	}
	if _, err := conn.Exec(ctx, "BEGIN; SELECT 1 FROM feed_cursors WHERE source = 'payments' FOR UPDATE"); err != nil {
		return nil, errors.Join(err, conn.Close(ctx))
	}
	return conn.Close, nil
}

// announce has the registry announce a batch, and waits until its lines lie ready.
func (d *desk) announce(ctx context.Context, month string, rows int) (batch string, err error) {
	order, err := json.Marshal(map[string]any{"kind": "payday", "programme": "28", "state": "credited", "lines": rows, "ledger_month": month})
	if err != nil {
		return "", err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, d.p.base+"/desk/events", bytes.NewReader(order))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/json")
	client := http.Client{Timeout: time.Minute + time.Duration(rows)*time.Millisecond} // it reckons the figures of all lines
	defer client.CloseIdleConnections()
	res, err := client.Do(req)
	if err != nil {
		return "", err
	}
	defer func() { _ = res.Body.Close() }()
	var told struct {
		ID string `json:"batch_id"`
	}
	if err := json.NewDecoder(res.Body).Decode(&told); err != nil || told.ID == "" {
		return "", fmt.Errorf("the registry announces no batch: status %d", res.StatusCode)
	}
	return told.ID, nil
}

// take measures from a worker's taking up the announcement to the commit that shows the lines. The seconds that an
// announcement waits for a worker's next look do not count.
func (d *desk) take(ctx context.Context, worker *process, batch string, rows int) (l loaded, err error) {
	defer d.end(worker)
	before, err := cpuOf(d.p.cmd.Process.Pid)
	if err != nil {
		return l, err
	}
	l.rows = rows
	var began time.Time
	var apart int64 // what the worker's process of paydays holds at most
	err = d.watch(ctx, worker, time.Minute+time.Duration(rows)*time.Millisecond, func() (bool, error) {
		var state string
		err := d.db.QueryRow(ctx, "SELECT state FROM batches WHERE id = $1 AND (lease_ends IS NOT NULL OR NOT waiting)", batch).Scan(&state)
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			return false, nil
		case err != nil:
			return false, err
		case state == "held":
			return false, errors.New("the batch is held")
		case began.IsZero():
			began = time.Now()
		}
		l.took = time.Since(began)
		for _, child := range startedBy(worker.cmd.Process.Pid) {
			if held, err := peakRSS(child); err == nil {
				apart = max(apart, held)
			}
		}
		return state == "applied", nil
	})
	if err != nil {
		return l, err
	}
	after, err := cpuOf(d.p.cmd.Process.Pid)
	if err != nil {
		return l, err
	}
	l.others = after - before
	l.rss, err = peakRSS(worker.cmd.Process.Pid)
	l.rss += apart
	return l, err
}
