package boot

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"github.com/riverqueue/river"

	"onecard/integrations/registry"
	"onecard/models"
	"onecard/models/card"
	"onecard/models/mirror"
	"onecard/models/notice"
	"onecard/models/store"
	"onecard/models/subsidy"
)

// loop is one thing done again and again while the process works. It sleeps until its topic is woken or the time has
// passed, except while there is more to do.
type loop struct {
	name  string
	topic string
	every time.Duration
	once  func(ctx context.Context) (more bool, err error)
}

// paydayLoop takes batches. It ends with the signal, before running jobs do.
const paydayLoop = "batches"

// loops are the sweeps. Each may run in every replica at once: the rows decide who does what.
func (a *App) loops() []loop {
	list := []loop{
		{"commands", card.TopicCommands, sweepEvery, func(ctx context.Context) (bool, error) {
			n, err := a.Cards.Sweep(ctx, 64, card.UrgentCommands...)
			return n == 64, err
		}},
		{"applications", "", 2 * sweepEvery, func(ctx context.Context) (bool, error) {
			n, err := a.Cards.Sweep(ctx, 16, slices.Concat(card.ApplicationCommands, card.ReplacementCommands)...)
			return n == 16, err
		}},
		{"losses", "", 5 * time.Second, func(ctx context.Context) (bool, error) {
			n, err := a.Cards.WatchLosses(ctx, 100)
			return n == 100, err
		}},
		{"fee trades", "", 2 * sweepEvery, func(ctx context.Context) (bool, error) {
			n, err := a.Payments.SweepTrades(ctx, 20)
			return n == 20 && err == nil, err
		}},
		{"fee refunds", "", 2 * sweepEvery, func(ctx context.Context) (bool, error) {
			n, err := a.Payments.SweepRefunds(ctx, 20)
			return n == 20 && err == nil, err
		}},
		{"fee receipts", "", 2 * sweepEvery, func(ctx context.Context) (bool, error) {
			n, err := a.Payments.SweepReceipts(ctx, 20)
			return n == 20 && err == nil, err
		}},
		{"fee bills", "", 5 * time.Minute, a.Payments.CompareBills},
		{"payday previews", "", 10 * time.Second, a.Explanations.LookAhead},
		{"notices urgent", notice.TopicUrgent, sweepEvery / 2, a.dispatch(bySMS, notice.UrgentLanes)},
		// A code that comes while the first waits for answers leaves by the second; it sleeps until it is woken.
		{"codes beside", notice.TopicUrgent, 20 * sweepEvery, a.dispatch(bySMS, notice.UrgentLanes[:1])},
		{"platform notices urgent", "", sweepEvery, a.dispatch(notice.Platforms, notice.UrgentLanes)},
		{"notices bulk", "", sweepEvery, a.dispatch(bySMS, notice.BulkLanes)},
		{"platform notices bulk", "", sweepEvery, a.dispatch(notice.Platforms, notice.BulkLanes)},
		{"notice cleaning", "", 10 * time.Minute, func(ctx context.Context) (bool, error) {
			return notice.Cleaning{Store: a.db.Notices(), Keeping: a.Policy, Clock: a.clock}.Clean(ctx)
		}},
		{"message figures", "", time.Minute, a.countMessages},
		{"restores", "", 10 * time.Second, func(ctx context.Context) (bool, error) { return a.restores().Work(ctx) }},
		{"stopped acts", "", 10 * time.Second, a.Policy.LapseStops},
		{"campaigns", "", 2 * sweepEvery, a.Campaigns.Run},
		{"application drafts", "", 10 * time.Minute, func(ctx context.Context) (bool, error) {
			n, err := a.Cards.DropStaleDrafts(ctx, 100)
			return n == 100, err
		}},
		{"uncollected cards", "", 10 * time.Minute, func(ctx context.Context) (bool, error) {
			n, err := a.Cards.RemindUncollected(ctx, 100)
			return n == 100, err
		}},
		{"phone changes", "", 30 * time.Second, func(ctx context.Context) (bool, error) {
			n, err := a.Citizens.SettlePhoneChanges(ctx, 100)
			return n == 100, err
		}},
		{"relations", "", 30 * time.Second, func(ctx context.Context) (bool, error) {
			n, err := a.Citizens.SettleRelations(ctx, 100)
			return n == 100, err
		}},
		{"household books", "", 10 * time.Minute, func(ctx context.Context) (bool, error) {
			n, err := a.Citizens.DropBooks(ctx, a.cfg.Objects.KeepAfterEnd, 100)
			return n == 100, err
		}},
		{paydayLoop, "", sweepEvery, a.Subsidies.TakeBatches},
		{"batch notices", "", sweepEvery, a.Subsidies.TellBatches},
		{"held", "", 30 * time.Second, func(ctx context.Context) (bool, error) {
			n, err := a.Subsidies.WatchHeld(ctx, 500)
			return n == 500, err
		}},
		{"misuse reports", "", 5 * time.Minute, func(ctx context.Context) (bool, error) {
			n, err := a.Misuse.WatchMisuse(ctx, 100)
			return n == 100, err
		}},
		{"notices unknown", "", time.Minute, func(ctx context.Context) (bool, error) {
			_, err := a.Notices.Inquire(ctx)
			return false, err
		}},
		{"audit seals", "", sweepEvery, a.sealAudit()},
		{"backlog", "", backlogEvery, a.lookAtBacklog},
	}
	list = append(list, loop{"unpaid replacements", "", 30 * time.Second, func(ctx context.Context) (bool, error) {
		n, err := a.Cards.LapseReplacements(ctx, 100)
		return n == 100 && err == nil, err
	}}, loop{"replacement reminders", "", 10 * time.Minute, func(ctx context.Context) (bool, error) {
		_, err := a.Cards.RemindReplacements(ctx, 100)
		return false, err
	}})
	list = append(append(list, a.keepPictures()...), loop{"key rotation", "", 15 * time.Second, a.rotateKeys})
	list = append(list, loop{"audit watch", "", 15 * time.Second, a.watchAudit})
	list = append(list, loop{"public totals", "", 30 * time.Second, a.Subsidies.CountTotals})
	list = append(list, a.telephoneLoops()...)
	list = append(list, a.orderLoops()...)
	list = append(append(append(list, a.asking()...), a.pullingSMS()...), a.watchingMessages()...)
	for _, src := range a.sources {
		list = append(list, loop{"feed " + src.Name(), "", feedEvery, a.pull(src)}, loop{"parked " + src.Name(), "", 5 * time.Second, a.retryParked(src)})
	}
	return list
}

// bySMS is swept on its own: a platform that hangs keeps no code waiting.
var bySMS = []notice.Channel{notice.SMS}

func (a *App) dispatch(channels []notice.Channel, lanes []notice.Lane) func(ctx context.Context) (bool, error) {
	return func(ctx context.Context) (bool, error) {
		n, err := a.Notices.DispatchOn(ctx, channels, lanes...)
		return n > 0 && err == nil, err
	}
}

// pull reads one page. A budget used up by more urgent calls is no failure: the feed comes again with the next second.
func (a *App) pull(src mirror.Source) func(ctx context.Context) (bool, error) {
	return func(ctx context.Context) (bool, error) {
		before := a.watch.taken.Load()
		more, err := a.Mirror.Pull(ctx, src)
		if full(err) {
			return false, nil
		}
		if err == nil && a.roles.API && a.watch.taken.Load() > before { // what answers here need not wait for its next round
			err = a.Subsidies.Refresh(ctx)
		}
		return more, err
	}
}

// full reports whether more urgent calls have used the budget up.
func full(err error) bool {
	call := (*registry.CallError)(nil)
	return errors.As(err, &call) && call.Code == "BUDGET_FULL"
}

func (a *App) retryParked(src mirror.Source) func(ctx context.Context) (bool, error) {
	return func(ctx context.Context) (bool, error) {
		n, err := a.Mirror.RetryParked(ctx, src, 200)
		return n == 200, err
	}
}

// unsealedTooLong is when audit rows without a seal are an alarm: sealing runs each second.
const unsealedTooLong = time.Minute

func (a *App) watchAudit(ctx context.Context) (bool, error) {
	since, err := a.db.AuditUnsealedSince(ctx)
	if err != nil || since.IsZero() {
		return false, err
	}
	now, err := a.db.Now(ctx)
	if err == nil && now.Sub(since) > unsealedTooLong {
		a.watch.alarms.WithLabelValues("AUDIT_UNSEALED").Inc()
		a.log.ErrorContext(ctx, "audit rows wait for their seal", "code", "AUDIT_UNSEALED", "since", since)
	}
	return false, err
}

// run turns the loop until ctx is over. A failure is logged once and the loop waits; nothing is lost by it. After a panic
// it waits longer each time.
func (a *App) run(ctx context.Context, l loop) {
	failed, panics := false, 0
	for ctx.Err() == nil {
		more, err := a.turn(ctx, l)
		switch {
		case err != nil && ctx.Err() == nil:
			a.watch.loopFailed(l.name)
			if !failed {
				a.log.ErrorContext(ctx, "sweep failed, it goes on trying", "sweep", l.name, "error", err)
			}
			failed = true
		case err == nil && failed:
			a.log.InfoContext(ctx, "sweep works again", "sweep", l.name)
			failed = false
		}
		if p := (*models.Panic)(nil); errors.As(err, &p) {
			a.sleep(ctx, loop{every: max(l.every, backOff(panics))})
			panics++
			continue
		}
		panics = 0
		if !more || err != nil {
			a.sleep(ctx, l)
		}
	}
}

func (a *App) sleep(ctx context.Context, l loop) {
	if l.topic != "" {
		a.redis.WakeUps().Sleep(ctx, l.topic, l.every)
		return
	}
	t := time.NewTimer(l.every)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// RunOnce turns every loop until none has more to do: tests drive the workers with it instead of waiting.
func (a *App) RunOnce(ctx context.Context) error {
	for _, l := range a.loops() {
		for {
			more, err := a.turn(ctx, l)
			if err != nil {
				return err
			}
			if !more {
				break
			}
		}
	}
	return nil
}

// Housekeeping drops what has had its time. River runs it once an hour, in one replica.
type Housekeeping struct{}

// Kind names the job.
func (Housekeeping) Kind() string { return "housekeeping.hourly" }

// DataKeyRotation makes a new data key when the present one is old. River asks for it daily.
type DataKeyRotation struct{}

// Kind names the job.
func (DataKeyRotation) Kind() string { return "keys.rotate_when_old" }

// openJobs builds River's working client: a kind without a worker would fail its first insert.
func (a *App) openJobs() (*river.Client[*sql.Tx], error) {
	workers := river.NewWorkers()
	work(workers, a.housekeeping)
	work(workers, a.Subsidies.Invalidate)
	work(workers, func(ctx context.Context, _ DataKeyRotation) error {
		_, err := a.db.RotateDataKey(ctx, store.DataKeyLife)
		return err
	})
	work(workers, a.Subsidies.StartComparison)
	work(workers, a.Subsidies.CompareMonthJob)
	work(workers, a.Subsidies.CompareSliceJob)
	return a.db.RiverClient(&river.Config{
		Logger: a.log, Workers: workers, ErrorHandler: jobErrors{a}, JobTimeout: 15 * time.Second, RescueStuckJobsAfter: time.Minute,
		Queues: map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 4}, subsidy.PaydayLane: {MaxWorkers: 2}},
		PeriodicJobs: []*river.PeriodicJob{
			periodic(time.Hour, Housekeeping{}), periodic(24*time.Hour, DataKeyRotation{}),
			river.NewPeriodicJob(nightly{a.cfg.Registry.CompareHour}, func() (river.JobArgs, *river.InsertOpts) { return subsidy.CompareNight{}, nil }, nil),
		},
	})
}

func periodic(every time.Duration, job river.JobArgs) *river.PeriodicJob {
	return river.NewPeriodicJob(river.PeriodicInterval(every), func() (river.JobArgs, *river.InsertOpts) { return job, nil }, &river.PeriodicJobOpts{RunOnStart: true})
}

// bridge carries one kind of job to one use case. Its errors are ours, with codes only: River stores their texts.
type bridge[T river.JobArgs] struct {
	river.WorkerDefaults[T]
	do func(context.Context, T) error
}

// Work guards the use case: what River itself catches it would log and store with the value that was thrown.
func (b bridge[T]) Work(ctx context.Context, job *river.Job[T]) error {
	return models.Guard(func() error { return b.do(ctx, job.Args) })
}

// Timeout is the job's own time; 0 is that of any job.
func (b bridge[T]) Timeout(job *river.Job[T]) time.Duration {
	if j, ok := any(job.Args).(models.JobWithTime); ok {
		return j.Takes()
	}
	return 0
}

func work[T river.JobArgs](ws *river.Workers, do func(context.Context, T) error) {
	river.AddWorker(ws, bridge[T]{do: do})
}

var _ models.Job = Housekeeping{}

func (a *App) housekeeping(ctx context.Context, _ Housekeeping) error {
	now := a.clock.Now()
	if _, err := a.db.ForgetRequests(ctx, now.Add(-store.KeptRequests)); err != nil {
		return err
	}
	if err := a.Hotline.Sweep(ctx); err != nil {
		return err
	}
	if err := a.Hotline.ForgetTelephone(ctx); err != nil {
		return err
	}
	if err := a.Citizens.Forget(ctx); err != nil {
		return err
	}
	if err := a.Knowledge.ForgetGaps(ctx); err != nil {
		return err
	}
	if _, err := a.Subsidies.CleanSpool(); err != nil {
		return err
	}
	if err := a.db.MessageCosts().ForgetAlarms(ctx, now.AddDate(0, 0, -7)); err != nil {
		return err
	}
	_, err := a.db.ForgetCounters(ctx, models.DateOf(now.AddDate(0, 0, -7)))
	return err
}
