package store_test

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"onecard/models"
	"onecard/models/audit"
	"onecard/models/notice"
	"onecard/models/store"
	"onecard/models/subsidy"
)

// failing asks at each step of a payday whether it may be done.
type failing struct {
	*store.Subsidies
	ask func(step string) error
}

// dyingAt is a store that has died at a step: nothing after it is done either. Look-ups of two chunks ask beside each other.
func dyingAt(real *store.Subsidies, step string) (s failing, died *atomic.Bool) {
	died = new(atomic.Bool)
	return failing{real, func(at string) error {
		if at == step {
			died.Store(true)
		}
		if died.Load() {
			return models.ErrUnavailable
		}
		return nil
	}}, died
}

func (f failing) PayeesByRef(ctx context.Context, refs []models.PersonRef) (map[models.PersonRef]subsidy.PayeePerson, error) {
	if err := f.ask("payees"); err != nil {
		return nil, err
	}
	return f.Subsidies.PayeesByRef(ctx, refs)
}

func (f failing) LinesStanding(ctx context.Context, l subsidy.BatchLife) (int, error) {
	if err := f.ask("standing"); err != nil {
		return 0, err
	}
	return f.Subsidies.LinesStanding(ctx, l)
}

func (f failing) LoadLines(ctx context.Context, l subsidy.BatchLife, rows *subsidy.Rows, step func(int), finish func(context.Context) error) error {
	if err := f.ask("load"); err != nil {
		return err
	}
	err := f.Subsidies.LoadLines(ctx, l, rows, step, func(ctx context.Context) error {
		if err := finish(ctx); err != nil {
			return err
		}
		return f.ask("commit")
	})
	return errors.Join(err, f.ask("committed"))
}

func (f failing) SavePayments(ctx context.Context, list []subsidy.Payment) (map[subsidy.Key]subsidy.Payment, error) {
	if err := f.ask("save"); err != nil {
		return nil, err
	}
	return f.Subsidies.SavePayments(ctx, list)
}

func (f failing) SaveFindings(ctx context.Context, b string, at time.Time, each func(func(subsidy.Finding) error) error) error {
	if err := f.ask("findings"); err != nil {
		return err
	}
	return f.Subsidies.SaveFindings(ctx, b, at, each)
}

func (f failing) ParkLines(ctx context.Context, list []subsidy.ParkedLine, at time.Time) error {
	if err := f.ask("park"); err != nil {
		return err
	}
	return f.Subsidies.ParkLines(ctx, list, at)
}

func (f failing) AddRun(ctx context.Context, r subsidy.NoticeRun) error {
	if err := f.ask("run"); err != nil {
		return err
	}
	return f.Subsidies.AddRun(ctx, r)
}

func (f failing) RunAgain(ctx context.Context, r subsidy.NoticeRun) error {
	if err := f.ask("run again"); err != nil {
		return err
	}
	return f.Subsidies.RunAgain(ctx, r)
}

func (f failing) EnqueueAll(ctx context.Context, jobs []models.Job) error {
	if err := f.ask("jobs"); err != nil {
		return err
	}
	return f.Subsidies.EnqueueAll(ctx, jobs)
}

func (f failing) NextDataSeq(ctx context.Context) (int64, error) {
	if err := f.ask("data_seq"); err != nil {
		return 0, err
	}
	return f.Subsidies.NextDataSeq(ctx)
}

func (f failing) HideLines(ctx context.Context, b subsidy.Batch, h subsidy.Hold) (int, error) {
	if err := f.ask("hide"); err != nil {
		return 0, err
	}
	return f.Subsidies.HideLines(ctx, b, h)
}

func (f failing) CancelRuns(ctx context.Context, b string, k subsidy.RunKind, at time.Time) error {
	if err := f.ask("cancel"); err != nil {
		return err
	}
	return f.Subsidies.CancelRuns(ctx, b, k, at)
}

func (f failing) SettleBatch(ctx context.Context, l subsidy.BatchLife, o subsidy.BatchSettlement) error {
	if err := f.ask("settle " + string(o.State)); err != nil {
		return err
	}
	return f.Subsidies.SettleBatch(ctx, l, o)
}

func (f failing) RecordAudits(ctx context.Context, list []audit.Entry) error {
	if err := f.ask("audit"); err != nil {
		return err
	}
	return f.Subsidies.RecordAudits(ctx, list)
}

func (f failing) AddNotices(ctx context.Context, drafts []notice.Draft) error {
	if err := f.ask("notices"); err != nil {
		return err
	}
	return f.Subsidies.AddNotices(ctx, drafts)
}

func (f failing) SaveRun(ctx context.Context, r subsidy.NoticeRun) error {
	if err := f.ask("save run"); err != nil {
		return err
	}
	return f.Subsidies.SaveRun(ctx, r)
}
