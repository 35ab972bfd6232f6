package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"onecard/models"
	"onecard/models/hotline"
)

// Enquiries keeps what somebody has to answer.
type Enquiries struct{ *DB }

// Enquiries is the enquiries' table.
func (db *DB) Enquiries() *Enquiries { return &Enquiries{db} }

var _ hotline.EnquiryStore = (*Enquiries)(nil)

type enquiryRow struct {
	ID           string `gorm:"primaryKey"`
	Number       string
	Cause        string
	Kind         string
	PersonID     *string
	Object       string
	ObjectID     string
	District     string
	Department   string
	SentenceID   string
	ExplainedAt  *time.Time `gorm:"column:explained_as_of"`
	State        string
	AnswerSealed []byte
	AnsweredBy   *string
	OpenedAt     time.Time
	AnsweredAt   *time.Time
	ClosedAt     *time.Time
	Version      int
}

func (enquiryRow) TableName() string { return "enquiries" }

func (t *Enquiries) fromRow(ctx context.Context, r enquiryRow) (hotline.Enquiry, error) {
	answer, err := t.Unseal(ctx, "enquiries", "answer_sealed", r.ID, r.AnswerSealed)
	return hotline.Enquiry{
		ID: models.ID(r.ID), Number: r.Number, Cause: r.Cause, Kind: r.Kind, PersonID: idOf(r.PersonID),
		Object: r.Object, ObjectID: r.ObjectID, District: r.District, Department: r.Department,
		SentenceID: r.SentenceID, ExplainedAsOf: timeOf(r.ExplainedAt), State: hotline.EnquiryState(r.State), Answer: string(answer), AnsweredBy: idOf(r.AnsweredBy),
		OpenedAt: models.Instant(r.OpenedAt), AnsweredAt: timeOf(r.AnsweredAt), ClosedAt: timeOf(r.ClosedAt), Version: r.Version,
	}, err
}

// OpenCase opens an enquiry of the system's own, with its audit entry, in the transaction of the decision that needs
// it. A cause that was told before changes nothing, so the one who tells may tell it again.
func (db *DB) OpenCase(ctx context.Context, cause, kind string, person models.ID, object, objectID string) error {
	_, err := db.openCase(ctx, cause, kind, person, object, objectID)
	return err
}

// OpenDispute opens the enquiry of a cause once and gives its number (notice.Disputes).
func (db *DB) OpenDispute(ctx context.Context, cause, kind string, person models.ID, object, objectID string) (number string, opened bool, err error) {
	err = db.InTx(ctx, func(ctx context.Context) error {
		if opened, err = db.openCase(ctx, cause, kind, person, object, objectID); err != nil {
			return err
		}
		e, err := db.Enquiries().EnquiryByCause(ctx, cause)
		number = e.Number
		return err
	})
	return number, opened, err
}

func (db *DB) openCase(ctx context.Context, cause, kind string, person models.ID, object, objectID string) (opened bool, err error) {
	err = db.InTx(ctx, func(ctx context.Context) error {
		now, err := db.Now(ctx)
		if err != nil {
			return err
		}
		n, err := db.NextNumber(ctx, "enquiry", models.DateOf(now))
		if err != nil {
			return err
		}
		e, entry := hotline.NewCase(cause, kind, person, object, objectID, now, n)
		res := db.w(ctx).Exec(`INSERT INTO enquiries (id, number, cause, kind, person_id, object, object_id, district, department,
			state, opened_at, version) VALUES (?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT (cause) DO NOTHING`,
			string(e.ID), e.Number, e.Cause, e.Kind, nullID(e.PersonID), e.Object, e.ObjectID, e.District, e.Department,
			string(e.State), e.OpenedAt, e.Version)
		if res.Error != nil || res.RowsAffected == 0 {
			return translate(res.Error)
		}
		opened = true
		return db.RecordAudit(ctx, entry)
	})
	return opened && err == nil, err
}

// EnquiryByID reads one enquiry.
func (t *Enquiries) EnquiryByID(ctx context.Context, id models.ID) (hotline.Enquiry, error) {
	return t.one(ctx, "id = ?", string(id))
}

// EnquiryByCause reads the enquiry a cause has opened.
func (t *Enquiries) EnquiryByCause(ctx context.Context, cause string) (hotline.Enquiry, error) {
	return t.one(ctx, "cause = ?", cause)
}

func (t *Enquiries) one(ctx context.Context, where, value string) (hotline.Enquiry, error) {
	var r enquiryRow
	if err := t.q(ctx).Where(where, value).Take(&r).Error; err != nil {
		return hotline.Enquiry{}, translate(err)
	}
	return t.fromRow(ctx, r)
}

// UpdateEnquiry writes state and answer where the row still has state from and e.Version.
func (t *Enquiries) UpdateEnquiry(ctx context.Context, e hotline.Enquiry, from hotline.EnquiryState) error {
	answer, err := t.Seal(ctx, "enquiries", "answer_sealed", string(e.ID), []byte(e.Answer))
	if err != nil {
		return err
	}
	return guarded(t.w(ctx).Exec(`UPDATE enquiries SET state = ?, answer_sealed = ?, answered_by = ?, answered_at = ?, closed_at = ?,
		version = version + 1 WHERE id = ? AND state = ? AND version = ?`,
		string(e.State), answer, nullID(e.AnsweredBy), nullTime(e.AnsweredAt), nullTime(e.ClosedAt),
		string(e.ID), string(from), e.Version))
}

// EnquiriesOf lists a person's enquiries, newest first.
func (t *Enquiries) EnquiriesOf(ctx context.Context, person models.ID, p hotline.Page) ([]hotline.Enquiry, error) {
	if person == "" {
		return nil, nil
	}
	return t.list(ctx, t.q(ctx).Where("person_id = ?", string(person)), p)
}

// EnquiriesIn lists what stands in a state, newest first.
func (t *Enquiries) EnquiriesIn(ctx context.Context, state hotline.EnquiryState, p hotline.Page) ([]hotline.Enquiry, error) {
	return t.list(ctx, t.q(ctx).Where("state = ?", string(state)), p)
}

func (t *Enquiries) list(ctx context.Context, q *gorm.DB, p hotline.Page) ([]hotline.Enquiry, error) {
	if p.After != "" {
		q = q.Where("id < ?", string(p.After))
	}
	var rows []enquiryRow
	if err := q.Order("id DESC").Limit(p.Limit).Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	out := make([]hotline.Enquiry, 0, len(rows))
	for _, r := range rows {
		e, err := t.fromRow(ctx, r)
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, nil
}
