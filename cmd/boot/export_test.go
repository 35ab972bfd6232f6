package boot

import (
	"context"
	"time"

	"onecard/models/store"
)

// IdleMinute is what one replica's loops ask of the database in a minute in which nothing happens, by loop: each is
// turned as often as the minute has its period, while pass moves the clock.
func (a *App) IdleMinute(ctx context.Context, pass func(time.Duration)) (map[string]int, error) {
	const step = 500 * time.Millisecond
	cost := map[string]int{}
	loops := a.loops()
	for now := time.Duration(0); now < time.Minute; now += step {
		for _, l := range loops {
			if now%l.every != 0 {
				continue
			}
			counting, n := a.db.CountStatements(ctx)
			if _, err := a.turn(counting, l); err != nil {
				return nil, err
			}
			cost[l.name] += n.Statements()
		}
		pass(step)
	}
	return cost, nil
}

// Store is the program's database.
func (a *App) Store() *store.DB { return a.db }
