package store

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"onecard/models"
	"onecard/models/policy"
)

type outletRow struct {
	Ref        string `gorm:"primaryKey"`
	Name       string
	Kind       string
	BankCode   string
	District   string
	Town       string
	Address    string
	Phone      string
	Hours      string
	Opening    string
	Services   string
	Longitude  float64
	Latitude   float64
	Open       bool
	Successor  string
	Version    int64
	ChangedAt  time.Time
	ReceivedAt time.Time
}

func (outletRow) TableName() string { return "outlets" }

func (r outletRow) outlet() policy.Outlet {
	o := policy.Outlet{
		Ref: r.Ref, Name: r.Name, Kind: policy.OutletKind(r.Kind), BankCode: r.BankCode, District: r.District, Town: r.Town,
		Address: r.Address, Phone: r.Phone, Hours: r.Hours, Longitude: r.Longitude, Latitude: r.Latitude, Open: r.Open,
		Successor: r.Successor, Version: r.Version, ChangedAt: models.Instant(r.ChangedAt),
	}
	if json.Unmarshal([]byte(r.Services), &o.Services) != nil {
		o.Services = nil // an outlet whose services cannot be read is still a place to go to
	}
	if json.Unmarshal([]byte(r.Opening), &o.Opening) != nil {
		o.Opening = nil
	}
	return o
}

// Outlet reads one outlet; models.ErrNotFound.
func (s *Policies) Outlet(ctx context.Context, ref string) (policy.Outlet, error) {
	var row outletRow
	if err := s.q(ctx).Where("ref = ?", ref).Take(&row).Error; err != nil {
		return policy.Outlet{}, translate(err)
	}
	return row.outlet(), nil
}

// SaveOutlet writes an outlet where its version is newer than the row's.
func (s *Policies) SaveOutlet(ctx context.Context, o policy.Outlet, received time.Time) (saved bool, err error) {
	services, err := json.Marshal(append([]string{}, o.Services...))
	if err != nil {
		return false, err
	}
	opening, err := json.Marshal(append([]policy.Opening{}, o.Opening...))
	if err != nil {
		return false, err
	}
	res := s.w(ctx).Clauses(newerVersion("outlets", "ref")).Create(&outletRow{
		Ref: o.Ref, Name: o.Name, Kind: string(o.Kind), BankCode: o.BankCode, District: o.District, Town: o.Town, Address: o.Address,
		Phone: o.Phone, Hours: o.Hours, Opening: string(opening), Services: string(services), Longitude: o.Longitude, Latitude: o.Latitude, Open: o.Open, Successor: o.Successor,
		Version: o.Version, ChangedAt: o.ChangedAt, ReceivedAt: received,
	})
	return res.RowsAffected > 0, translate(res.Error)
}

// AsOf is how fresh the mirror of the cards source is, from which banks and outlets come.
func (s *Policies) AsOf(ctx context.Context) (time.Time, error) { return s.sourceAsOf(ctx, "cards") }

var likeText = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// Outlets lists open outlets that fit the filter, by ref.
func (s *Policies) Outlets(ctx context.Context, f policy.OutletFilter) ([]policy.Outlet, error) {
	q := s.q(ctx).Where("open = ? AND ref > ?", true, f.After).Order("ref").Limit(f.Limit)
	if f.District != "" {
		q = q.Where("district = ?", f.District)
	}
	if len(f.Kinds) > 0 {
		q = q.Where("kind IN ?", f.Kinds)
	}
	if len(f.Banks) > 0 {
		q = q.Where("bank_code IN ?", f.Banks)
	}
	if f.Name != "" {
		part := "%" + likeText.Replace(f.Name) + "%"
		q = q.Where(`(name LIKE ? ESCAPE '\' OR address LIKE ? ESCAPE '\')`, part, part)
	}
	var rows []outletRow
	if err := q.Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	out := make([]policy.Outlet, len(rows))
	for i, r := range rows {
		out[i] = r.outlet()
	}
	return out, nil
}
