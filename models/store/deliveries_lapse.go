package store

import (
	"context"
	"time"

	"onecard/models"
	"onecard/models/notice"
)

// lapseAtOnce bounds what one sweep lapses; the next goes on.
const lapseAtOnce = 500

const lapsedLease = "state = 'submitting' AND lease_ends <= ?"

// LapseDeliveries implements notice.Store. It first looks whether there is anything to do, so that an idle sweep never
// asks for the writer. Each step takes lapseAtOnce rows at most: after a day without the vendor millions end at once,
// and a statement that runs into its time-out would keep codes and confirmations from being sent as well.
func (s *Notices) LapseDeliveries(ctx context.Context, repeatAfter, silentAfter time.Duration) (int, error) {
	var work struct{ Leases, Expired, Held, Silent, Secrets, Early bool }
	err := s.q(ctx).Raw(`SELECT `+isSome(lapsedLease, "lease_ends")+` AS leases,
		`+isSome("state = 'queued' AND expires_at <= ?", "expires_at")+` AS expired,
		`+isSome("state = 'held' AND expires_at <= ?", "expires_at")+` AS held,
		`+isSome("state = 'submitted' AND submitted_at <= ?", "submitted_at")+` AS silent,
		EXISTS (SELECT 1 FROM notice_secrets WHERE expires_at <= ?) AS secrets,
		EXISTS (SELECT 1 FROM early_receipts) AS early`,
		s.nowSQL(0), s.nowSQL(0), s.nowSQL(0), s.nowSQL(-silentAfter), s.nowSQL(0)).Scan(&work).Error
	if err != nil || !work.Leases && !work.Expired && !work.Held && !work.Silent && !work.Secrets && !work.Early {
		return 0, translate(err)
	}
	now, err := s.Now(ctx)
	if err != nil {
		return 0, err
	}
	total := 0
	if work.Leases {
		if total, err = s.lapseLeases(ctx, now, repeatAfter); err != nil {
			return total, err
		}
	}
	if work.Early {
		n, err := s.lapseEarly(ctx, now)
		if total += n; err != nil {
			return total, err
		}
	}
	// What another sweep is lapsing is passed over. Materialized: a join could otherwise look for the few again and again.
	few := func(rows string) string {
		if rows += " LIMIT ?"; s.driver == Postgres {
			rows += " FOR UPDATE SKIP LOCKED"
		}
		return "WITH few AS MATERIALIZED (" + rows + ")"
	}
	for _, step := range []struct {
		due  bool
		sql  string
		vars []any
	}{
		{work.Expired, few("SELECT id FROM deliveries WHERE state = 'queued' AND expires_at <= ? ORDER BY expires_at") + `
			UPDATE deliveries SET state = CASE WHEN losses > 0 THEN 'unknown' ELSE 'expired' END, settled_at = ?
			WHERE state = 'queued' AND id IN (SELECT id FROM few)`, []any{now, lapseAtOnce, now}},
		{work.Held, few("SELECT id FROM deliveries WHERE state = 'held' AND expires_at <= ? ORDER BY expires_at") + `
			UPDATE deliveries SET state = CASE WHEN losses > 0 THEN 'unknown' ELSE 'expired' END, settled_at = ?
			WHERE state = 'held' AND id IN (SELECT id FROM few)`, []any{now, lapseAtOnce, now}},
		{work.Silent, few("SELECT id FROM deliveries WHERE state = 'submitted' AND submitted_at <= ? ORDER BY submitted_at") + `
			UPDATE deliveries SET state = 'unknown', reason = 'no_receipt', settled_at = ?
			WHERE state = 'submitted' AND id IN (SELECT id FROM few)`, []any{now.Add(-silentAfter), lapseAtOnce, now}},
		{work.Secrets, few("SELECT notice_id FROM notice_secrets WHERE expires_at <= ? ORDER BY expires_at") + `
			DELETE FROM notice_secrets WHERE notice_id IN (SELECT notice_id FROM few)`, []any{now, lapseAtOnce}},
	} {
		if !step.due {
			continue
		}
		res := s.w(ctx).Exec(step.sql, step.vars...)
		if res.Error != nil {
			return total, translate(res.Error)
		}
		total += int(res.RowsAffected)
	}
	return total, nil
}

// lapseLeases settles notices whose dispatcher is gone: it may have reached the vendor or not.
func (s *Notices) lapseLeases(ctx context.Context, now time.Time, repeatAfter time.Duration) (int, error) {
	var ids []string
	if err := s.q(ctx).Model(&deliveryRow{}).Where(lapsedLease, now).Order("lease_ends").Limit(lapseAtOnce).Pluck("id", &ids).Error; err != nil {
		return 0, translate(err)
	}
	n := 0
	for _, id := range ids {
		err := s.InTx(ctx, func(ctx context.Context) error {
			read, err := s.lockDelivery(ctx, models.ID(id))
			if err != nil || read.State != string(notice.Submitting) || read.LeaseEnds == nil || read.LeaseEnds.After(now) {
				return err
			}
			row := read
			row.Losses++
			row.State, row.Reason = string(notice.AfterLoss(row.Repeatable, row.Losses)), "lease_lapsed"
			row.LeaseEnds, row.DueAt = nil, now.Add(repeatAfter)
			if row.State != string(notice.Queued) {
				row.SettledAt = read.LeaseEnds // nobody was asked to take it after that: the vendor is asked about this day
			}
			n++
			return s.saveDelivery(ctx, row, read, now)
		})
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// UnknownDeliveries implements notice.Store. Two sweeps at once may both ask: an answer counts once.
func (s *Notices) UnknownDeliveries(ctx context.Context, since time.Time, again time.Duration, limit int) ([]notice.Delivery, error) {
	now, err := s.Now(ctx)
	if err != nil {
		return nil, err
	}
	var rows []deliveryRow
	err = s.q(ctx).Where("state = 'unknown' AND channel = 'sms' AND settled_at > ? AND due_at <= ?", since, now).Order("due_at").Limit(limit).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return nil, translate(err)
	}
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	out, err := s.deliveries(ctx, rows)
	if err != nil {
		return nil, err
	}
	err = s.w(ctx).Model(&deliveryRow{}).Where("id IN ? AND state = 'unknown'", ids).Update("due_at", now.Add(again)).Error
	return out, translate(err)
}
