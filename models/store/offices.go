package store

import (
	"context"
	"time"

	"gorm.io/gorm/clause"

	"onecard/models"
	"onecard/models/subsidy"
)

var _ subsidy.Offices = (*Explanations)(nil)

type officeRow struct {
	Ref       string `gorm:"primaryKey"`
	Programme string
	District  string
	Township  string
	Name      string
	Phone     string
	Address   string
	Hours     string
	Version   int64
	ChangedAt time.Time
}

func (officeRow) TableName() string { return "offices" }

// SaveOffices writes what is newer, in one statement for a page.
func (e *Explanations) SaveOffices(ctx context.Context, list []subsidy.Office) error {
	at, rows := map[string]int{}, make([]officeRow, 0, len(list))
	for _, o := range list {
		row := officeRow{o.Ref, o.Programme, o.District, o.Township, o.Name, o.Phone, o.Address, o.Hours, o.Version, models.Instant(o.ChangedAt)}
		if i, seen := at[o.Ref]; !seen {
			at[o.Ref] = len(rows)
			rows = append(rows, row)
		} else if o.Version > rows[i].Version {
			rows[i] = row
		}
	}
	return translate(e.w(ctx).Clauses(clause.OnConflict{
		Columns:   []clause.Column{{Name: "ref"}},
		DoUpdates: clause.AssignmentColumns([]string{"programme", "district", "township", "name", "phone", "address", "hours", "version", "changed_at"}),
		Where:     newerOnly("offices"),
	}).CreateInBatches(rows, 500).Error)
}

// OfficesFor lists what may answer for a programme in a district, the finance office included.
func (e *Explanations) OfficesFor(ctx context.Context, programme, district string) ([]subsidy.Office, error) {
	var rows []officeRow
	err := e.q(ctx).Where("district = ? AND programme IN ?", district, []string{programme, ""}).Order("ref").Find(&rows).Error
	out := make([]subsidy.Office, len(rows))
	for i, r := range rows {
		out[i] = subsidy.Office{Ref: r.Ref, Programme: r.Programme, District: r.District, Township: r.Township, Name: r.Name, Phone: r.Phone,
			Address: r.Address, Hours: r.Hours, Version: r.Version, ChangedAt: models.Instant(r.ChangedAt)}
	}
	return out, translate(err)
}
