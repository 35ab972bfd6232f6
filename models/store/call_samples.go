package store

import (
	"context"
	"encoding/json"
	"time"

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

func (r callSampleItemRow) item() hotline.SampleItem {
	i := hotline.SampleItem{
		ID: models.ID(r.ID), SampleID: models.ID(r.SampleID), CallID: models.ID(r.CallID), StaffID: models.ID(r.StaffID), Place: r.Place, Total: r.Total,
		ScoredBy: idOf(r.ScoredBy), ScoredAt: timeOf(r.ScoredAt),
	}
	if json.Unmarshal([]byte(r.Scores), &i.Scores) != nil || len(i.Scores) == 0 {
		i.Scores = nil
	}
	return i
}

// FinishedCalls implements hotline.SampleStore.
func (t *CallSamples) FinishedCalls(ctx context.Context, from, to time.Time) ([]hotline.CallOf, error) {
	var rows []struct{ ID, StaffID string }
	err := t.q(ctx).Table("calls").Select("id, staff_id").Where("closed_at >= ? AND closed_at < ?", from, to).Order("id").Find(&rows).Error
	out := make([]hotline.CallOf, len(rows))
	for i, r := range rows {
		out[i] = hotline.CallOf{CallID: models.ID(r.ID), StaffID: models.ID(r.StaffID)}
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
	var items []callSampleItemRow
	err := t.q(ctx).Where("sample_id = ?", r.ID).Order("place").Find(&items).Error
	for _, i := range items {
		s.Items = append(s.Items, i.item())
	}
	return s, translate(err)
}

// SampleItem reads one drawn call.
func (t *CallSamples) SampleItem(ctx context.Context, id models.ID) (hotline.SampleItem, error) {
	var r callSampleItemRow
	err := t.q(ctx).Where("id = ?", string(id)).Take(&r).Error
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
	var rows []callSampleItemRow
	err := t.q(ctx).Where("staff_id = ? AND scored_at IS NOT NULL", string(staff)).Order("scored_at DESC, id").Limit(limit).Find(&rows).Error
	out := make([]hotline.SampleItem, len(rows))
	for i, r := range rows {
		out[i] = r.item()
	}
	return out, translate(err)
}
