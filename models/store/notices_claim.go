package store

import (
	"context"
	"errors"
	"time"

	"onecard/models"
	"onecard/models/notice"
)

var errNoticeParams = errors.New("the params of a notice are no flat object")

const dueNotice = `state = 'queued' AND lane IN ? AND due_at <= ? AND expires_at > ?`

// ClaimNotice implements notice.Store: one statement takes the most urgent due row and commits. On PostgreSQL rows
// that another dispatcher is taking are passed over; SQLite has one writer, and looks before it asks for it.
func (s *Notices) ClaimNotice(ctx context.Context, lanes []notice.Lane, lease time.Duration) (notice.Notice, bool, error) {
	now := s.nowSQL(0) // not asked for beforehand: an idle queue costs one statement
	skip := " FOR UPDATE SKIP LOCKED"
	if s.driver == SQLite {
		skip = ""
		var due int64
		if err := s.q(ctx).Raw("SELECT EXISTS (SELECT 1 FROM notices WHERE "+dueNotice+")", lanes, now, now).Scan(&due).Error; err != nil || due == 0 {
			return notice.Notice{}, false, translate(err)
		}
	}
	var claimed struct {
		ID      string
		Attempt int
	}
	err := s.w(ctx).Raw(`UPDATE notices SET state = 'submitting', attempt = attempt + 1, lease_ends = ?
		WHERE id = (SELECT id FROM notices WHERE `+dueNotice+` ORDER BY lane, due_at, id LIMIT 1`+skip+`)
		AND state = 'queued' RETURNING id, attempt`, s.nowSQL(lease), lanes, now, now).Scan(&claimed).Error
	if err != nil || claimed.ID == "" {
		return notice.Notice{}, false, translate(err)
	}
	return s.claimed(ctx, claimed.ID, claimed.Attempt)
}

// claimed reads the row that was taken, with its code. A receipt may have settled it meanwhile: then it is not ours.
func (s *Notices) claimed(ctx context.Context, id string, attempt int) (notice.Notice, bool, error) {
	var row noticeRow
	if err := s.q(ctx).Where("id = ?", id).Take(&row).Error; err != nil {
		return notice.Notice{}, false, translate(err)
	}
	n, err := row.notice()
	if err != nil {
		return notice.Notice{}, false, errNoticeParams
	}
	if n.State != notice.Submitting || n.Attempt != attempt {
		return notice.Notice{}, false, nil
	}
	if notice.Lane(row.Lane) != notice.LaneCodes {
		return n, true, nil
	}
	var secret noticeSecretRow
	err = translate(s.q(ctx).Where("notice_id = ?", id).Take(&secret).Error)
	if errors.Is(err, models.ErrNotFound) {
		return n, true, nil
	}
	if err != nil {
		return notice.Notice{}, false, err
	}
	code, err := s.Unseal(ctx, "notice_secrets", "code_sealed", id, secret.CodeSealed)
	if err != nil {
		return notice.Notice{}, false, err
	}
	n.Secret = notice.NewSecret(string(code))
	return n, true, nil
}
