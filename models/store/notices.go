package store

import (
	"context"
	"encoding/json"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"onecard/models"
	"onecard/models/notice"
)

// Notices keeps what people are told, and the queue of deliveries (notice.Store).
type Notices struct{ *DB }

var _ notice.Store = (*Notices)(nil)

// Notices gives the queue.
func (db *DB) Notices() *Notices { return &Notices{db} }

type noticeRow struct {
	ID            string `gorm:"primaryKey"`
	Cause         string
	Kind          string
	Lane          int
	PersonID      *string
	AboutID       *string
	Params        string
	Destination   string
	DestinationID *string
	Scope         string
	Object        string
	ObjectID      *string
	HappenedAt    time.Time
	ExpiresAt     time.Time
	CreatedAt     time.Time `gorm:"autoCreateTime:false"`
	ReplacedAt    *time.Time
	SupersededAt  *time.Time
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
		ID: string(models.NewID()), Cause: d.Cause, Kind: string(d.Kind), Lane: int(spec.Lane), PersonID: nullID(d.PersonID), AboutID: nullID(d.About), Params: string(params),
		Destination: string(d.To), DestinationID: nullID(d.ToRef), Scope: d.Scope, Object: d.Object, ObjectID: nullID(d.ObjectID),
		HappenedAt: d.At, ExpiresAt: d.Expires, CreatedAt: now,
	}, err
}

func (r noticeRow) notice() (notice.Notice, error) {
	params := map[string]string{}
	if err := json.Unmarshal([]byte(r.Params), &params); err != nil {
		return notice.Notice{}, errNoticeParams
	}
	return notice.Notice{
		ID: models.ID(r.ID), Kind: notice.Kind(r.Kind), PersonID: idOf(r.PersonID), About: idOf(r.AboutID), Params: params,
		To: notice.Destination(r.Destination), ToRef: idOf(r.DestinationID), Scope: r.Scope, Object: r.Object, ObjectID: idOf(r.ObjectID),
		At: models.Instant(r.HappenedAt), Expires: models.Instant(r.ExpiresAt), CreatedAt: models.Instant(r.CreatedAt),
	}, nil
}

// AddNotice tells a person of a fact, in the transaction of the decision that caused it. A cause already told changes
// nothing. A one-time code is sealed beside the row. What the draft replaces and has not been handed over is not sent.
func (db *DB) AddNotice(ctx context.Context, d notice.Draft) error {
	return db.AddNotices(ctx, []notice.Draft{d})
}

// AddNotices tells many at once, e.g. of a batch of payments.
func (db *DB) AddNotices(ctx context.Context, drafts []notice.Draft) error {
	if len(drafts) == 0 {
		return nil
	}
	return db.InTx(ctx, func(ctx context.Context) error {
		now, err := db.Now(ctx)
		if err != nil {
			return err
		}
		list := make([]notice.Draft, len(drafts))
		rows := make([]noticeRow, len(drafts))
		for i, d := range drafts {
			if list[i], err = d.Checked(now); err != nil {
				return err
			}
			if rows[i], err = newNoticeRow(list[i], now); err != nil {
				return err
			}
		}
		told, err := db.insertNotices(ctx, rows)
		if err != nil {
			return err
		}
		for i, d := range list {
			if !told[rows[i].ID] {
				continue
			}
			if err := db.addBeside(ctx, rows[i], d, now); err != nil {
				return err
			}
		}
		return db.addDeliveries(ctx, list, rows, told, now)
	})
}

// insertNotices gives the ids of those that were not told yet.
func (db *DB) insertNotices(ctx context.Context, rows []noticeRow) (map[string]bool, error) {
	res := db.w(ctx).Clauses(oncePerCause).CreateInBatches(&rows, 500)
	told := make(map[string]bool, len(rows))
	if res.Error != nil || res.RowsAffected == 0 {
		return told, translate(res.Error)
	}
	for _, r := range rows {
		told[r.ID] = true
	}
	if int(res.RowsAffected) == len(rows) {
		return told, nil
	}
	ids := make([]string, 0, len(told))
	for id := range told {
		ids = append(ids, id)
	}
	clear(told)
	var found []string
	for len(ids) > 0 {
		n := min(len(ids), 500)
		var some []string
		if err := db.w(ctx).Model(&noticeRow{}).Where("id IN ?", ids[:n]).Pluck("id", &some).Error; err != nil {
			return nil, translate(err)
		}
		found, ids = append(found, some...), ids[n:]
	}
	for _, id := range found {
		told[id] = true
	}
	return told, nil
}

// addDeliveries queues the new notices' ways.
func (db *DB) addDeliveries(ctx context.Context, drafts []notice.Draft, rows []noticeRow, told map[string]bool, now time.Time) error {
	if len(told) == 0 {
		return nil
	}
	plans, err := db.planned(ctx, drafts, now)
	if err != nil {
		return err
	}
	var out []deliveryRow
	urgent := false
	for i, plan := range plans {
		if !told[rows[i].ID] {
			continue
		}
		urgent = urgent || len(plan) > 0 && notice.Lane(rows[i].Lane) <= notice.LaneLoss
		for _, route := range plan {
			row := newDeliveryRow(rows[i], route, now)
			row.CampaignID = nullID(drafts[i].Campaign)
			if spec, _ := notice.SpecOf(drafts[i].Kind); db.toldBefore(spec, drafts[i].FactAt) {
				row.State, row.Reason = string(notice.Held), notice.ReasonRestored
			}
			if due := models.Instant(drafts[i].NotBefore); due.After(now) {
				row.DueAt = due
			}
			out = append(out, row)
		}
	}
	if len(out) == 0 {
		return nil
	}
	if urgent && db.ringUrgent != nil {
		db.AfterCommit(ctx, db.ringUrgent)
	}
	return translate(db.w(ctx).CreateInBatches(&out, 500).Error)
}

var oncePerCause = clause.OnConflict{Columns: []clause.Column{{Name: "cause"}}, DoNothing: true}

// addBeside seals a code, and takes the place of what the notice replaces.
func (db *DB) addBeside(ctx context.Context, row noticeRow, d notice.Draft, now time.Time) error {
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
	return db.replaceNotices(ctx, d.Replaces, "", now)
}

// replaceNotices takes the notices of these causes out of the queue, and out of the inbox where they went to nobody. A
// message that a vendor may already have (losses > 0) is out of our hands: only its repeats end, unless also says not. What
// is just being sent stays out of the queue if it comes back: the notices are marked first, and whoever would queue one of
// their deliveries again looks at the mark under its lock (saveDelivery).
func (db *DB) replaceNotices(ctx context.Context, causes []string, also string, now time.Time) error {
	err := db.w(ctx).Exec("UPDATE notices SET superseded_at = ? WHERE cause IN ? AND superseded_at IS NULL", now, causes).Error
	if err != nil {
		return translate(err)
	}
	err = db.w(ctx).Exec(`UPDATE deliveries SET state = 'suppressed', reason = ?, settled_at = ?
		WHERE state IN ('queued', 'held') `+also+` AND notice_id IN (SELECT id FROM notices WHERE cause IN ?)`, notice.Replaced, now, causes).Error
	if err != nil {
		return translate(err)
	}
	return translate(db.w(ctx).Exec(`UPDATE notices SET replaced_at = ? WHERE cause IN ? AND replaced_at IS NULL
		AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.notice_id = notices.id AND d.reason <> ?)`, now, causes, notice.Replaced).Error)
}

// inboxOf are the notices that a person reads.
func (s *Notices) inboxOf(ctx context.Context, person models.ID) *gorm.DB {
	return s.q(ctx).Where("person_id = ? AND lane <> ? AND replaced_at IS NULL", string(person), int(notice.LaneCodes))
}

// NoticeOf implements notice.Store.
func (s *Notices) NoticeOf(ctx context.Context, person, id models.ID) (notice.Notice, error) {
	var row noticeRow
	if err := s.inboxOf(ctx, person).Where("id = ?", string(id)).Take(&row).Error; err != nil {
		return notice.Notice{}, translate(err)
	}
	return row.notice()
}

// NoticesOf implements notice.Store.
func (s *Notices) NoticesOf(ctx context.Context, person, before models.ID, limit int) ([]notice.Notice, error) {
	q := s.inboxOf(ctx, person)
	if before != "" {
		q = q.Where("id < ?", string(before))
	}
	var rows []noticeRow
	if err := q.Order("id DESC").Limit(limit).Find(&rows).Error; err != nil || len(rows) == 0 {
		return nil, translate(err)
	}
	ids, out := make([]string, len(rows)), make([]notice.Notice, len(rows))
	for i, r := range rows {
		n, err := r.notice()
		if err != nil {
			return nil, err
		}
		ids[i], out[i] = r.ID, n
	}
	var tried []deliveryRow
	if err := s.q(ctx).Where("notice_id IN ?", ids).Order("created_at, id").Find(&tried).Error; err != nil {
		return nil, translate(err)
	}
	for i := range out {
		for _, d := range tried {
			if d.NoticeID == ids[i] {
				out[i].Tried = append(out[i].Tried, d.delivery(notice.Notice{}))
			}
		}
	}
	return out, nil
}
