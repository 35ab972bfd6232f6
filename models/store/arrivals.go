package store

import (
	"context"
	"strings"
	"time"

	"onecard/models"
	"onecard/models/subsidy"
)

// arrivalRow is what the index payments_shown holds, so that a list is answered without touching the table.
type arrivalRow struct {
	LedgerMonth string
	BatchID     string
	Line        int
	Programme   string
	Edition     int
	AmountFen   int64
	Period      string
	State       string
	Hold        string
	CreditedAt  *time.Time
	AccountTail string
	ReissueOf   string
	ReissuedAs  string
	Old         bool
}

const arrivalColumns = `ledger_month, batch_id, line, programme, edition, amount_fen, period, state, hold, credited_at, account_tail, reissue_of, reissued_as`

func (r arrivalRow) payment(person models.ID) subsidy.Payment {
	return subsidy.Payment{
		Key: subsidy.Key{LedgerMonth: r.LedgerMonth, BatchID: r.BatchID, Line: r.Line}, Programme: r.Programme, Edition: r.Edition, PersonID: person,
		AmountFen: models.Fen(r.AmountFen), Period: r.Period, State: subsidy.State(r.State), Hold: subsidy.Hold(r.Hold), CreditedAt: timeOf(r.CreditedAt),
		AccountTail: r.AccountTail, ReissueOf: r.ReissueOf, ReissuedAs: r.ReissuedAs,
	}
}

// PaymentsOf lists a person's payments of some months, the newest ledger month first, by one statement that the index
// alone answers. The months stand in its text, so that the plan names their partitions and no others.
func (s *Subsidies) PaymentsOf(ctx context.Context, q subsidy.ListQuery) (subsidy.Listed, error) {
	text, args := arrivalsSQL(q, s.shown())
	var rows []arrivalRow
	if err := s.q(ctx).Raw(text, args...).Scan(&rows).Error; err != nil {
		return subsidy.Listed{}, translate(err)
	}
	out := subsidy.Listed{Payments: make([]subsidy.Payment, len(rows))}
	for i, r := range rows {
		out.Payments[i], out.OldChannel = r.payment(q.Person), r.Old
	}
	return out, nil
}

func arrivalsSQL(q subsidy.ListQuery, shown string) (text string, args []any) {
	var b strings.Builder
	b.WriteString("SELECT " + arrivalColumns)
	if q.AskOld {
		b.WriteString(", EXISTS (SELECT 1 FROM payments WHERE person_id = ? AND " + within(q) + " AND old_channel) AS old")
		args = append(args, string(q.Person))
	}
	b.WriteString(" FROM payments WHERE person_id = ? AND " + within(q) + " AND " + shown)
	args = append(args, string(q.Person))
	add := func(condition string, values ...any) {
		b.WriteString(" AND " + condition)
		args = append(args, values...)
	}
	if q.Programme != "" {
		add("programme = ?", q.Programme)
	}
	if q.Only != nil {
		add("programme IN ?", append([]string{""}, q.Only...))
	}
	switch q.State {
	case "":
	case subsidy.Unknown:
		add("(hold = 'STAGE_UNKNOWN' OR state = ?)", string(q.State))
	default:
		add("state = ? AND hold = ''", string(q.State))
	}
	if q.After.BatchID != "" {
		add("(ledger_month, batch_id, line) < (?, ?, ?)", q.After.LedgerMonth, q.After.BatchID, q.After.Line)
	}
	b.WriteString(" ORDER BY ledger_month DESC, batch_id DESC, line DESC LIMIT ?")
	return b.String(), append(args, q.Limit)
}

// within bounds a query to its months. What has not the form of a month bounds it to none.
func within(q subsidy.ListQuery) string {
	if !monthForm.MatchString(q.From) || !monthForm.MatchString(q.To) {
		return "1 = 0"
	}
	return "ledger_month BETWEEN '" + q.From + "' AND '" + q.To + "'"
}

// PaidByOldChannel reports whether a list leaves payments out for their channel.
func (s *Subsidies) PaidByOldChannel(ctx context.Context, q subsidy.ListQuery) (bool, error) {
	db := s.q(ctx).Model(&paymentRow{}).Where("person_id = ?", string(q.Person)).Where(within(q)).Where("old_channel")
	if q.Programme != "" {
		db = db.Where("programme = ?", q.Programme)
	}
	var lines []int
	err := db.Limit(1).Pluck("line", &lines).Error
	return len(lines) > 0, translate(err)
}

// Glance reads, in one statement, how fresh the copy is and what the catalogue is like: editions never go, and their
// versions only grow.
func (s *Subsidies) Glance(ctx context.Context) (subsidy.Glance, error) {
	var row struct {
		AsOf      *time.Time
		Catalogue string
	}
	err := s.q(ctx).Raw(`SELECT feed_cursors.current_as_of AS as_of,
			(SELECT CAST(count(*) AS text) || '.' || CAST(coalesce(sum(version), 0) AS text) FROM programmes) AS catalogue
		FROM (SELECT 1 AS one) AS one_row LEFT JOIN feed_cursors ON feed_cursors.source = 'payments'`).Scan(&row).Error
	return subsidy.Glance{AsOf: timeOf(row.AsOf), Catalogue: row.Catalogue}, translate(err)
}

// HandlesOf are the handles of people, in pieces that every database takes.
func (s *Subsidies) HandlesOf(ctx context.Context, people []models.ID) ([]string, error) {
	var out []string
	for start := 0; start < len(people); start += factChunk {
		var some []string
		err := s.q(ctx).Table("persons").Where("id IN ?", people[start:min(start+factChunk, len(people))]).Pluck("handle", &some).Error
		if err != nil {
			return nil, translate(err)
		}
		out = append(out, some...)
	}
	return out, nil
}

// HandlesOfSlice are the handles of the payees of one slice, and the references of those that were merged since.
func (s *Subsidies) HandlesOfSlice(ctx context.Context, j subsidy.InvalidateSlice) (handles []string, merged []models.PersonRef, err error) {
	var rows []struct{ Handle, Ref, MergedIntoRef string }
	err = s.q(ctx).Raw(`SELECT DISTINCT persons.handle, persons.ref, persons.merged_into_ref FROM payments JOIN persons ON persons.id = payments.person_id
		WHERE payments.ledger_month = ? AND payments.batch_id = ? AND payments.line BETWEEN ? AND ?`,
		j.LedgerMonth, j.BatchID, j.From, j.To).Scan(&rows).Error
	for _, r := range rows {
		handles = append(handles, r.Handle)
		if r.MergedIntoRef != "" {
			merged = append(merged, models.PersonRef(r.Ref))
		}
	}
	return handles, merged, translate(err)
}
