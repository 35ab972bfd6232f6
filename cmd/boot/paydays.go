package boot

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"onecard/models"
	"onecard/models/store"
)

// Paydays starts this program again to take the batches that wait (`onecard paydays`). A payday stands behind whoever reads,
// and what stands behind must not share a process with what is urgent: both wait for one collector of memory.
type Paydays func(arguments ...string) *exec.Cmd

// PaydaysBy has batches of the feed taken by a process of their own.
func PaydaysBy(p Paydays) Option { return func(o *options) { o.paydays = p } }

// Hasten is the argument with which paydays stand where other work of long lasting does, not behind everything.
const Hasten = "--hasten"

const (
	// behindMost is how long paydays stand behind everything. On a machine without a free moment they would come to nothing.
	behindMost = 10 * time.Minute
	// stopMost is what one that is to stop has to give its lease back.
	stopMost = 20 * time.Second
)

// told is a line that the process of paydays writes for the one that started it.
type told struct {
	Alarm string `json:"alarm"`
	N     int    `json:"n"`
}

// takeBatches has batches taken while any waits: apart, where that is possible.
func (a *App) takeBatches(ctx context.Context) (more bool, err error) {
	if a.paydays == nil || a.desk != nil || a.db.Driver() != store.Postgres {
		return a.Subsidies.TakeBatches(ctx)
	}
	due, err := a.db.Subsidies().BatchDue(ctx)
	if err != nil || !due {
		a.hasten = false
		return false, err
	}
	return false, a.takeApart(ctx, behindMost)
}

// takeApart starts the process of paydays and waits for its end. It ends by itself when no batch waits, and with us: it reads
// that we are there. Dying on either side loses nothing: the lease lapses, and what was read lies in the spool.
func (a *App) takeApart(ctx context.Context, patience time.Duration) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
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
	late := time.AfterFunc(patience, func() {
		a.log.WarnContext(ctx, "paydays stand behind everything for too long, they are hastened", "code", "PAYDAY_HASTENED")
		a.watch.Alarm("PAYDAY_HASTENED", 1)
		stop()
	})
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
	if a.hasten {
		late.Stop()
	}
	a.hear(ctx, words)
	err = c.Wait()
	a.hasten = a.hasten || !late.Stop()
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
