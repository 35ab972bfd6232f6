package boot

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"onecard/models"
	"onecard/models/store"
	"onecard/models/subsidy"
)

// Paydays starts this program again to read a batch's lines into the spool (`onecard paydays`). Reading stands behind whoever
// waits for an answer, and what stands behind must not share a process with what is urgent: both wait for one collector of memory.
type Paydays func(arguments ...string) *exec.Cmd

// PaydaysBy has lines of the feed read by a process of their own, on PostgreSQL; what writes to the database stays here.
func PaydaysBy(p Paydays) Option { return func(o *options) { o.paydays = p } }

// Hasten is the argument with which lines are read where other work of long lasting stands, not behind everything.
const Hasten = "--hasten"

const (
	// behindMost is how long reading stands behind everything. On a machine without a free moment it would come to nothing.
	behindMost = 10 * time.Minute
	// stopMost is what one that is to stop has for it. It holds nothing that anybody waits for.
	stopMost = 5 * time.Second
)

var errBehind = errors.New("boot: lines stood behind everything for too long")

// told is a line that the process of paydays writes for the one that started it.
type told struct {
	Alarm string `json:"alarm"`
	N     int    `json:"n"`
}

// readsApart reports whether lines are read by a process of their own: not beside pretend platforms of this one's.
func (a *App) readsApart() bool {
	return a.paydays != nil && a.desk == nil && a.db.Driver() == store.Postgres
}

// readApart has one batch's lines read. It is hastened once it came to nothing behind everything, and stays so, whatever comes
// between, until it was read.
func (a *App) readApart(ctx context.Context, b subsidy.Batch, patience time.Duration) error {
	err := a.readOnce(ctx, b, patience)
	if errors.Is(err, errBehind) && ctx.Err() == nil {
		a.log.WarnContext(ctx, "a payday stands behind everything for too long, it is hastened", "code", "PAYDAY_HASTENED", "batch", b.ID)
		a.watch.Alarm("PAYDAY_HASTENED", 1)
		a.hasten = true
		err = a.readOnce(ctx, b, patience)
	}
	if err == nil {
		a.hasten = false
	}
	return err
}

// readOnce starts the process and waits for its end. It reads that we are there, and ends with us. Dying on either side loses
// nothing: the lease is ours, and a spool counts once it is whole.
func (a *App) readOnce(ctx context.Context, b subsidy.Batch, patience time.Duration) error {
	asked, err := json.Marshal(b)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var arguments []string
	if a.hasten {
		arguments = []string{Hasten}
	}
	c := a.paydays(arguments...)
	models.InItsOwnSession(c)
	c.Stderr = os.Stderr
	alive, err := c.StdinPipe()
	if err != nil {
		return err
	}
	words, err := c.StdoutPipe()
	if err != nil {
		return err
	}
	if err := c.Start(); err != nil {
		return err
	}
	ended := make(chan struct{})
	defer close(ended)
	context.AfterFunc(ctx, func() {
		_ = alive.Close()
		t := time.NewTimer(stopMost)
		defer t.Stop()
		select {
		case <-ended:
		case <-t.C:
			_ = c.Process.Kill()
		}
	})
	if !a.hasten {
		defer time.AfterFunc(patience, func() { stop(errBehind) }).Stop()
	}
	_, _ = alive.Write(append(asked, '\n')) // one that is gone says so by its end
	a.hear(ctx, words)
	err = c.Wait()
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	if err != nil {
		return fmt.Errorf("the process of paydays: %w", err)
	}
	return nil
}

// hear counts what the process of paydays tells, until it ends.
func (a *App) hear(ctx context.Context, words io.Reader) {
	for lines := bufio.NewScanner(words); lines.Scan(); {
		var t told
		if err := json.Unmarshal(lines.Bytes(), &t); err != nil || t.Alarm == "" || t.N < 1 {
			a.log.WarnContext(ctx, "the process of paydays said what nobody understands")
			continue
		}
		a.watch.Alarm(t.Alarm, t.N)
	}
}
