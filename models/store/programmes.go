package store

import (
	"context"
	"encoding/json"
	"time"

	"gorm.io/gorm/clause"

	"onecard/models"
	"onecard/models/subsidy"
)

// Subsidies keeps what models/subsidy needs.
type Subsidies struct{ *DB }

// Subsidies is the subsidy capability's view of the database.
func (db *DB) Subsidies() *Subsidies { return &Subsidies{db} }

var _ subsidy.Store = (*Subsidies)(nil)

type programmeRow struct {
	Code         string `gorm:"primaryKey"`
	Edition      int    `gorm:"primaryKey;autoIncrement:false"`
	Number       int
	Name         string
	ShortName    string
	SMSName      string `gorm:"column:sms_name"`
	Domain       string
	Department   string
	PayeeKind    string
	Cadence      string
	Sensitivity  string
	District     string
	PolicyDoc    string
	OfficialLink string
	PublishedOn  string
	ValidFrom    string
	ValidTo      string
	Onboarded    string
	Version      int64
	ChangedAt    time.Time
}

func (programmeRow) TableName() string { return "programmes" }

func newProgrammeRow(p subsidy.Programme) (programmeRow, error) {
	onboarded, err := json.Marshal(p.Onboarded)
	return programmeRow{
		Code: p.Code, Edition: p.Edition, Number: p.Number, Name: p.Name, ShortName: p.ShortName, SMSName: p.SMSName, Domain: p.Domain,
		Department: p.Department, PayeeKind: p.PayeeKind, Cadence: p.Cadence, Sensitivity: string(p.Sensitivity), District: p.District,
		PolicyDoc: p.PolicyDoc, OfficialLink: p.OfficialLink, PublishedOn: string(p.PublishedOn), ValidFrom: string(p.ValidFrom),
		ValidTo: string(p.ValidTo), Onboarded: string(onboarded), Version: p.Version, ChangedAt: models.Instant(p.ChangedAt),
	}, err
}

func (r programmeRow) programme() (subsidy.Programme, error) {
	p := subsidy.Programme{
		Code: r.Code, Edition: r.Edition, Number: r.Number, Name: r.Name, ShortName: r.ShortName, SMSName: r.SMSName, Domain: r.Domain,
		Department: r.Department, PayeeKind: r.PayeeKind, Cadence: r.Cadence, Sensitivity: subsidy.Sensitivity(r.Sensitivity),
		District: r.District, PolicyDoc: r.PolicyDoc, OfficialLink: r.OfficialLink, PublishedOn: models.Date(r.PublishedOn),
		ValidFrom: models.Date(r.ValidFrom), ValidTo: models.Date(r.ValidTo), Version: r.Version, ChangedAt: models.Instant(r.ChangedAt),
	}
	return p, json.Unmarshal([]byte(r.Onboarded), &p.Onboarded)
}

// SaveProgrammes writes editions newer than their rows.
func (s *Subsidies) SaveProgrammes(ctx context.Context, list []subsidy.Programme) error {
	rows := newestProgrammes(list)
	out := make([]programmeRow, 0, len(rows))
	for _, p := range rows {
		row, err := newProgrammeRow(p)
		if err != nil {
			return err
		}
		out = append(out, row)
	}
	return translate(s.w(ctx).Clauses(clause.OnConflict{
		Columns: []clause.Column{{Name: "code"}, {Name: "edition"}},
		DoUpdates: clause.AssignmentColumns([]string{"number", "name", "short_name", "sms_name", "domain", "department", "payee_kind", "cadence",
			"sensitivity", "district", "policy_doc", "official_link", "published_on", "valid_from", "valid_to", "onboarded", "version", "changed_at"}),
		Where: newerOnly("programmes"),
	}).CreateInBatches(out, 200).Error)
}

// newestProgrammes keeps the last of each edition: one statement may not write a row twice.
func newestProgrammes(list []subsidy.Programme) []subsidy.Programme {
	type key struct {
		code    string
		edition int
	}
	at := map[key]int{}
	var out []subsidy.Programme
	for _, p := range list {
		k := key{p.Code, p.Edition}
		if i, ok := at[k]; !ok {
			at[k] = len(out)
			out = append(out, p)
		} else if p.Version > out[i].Version {
			out[i] = p
		}
	}
	return out
}

// newerOnly guards an upsert: a row is written only by a newer version of itself.
func newerOnly(table string) clause.Where {
	return clause.Where{Exprs: []clause.Expression{clause.Expr{SQL: table + ".version < excluded.version"}}}
}

// Programmes lists every edition, by number, then code.
func (s *Subsidies) Programmes(ctx context.Context) ([]subsidy.Programme, error) {
	var rows []programmeRow
	err := s.q(ctx).Order("CASE WHEN number = 0 THEN 1 ELSE 0 END, number, code, edition").Find(&rows).Error
	if err != nil {
		return nil, translate(err)
	}
	out := make([]subsidy.Programme, len(rows))
	for i, r := range rows {
		if out[i], err = r.programme(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

type payeeRow struct {
	PersonID     string `gorm:"primaryKey"`
	InSystem     bool
	PhoneOnFile  bool
	RegisteredOn string
	Version      int64
	ChangedAt    time.Time
}

func (payeeRow) TableName() string { return "payees" }

// SavePayees writes what is newer and returns the references of people we do not know.
func (s *Subsidies) SavePayees(ctx context.Context, list []subsidy.Payee) ([]string, error) {
	refs := make([]string, len(list))
	for i, p := range list {
		refs[i] = string(p.PersonRef)
	}
	ids, err := s.personIDs(ctx, refs)
	if err != nil {
		return nil, err
	}
	var orphans []string
	at, rows := map[string]int{}, []payeeRow(nil)
	for _, p := range list {
		id, ok := ids[string(p.PersonRef)]
		if !ok {
			orphans = append(orphans, string(p.PersonRef))
			continue
		}
		row := payeeRow{string(id), p.InSystem, p.PhoneOnFile, string(p.RegisteredOn), p.Version, models.Instant(p.ChangedAt)}
		if i, seen := at[row.PersonID]; seen {
			if row.Version > rows[i].Version {
				rows[i] = row
			}
			continue
		}
		at[row.PersonID] = len(rows)
		rows = append(rows, row)
	}
	if len(rows) == 0 {
		return orphans, nil
	}
	return orphans, translate(s.w(ctx).Clauses(clause.OnConflict{
		Columns:   []clause.Column{{Name: "person_id"}},
		DoUpdates: clause.AssignmentColumns([]string{"in_system", "phone_on_file", "registered_on", "version", "changed_at"}),
		Where:     newerOnly("payees"),
	}).CreateInBatches(rows, 500).Error)
}
