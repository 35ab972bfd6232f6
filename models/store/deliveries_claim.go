package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"onecard/models"
	"onecard/models/notice"
)

var errNoticeParams = errors.New("the params of a notice are no flat object")

const dueDelivery = "state = 'queued' AND channel = ? AND lane = ? AND due_at <= ? AND expires_at > ?"

// isSome asks whether a delivery fulfils a condition, by the index that has them in an order. EXISTS would leave it to the
// planner, which reads the whole table wherever it thinks that most of it fits.
func isSome(condition, order string) string {
	return "(SELECT 1 FROM deliveries WHERE " + condition + " ORDER BY " + order + " LIMIT 1) IS NOT NULL"
}

// DueDeliveries implements notice.Store: one look at the front of each part of the queue.
func (s *Notices) DueDeliveries(ctx context.Context, lanes []notice.Lane) ([]notice.Due, error) {
	now := s.nowSQL(0) // not asked for beforehand: an idle queue costs one statement
	parts := make([]string, 0, len(lanes)*(len(notice.Platforms)+1))
	vars := []any{}
	for _, lane := range lanes {
		for _, channel := range append([]notice.Channel{notice.SMS}, notice.Platforms...) {
			parts = append(parts, fmt.Sprintf("SELECT '%s' AS channel, %d AS lane WHERE %s", channel, lane, isSome(dueDelivery, "due_at")))
			vars = append(vars, string(channel), int(lane), now, now)
		}
	}
	if len(parts) == 0 {
		return nil, nil
	}
	var out []notice.Due
	err := s.q(ctx).Raw(strings.Join(parts, " UNION ALL "), vars...).Scan(&out).Error
	slices.SortStableFunc(out, func(a, b notice.Due) int { return int(a.Lane) - int(b.Lane) })
	return out, translate(err)
}

// ClaimDeliveries implements notice.Store: one statement takes the rows and commits. On PostgreSQL rows that another
// dispatcher is taking are passed over; SQLite has one writer.
func (s *Notices) ClaimDeliveries(ctx context.Context, part notice.Due, vendor string, lease time.Duration, limit int) ([]notice.Delivery, error) {
	now := s.nowSQL(0)
	few := "SELECT id FROM deliveries WHERE " + dueDelivery + " ORDER BY due_at, id LIMIT ?"
	if few = "IN (" + few + ")"; s.driver == Postgres { // an array is looked up once, whatever the planner thinks of it
		few = "= ANY (ARRAY" + strings.TrimSuffix(strings.TrimPrefix(few, "IN "), ")") + " FOR UPDATE SKIP LOCKED))"
	}
	var rows []deliveryRow
	err := s.w(ctx).Raw(`UPDATE deliveries SET state = 'submitting', attempt = attempt + 1, lease_ends = ?, vendor = ? WHERE id `+few+`
		AND state = 'queued' RETURNING *`, s.nowSQL(lease), vendor, string(part.Channel), int(part.Lane), now, now, limit).Scan(&rows).Error
	if err != nil || len(rows) == 0 {
		return nil, translate(err)
	}
	got, err := s.claimed(ctx, rows)
	if err == nil {
		return got, nil
	}
	// Surely nobody has them: they go back, rather than be of unknown fate.
	late, stop := context.WithTimeout(context.WithoutCancel(ctx), giveBackWithin)
	defer stop()
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	back := s.w(late).Exec("UPDATE deliveries SET state = 'queued', lease_ends = NULL WHERE id IN ? AND state = 'submitting' AND lease_ends = ?", ids, rows[0].LeaseEnds)
	return nil, errors.Join(err, translate(back.Error))
}

const giveBackWithin = 5 * time.Second

// claimed is what a claim got, in the order of the queue.
func (s *Notices) claimed(ctx context.Context, rows []deliveryRow) ([]notice.Delivery, error) {
	slices.SortFunc(rows, func(a, b deliveryRow) int {
		if c := a.DueAt.Compare(b.DueAt); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return s.deliveries(ctx, rows)
}

// MoveDelivery implements notice.Store.
func (s *Notices) MoveDelivery(ctx context.Context, id models.ID, attempt int, vendor string) (bool, error) {
	res := s.w(ctx).Exec("UPDATE deliveries SET vendor = ? WHERE id = ? AND attempt = ? AND state = 'submitting'", vendor, string(id), attempt)
	return res.RowsAffected > 0, translate(res.Error)
}

// deliveries reads what belongs to some rows: their notices, codes and accounts.
func (s *Notices) deliveries(ctx context.Context, rows []deliveryRow) ([]notice.Delivery, error) {
	ids, codes, accounts := make([]string, len(rows)), []string{}, []string{}
	for i, r := range rows {
		ids[i] = r.NoticeID
		if notice.Lane(r.Lane) == notice.LaneCodes {
			codes = append(codes, r.NoticeID)
		}
		if r.AccountID != nil {
			accounts = append(accounts, *r.AccountID)
		}
	}
	var of []noticeRow
	if err := s.q(ctx).Where(s.among("id", ids)).Find(&of).Error; err != nil {
		return nil, translate(err)
	}
	notices, broken := make(map[string]notice.Notice, len(of)), map[string]bool{}
	for _, r := range of {
		n, err := r.notice()
		if err != nil { // it fails alone, and keeps none of its neighbours waiting
			n, broken[r.ID] = notice.Notice{ID: models.ID(r.ID), Kind: notice.Kind(r.Kind)}, true
		}
		notices[r.ID] = n
	}
	if err := s.openCodes(ctx, codes, notices, broken); err != nil {
		return nil, err
	}
	at, err := s.accountsOf(ctx, accounts)
	if err != nil {
		return nil, err
	}
	out := make([]notice.Delivery, 0, len(rows))
	for _, r := range rows {
		n, found := notices[r.NoticeID]
		if !found {
			continue // taken out meanwhile
		}
		d := r.delivery(n)
		d.Broken = broken[r.NoticeID]
		if a, known := at[string(d.AccountID)]; known && idOf(a.PersonID) == n.PersonID { // and not whoever bound it since
			d.App, d.OpenID = a.AppID, a.OpenID
		}
		out = append(out, d)
	}
	return out, nil
}

// openCodes puts the one-time codes that are still there into their notices.
func (s *Notices) openCodes(ctx context.Context, ids []string, into map[string]notice.Notice, broken map[string]bool) error {
	if len(ids) == 0 {
		return nil
	}
	var rows []noticeSecretRow
	if err := s.q(ctx).Where(s.among("notice_id", ids)).Find(&rows).Error; err != nil {
		return translate(err)
	}
	for _, r := range rows {
		code, err := s.Unseal(ctx, "notice_secrets", "code_sealed", r.NoticeID, r.CodeSealed)
		if errors.Is(err, ErrCell) {
			broken[r.NoticeID] = true
			continue
		}
		if err != nil {
			return err
		}
		n := into[r.NoticeID]
		n.Secret = notice.NewSecret(string(code))
		into[r.NoticeID] = n
	}
	return nil
}

// accountsOf reads where platforms reach people, and whom: an account that was unbound meanwhile gets nothing.
func (s *Notices) accountsOf(ctx context.Context, ids []string) (map[string]accountRow, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []accountRow
	err := s.q(ctx).Where(s.among("id", ids)).Where("person_id IS NOT NULL").Find(&rows).Error
	out := make(map[string]accountRow, len(rows))
	for _, r := range rows {
		out[r.ID] = r
	}
	return out, translate(err)
}

// UseConsent implements notice.Store. Followers of an account take every topic's messages until they leave or refuse.
func (s *Notices) UseConsent(ctx context.Context, account models.ID, c notice.Channel, t notice.Topic) (bool, error) {
	if c.Followed() {
		var n int64
		err := s.q(ctx).Table("notice_subscriptions").Where("account_id = ? AND topic = '' AND off_reason = ''", string(account)).Count(&n).Error
		return n > 0, translate(err)
	}
	res := s.w(ctx).Exec(`UPDATE notice_subscriptions SET once_left = CASE WHEN always THEN once_left ELSE once_left - 1 END
		WHERE account_id = ? AND topic = ? AND off_reason = '' AND (always OR once_left > 0)`, string(account), string(t))
	return res.RowsAffected > 0, translate(res.Error)
}

// ReturnConsent implements notice.Store.
func (s *Notices) ReturnConsent(ctx context.Context, account models.ID, c notice.Channel, t notice.Topic) error {
	if c.Followed() {
		return nil
	}
	return translate(s.w(ctx).Exec("UPDATE notice_subscriptions SET once_left = once_left + 1 WHERE account_id = ? AND topic = ? AND off_reason = '' AND NOT always",
		string(account), string(t)).Error)
}
