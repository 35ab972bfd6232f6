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
	p, err := w.start(ctx, "/", "sandbox")
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
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// bring has a batch announced about the city's people, each of them many times.
func (d *desk) bring(ctx context.Context, month string, rows int) (func(context.Context) (loaded, error), error) {
	order, err := json.Marshal(map[string]any{"kind": "payday", "programme": "28", "state": "credited", "lines": rows, "ledger_month": month})
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, d.p.base+"/desk/events", bytes.NewReader(order))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	client := http.Client{Timeout: time.Minute + time.Duration(rows)*time.Millisecond} // it reckons the figures of all lines
	defer client.CloseIdleConnections()
	res, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	var batch struct {
		ID string `json:"batch_id"`
	}
	if err := json.NewDecoder(res.Body).Decode(&batch); err != nil || batch.ID == "" {
		return nil, fmt.Errorf("the registry announces no batch: status %d", res.StatusCode)
	}
	return func(ctx context.Context) (loaded, error) { return d.take(ctx, batch.ID, rows) }, nil
}

// take starts a worker and measures from its taking up the announcement to the commit that shows the lines. The second at
// most that an announcement waits for a worker's next look does not count. What earlier batches left to be told and made
// ready anew is let go: it is not this one's.
func (d *desk) take(ctx context.Context, batch string, rows int) (l loaded, err error) {
	for _, statement := range []string{"UPDATE notice_runs SET state = 'cancelled' WHERE state IN ('queued', 'running')", "DELETE FROM river_job"} {
		if _, err := d.db.Exec(ctx, statement); err != nil {
			return l, err
		}
	}
	before, err := cpuOf(d.p.cmd.Process.Pid)
	if err != nil {
		return l, err
	}
	worker, err := d.work(ctx)
	if err != nil {
		return l, err
	}
	defer d.end(worker)
	l.rows = rows
	var began time.Time
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
	return l, err
}
