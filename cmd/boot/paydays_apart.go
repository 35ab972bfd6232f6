package boot

import (
	"context"
	"encoding/json"
	"errors"
	"io"

	"onecard/configs"
	"onecard/integrations/redis"
	"onecard/models"
	"onecard/models/subsidy"
)

// paydayConns are connections enough for one reading: two look-ups at a time.
const paydayConns = 3

// errAlone is no cancelled context: who starts it must not take its end for a spool that is whole.
var errAlone = errors.New("boot: stopped before the lines were read")

// ReadPayday reads the lines of the batch that in names into the spool of this machine, until in ends: whoever started it is gone.
// What a person must look at is told on out. It ranks this whole process, has no lease and writes nothing to the database, which
// is PostgreSQL's; the registry is a service.
func ReadPayday(ctx context.Context, cfg configs.Config, hasten bool, in io.Reader, out io.Writer) (err error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	words := json.NewDecoder(in)
	var b subsidy.Batch
	if err := words.Decode(&b); err != nil {
		return errors.Join(errAlone, err)
	}
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
			a.log.WarnContext(ctx, "a payday does not stand behind everything", "error", err)
		}
	}
	if err := a.joinReading(ctx); err != nil {
		return err
	}
	err = models.Guard(func() error { return a.Subsidies.Spool(ctx, b) })
	if a.caught(ctx, "payday", err) {
		_ = json.NewEncoder(out).Encode(told{"PANIC", 1})
	}
	if ctx.Err() != nil {
		return errAlone
	}
	return err
}

// joinReading makes what it takes to read lines, and nothing else.
func (a *App) joinReading(ctx context.Context) error {
	if err := a.openDesk(ctx); err != nil {
		return err
	}
	var err error
	if a.redis, err = redis.Open(ctx, a.cfg.Redis, a.clock); err != nil {
		return err
	}
	a.onClose(a.redis.Close)
	payments, err := a.openPayments()
	if err != nil {
		return err
	}
	if err := a.db.CheckSchema(ctx); err != nil {
		return err
	}
	a.Subsidies = &subsidy.Service{Store: a.db.Subsidies(), Clock: a.clock, Log: a.log, Lines: payments, SpoolDir: a.cfg.SpoolFolder()}
	return nil
}
