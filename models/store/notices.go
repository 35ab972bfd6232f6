package store

import (
	"context"
	"encoding/json"
	"time"

	"gorm.io/gorm/clause"

	"onecard/models"
	"onecard/models/notice"
)

// Notices is the queue of messages (notice.Store).
type Notices struct{ *DB }

// Notices gives the queue.
func (db *DB) Notices() *Notices { return &Notices{db} }

type noticeRow struct {
	ID            string `gorm:"primaryKey"`
	Cause         string
	Kind          string
	Lane          int
	PersonID      *string
	Params        string
	Destination   string
	DestinationID *string
	Scope         string
	Object        string
	ObjectID      *string
	HappenedAt    time.Time
	ExpiresAt     time.Time
	CreatedAt     time.Time `gorm:"autoCreateTime:false"`
	State         string
	DueAt         time.Time
	Attempt       int
	Losses        int
	Repeatable    bool
	LeaseEnds     *time.Time
	Reason        string
	VendorID      string
	SubmittedAt   *time.Time
	SettledAt     *time.Time
}

func (noticeRow) TableName() string { return "notices" }

type noticeSecretRow struct {
	NoticeID   string `gorm:"primaryKey"`
	CodeSealed []byte
	ExpiresAt  time.Time
}

func (noticeSecretRow) TableName() string { return "notice_secrets" }

func newNoticeRow(d notice.Draft, now time.Time) (noticeRow, error) {
	params, err := json.Marshal(d.Params)
	spec, _ := notice.SpecOf(d.Kind)
	return noticeRow{
		ID: string(models.NewID()), Cause: d.Cause, Kind: string(d.Kind), Lane: int(spec.Lane), PersonID: nullID(d.PersonID), Params: string(params),
		Destination: string(d.To), DestinationID: nullID(d.ToRef), Scope: d.Scope, Object: d.Object, ObjectID: nullID(d.ObjectID),
		HappenedAt: d.At, ExpiresAt: d.Expires, CreatedAt: now, State: string(notice.Queued), DueAt: now, Repeatable: spec.Resend,
	}, err
}

func (r noticeRow) notice() (notice.Notice, error) {
	params := map[string]string{}
	err := json.Unmarshal([]byte(r.Params), &params)
	return notice.Notice{
		ID: models.ID(r.ID), Kind: notice.Kind(r.Kind), PersonID: idOf(r.PersonID), Params: params,
		To: notice.Destination(r.Destination), ToRef: idOf(r.DestinationID), Scope: r.Scope, Object: r.Object, ObjectID: idOf(r.ObjectID),
		At: models.Instant(r.HappenedAt), Expires: models.Instant(r.ExpiresAt), CreatedAt: models.Instant(r.CreatedAt),
		State: notice.State(r.State), Attempt: r.Attempt, Reason: r.Reason, VendorID: r.VendorID,
		SubmittedAt: timeOf(r.SubmittedAt), SettledAt: timeOf(r.SettledAt),
	}, err
}

// AddNotice queues a notice in the transaction of the decision that caused it. A cause already told changes nothing.
// A one-time code is sealed beside the row. What the draft replaces and has not been handed over is not sent any more.
func (db *DB) AddNotice(ctx context.Context, d notice.Draft) error {
	return db.AddNotices(ctx, []notice.Draft{d})
}

// AddNotices queues many notices at once, e.g. those of a batch of payments.
func (db *DB) AddNotices(ctx context.Context, drafts []notice.Draft) error {
	return db.InTx(ctx, func(ctx context.Context) error {
		now, err := db.Now(ctx)
		if err != nil {
			return err
		}
		rows := make([]noticeRow, 0, len(drafts))
		for _, d := range drafts {
			d, err := d.Checked(now)
			if err != nil {
				return err
			}
			row, err := newNoticeRow(d, now)
			if err != nil {
				return err
			}
			if !d.Secret.Present() && len(d.Replaces) == 0 {
				rows = append(rows, row)
				continue
			}
			if err := db.addSpecialNotice(ctx, row, d, now); err != nil {
				return err
			}
		}
		if len(rows) == 0 {
			return nil
		}
		return translate(db.w(ctx).Clauses(oncePerCause).CreateInBatches(&rows, 500).Error)
	})
}

var oncePerCause = clause.OnConflict{Columns: []clause.Column{{Name: "cause"}}, DoNothing: true}

// addSpecialNotice inserts one that carries a code or takes others' place.
func (db *DB) addSpecialNotice(ctx context.Context, row noticeRow, d notice.Draft, now time.Time) error {
	res := db.w(ctx).Clauses(oncePerCause).Create(&row)
	if res.Error != nil || res.RowsAffected == 0 {
		return translate(res.Error)
	}
	if d.Secret.Present() {
		sealed, err := db.Seal(ctx, "notice_secrets", "code_sealed", row.ID, []byte(d.Secret.Reveal()))
		if err != nil {
			return err
		}
		if err := db.w(ctx).Create(&noticeSecretRow{NoticeID: row.ID, CodeSealed: sealed, ExpiresAt: row.ExpiresAt}).Error; err != nil {
			return translate(err)
		}
	}
	if len(d.Replaces) == 0 {
		return nil
	}
	// A message the vendor may already have (losses > 0) is out of our hands: only its repeats end.
	return translate(db.w(ctx).Model(&noticeRow{}).Where("cause IN ? AND state = ?", d.Replaces, string(notice.Queued)).
		Updates(map[string]any{"state": string(notice.Suppressed), "reason": noticeReplaced, "settled_at": now}).Error)
}

const noticeReplaced = "replaced"

// NoticesOf implements notice.Store. Notices whose place a later one took are left out: they would now mislead.
func (s *Notices) NoticesOf(ctx context.Context, person, before models.ID, limit int) ([]notice.Notice, error) {
	q := s.q(ctx).Where("person_id = ? AND lane <> ? AND reason <> ?", string(person), int(notice.LaneCodes), noticeReplaced)
	if before != "" {
		q = q.Where("id < ?", string(before))
	}
	var rows []noticeRow
	if err := q.Order("id DESC").Limit(limit).Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	out := make([]notice.Notice, len(rows))
	for i, r := range rows {
		n, err := r.notice()
		if err != nil {
			return nil, errNoticeParams
		}
		out[i] = n
	}
	return out, nil
}
