package store

import (
	"context"
	"fmt"

	"onecard/models"
	"onecard/models/subsidy"
)

// Payment reads one payment to a person; models.ErrNotFound.
func (s *Subsidies) Payment(ctx context.Context, person models.ID, k subsidy.Key) (subsidy.Payment, error) {
	var row paymentRow
	err := s.q(ctx).Where("person_id = ?", string(person)).
		Where("ledger_month = ? AND batch_id = ? AND line = ?"+s.visible(), k.LedgerMonth, k.BatchID, k.Line).Take(&row).Error
	if err != nil {
		return subsidy.Payment{}, translate(err)
	}
	return row.payment(), nil
}

// TotalsOf adds up what may be shown to a person, by year, programme and state.
func (s *Subsidies) TotalsOf(ctx context.Context, person models.ID, q subsidy.SummaryQuery) ([]subsidy.Total, error) {
	var rows []struct {
		Year           int
		Programme      string
		State          string
		Edition, Count int
		AmountFen      int64
	}
	db := s.q(ctx).Model(&paymentRow{}).Select(`CAST(substr(ledger_month, 1, 4) AS integer) AS year, programme, max(edition) AS edition, count(*) AS count,
			sum(amount_fen) AS amount_fen, CASE WHEN hold = 'STAGE_UNKNOWN' THEN 'processing' ELSE state END AS state`).
		Where("person_id = ?", string(person)).Where(s.shown())
	if q.Year != 0 {
		db = db.Where("ledger_month BETWEEN ? AND ?", fmt.Sprintf("%04d-01", q.Year), fmt.Sprintf("%04d-12", q.Year))
	}
	if q.Programme != "" {
		db = db.Where("programme = ?", q.Programme)
	}
	err := db.Group("substr(ledger_month, 1, 4), programme, CASE WHEN hold = 'STAGE_UNKNOWN' THEN 'processing' ELSE state END").
		Order("1 DESC, 2, 6").Find(&rows).Error
	out := make([]subsidy.Total, len(rows))
	for i, r := range rows {
		out[i] = subsidy.Total{Year: r.Year, Programme: r.Programme, Edition: r.Edition, State: subsidy.State(r.State), Count: r.Count,
			AmountFen: models.Fen(r.AmountFen)}
	}
	return out, translate(err)
}

// LinkedTo lists the lines of the same person that are the same money; a link that only one side names counts.
func (s *Subsidies) LinkedTo(ctx context.Context, p subsidy.Payment) ([]subsidy.Payment, error) {
	var named []subsidy.Key
	for _, link := range []string{p.ReissueOf, p.ReissuedAs} {
		if k, ok := subsidy.ParseKey(link); ok && k != p.Key {
			named = append(named, k)
		}
	}
	id := p.Key.String()
	cond := s.q(ctx).Where("reissue_of = ? OR reissued_as = ?", id, id)
	if len(named) > 0 {
		cond = cond.Or(s.keysIn(named))
	}
	var rows []paymentRow
	err := s.q(ctx).Where("person_id = ?", string(p.PersonID)).Where(cond).Where(s.shown()).
		Where("NOT (ledger_month = ? AND batch_id = ? AND line = ?)", p.Key.LedgerMonth, p.Key.BatchID, p.Key.Line).
		Order("ledger_month, batch_id, line").Limit(20).Find(&rows).Error
	return payments(rows), translate(err)
}

// PostingOf reads the newest declaration that a payment can have been made by: of its person, programme and period.
func (s *Subsidies) PostingOf(ctx context.Context, p subsidy.Payment) (subsidy.Posting, error) {
	var rows []declarationRow
	err := s.q(ctx).Where("person_id = ? AND programme = ? AND period = ? AND posting_place <> ''", string(p.PersonID), p.Programme, p.Period).
		Order("changed_at DESC, ref").Limit(1).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return subsidy.Posting{}, translate(err)
	}
	d := rows[0]
	return subsidy.Posting{Place: d.PostingPlace, Township: d.Township, From: models.Date(d.PostingFrom), To: models.Date(d.PostingTo)}, nil
}

// OfficesFor lists what may answer for a programme in a district.
func (s *Subsidies) OfficesFor(ctx context.Context, programme, district string) ([]subsidy.Office, error) {
	return s.Explanations().OfficesFor(ctx, programme, district)
}
