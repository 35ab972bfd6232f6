package store

import (
	"context"
	"encoding/json"
	"time"

	"gorm.io/gorm"

	"onecard/models"
	"onecard/models/hotline"
)

// CallSamples keeps what was drawn for quality and how it was scored.
type CallSamples struct{ *DB }

// CallSamples is the samples' tables.
func (db *DB) CallSamples() *CallSamples { return &CallSamples{db} }

var _ hotline.SampleStore = (*CallSamples)(nil)

type callSampleRow struct {
	ID       string `gorm:"primaryKey"`
	Day      string
	Seed     string
	Finished int
	DrawnBy  string
	DrawnAt  time.Time
}

func (callSampleRow) TableName() string { return "call_samples" }

type callSampleItemRow struct {
	ID       string `gorm:"primaryKey"`
	SampleID string
	CallID   string
	StaffID  string
	Place    int
	Scores   string // a flat JSON object of figures
	Total    int
	ScoredBy *string
	ScoredAt *time.Time
}

func (callSampleItemRow) TableName() string { return "call_sample_items" }

// shownSampleItem is a drawn call with whose it was.
type shownSampleItem struct {
	Row   callSampleItemRow `gorm:"embedded"`
	Login string
}

func (r shownSampleItem) item() hotline.SampleItem {
	i := hotline.SampleItem{
		ID: models.ID(r.Row.ID), SampleID: models.ID(r.Row.SampleID), CallID: models.ID(r.Row.CallID), StaffID: models.ID(r.Row.StaffID), Login: r.Login, Place: r.Row.Place, Total: r.Row.Total,
		ScoredBy: idOf(r.Row.ScoredBy), ScoredAt: timeOf(r.Row.ScoredAt),
	}
	if json.Unmarshal([]byte(r.Row.Scores), &i.Scores) != nil || len(i.Scores) == 0 {
		i.Scores = nil
	}
	return i
}

// items reads drawn calls together with whose they were.
func (t *CallSamples) items(ctx context.Context) *gorm.DB {
	return t.q(ctx).Table("call_sample_items i").Select("i.*, s.login").Joins("JOIN staff s ON s.id = i.staff_id")
}

// FinishedCalls implements hotline.SampleStore.
func (t *CallSamples) FinishedCalls(ctx context.Context, from, to time.Time) ([]hotline.CallOf, error) {
	var rows []struct{ ID, StaffID, Login string }
	err := t.q(ctx).Table("calls c").Select("c.id, c.staff_id, s.login").Joins("JOIN staff s ON s.id = c.staff_id").
		Where("c.closed_at >= ? AND c.closed_at < ?", from, to).Order("c.id").Find(&rows).Error
	out := make([]hotline.CallOf, len(rows))
	for i, r := range rows {
		out[i] = hotline.CallOf{CallID: models.ID(r.ID), StaffID: models.ID(r.StaffID), Login: r.Login}
	}
	return out, translate(err)
}

// CreateSample writes a draw with its calls; of many draws of one day one is kept.
func (t *CallSamples) CreateSample(ctx context.Context, s hotline.Sample) error {
	err := translate(t.w(ctx).Create(&callSampleRow{string(s.ID), string(s.Day), s.Seed, s.Finished, string(s.DrawnBy), s.DrawnAt}).Error)
	if t.isDuplicate(err, "call_samples_day") {
		return hotline.ErrSampleDrawn.Because(err)
	}
	if err != nil {
		return err
	}
	rows := make([]callSampleItemRow, len(s.Items))
	for i, one := range s.Items {
		rows[i] = callSampleItemRow{ID: string(one.ID), SampleID: string(s.ID), CallID: string(one.CallID), StaffID: string(one.StaffID), Place: one.Place, Scores: "{}"}
	}
	return translate(t.w(ctx).Create(&rows).Error)
}

// SampleOf reads the draw of a day.
func (t *CallSamples) SampleOf(ctx context.Context, day models.Date) (hotline.Sample, error) {
	var r callSampleRow
	if err := t.q(ctx).Where("day = ?", string(day)).Take(&r).Error; err != nil {
		return hotline.Sample{}, translate(err)
	}
	s := hotline.Sample{ID: models.ID(r.ID), Day: models.Date(r.Day), Seed: r.Seed, Finished: r.Finished, DrawnBy: models.ID(r.DrawnBy), DrawnAt: models.Instant(r.DrawnAt)}
	var items []shownSampleItem
	err := t.items(ctx).Where("i.sample_id = ?", r.ID).Order("i.place").Find(&items).Error
	for _, i := range items {
		s.Items = append(s.Items, i.item())
	}
	return s, translate(err)
}

// SampleItem reads one drawn call.
func (t *CallSamples) SampleItem(ctx context.Context, id models.ID) (hotline.SampleItem, error) {
	var r shownSampleItem
	err := t.items(ctx).Where("i.id = ?", string(id)).Take(&r).Error
	return r.item(), translate(err)
}

// ScoreItem writes the scores of a call that has none.
func (t *CallSamples) ScoreItem(ctx context.Context, i hotline.SampleItem) error {
	scores, err := json.Marshal(i.Scores)
	if err != nil {
		return err
	}
	return guarded(t.w(ctx).Exec("UPDATE call_sample_items SET scores = ?, total = ?, scored_by = ?, scored_at = ? WHERE id = ? AND scored_at IS NULL",
		string(scores), i.Total, string(i.ScoredBy), i.ScoredAt, string(i.ID)))
}

// ScoresOf lists an agent's scored calls, newest first.
func (t *CallSamples) ScoresOf(ctx context.Context, staff models.ID, limit int) ([]hotline.SampleItem, error) {
	var rows []shownSampleItem
	err := t.items(ctx).Where("i.staff_id = ? AND i.scored_at IS NOT NULL", string(staff)).Order("i.scored_at DESC, i.id").Limit(limit).Find(&rows).Error
	out := make([]hotline.SampleItem, len(rows))
	for i, r := range rows {
		out[i] = r.item()
	}
	return out, translate(err)
}
