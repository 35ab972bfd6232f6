package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"onecard/models"
	"onecard/models/hotline"
)

// Misuse keeps confidential reports of misuse.
type Misuse struct{ *DB }

// Misuse is the table of reports.
func (db *DB) Misuse() *Misuse { return &Misuse{db} }

var _ hotline.MisuseStore = (*Misuse)(nil)

type misuseRow struct {
	ID            string `gorm:"primaryKey"`
	Number        string
	CodeHash      []byte
	Kind          string
	Department    string
	Programme     string
	District      string
	TextSealed    []byte
	ContactSealed []byte
	PersonID      *string
	State         string
	AnswerSealed  []byte
	AnsweredBy    *string
	OpenedAt      time.Time
	DueAt         time.Time
	AlarmedAt     *time.Time
	AnsweredAt    *time.Time
	ClosedAt      *time.Time
	Version       int
}

func (misuseRow) TableName() string { return "misuse_reports" }

// unsealed is the row with the columns that were read.
func (t *Misuse) unsealed(ctx context.Context, r misuseRow) (hotline.MisuseReport, error) {
	out := hotline.MisuseReport{ID: models.ID(r.ID), Number: r.Number, CodeHash: r.CodeHash, Kind: r.Kind, Department: r.Department, Programme: r.Programme,
		District: r.District, PersonID: idOf(r.PersonID), State: hotline.MisuseState(r.State), AnsweredBy: idOf(r.AnsweredBy),
		OpenedAt: models.Instant(r.OpenedAt), DueAt: models.Instant(r.DueAt), AnsweredAt: timeOf(r.AnsweredAt), ClosedAt: timeOf(r.ClosedAt), Version: r.Version}
	for column, cell := range map[string]struct {
		sealed []byte
		to     *string
	}{"text_sealed": {r.TextSealed, &out.Text}, "contact_sealed": {r.ContactSealed, &out.Contact}, "answer_sealed": {r.AnswerSealed, &out.Answer}} {
		plain, err := t.Unseal(ctx, "misuse_reports", column, r.ID, cell.sealed)
		if err != nil {
			return hotline.MisuseReport{}, err
		}
		*cell.to = string(plain)
	}
	return out, nil
}

// AddMisuse writes a report.
func (t *Misuse) AddMisuse(ctx context.Context, r hotline.MisuseReport) error {
	row := misuseRow{ID: string(r.ID), Number: r.Number, CodeHash: r.CodeHash, Kind: r.Kind, Department: r.Department, Programme: r.Programme,
		District: r.District, PersonID: nullID(r.PersonID), State: string(r.State), OpenedAt: models.Instant(r.OpenedAt), DueAt: models.Instant(r.DueAt), Version: r.Version}
	var err error
	if row.TextSealed, err = t.Seal(ctx, "misuse_reports", "text_sealed", row.ID, []byte(r.Text)); err != nil {
		return err
	}
	if row.ContactSealed, err = t.Seal(ctx, "misuse_reports", "contact_sealed", row.ID, []byte(r.Contact)); err != nil {
		return err
	}
	return translate(t.w(ctx).Create(&row).Error)
}

// notAgainst leaves out reports against the reader's department, whichever of the two names is the longer one: 民政局,
// 西工区民政局. A reader of no department belongs to none that is reported.
func (t *Misuse) notAgainst(q *gorm.DB, reader string) *gorm.DB {
	if reader == "" {
		return q
	}
	in := "strpos"
	if t.driver == SQLite {
		in = "instr"
	}
	return q.Where(in+"(department, ?) = 0 AND "+in+"(?, department) = 0", reader, reader)
}

// MisuseByID reads a report that is not against the reader's department.
func (t *Misuse) MisuseByID(ctx context.Context, id models.ID, reader string) (hotline.MisuseReport, error) {
	return t.one(ctx, t.notAgainst(t.q(ctx), reader).Where("id = ?", string(id)))
}

// MisuseCode reads what a code is compared with.
func (t *Misuse) MisuseCode(ctx context.Context, number string) ([]byte, models.ID, error) {
	var r misuseRow
	err := t.q(ctx).Select("id", "code_hash").Where("number = ?", number).Take(&r).Error
	return r.CodeHash, models.ID(r.ID), translate(err)
}

func (t *Misuse) one(ctx context.Context, q *gorm.DB) (hotline.MisuseReport, error) {
	var r misuseRow
	if err := q.Take(&r).Error; err != nil {
		return hotline.MisuseReport{}, translate(err)
	}
	return t.unsealed(ctx, r)
}

// MisuseIn lists reports of a state for the queue: neither text nor contact, and not who reported.
func (t *Misuse) MisuseIn(ctx context.Context, state hotline.MisuseState, reader string, p hotline.Page) ([]hotline.MisuseReport, error) {
	q := t.notAgainst(t.q(ctx), reader).Select("id", "number", "kind", "department", "programme", "district", "state", "opened_at", "due_at", "answered_at",
		"closed_at", "version").Where("state = ?", string(state))
	if p.After != "" {
		q = q.Where("id > ?", string(p.After))
	}
	return t.list(ctx, q.Order("id").Limit(p.Limit))
}

// MisuseOf lists the reports a person made, newest first.
func (t *Misuse) MisuseOf(ctx context.Context, person models.ID, p hotline.Page) ([]hotline.MisuseReport, error) {
	if person == "" {
		return nil, nil
	}
	q := t.q(ctx).Where("person_id = ?", string(person))
	if p.After != "" {
		q = q.Where("id < ?", string(p.After))
	}
	return t.list(ctx, q.Order("id DESC").Limit(p.Limit))
}

func (t *Misuse) list(ctx context.Context, q *gorm.DB) ([]hotline.MisuseReport, error) {
	var rows []misuseRow
	if err := q.Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	out := make([]hotline.MisuseReport, 0, len(rows))
	for _, r := range rows {
		one, err := t.unsealed(ctx, r)
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, nil
}

// UpdateMisuse writes state and answer of a report that nobody changed meanwhile.
func (t *Misuse) UpdateMisuse(ctx context.Context, r hotline.MisuseReport, from hotline.MisuseState, reader string) error {
	answer, err := t.Seal(ctx, "misuse_reports", "answer_sealed", string(r.ID), []byte(r.Answer))
	if err != nil {
		return err
	}
	return guarded(t.notAgainst(t.w(ctx).Model(&misuseRow{}), reader).Where("id = ? AND state = ? AND version = ?", string(r.ID), string(from), r.Version).
		Updates(map[string]any{"state": string(r.State), "answer_sealed": answer, "answered_by": nullID(r.AnsweredBy),
			"answered_at": nullTime(r.AnsweredAt), "closed_at": nullTime(r.ClosedAt), "version": r.Version + 1}))
}

// TakeOverdueMisuse marks what became overdue and lists it. Of two replicas each report is one's.
func (t *Misuse) TakeOverdueMisuse(ctx context.Context, now time.Time, limit int) ([]hotline.MisuseReport, error) {
	now = models.Instant(now)
	var due []string
	err := t.q(ctx).Model(&misuseRow{}).Where("state = 'received' AND alarmed_at IS NULL AND due_at < ?", now).Order("due_at").Limit(limit).Pluck("id", &due).Error
	if err != nil || len(due) == 0 {
		return nil, translate(err)
	}
	var rows []misuseRow
	err = t.w(ctx).Raw(`UPDATE misuse_reports SET alarmed_at = ? WHERE id IN ? AND state = 'received' AND alarmed_at IS NULL
		RETURNING id, number, due_at`, now, due).Scan(&rows).Error
	out := make([]hotline.MisuseReport, 0, len(rows))
	for _, r := range rows {
		out = append(out, hotline.MisuseReport{ID: models.ID(r.ID), Number: r.Number, DueAt: models.Instant(r.DueAt)})
	}
	return out, translate(err)
}
