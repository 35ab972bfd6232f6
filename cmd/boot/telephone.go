package boot

import (
	"context"
	"time"

	"onecard/api"
	"onecard/integrations/telephone"
	"onecard/models"
	"onecard/models/hotline"
)

// openTelephone is what the hotline needs of the telephone. Without a client id there is no telephone system: calls are
// opened by hand, and call-backs are the agent's word.
func (a *App) openTelephone() (hotline.TelephoneDeps, error) {
	t := a.cfg.Telephone
	opens, closes := t.Hours()
	d := hotline.TelephoneDeps{
		Telephone: a.db.Telephone(), Extensions: a.db.Extensions(), PhoneChecks: a.db.PhoneChecks(), CallBackQueue: a.db.CallBacks(),
		Streams: a.db.ConsoleStreams(), Bells: a.redis.WakeUps(), Workdays: cardPolicy{a.Policy}, Codes: callCodes{a}, Ratings: keyedRatings{a}, TelephoneWatch: a.watch,
		Times: hotline.TelephoneTimes{
			AfterCall: t.AfterCall, CodeTries: t.CodeTries, CallBackIn: t.CallBackIn, CallBackAgain: t.CallBackAgain, CallBackTries: t.CallBackTries,
			TakenFor: t.TakenFor, Opens: opens, Closes: closes,
		},
	}
	if t.ClientID == "" || t.URL == "" {
		return d, nil
	}
	exchange, err := telephone.NewExchange(t, a.clock)
	if err == nil {
		d.Exchange = exchange
	}
	return d, err
}

// keyedRatings are what callers key in at the end of a call.
type keyedRatings struct{ app *App }

func (r keyedRatings) RateCall(ctx context.Context, call models.ID, level int) error {
	_, err := r.app.Orders.RateCall(ctx, call, level)
	return err
}

// telephoneDoor believes the exchange's events; nil without a telephone system, and nothing is believed.
func (a *App) telephoneDoor() api.TelephoneEvents {
	if a.cfg.Telephone.ClientID == "" {
		return nil
	}
	return telephone.NewInbound(a.cfg.Telephone, a.redis.Nonces(), a.clock)
}

// telephoneLoops work what the exchange told, and what nobody else ends.
func (a *App) telephoneLoops() []loop {
	const many = 32
	return []loop{
		{"telephone events", hotline.TopicTelephone, sweepEvery, func(ctx context.Context) (bool, error) { return a.Hotline.WorkTelephone(ctx, many) }},
		{"idle sessions", "", 30 * time.Second, func(ctx context.Context) (bool, error) {
			_, err := a.Hotline.EndIdleSessions(ctx, 500) // more than there are seats
			return false, err
		}},
		{"telephone calls", "", 5 * sweepEvery, func(ctx context.Context) (bool, error) { return a.Hotline.SweepTelephone(ctx, many) }},
		{"promised calls", "", 5 * sweepEvery, func(ctx context.Context) (bool, error) { return a.Hotline.PromiseAfterOutage(ctx, many) }},
		{"overdue calls", "", 10 * sweepEvery, func(ctx context.Context) (bool, error) {
			f, err := a.db.CallBacks().CallBackFigures(ctx, a.clock.Now())
			if err != nil {
				return false, err
			}
			a.watch.callBacks(f)
			ringing, err := a.db.Telephone().Ringing(ctx, a.clock.Now().Add(-10*time.Minute))
			if err != nil {
				return false, err
			}
			a.watch.telephone.ringing.Set(float64(ringing))
			return a.Hotline.WatchCallBacks(ctx, many)
		}},
	}
}
