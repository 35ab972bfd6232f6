package store

import (
	"context"
	"time"

	"gorm.io/gorm/clause"

	"onecard/models"
	"onecard/models/policy"
)

type bankRow struct {
	Code       string `gorm:"primaryKey"`
	Name       string
	ShortName  string
	Phone      string
	ValidFrom  string
	ValidTo    string
	Successor  string
	Version    int64
	ChangedAt  time.Time
	ReceivedAt time.Time
}

func (bankRow) TableName() string { return "banks" }

type bankServiceRow struct {
	BankCode  string `gorm:"primaryKey"`
	Kind      string `gorm:"primaryKey"`
	Area      string `gorm:"primaryKey"`
	ValidFrom string `gorm:"primaryKey"`
	ValidTo   string
}

func (bankServiceRow) TableName() string { return "bank_services" }

// Banks lists every bank with what it does where, by code.
func (s *Policies) Banks(ctx context.Context) ([]policy.Bank, error) {
	var rows []bankRow
	if err := s.q(ctx).Order("code").Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	var lines []bankServiceRow
	if err := s.q(ctx).Order("bank_code, kind, area, valid_from").Find(&lines).Error; err != nil {
		return nil, translate(err)
	}
	services := map[string][]policy.BankService{}
	for _, l := range lines {
		services[l.BankCode] = append(services[l.BankCode], policy.BankService{
			Kind: policy.BankKind(l.Kind), Area: l.Area, From: models.Date(l.ValidFrom), To: models.Date(l.ValidTo),
		})
	}
	out := make([]policy.Bank, len(rows))
	for i, r := range rows {
		out[i] = policy.Bank{
			Code: r.Code, Name: r.Name, ShortName: r.ShortName, Phone: r.Phone, ValidFrom: models.Date(r.ValidFrom),
			ValidTo: models.Date(r.ValidTo), Successor: r.Successor, Services: services[r.Code], Version: r.Version,
			ChangedAt: models.Instant(r.ChangedAt),
		}
	}
	return out, nil
}

// SaveBank writes a bank and its services together, where the version is newer than the row's.
func (s *Policies) SaveBank(ctx context.Context, b policy.Bank, received time.Time) (saved bool, err error) {
	err = s.InTx(ctx, func(ctx context.Context) error {
		res := s.w(ctx).Clauses(newerVersion("banks", "code")).Create(&bankRow{
			Code: b.Code, Name: b.Name, ShortName: b.ShortName, Phone: b.Phone, ValidFrom: string(b.ValidFrom),
			ValidTo: string(b.ValidTo), Successor: b.Successor, Version: b.Version, ChangedAt: b.ChangedAt, ReceivedAt: received,
		})
		if res.Error != nil || res.RowsAffected == 0 {
			return res.Error
		}
		saved = true
		if err := s.w(ctx).Where("bank_code = ?", b.Code).Delete(&bankServiceRow{}).Error; err != nil {
			return err
		}
		lines := make([]bankServiceRow, len(b.Services))
		for i, one := range b.Services {
			lines[i] = bankServiceRow{b.Code, string(one.Kind), one.Area, string(one.From), string(one.To)}
		}
		if len(lines) == 0 {
			return nil
		}
		return s.w(ctx).Create(&lines).Error
	})
	return saved && err == nil, translate(err)
}

// newerVersion makes an insert replace the row of the same key where the row's version is lower, and do nothing else.
func newerVersion(table, key string) clause.OnConflict {
	return clause.OnConflict{
		Columns:   []clause.Column{{Name: key}},
		UpdateAll: true,
		Where: clause.Where{Exprs: []clause.Expression{
			clause.Expr{SQL: table + ".version < excluded.version"},
		}},
	}
}
