package store

import (
	"context"
	"time"

	"gorm.io/gorm/clause"

	"onecard/models"
	"onecard/models/subsidy"
)

var _ subsidy.Declarations = (*Explanations)(nil)

type declarationRow struct {
	Ref          string `gorm:"primaryKey"`
	PersonID     string
	Programme    string
	Period       string
	District     string
	Township     string
	State        string
	OtherHolder  bool // the land record names somebody else
	PostingPlace string
	PostingFrom  string
	PostingTo    string
	Version      int64
	ChangedAt    time.Time
}

func (declarationRow) TableName() string { return "declarations" }

// SaveDeclarations writes what is newer and returns those whose person is not known here. Of the holder of a land
// record only is kept whether it is somebody else.
func (e *Explanations) SaveDeclarations(ctx context.Context, list []subsidy.Declaration) (orphans []string, err error) {
	refs := make([]models.PersonRef, 0, 2*len(list))
	for _, d := range list {
		refs = append(refs, d.PersonRef, d.HolderRef)
	}
	people, err := e.Subsidies().PayeesByRef(ctx, refs)
	if err != nil {
		return nil, err
	}
	at, rows := map[string]int{}, make([]declarationRow, 0, len(list))
	for _, d := range list {
		who, known := people[d.PersonRef]
		if !known {
			orphans = append(orphans, d.Ref)
			continue
		}
		row := declarationRow{d.Ref, string(who.ID), d.Programme, d.Period, d.District, d.Township, string(d.State),
			d.HolderRef != "" && people[d.HolderRef].ID != who.ID, d.PostingPlace, string(d.PostingFrom), string(d.PostingTo),
			d.Version, models.Instant(d.ChangedAt)}
		if i, seen := at[d.Ref]; !seen {
			at[d.Ref] = len(rows)
			rows = append(rows, row)
		} else if d.Version > rows[i].Version {
			rows[i] = row
		}
	}
	if len(rows) == 0 {
		return orphans, nil
	}
	return orphans, translate(e.w(ctx).Clauses(clause.OnConflict{
		Columns: []clause.Column{{Name: "ref"}},
		DoUpdates: clause.AssignmentColumns([]string{"person_id", "programme", "period", "district", "township", "state", "other_holder",
			"posting_place", "posting_from", "posting_to", "version", "changed_at"}),
		Where: newerOnly("declarations"),
	}).CreateInBatches(rows, 500).Error)
}
