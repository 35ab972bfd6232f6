package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"onecard/models"
	"onecard/models/notice"
)

// NoticeSubscriptions keeps what a platform account allowed us to send. Each change is one statement, so that any number of
// callers share the consents that are left without waiting for each other's transactions to read them.
type NoticeSubscriptions struct{ *DB }

// NoticeSubscriptions is the table of consents to platform messages.
func (db *DB) NoticeSubscriptions() *NoticeSubscriptions { return &NoticeSubscriptions{db} }

var _ notice.SubscriptionStore = (*NoticeSubscriptions)(nil)

type subscriptionRow struct {
	AccountID string `gorm:"primaryKey"`
	Topic     string `gorm:"primaryKey"`
	Always    bool
	OnceLeft  int
	OffReason string
	ChangedAt time.Time
}

func (subscriptionRow) TableName() string { return "notice_subscriptions" }

// Account reads one account.
func (t *NoticeSubscriptions) Account(ctx context.Context, id models.ID) (notice.PlatformAccount, error) {
	var row accountRow
	err := t.q(ctx).Where("id = ?", string(id)).Take(&row).Error
	return row.addressed(), translate(err)
}

// AccountAt finds an account by its address.
func (t *NoticeSubscriptions) AccountAt(ctx context.Context, c notice.Channel, app, openID string) (notice.PlatformAccount, error) {
	var row accountRow
	err := t.q(ctx).Where("platform = ? AND app_id = ? AND open_id = ?", string(c), app, openID).Take(&row).Error
	return row.addressed(), translate(err)
}

func (r accountRow) addressed() notice.PlatformAccount {
	return notice.PlatformAccount{ID: models.ID(r.ID), Channel: notice.Channel(r.Platform), App: r.AppID, PersonID: idOf(r.PersonID)}
}

// SubscriptionsOf lists an account's consents, the account as a whole first.
func (t *NoticeSubscriptions) SubscriptionsOf(ctx context.Context, account models.ID) ([]notice.Subscription, error) {
	var rows []subscriptionRow
	if err := t.q(ctx).Where("account_id = ?", string(account)).Order("topic").Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	out := make([]notice.Subscription, len(rows))
	for i, r := range rows {
		out[i] = notice.Subscription{
			AccountID: models.ID(r.AccountID), Topic: notice.Topic(r.Topic), Always: r.Always, OnceLeft: r.OnceLeft,
			OffReason: notice.OffReason(r.OffReason), ChangedAt: models.Instant(r.ChangedAt),
		}
	}
	return out, nil
}

// SMSOff implements notice.SubscriptionStore.
func (t *NoticeSubscriptions) SMSOff(ctx context.Context, person models.ID) ([]notice.Topic, error) {
	if person == "" {
		return nil, nil
	}
	var out []notice.Topic
	err := t.q(ctx).Table("notice_preferences").Where("person_id = ? AND about_id = ? AND channel = ? AND NOT wanted", string(person), string(person), string(notice.SMS)).
		Pluck("topic", &out).Error
	return out, translate(err)
}

// Consented notes a standing consent, or one message more up to most. What was off is on again.
func (t *NoticeSubscriptions) Consented(ctx context.Context, account models.ID, topic notice.Topic, always bool, most int, at time.Time) error {
	once := 1
	if always || most < 1 {
		once = 0
	}
	return translate(t.w(ctx).Exec(`INSERT INTO notice_subscriptions (account_id, topic, always, once_left, off_reason, changed_at)
		VALUES (?,?,?,?,'',?) ON CONFLICT (account_id, topic) DO UPDATE SET always = notice_subscriptions.always OR excluded.always,
		once_left = CASE WHEN notice_subscriptions.once_left + excluded.once_left > ? THEN ? ELSE notice_subscriptions.once_left + excluded.once_left END,
		off_reason = '', changed_at = excluded.changed_at`,
		string(account), string(topic), always, once, models.Instant(at), most, most).Error)
}

// Confirmed implements notice.SubscriptionStore.
func (t *NoticeSubscriptions) Confirmed(ctx context.Context, account models.ID, topic notice.Topic, standing bool, at time.Time) (bool, error) {
	once := 1
	if standing {
		once = 0
	}
	res := t.w(ctx).Exec(`INSERT INTO notice_subscriptions (account_id, topic, always, once_left, off_reason, changed_at)
		VALUES (?,?,?,?,'',?) ON CONFLICT (account_id, topic) DO UPDATE SET always = notice_subscriptions.always OR excluded.always,
		once_left = CASE WHEN notice_subscriptions.once_left < excluded.once_left THEN excluded.once_left ELSE notice_subscriptions.once_left END,
		off_reason = '', changed_at = excluded.changed_at
		WHERE notice_subscriptions.changed_at <= excluded.changed_at
		AND (notice_subscriptions.off_reason <> '' OR NOT (notice_subscriptions.always OR notice_subscriptions.once_left > 0))`,
		string(account), string(topic), standing, once, models.Instant(at))
	return t.told(ctx, res, account, topic, at)
}

// told says whether a word changed a row. One that says the same once more moves the row's time, so that what is older
// and comes later still changes nothing.
func (db *DB) told(ctx context.Context, res *gorm.DB, account models.ID, topic notice.Topic, at time.Time) (bool, error) {
	if res.Error != nil || res.RowsAffected > 0 {
		return res.RowsAffected > 0, translate(res.Error)
	}
	return false, translate(db.w(ctx).Exec("UPDATE notice_subscriptions SET changed_at = ? WHERE account_id = ? AND topic = ? AND changed_at < ?",
		models.Instant(at), string(account), string(topic), models.Instant(at)).Error)
}

// Off implements notice.SubscriptionStore; the first reason stays.
func (t *NoticeSubscriptions) Off(ctx context.Context, account models.ID, topic notice.Topic, reason notice.OffReason, at time.Time) (bool, error) {
	res := t.w(ctx).Exec(`INSERT INTO notice_subscriptions (account_id, topic, always, once_left, off_reason, changed_at)
		VALUES (?,?,?,0,?,?) ON CONFLICT (account_id, topic) DO UPDATE SET always = excluded.always, once_left = 0,
		off_reason = excluded.off_reason, changed_at = excluded.changed_at
		WHERE notice_subscriptions.off_reason = '' AND notice_subscriptions.changed_at <= excluded.changed_at`,
		string(account), string(topic), false, string(reason), models.Instant(at))
	return t.told(ctx, res, account, topic, at)
}

// Follows implements notice.SubscriptionStore: the row without a topic.
func (t *NoticeSubscriptions) Follows(ctx context.Context, account models.ID, follows bool, at time.Time) (bool, error) {
	reason := notice.OffUnfollowed
	if follows {
		reason = ""
	}
	res := t.w(ctx).Exec(`INSERT INTO notice_subscriptions (account_id, topic, always, once_left, off_reason, changed_at)
		VALUES (?,'',?,0,?,?) ON CONFLICT (account_id, topic) DO UPDATE SET off_reason = excluded.off_reason, changed_at = excluded.changed_at
		WHERE notice_subscriptions.off_reason <> excluded.off_reason AND notice_subscriptions.changed_at <= excluded.changed_at`,
		string(account), false, string(reason), models.Instant(at))
	return t.told(ctx, res, account, "", at)
}
