package store

import (
	"context"
	"fmt"
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
		ChangedAt: models.Instant(p.ChangedAt), ReceivedAt: models.Instant(p.ReceivedAt),
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
		ChangedAt: models.Instant(r.ChangedAt), ReceivedAt: models.Instant(r.ReceivedAt),
	}
}

// PayeesByRef resolves the registry's references of people we know.
func (s *Subsidies) PayeesByRef(ctx context.Context, refs []models.PersonRef) (map[models.PersonRef]subsidy.PayeePerson, error) {
	var rows []struct {
		ID, Ref, HouseholdRef string
		IsHead                bool
	}
	err := s.q(ctx).Table("persons").Select("id, ref, household_ref, is_head").Where("ref IN ?", refs).Find(&rows).Error
	if err != nil {
		return nil, translate(err)
	}
	out := make(map[models.PersonRef]subsidy.PayeePerson, len(rows))
	for _, r := range rows {
		out[models.PersonRef(r.Ref)] = subsidy.PayeePerson{ID: models.ID(r.ID), IsHead: r.IsHead, HouseholdRef: r.HouseholdRef}
	}
	return out, nil
}

// SavePayments writes what is newer and returns, for each written payment, the row before it.
func (s *Subsidies) SavePayments(ctx context.Context, list []subsidy.Payment) (map[subsidy.Key]subsidy.Payment, error) {
	newest := map[subsidy.Key]subsidy.Payment{}
	keys := make([][]any, 0, len(list))
	for _, p := range list {
		if had, ok := newest[p.Key]; !ok || p.Version > had.Version {
			newest[p.Key] = p
		}
		keys = append(keys, []any{p.Key.LedgerMonth, p.Key.BatchID, p.Key.Line})
	}
	if len(list) == 0 {
		return nil, nil
	}
	var known []paymentRow
	if err := s.forUpdate(s.w(ctx)).Where("(ledger_month, batch_id, line) IN ?", keys).Find(&known).Error; err != nil {
		return nil, translate(err)
	}
	before := make(map[subsidy.Key]subsidy.Payment, len(newest))
	was := make(map[subsidy.Key]subsidy.Payment, len(known))
	for _, r := range known {
		p := r.payment()
		was[p.Key] = p
	}
	rows := make([]paymentRow, 0, len(newest))
	months := map[string]bool{}
	for k, p := range newest {
		if old, ok := was[k]; ok && old.Version >= p.Version {
			continue
		}
		before[k] = was[k]
		rows = append(rows, newPaymentRow(p))
		months[k.LedgerMonth] = true
	}
	for m := range months {
		if err := s.makePartition(ctx, m); err != nil {
			return nil, err
		}
	}
	if len(rows) == 0 {
		return before, nil
	}
	err := s.w(ctx).Clauses(clause.OnConflict{
		Columns: []clause.Column{{Name: "ledger_month"}, {Name: "batch_id"}, {Name: "line"}},
		DoUpdates: clause.AssignmentColumns([]string{"programme", "edition", "district", "person_id", "beneficiary_id", "payee_kind",
			"household_ref", "exception_why", "exception_by", "amount_fen", "period", "state", "hold", "planned_at", "publicised_at",
			"approved_at", "sent_at", "credited_at", "returned_at", "credit_no", "paying_bank", "account_bank", "account_tail", "old_channel",
			"return_reason", "reissue_of", "reissued_as", "version", "changed_at", "received_at"}),
		Where: newerOnly("payments"),
	}).CreateInBatches(rows, 300).Error
	return before, translate(err)
}

// Payment reads one payment; models.ErrNotFound.
func (s *Subsidies) Payment(ctx context.Context, k subsidy.Key) (subsidy.Payment, error) {
	var row paymentRow
	err := s.q(ctx).Where("ledger_month = ? AND batch_id = ? AND line = ?", k.LedgerMonth, k.BatchID, k.Line).Take(&row).Error
	if err != nil {
		return subsidy.Payment{}, translate(err)
	}
	return row.payment(), nil
}

// PaymentsOf lists one year's payments of a person, newest ledger month first; the months bound the partitions read.
func (s *Subsidies) PaymentsOf(ctx context.Context, q subsidy.ListQuery) ([]subsidy.Payment, error) {
	db := s.q(ctx).Where("person_id = ? AND ledger_month BETWEEN ? AND ? AND hold IN ('', 'STAGE_UNKNOWN')",
		string(q.Person), fmt.Sprintf("%04d-01", q.Year), fmt.Sprintf("%04d-12", q.Year))
	if q.Programme != "" {
		db = db.Where("programme = ?", q.Programme)
	}
	if q.After.BatchID != "" {
		db = db.Where("(ledger_month, batch_id, line) < (?, ?, ?)", q.After.LedgerMonth, q.After.BatchID, q.After.Line)
	}
	var rows []paymentRow
	if err := db.Order("ledger_month DESC, batch_id DESC, line DESC").Limit(q.Limit).Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	return payments(rows), nil
}

func payments(rows []paymentRow) []subsidy.Payment {
	out := make([]subsidy.Payment, len(rows))
	for i, r := range rows {
		out[i] = r.payment()
	}
	return out
}

// TotalsOf adds up what was credited to a person, by year and programme.
func (s *Subsidies) TotalsOf(ctx context.Context, person models.ID) ([]subsidy.Total, error) {
	var rows []struct {
		Year           int
		Programme      string
		Edition, Count int
		AmountFen      int64
	}
	err := s.q(ctx).Model(&paymentRow{}).
		Select("CAST(substr(ledger_month, 1, 4) AS integer) AS year, programme, max(edition) AS edition, count(*) AS count, sum(amount_fen) AS amount_fen").
		Where("person_id = ? AND state = 'credited' AND hold = '' AND NOT old_channel", string(person)).
		Group("substr(ledger_month, 1, 4), programme").Order("1 DESC, 2").Find(&rows).Error
	out := make([]subsidy.Total, len(rows))
	for i, r := range rows {
		out[i] = subsidy.Total{Year: r.Year, Programme: r.Programme, Edition: r.Edition, Count: r.Count, AmountFen: models.Fen(r.AmountFen)}
	}
	return out, translate(err)
}

// HeldPayments lists what is held, the newest month first.
func (s *Subsidies) HeldPayments(ctx context.Context, limit int) ([]subsidy.Payment, error) {
	var rows []paymentRow
	err := s.q(ctx).Where("hold <> ''").Order("ledger_month DESC, batch_id, line").Limit(limit).Find(&rows).Error
	return payments(rows), translate(err)
}
