package store

import (
	"context"
	"errors"
	"strconv"
	"time"

	"onecard/models"
	"onecard/models/hotline"
)

// CallExports reads for the hotline's exports and counts them.
type CallExports struct{ *DB }

// CallExports is the exports' table.
func (db *DB) CallExports() *CallExports { return &CallExports{db} }

var _ hotline.ExportStore = (*CallExports)(nil)

// HoldExports locks the account, so that of many exports at once each counts those before it.
func (t *CallExports) HoldExports(ctx context.Context, staff models.ID, day models.Date, kinds ...hotline.ExportKind) (int, error) {
	if t.txFrom(ctx) == nil {
		return 0, errors.New("exports are held inside a transaction")
	}
	var id string
	if err := t.forUpdate(t.w(ctx)).Table("staff").Select("id").Where("id = ?", string(staff)).Take(&id).Error; err != nil {
		return 0, translate(err)
	}
	words := make([]string, len(kinds))
	for i, k := range kinds {
		words[i] = string(k)
	}
	var n int64
	err := t.q(ctx).Table("call_exports").Where("staff_id = ? AND day = ? AND kind IN ?", string(staff), string(day), words).Count(&n).Error
	return int(n), translate(err)
}

// AddExport writes one export down.
func (t *CallExports) AddExport(ctx context.Context, e hotline.Export) error {
	return translate(t.w(ctx).Exec("INSERT INTO call_exports (id, staff_id, day, kind, from_day, to_day, lines, made_at) VALUES (?,?,?,?,?,?,?,?)",
		string(e.ID), string(e.StaffID), string(models.DateOf(e.MadeAt)), string(e.Kind), string(e.From), string(e.To), e.Lines, e.MadeAt).Error)
}

// exportedAt is an instant as people in Shanghai read it, or nothing.
func exportedAt(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.In(models.Shanghai).Format("2006-01-02 15:04:05")
}

// CallLines implements hotline.ExportStore.
func (t *CallExports) CallLines(ctx context.Context, from, to time.Time, limit int) ([][]string, error) {
	var rows []struct {
		ID, Login, Source, Level, Strength, Result, District, Department string
		OpenedAt                                                         time.Time
		ClosedAt                                                         *time.Time
	}
	err := t.q(ctx).Table("calls c").Select("c.id, s.login, c.source, c.level, c.strength, c.result, c.district, c.department, c.opened_at, c.closed_at").
		Joins("JOIN staff s ON s.id = c.staff_id").Where("c.opened_at >= ? AND c.opened_at < ?", from, to).Order("c.opened_at, c.id").Limit(limit).Find(&rows).Error
	out := make([][]string, len(rows))
	for i, r := range rows {
		lasted := ""
		if r.ClosedAt != nil {
			lasted = strconv.Itoa(int(r.ClosedAt.Sub(r.OpenedAt).Seconds()))
		}
		out[i] = []string{r.ID, r.Login, exportedAt(&r.OpenedAt), exportedAt(r.ClosedAt), lasted, r.Source, r.Level, r.Strength, r.Result, r.District, r.Department}
	}
	return out, translate(err)
}

// EnquiryLines implements hotline.ExportStore.
func (t *CallExports) EnquiryLines(ctx context.Context, from, to time.Time, limit int) ([][]string, error) {
	var rows []enquiryRow
	err := t.q(ctx).Select("id, number, kind, state, opened_at, answered_at, closed_at, district, department").
		Where("opened_at >= ? AND opened_at < ?", from, to).Order("opened_at, id").Limit(limit).Find(&rows).Error
	out := make([][]string, len(rows))
	for i, r := range rows {
		out[i] = []string{r.Number, r.Kind, r.State, exportedAt(&r.OpenedAt), exportedAt(r.AnsweredAt), exportedAt(r.ClosedAt), r.District, r.Department}
	}
	return out, translate(err)
}

// OrderLines implements hotline.ExportStore. A programme is no part of it: its code alone would name it (R55).
func (t *CallExports) OrderLines(ctx context.Context, from, to time.Time, limit int) ([][]string, error) {
	var rows []struct {
		Row    workOrderRow `gorm:"embedded"`
		Number string
		Kind   string
	}
	err := t.q(ctx).Table("work_orders w").Select(`w.id, w.type, w.state, w.opened_at, w.accept_by, w.due_at, w.extended_at, w.urged_at, w.urges, w.returns,
		w.misses, w.reopened_at, w.answered_at, w.reason_code, w.closed_at, w.district, w.department, e.number, e.kind`).
		Joins("JOIN enquiries e ON e.id = w.id").Where("e.opened_at >= ? AND e.opened_at < ?", models.Instant(from), models.Instant(to)).
		Order("e.opened_at, e.id").Limit(limit).Find(&rows).Error
	out := make([][]string, len(rows))
	for i, r := range rows {
		o := r.Row
		out[i] = []string{
			r.Number, o.Type, r.Kind, o.State, exportedAt(&o.OpenedAt), exportedAt(&o.AcceptBy), exportedAt(&o.DueAt), exportedAt(o.ExtendedAt), exportedAt(o.UrgedAt),
			strconv.Itoa(o.Urges), strconv.Itoa(o.Returns), strconv.Itoa(o.Misses), exportedAt(o.ReopenedAt), exportedAt(o.AnsweredAt), o.ReasonCode,
			exportedAt(o.ClosedAt), o.District, o.Department,
		}
	}
	return out, translate(err)
}
