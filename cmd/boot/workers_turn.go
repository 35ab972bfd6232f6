package boot

import (
	"context"
	"errors"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"onecard/models"
	"onecard/models/mirror"
)

// turn is one round of a loop. What it throws is an error of this round: the process and the loop go on.
func (a *App) turn(ctx context.Context, l loop) (more bool, err error) {
	err = models.Guard(func() (err error) {
		more, err = l.once(ctx)
		return err
	})
	if a.caught(ctx, l.name, err) {
		more = false
	}
	return more, err
}

// caught alarms about a panic. Its text and stack hold no value that a person sent.
func (a *App) caught(ctx context.Context, work string, err error) bool {
	p := (*models.Panic)(nil)
	if !errors.As(err, &p) {
		return false
	}
	a.watch.alarms.WithLabelValues("PANIC").Inc()
	a.log.ErrorContext(ctx, "a panic was caught, the work goes on", "code", "PANIC", "work", work, "what", p.What, "stack", p.Stack)
	return true
}

// backOff is how long a loop waits after its nth panic in a row: the same bug would come again each second.
func backOff(panics int) time.Duration { return min(time.Second<<min(panics, 10), time.Minute) }

// jobErrors sees what River's jobs answer.
type jobErrors struct{ app *App }

// HandleError alarms about a panic, which the bridge has turned into an error; River tries the job again as ever.
func (h jobErrors) HandleError(ctx context.Context, job *rivertype.JobRow, err error) *river.ErrorHandlerResult {
	h.app.caught(ctx, job.Kind, err)
	return nil
}

// HandlePanic alarms about one outside the bridge. The value thrown is not ours to write down.
func (h jobErrors) HandlePanic(ctx context.Context, job *rivertype.JobRow, _ any, trace string) *river.ErrorHandlerResult {
	h.app.caught(ctx, job.Kind, &models.Panic{What: "thrown by us", Stack: trace})
	return nil
}

// turnLasts is how long a replica that falls silent keeps the others from reading a source.
const turnLasts = 10 * time.Second

// feedTurns are this process's turns at reading the sources. A process that stops in order gives them up.
func (a *App) feedTurns() mirror.Turns {
	turns := a.redis.Leases(turnLasts)
	if a.roles.Work {
		a.onClose(func() error {
			for _, src := range a.sources {
				turns.Pass(context.Background(), src.Name())
			}
			return nil
		})
	}
	return turns
}

// sealAudit seals what is not sealed yet. Where nothing waits it costs one question; copies that another replica's seals
// need here are made each half minute all the same.
func (a *App) sealAudit() func(ctx context.Context) (bool, error) {
	var last time.Time
	return func(ctx context.Context) (bool, error) {
		since, err := a.db.AuditUnsealedSince(ctx)
		now := a.clock.Now()
		if err != nil || since.IsZero() && !last.IsZero() && now.Sub(last) < 30*time.Second && !now.Before(last) {
			return false, err
		}
		if _, err = a.db.SealAudit(ctx); err == nil {
			last = now
		} else {
			last = time.Time{}
		}
		return false, err
	}
}
