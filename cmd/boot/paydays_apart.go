package boot

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"sync"

	"onecard/configs"
	"onecard/integrations/redis"
	"onecard/models"
	"onecard/models/policy"
	"onecard/models/subsidy"
)

// paydayConns are connections enough for one batch: its transaction, its lease, a look-up.
const paydayConns = 4

// TakePaydays takes the batches that wait, one after the other, until none does, or until in ends: whoever started it is gone.
// What a person must look at is told on out. It ranks this whole process; the database is PostgreSQL's, the registry a service.
func TakePaydays(ctx context.Context, cfg configs.Config, hasten bool, in io.Reader, out io.Writer) (err error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		_, _ = io.Copy(io.Discard, in)
		stop()
	}()
	spendOnPaydays()
	cfg.Sandbox.Enabled = false
	cfg.Database.MaxConns = min(cfg.Database.MaxConns, paydayConns)
	a, err := openForOperator(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if !hasten {
		if err := models.StandBehind(); err != nil { // its threads of long work still do, a little
			a.log.WarnContext(ctx, "paydays do not stand behind everything", "error", err)
		}
	}
	if err := a.openDesk(ctx); err != nil {
		return err
	}
	if a.redis, err = redis.Open(ctx, a.cfg.Redis, a.clock); err != nil {
		return err
	}
	a.onClose(a.redis.Close)
	payments, err := a.openPayments()
	if err != nil {
		return err
	}
	if err := a.joinTaking(ctx); err != nil {
		return err
	}
	words := &teller{out: json.NewEncoder(out)}
	a.Subsidies.Lines, a.Subsidies.Alarms = payments, words
	for more := true; more && err == nil; {
		more, err = a.turn(ctx, loop{name: "batches", once: a.Subsidies.TakeBatches})
	}
	if p := (*models.Panic)(nil); errors.As(err, &p) {
		words.Alarm("PANIC", 1)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// teller tells alarms to the process that counts them.
type teller struct {
	mu  sync.Mutex
	out *json.Encoder
}

// Alarm tells one. Where nobody hears it, the log has it.
func (t *teller) Alarm(code string, n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	_ = t.out.Encode(told{code, n})
}

// joinTaking makes what it takes to take batches, and nothing else.
func (a *App) joinTaking(ctx context.Context) error {
	if err := a.db.CheckSchema(ctx); err != nil {
		return err
	}
	since, err := a.db.Feeds().NotifyFrom(ctx, "payments", a.clock.Now())
	if err != nil {
		return err
	}
	a.Policy = policy.New(a.db.Policies(), a.clock)
	a.db.PlanBy(a.Policy, nil)
	a.Subsidies = &subsidy.Service{Store: a.db.Subsidies(), Clock: a.clock, Log: a.log, SpoolDir: a.cfg.SpoolFolder(), HistoryFrom: since, Banks: banks{a.Policy},
		HeldTime: heldTime{a.Policy}}
	return nil
}
