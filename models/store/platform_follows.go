package store

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"time"

	"onecard/models"
	"onecard/models/notice"
)

// PlatformFollows keeps who follows our accounts on platforms: the row of notice_subscriptions without a topic.
type PlatformFollows struct{ *DB }

// PlatformFollows keeps who follows our accounts.
func (db *DB) PlatformFollows() *PlatformFollows { return &PlatformFollows{db} }

var _ notice.Followers = (*PlatformFollows)(nil)

// unfollowedReason is why an account that left takes no messages.
const unfollowedReason = "unfollowed"

// NoteFollower implements notice.Followers. The newer word counts, by the platform's own time: copies and words that come
// late change nothing. An account that has logged in before is found by either of its names.
func (t *PlatformFollows) NoteFollower(ctx context.Context, f notice.Follower) (account, person models.ID, changed bool, err error) {
	row, err := t.followerRow(ctx, f)
	if errors.Is(err, models.ErrNotFound) && f.Follows {
		if err = t.addFollower(ctx, f); err == nil {
			row, err = t.followerRow(ctx, f)
		}
	}
	if errors.Is(err, models.ErrNotFound) {
		return "", "", false, nil // never seen, and gone
	}
	if err != nil {
		return "", "", false, err
	}
	reason := unfollowedReason
	if f.Follows {
		reason = ""
	}
	res := t.w(ctx).Exec(`INSERT INTO notice_subscriptions (account_id, topic, always, once_left, off_reason, changed_at) VALUES (?, '', ?, 0, ?, ?)
		ON CONFLICT (account_id, topic) DO UPDATE SET always = excluded.always, off_reason = excluded.off_reason, changed_at = excluded.changed_at
		WHERE notice_subscriptions.changed_at <= excluded.changed_at
		AND (notice_subscriptions.always <> excluded.always OR notice_subscriptions.off_reason <> excluded.off_reason)`,
		row.ID, f.Follows, reason, models.Instant(f.At))
	changed, err = t.told(ctx, res, models.ID(row.ID), "", f.At)
	return models.ID(row.ID), idOf(row.PersonID), changed, err
}

// Heard implements notice.Followers.
func (t *PlatformFollows) Heard(ctx context.Context, f notice.Follower) (account, person models.ID, changed bool, err error) {
	row, err := t.followerRow(ctx, f)
	if errors.Is(err, models.ErrNotFound) {
		return "", "", false, nil
	}
	if err != nil {
		return "", "", false, err
	}
	changed, err = t.takesAgain(ctx, row.ID, f.At, notice.OffBlocked, notice.OffRefused)
	return models.ID(row.ID), idOf(row.PersonID), changed, err
}

// takesAgain ends an account's refusal of everything, if it is one of these and not younger.
func (db *DB) takesAgain(ctx context.Context, account string, at time.Time, reasons ...notice.OffReason) (bool, error) {
	res := db.w(ctx).Exec(`UPDATE notice_subscriptions SET off_reason = '', changed_at = ?
		WHERE account_id = ? AND topic = '' AND off_reason IN ? AND changed_at <= ?`, models.Instant(at), account, reasons, models.Instant(at))
	return res.RowsAffected > 0, translate(res.Error)
}

func (t *PlatformFollows) followerRow(ctx context.Context, f notice.Follower) (accountRow, error) {
	var row accountRow
	q := t.w(ctx).Where("platform = ? AND app_id = ? AND open_id = ?", string(f.Channel), f.App, f.OpenID)
	if err := translate(q.Take(&row).Error); err == nil || f.UserID == "" || !errors.Is(err, models.ErrNotFound) {
		return row, err
	}
	err := t.w(ctx).Where("platform = ? AND app_id = ? AND user_id = ?", string(f.Channel), f.App, f.UserID).Order("id").Take(&row).Error
	return row, translate(err)
}

// addFollower makes the account as a first log-in would: bound to nobody, with a handle of its own.
func (t *PlatformFollows) addFollower(ctx context.Context, f notice.Follower) error {
	handle := make([]byte, 16)
	_, _ = rand.Read(handle) // never fails
	now := models.Instant(f.At)
	return translate(t.w(ctx).Exec(`INSERT INTO platform_accounts (id, platform, app_id, open_id, union_id, user_id, handle, level, bound_by, made_at, seen_at)
		VALUES (?,?,?,?,'',?,?,?,'',?,?) ON CONFLICT (platform, app_id, open_id) DO NOTHING`,
		string(models.NewID()), string(f.Channel), f.App, f.OpenID, f.UserID, hex.EncodeToString(handle), models.LevelPlatform.String(), now, now).Error)
}
