package boot

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"onecard/api"
	"onecard/integrations/redis"
	"onecard/models/citizen"
)

// hotReads asks Redis for session, limit and ready answer in one trip, and lets the session alone decide who it is.
type hotReads struct {
	*redis.Hot
	citizens *citizen.Service
}

// Look answers for the caller even with Redis out: then the session comes from the database, and the edge counts.
func (h hotReads) Look(ctx context.Context, q api.HotAsk) (api.HotLook, error) {
	bearer, ok := citizen.BearerOf(q.Token)
	if !ok {
		return api.HotLook{}, citizen.ErrSessionInvalid
	}
	found, out := h.Hot.Look(ctx, redis.Ask{
		Handle: bearer.Handle, SecretHash: bearer.SecretHash, LimitKey: q.LimitKey, PerMinute: q.PerMinute, View: q.View, Mark: q.Mark,
	})
	actor, err := h.citizens.AuthenticateWith(ctx, bearer, found.Session, found.Known)
	if err != nil {
		return api.HotLook{}, err
	}
	look := api.HotLook{Actor: actor, Counted: found.Counted, Fits: found.Fits, Wait: found.Wait, Version: found.Version, Body: found.Body}
	if out == nil && look.Version == "" && actor.ForSelf() {
		if look.Version, err = h.Begin(ctx, bearer.Handle); err != nil {
			look.Version = "" // gone meanwhile: nothing is kept
		}
	}
	return look, nil
}

// refreshEvery is how old the catalogue and policy may be under an answer.
const refreshEvery = time.Second

// refresh reads again what every list stands on, so that no request has to.
func (a *App) refresh(ctx context.Context) (more bool, err error) {
	if err := a.Subsidies.Refresh(ctx); err != nil {
		return false, err
	}
	return false, a.Policy.Refresh(ctx)
}

// Settle waits for what is done after answers have gone out: keeping them ready for the next time.
func (a *App) Settle(ctx context.Context) { a.hot.Settle(ctx) }

// redis shows what Redis costs and whether it answers.
func (w *watch) redis(c *redis.Client) {
	for name, f := range map[string]struct {
		help string
		read func() int64
	}{
		"onecard_redis_trips_total":    {"Commands and pipelines sent to Redis.", c.Trips},
		"onecard_redis_failures_total": {"Those that Redis did not answer.", c.Failures},
	} {
		w.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: f.help}, func() float64 { return float64(f.read()) }))
	}
}
