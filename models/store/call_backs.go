package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"onecard/models"
	"onecard/models/hotline"
)

// CallBacks keeps promised calls.
type CallBacks struct{ *DB }

// CallBacks is that table.
func (db *DB) CallBacks() *CallBacks { return &CallBacks{db} }

var _ hotline.CallBackStore = (*CallBacks)(nil)

type callBackRow struct {
	ID           string `gorm:"primaryKey"`
	Cause        string
	Reason       string
	Destination  string
	NumberSealed []byte
	NumberIndex  []byte
	PersonID     *string
	CallID       *string
	EnquiryID    *string
	StaffID      *string
	State        string
	Tries        int
	DueAt        time.Time
	TakenBy      *string
	TakenAt      *time.Time
	Result       string
	EndedAt      *time.Time
	AlarmedAt    *time.Time
	District     string
	Department   string
	MadeAt       time.Time
	Version      int
}

func (callBackRow) TableName() string { return "call_backs" }

func (t *CallBacks) callBack(ctx context.Context, r callBackRow) (hotline.CallBack, error) {
	number, err := t.number(ctx, "call_backs", r.ID, r.NumberSealed)
	return hotline.CallBack{
		ID: models.ID(r.ID), Cause: r.Cause, Reason: r.Reason, Destination: r.Destination, Number: number, PersonID: idOf(r.PersonID), CallID: idOf(r.CallID),
		EnquiryID: idOf(r.EnquiryID), StaffID: idOf(r.StaffID), State: hotline.CallBackState(r.State), Tries: r.Tries, DueAt: models.Instant(r.DueAt),
		TakenBy: idOf(r.TakenBy), TakenAt: timeOf(r.TakenAt), Result: r.Result, EndedAt: timeOf(r.EndedAt), AlarmedAt: timeOf(r.AlarmedAt),
		District: r.District, Department: r.Department, MadeAt: models.Instant(r.MadeAt), Version: r.Version,
	}, err
}

// AddCallBack inserts a promise once per cause; a number that waits after a missed call waits once.
func (t *CallBacks) AddCallBack(ctx context.Context, c hotline.CallBack) error {
	number, err := t.Seal(ctx, "call_backs", "number_sealed", string(c.ID), []byte(c.Number.Reveal()))
	if err != nil {
		return err
	}
	var index []byte
	if !c.Number.IsZero() {
		index = t.LookupIndexes("call_backs.number", c.Number.Reveal())[0].Index
	}
	res := t.w(ctx).Exec(`INSERT INTO call_backs (id, cause, reason, destination, number_sealed, number_index, person_id, call_id, enquiry_id, staff_id, state,
		tries, due_at, result, district, department, made_at, version) VALUES (?,?,?,?,?,?,?,?,?,?,?,0,?,'',?,?,?,?) ON CONFLICT DO NOTHING`,
		string(c.ID), c.Cause, c.Reason, c.Destination, number, index, nullID(c.PersonID), nullID(c.CallID), nullID(c.EnquiryID), nullID(c.StaffID),
		string(c.State), c.DueAt, c.District, c.Department, c.MadeAt, c.Version)
	if res.Error == nil && res.RowsAffected == 0 {
		return hotline.ErrCallBackKnown
	}
	return translate(res.Error)
}

// CallBackByID reads one.
func (t *CallBacks) CallBackByID(ctx context.Context, id models.ID) (hotline.CallBack, error) {
	var r callBackRow
	if err := t.q(ctx).Where("id = ?", string(id)).Take(&r).Error; err != nil {
		return hotline.CallBack{}, translate(err)
	}
	return t.callBack(ctx, r)
}

// UpdateCallBack writes where a promise stands, guarded by state and version.
func (t *CallBacks) UpdateCallBack(ctx context.Context, c hotline.CallBack, from hotline.CallBackState) error {
	return guarded(t.w(ctx).Exec(`UPDATE call_backs SET state = ?, tries = ?, due_at = ?, taken_by = ?, taken_at = ?, result = ?, ended_at = ?, alarmed_at = ?,
		version = version + 1 WHERE id = ? AND state = ? AND version = ?`,
		string(c.State), c.Tries, c.DueAt, nullID(c.TakenBy), nullTime(c.TakenAt), c.Result, nullTime(c.EndedAt), nullTime(c.AlarmedAt),
		string(c.ID), string(from), c.Version))
}

// CallBacks lists promises by due time.
func (t *CallBacks) CallBacks(ctx context.Context, f hotline.CallBackFilter) ([]hotline.CallBack, error) {
	q := t.q(ctx)
	if f.State != "" {
		q = q.Where("state = ?", string(f.State))
	} else {
		q = q.Where("state IN ('due', 'taken')")
	}
	if f.Staff != "" {
		q = q.Where("staff_id IS NULL OR staff_id = ? OR taken_by = ?", string(f.Staff), string(f.Staff))
	}
	return t.list(ctx, q.Order("due_at, id").Limit(f.Limit))
}

// CallBacksOverdue are those due before at of which nobody was told yet.
func (t *CallBacks) CallBacksOverdue(ctx context.Context, at time.Time, most int) ([]hotline.CallBack, error) {
	return t.list(ctx, t.q(ctx).Where("state IN ('due', 'taken') AND due_at < ? AND alarmed_at IS NULL", at).Order("due_at").Limit(most))
}

// CallBacksLeft are those that somebody took that long ago.
func (t *CallBacks) CallBacksLeft(ctx context.Context, before time.Time, most int) ([]hotline.CallBack, error) {
	return t.list(ctx, t.q(ctx).Where("state = 'taken' AND taken_at < ?", before).Order("due_at").Limit(most))
}

func (t *CallBacks) list(ctx context.Context, q *gorm.DB) ([]hotline.CallBack, error) {
	var rows []callBackRow
	if err := q.Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	out := make([]hotline.CallBack, 0, len(rows))
	for _, r := range rows {
		c, err := t.callBack(ctx, r)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

// CallBackFigures counts what is not ended.
func (t *CallBacks) CallBackFigures(ctx context.Context, at time.Time) (hotline.CallBackFigures, error) {
	var f hotline.CallBackFigures
	err := t.q(ctx).Raw(`SELECT COUNT(CASE WHEN state = 'due' THEN 1 END), COUNT(CASE WHEN state = 'taken' THEN 1 END), COUNT(CASE WHEN due_at < ? THEN 1 END)
		FROM call_backs WHERE state IN ('due', 'taken')`, models.Instant(at)).Row().Scan(&f.Due, &f.Taken, &f.Overdue)
	return f, translate(err)
}

// PromisedLosses are reports by phone that waited for the registry longer than their own first attempt.
func (t *CallBacks) PromisedLosses(ctx context.Context, from, until time.Time, most int) ([]hotline.PromisedLoss, error) {
	var rows []struct{ ID, PersonID, CallID string }
	err := t.q(ctx).Raw(`SELECT CAST(l.id AS text) AS id, CAST(l.person_id AS text) AS person_id, CAST(l.call_id AS text) AS call_id FROM loss_reports l
		WHERE l.call_id IS NOT NULL AND l.state IN ('received', 'unconfirmed') AND l.reported_at > ? AND l.reported_at <= ?
		AND NOT EXISTS (SELECT 1 FROM call_backs b WHERE b.cause = 'loss:' || CAST(l.id AS text)) ORDER BY l.reported_at LIMIT ?`,
		models.Instant(from), models.Instant(until), most).Scan(&rows).Error
	out := make([]hotline.PromisedLoss, len(rows))
	for i, r := range rows {
		out[i] = hotline.PromisedLoss{LossID: models.ID(r.ID), PersonID: models.ID(r.PersonID), CallID: models.ID(r.CallID)}
	}
	return out, translate(err)
}
