package store

import (
	"context"
	"errors"
	"strings"
	"time"

	"gorm.io/gorm/clause"

	"onecard/models"
	"onecard/models/subsidy"
)

type paymentRow struct {
	LedgerMonth   string `gorm:"primaryKey"`
	BatchID       string `gorm:"primaryKey"`
	Line          int    `gorm:"primaryKey;autoIncrement:false"`
	Programme     string
	Edition       int
	District      string
	PersonID      string
	BeneficiaryID *string
	PayeeKind     string
	HouseholdRef  string
	ExceptionWhy  string
	ExceptionBy   string
	AmountFen     int64
	Period        string
	State         string
	Hold          string
	PlannedAt     *time.Time
	PublicisedAt  *time.Time
	ApprovedAt    *time.Time
	SentAt        *time.Time
	CreditedAt    *time.Time
	ReturnedAt    *time.Time
	CreditNo      string
	PayingBank    string
	AccountBank   string
	AccountTail   string
	OldChannel    bool
	ReturnReason  string
	ReissueOf     string
	ReissuedAs    string
	Version       int64
	ChangedAt     time.Time
	ReceivedAt    time.Time
	PaidRef       *string
}

func (paymentRow) TableName() string { return "payments" }

func newPaymentRow(p subsidy.Payment) paymentRow {
	return paymentRow{
		LedgerMonth: p.Key.LedgerMonth, BatchID: p.Key.BatchID, Line: p.Key.Line, Programme: p.Programme, Edition: p.Edition,
		District: p.District, PersonID: string(p.PersonID), BeneficiaryID: nullID(p.BeneficiaryID), PayeeKind: p.PayeeKind,
		HouseholdRef: p.HouseholdRef, ExceptionWhy: p.ExceptionWhy, ExceptionBy: p.ExceptionBy, AmountFen: int64(p.AmountFen),
		Period: p.Period, State: string(p.State), Hold: string(p.Hold), PlannedAt: nullTime(p.PlannedAt), PublicisedAt: nullTime(p.PublicisedAt),
		ApprovedAt: nullTime(p.ApprovedAt), SentAt: nullTime(p.SentAt), CreditedAt: nullTime(p.CreditedAt), ReturnedAt: nullTime(p.ReturnedAt),
		CreditNo: p.CreditNo, PayingBank: p.PayingBank, AccountBank: p.AccountBank, AccountTail: p.AccountTail, OldChannel: p.OldChannel,
		ReturnReason: p.ReturnReason, ReissueOf: p.ReissueOf, ReissuedAs: p.ReissuedAs, Version: p.Version,
		ChangedAt: models.Instant(p.ChangedAt), ReceivedAt: models.Instant(p.ReceivedAt), PaidRef: nullText(string(p.PaidRef)),
	}
}

func (r paymentRow) payment() subsidy.Payment {
	return subsidy.Payment{
		Key: subsidy.Key{LedgerMonth: r.LedgerMonth, BatchID: r.BatchID, Line: r.Line}, Programme: r.Programme, Edition: r.Edition,
		District: r.District, PersonID: models.ID(r.PersonID), BeneficiaryID: idOf(r.BeneficiaryID), PayeeKind: r.PayeeKind,
		HouseholdRef: r.HouseholdRef, ExceptionWhy: r.ExceptionWhy, ExceptionBy: r.ExceptionBy, AmountFen: models.Fen(r.AmountFen),
		Period: r.Period, State: subsidy.State(r.State), Hold: subsidy.Hold(r.Hold), PlannedAt: timeOf(r.PlannedAt), PublicisedAt: timeOf(r.PublicisedAt),
		ApprovedAt: timeOf(r.ApprovedAt), SentAt: timeOf(r.SentAt), CreditedAt: timeOf(r.CreditedAt), ReturnedAt: timeOf(r.ReturnedAt),
		CreditNo: r.CreditNo, PayingBank: r.PayingBank, AccountBank: r.AccountBank, AccountTail: r.AccountTail, OldChannel: r.OldChannel,
		ReturnReason: r.ReturnReason, ReissueOf: r.ReissueOf, ReissuedAs: r.ReissuedAs, Version: r.Version,
		ChangedAt: models.Instant(r.ChangedAt), ReceivedAt: models.Instant(r.ReceivedAt), PaidRef: models.PersonRef(textOf(r.PaidRef)),
	}
}

func payments(rows []paymentRow) []subsidy.Payment {
	out := make([]subsidy.Payment, len(rows))
	for i, r := range rows {
		out[i] = r.payment()
	}
	return out
}

// keysIn is the condition that a row is one of these; the two databases write it differently.
func (db *DB) keysIn(keys []subsidy.Key) clause.Expr {
	args := make([]any, 0, 3*len(keys))
	for _, k := range keys {
		args = append(args, k.LedgerMonth, k.BatchID, k.Line)
	}
	places := strings.Repeat(",(?,?,?)", len(keys))[1:]
	if db.driver == SQLite {
		places = "VALUES " + places
	}
	return clause.Expr{SQL: "(ledger_month, batch_id, line) IN (" + places + ")", Vars: args}
}

// SavePayments writes what is newer and returns, for each written payment, the row before it.
func (s *Subsidies) SavePayments(ctx context.Context, list []subsidy.Payment) (map[subsidy.Key]subsidy.Payment, error) {
	if len(list) == 0 {
		return nil, nil
	}
	keys := make([]subsidy.Key, len(list))
	for i, p := range list {
		keys[i] = p.Key
	}
	known, err := s.lockLines(ctx, keys)
	if err != nil {
		return nil, err
	}
	was := make(map[subsidy.Key]subsidy.Payment, len(known))
	for _, p := range payments(known) {
		was[p.Key] = p
	}
	before := make(map[subsidy.Key]subsidy.Payment, len(list))
	rows, months, met := make([]paymentRow, 0, len(list)), map[string]bool{}, paidLists{}
	for _, p := range list {
		old, ok := was[p.Key]
		if ok && old.Version >= p.Version {
			continue
		}
		if !ok || old.Programme != p.Programme || old.Period != p.Period {
			met[paidList{p.Programme, p.Period, p.Key.LedgerMonth}] = struct{}{}
		}
		before[p.Key], months[p.Key.LedgerMonth] = was[p.Key], true
		rows = append(rows, newPaymentRow(p))
	}
	if len(rows) == 0 {
		return before, nil
	}
	if err := s.makePartitions(ctx, months); err != nil {
		return nil, err
	}
	if s.driver == SQLite {
		return before, errors.Join(s.upsertEach(ctx, rows), s.noteLists(ctx, met))
	}
	err = s.w(ctx).Clauses(clause.OnConflict{
		Columns:   []clause.Column{{Name: "ledger_month"}, {Name: "batch_id"}, {Name: "line"}},
		DoUpdates: clause.AssignmentColumns(rewritten),
		Where:     newerOnly("payments"),
	}).CreateInBatches(rows, 500).Error
	if err != nil {
		return before, translate(err)
	}
	return before, s.noteLists(ctx, met)
}

// LinesByKey reads stored lines, to be changed in this transaction.
func (s *Subsidies) LinesByKey(ctx context.Context, keys []subsidy.Key) (map[subsidy.Key]subsidy.Payment, error) {
	rows, err := s.lockLines(ctx, keys)
	if err != nil {
		return nil, err
	}
	out := make(map[subsidy.Key]subsidy.Payment, len(rows))
	for _, p := range payments(rows) {
		out[p.Key] = p
	}
	return out, nil
}

// WaitingFor lists the lines held because their programme was not in the list.
func (s *Subsidies) WaitingFor(ctx context.Context, codes []string, after subsidy.Key, limit int) ([]subsidy.Payment, error) {
	var rows []paymentRow
	err := s.w(ctx).Where("hold = ? AND programme IN ?", string(subsidy.HoldProgrammeUnknown), codes).
		Where("hold <> ''"). // names the partial index
		Where("(ledger_month, batch_id, line) > (?, ?, ?)", after.LedgerMonth, after.BatchID, after.Line).
		Order("ledger_month, batch_id, line").Limit(limit).Find(&rows).Error
	return payments(rows), translate(err)
}

// SetHolds replaces one hold by others.
func (s *Subsidies) SetHolds(ctx context.Context, from subsidy.Hold, to map[subsidy.Hold][]subsidy.Key) error {
	for hold, keys := range to {
		err := s.w(ctx).Model(&paymentRow{}).Where("hold = ?", string(from)).Where(s.keysAmong(keys)).Update("hold", string(hold)).Error
		if err != nil {
			return translate(err)
		}
	}
	return nil
}

// HeldPayments lists what is held, the newest month first.
func (s *Subsidies) HeldPayments(ctx context.Context, limit int) ([]subsidy.Payment, error) {
	var rows []paymentRow
	err := s.q(ctx).Where("hold <> ''" + s.visible()).Order("ledger_month DESC, batch_id, line").Limit(limit).Find(&rows).Error
	return payments(rows), translate(err)
}
