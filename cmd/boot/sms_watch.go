package boot

import (
	"context"
	"strconv"
	"time"

	"onecard/models"
	"onecard/models/citizen"
	"onecard/models/notice"
)

// watchCosts shows what today's messages cost, and alarms once a day at each share of the budget that is passed. Nothing is
// held back: a citizen is told, whatever it costs.
func (a *App) watchCosts(ctx context.Context) error {
	now := a.clock.Now()
	today, budget := models.DateOf(now), models.Fen(a.cfg.SMS.DailyBudgetFen)
	milli, err := a.db.MessageCosts().CostOn(ctx, today)
	if err != nil {
		return err
	}
	a.watch.figures.cost.Set(float64(notice.FenOf(milli)))
	a.watch.figures.budget.Set(float64(budget))
	share := notice.PassedShare(milli, budget)
	if share == 0 {
		return nil
	}
	return a.alarmOnce(ctx, string(today), "SMS_BUDGET", strconv.Itoa(share), func() {
		a.log.ErrorContext(ctx, "messages cost much of what they may cost today", "code", "SMS_BUDGET", "percent", share,
			"cost_fen", int64(notice.FenOf(milli)), "budget_fen", int64(budget))
	})
}

// watchCodes looks at the codes of the last hour whose life is over, app by app. Codes that nobody types in are how somebody
// earns by messages to numbers of her own (R61).
func (a *App) watchCodes(ctx context.Context) error {
	now := a.clock.Now()
	until := now.Add(-citizen.CodeLife)
	shares, err := a.db.Codes().CodeShares(ctx, until.Add(-time.Hour), until)
	if err != nil {
		return err
	}
	shown := map[string]float64{}
	for _, s := range shares {
		app := a.appName(s.App)
		if s.Sent >= a.cfg.SMS.CodesJudgedFrom {
			shown[app] = float64(100 * s.Used / s.Sent)
		}
		if !s.Low(a.cfg.SMS.CodesUsedLeast, a.cfg.SMS.CodesJudgedFrom) {
			continue
		}
		err := a.alarmOnce(ctx, now.In(models.Shanghai).Format("2006-01-02T15"), "CODES_NOT_USED", app, func() {
			a.log.ErrorContext(ctx, "one-time codes are asked for and not used", "code", "CODES_NOT_USED", "app", app, "sent", s.Sent, "used", s.Used)
		})
		if err != nil {
			return err
		}
	}
	a.watch.figures.codesUsed.set(shown)
	return nil
}

// alarmOnce alarms where nobody did within the span. The row is first: a replica that dies just then leaves the figure, which
// every other one shows.
func (a *App) alarmOnce(ctx context.Context, span, code, about string, say func()) error {
	first, err := a.db.MessageCosts().FirstAlarm(ctx, span, code, about, a.clock.Now())
	if err != nil || !first {
		return err
	}
	a.watch.Alarm(code, 1)
	say()
	return nil
}

// appName is the app's name in the settings: nothing else of it is shown.
func (a *App) appName(appID string) string {
	for _, one := range a.cfg.Wechat.Apps {
		if one.AppID == appID {
			return "wechat " + one.Name
		}
	}
	for _, one := range a.cfg.Alipay.Apps {
		if one.AppID == appID {
			return "alipay " + one.Name
		}
	}
	return "other"
}
