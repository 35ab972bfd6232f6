package store

import (
	"context"
	"time"

	"gorm.io/gorm/clause"

	"onecard/models"
	"onecard/models/notice"
)

// TemplateFilings keeps which texts were filed where (notice.FilingStore).
type TemplateFilings struct{ *DB }

var _ notice.FilingStore = (*TemplateFilings)(nil)

// TemplateFilings is the table of filings.
func (db *DB) TemplateFilings() *TemplateFilings { return &TemplateFilings{db} }

type templateFilingRow struct {
	ID        string `gorm:"primaryKey"`
	Vendor    string
	Template  string
	Version   string
	Code      string
	Body      string
	Variables string
	State     string
	Reason    string
	SetBy     string
	FiledAt   time.Time
	ChangedAt time.Time
}

func (templateFilingRow) TableName() string { return "template_filings" }

// Filings implements notice.FilingStore.
func (s *TemplateFilings) Filings(ctx context.Context) ([]notice.Filing, error) {
	var rows []templateFilingRow
	if err := s.q(ctx).Order("vendor, template, filed_at, id").Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	out := make([]notice.Filing, len(rows))
	for i, r := range rows {
		out[i] = notice.Filing{
			ID: models.ID(r.ID), Vendor: r.Vendor, Template: r.Template, Version: r.Version, Code: r.Code, Body: r.Body, Variables: r.Variables,
			State: notice.FilingState(r.State), Reason: r.Reason, SetBy: r.SetBy, FiledAt: models.Instant(r.FiledAt), ChangedAt: models.Instant(r.ChangedAt),
		}
	}
	return out, nil
}

// AddFilings implements notice.FilingStore: of two who file the same version at a vendor one has the row.
func (s *TemplateFilings) AddFilings(ctx context.Context, list []notice.Filing) ([]models.ID, error) {
	if len(list) == 0 {
		return nil, nil
	}
	rows, ids := make([]templateFilingRow, len(list)), make([]string, len(list))
	for i, f := range list {
		ids[i] = string(f.ID)
		rows[i] = templateFilingRow{
			string(f.ID), f.Vendor, f.Template, f.Version, f.Code, f.Body, f.Variables, string(f.State), f.Reason, f.SetBy,
			models.Instant(f.FiledAt), models.Instant(f.ChangedAt),
		}
	}
	err := s.w(ctx).Clauses(clause.OnConflict{
		Columns: []clause.Column{{Name: "vendor"}, {Name: "template"}, {Name: "version"}}, DoNothing: true,
	}).CreateInBatches(&rows, 200).Error
	if err != nil {
		return nil, translate(err)
	}
	var added []string
	err = s.w(ctx).Model(&templateFilingRow{}).Where("id IN ?", ids).Pluck("id", &added).Error
	out := make([]models.ID, len(added))
	for i, id := range added {
		out[i] = models.ID(id)
	}
	return out, translate(err)
}

// MoveFiling implements notice.FilingStore.
func (s *TemplateFilings) MoveFiling(ctx context.Context, f notice.Filing, from notice.FilingState) (bool, error) {
	res := s.w(ctx).Model(&templateFilingRow{}).Where("id = ? AND state = ?", string(f.ID), string(from)).Updates(map[string]any{
		"state": string(f.State), "reason": f.Reason, "code": f.Code, "set_by": f.SetBy, "changed_at": models.Instant(f.ChangedAt),
	})
	return res.RowsAffected == 1, translate(res.Error)
}
