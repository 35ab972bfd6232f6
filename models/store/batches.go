package store

import (
	"context"
	"errors"
	"maps"
	"regexp"
	"slices"
	"time"

	"gorm.io/gorm/clause"

	"onecard/models"
	"onecard/models/subsidy"
)

type batchRow struct {
	ID            string `gorm:"primaryKey"`
	LedgerMonth   string
	Programme     string
	Edition       int
	District      string
	Department    string
	PayingUnit    string
	PayingBank    string
	Period        string
	Reissue       bool
	Count         int
	TotalFen      int64
	Digest        string
	AnnouncedAt   time.Time
	Version       int64
	ChangedAt     time.Time
	LinesBy       string
	State         string
	Reason        string
	Withdrawn     bool
	Waiting       bool
	Loading       bool
	DueAt         *time.Time
	LeaseEnds     *time.Time
	Attempt       int
	Tries         int
	SpooledAt     *time.Time
	AppliedAt     *time.Time
	HeldAt        *time.Time
	WithdrawnAt   *time.Time
	DataSeq       int64
	AppliedCount  int
	AppliedFen    int64
	AppliedDigest string
	LinesHeld     int
	LinesParked   int
	PostingPlace  string
	PostingFrom   string
	PostingTo     string
	PostingOffice string
	PostingPhone  string
}

func (batchRow) TableName() string { return "batches" }

// announced writes what a newer announcement makes of the row.
func (r *batchRow) announced(l subsidy.BatchLife) {
	b := l.Batch
	r.ID, r.LedgerMonth, r.Programme, r.Edition, r.District, r.Department = b.ID, b.LedgerMonth, b.Programme, b.Edition, b.District, b.Department
	r.PayingUnit, r.PayingBank, r.Period, r.Reissue, r.Count, r.TotalFen = b.PayingUnit, b.PayingBank, b.Period, b.Reissue, b.Count, int64(b.TotalFen)
	r.Digest, r.AnnouncedAt, r.Version, r.ChangedAt = b.Digest, models.Instant(b.AnnouncedAt), b.Version, models.Instant(b.ChangedAt)
	if r.LinesBy = string(b.LinesBy); r.LinesBy == "" {
		r.LinesBy = string(subsidy.ByFeed)
	}
	at := b.Posting
	r.PostingPlace, r.PostingFrom, r.PostingTo, r.PostingOffice, r.PostingPhone = at.Place, string(at.From), string(at.To), at.Office.Name, at.Office.Phone
	r.State, r.Reason, r.Withdrawn, r.Waiting, r.Tries = string(l.State), l.Reason, l.Withdrawn, l.Waiting, l.Tries
	if r.Attempt != l.Attempt {
		r.Attempt, r.DueAt, r.LeaseEnds = l.Attempt, nil, nil
	}
}

func (r batchRow) life() subsidy.BatchLife {
	return subsidy.BatchLife{
		Batch: subsidy.Batch{ID: r.ID, LedgerMonth: r.LedgerMonth, Programme: r.Programme, Edition: r.Edition, District: r.District, Department: r.Department,
			PayingUnit: r.PayingUnit, PayingBank: r.PayingBank, Period: r.Period, Reissue: r.Reissue, Count: r.Count, TotalFen: models.Fen(r.TotalFen),
			Digest: r.Digest, AnnouncedAt: models.Instant(r.AnnouncedAt), Version: r.Version, ChangedAt: models.Instant(r.ChangedAt),
			LinesBy: subsidy.LinesBy(r.LinesBy), Withdrawn: r.Withdrawn, Posting: r.posting()},
		State: subsidy.BatchState(r.State), Reason: r.Reason, Waiting: r.Waiting, Loading: r.Loading, Spooled: r.State == string(subsidy.BatchSpooled), Attempt: r.Attempt, Tries: r.Tries,
		AppliedAt: timeOf(r.AppliedAt), HeldAt: timeOf(r.HeldAt), AppliedCount: r.AppliedCount, AppliedFen: models.Fen(r.AppliedFen), AppliedDigest: r.AppliedDigest,
	}
}

// SaveBatches writes announced batches newer than their rows. A known batch with another ledger month is not written; its
// id is returned.
func (s *Subsidies) SaveBatches(ctx context.Context, list []subsidy.Batch) (moved []string, err error) {
	err = s.InTx(ctx, func(ctx context.Context) error {
		moved, err = s.saveBatches(ctx, list)
		return err
	})
	return moved, err
}

func (s *Subsidies) saveBatches(ctx context.Context, list []subsidy.Batch) (moved []string, err error) {
	known, err := s.batchRows(ctx, list)
	if err != nil {
		return nil, err
	}
	changed := map[string]bool{}
	for _, b := range list {
		row, ok := known[b.ID]
		if ok && row.Version >= b.Version { // stale, whatever it says
			continue
		}
		if ok && row.LedgerMonth != b.LedgerMonth {
			moved = append(moved, b.ID)
			continue
		}
		was := subsidy.BatchLife{}
		if ok {
			was = row.life()
		}
		if !monthForm.MatchString(b.LedgerMonth) {
			return nil, errMonthForm
		}
		row.announced(b.Announced(was))
		known[b.ID], changed[b.ID] = row, true
	}
	rows := make([]batchRow, 0, len(changed))
	for _, id := range slices.Sorted(maps.Keys(changed)) {
		rows = append(rows, known[id])
	}
	if len(rows) == 0 {
		return moved, nil
	}
	return moved, translate(s.w(ctx).Clauses(clause.OnConflict{
		Columns: []clause.Column{{Name: "id"}},
		DoUpdates: clause.AssignmentColumns([]string{"programme", "edition", "district", "department", "paying_unit", "paying_bank", "period", "reissue",
			"count", "total_fen", "digest", "announced_at", "version", "changed_at", "lines_by", "state", "reason", "withdrawn", "waiting", "tries", "attempt",
			"due_at", "lease_ends", "posting_place", "posting_from", "posting_to", "posting_office", "posting_phone"}),
		Where: newerOnly("batches"),
	}).CreateInBatches(rows, 500).Error)
}

// batchRows reads and holds the rows of announced batches.
func (s *Subsidies) batchRows(ctx context.Context, list []subsidy.Batch) (map[string]batchRow, error) {
	ids := make([]string, len(list))
	for i, b := range list {
		ids[i] = b.ID
	}
	var rows []batchRow
	if err := s.forUpdate(s.w(ctx)).Where("id IN ?", ids).Order("id").Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	out := make(map[string]batchRow, len(rows))
	for _, r := range rows {
		out[r.ID] = r
	}
	return out, nil
}

// FixMonths answers what is known of each batch. One never heard of gets a row without figures, older than any
// announcement, so that its month is fixed by the first line and the announcement fills in the rest.
func (s *Subsidies) FixMonths(ctx context.Context, first map[string]subsidy.Key, at time.Time) (map[string]subsidy.BatchSeen, error) {
	ids := slices.Sorted(maps.Keys(first))
	q := s.w(ctx)
	if s.driver == Postgres { // what is announced or applied meanwhile waits for these lines
		q = q.Clauses(clause.Locking{Strength: clause.LockingStrengthShare})
	}
	var known []batchRow
	if err := q.Select("id", "ledger_month", "lines_by", "withdrawn", "applied_at").Where("id IN ?", ids).Order("id").Find(&known).Error; err != nil {
		return nil, translate(err)
	}
	seen := make(map[string]subsidy.BatchSeen, len(ids))
	for _, r := range known {
		whole := r.LinesBy != string(subsidy.ByFeed)
		seen[r.ID] = subsidy.BatchSeen{LedgerMonth: r.LedgerMonth, Whole: whole, Pending: whole && r.AppliedAt == nil && !r.Withdrawn, Withdrawn: r.Withdrawn}
	}
	var rows []batchRow
	for _, id := range ids {
		if _, known := seen[id]; known {
			continue
		}
		seen[id] = subsidy.BatchSeen{LedgerMonth: first[id].LedgerMonth}
		row := batchRow{}
		row.announced(subsidy.BatchLife{State: subsidy.BatchAnnounced,
			Batch: subsidy.Batch{ID: id, LedgerMonth: first[id].LedgerMonth, AnnouncedAt: at, ChangedAt: at}})
		rows = append(rows, row)
	}
	if len(rows) == 0 {
		return seen, nil
	}
	return seen, translate(s.w(ctx).CreateInBatches(rows, 500).Error)
}

var errMonthForm = errors.New("a ledger month has not the form 2006-01")

var monthForm = regexp.MustCompile(`^[0-9]{4}-(0[1-9]|1[0-2])$`)

// makePartitions makes the tables of ledger months on PostgreSQL, by a function of the schema: the service's role may
// not create tables. Months go in order, so that two who make the same ones never wait for each other in a ring.
func (db *DB) makePartitions(ctx context.Context, months map[string]bool) error {
	for _, month := range slices.Sorted(maps.Keys(months)) {
		if !monthForm.MatchString(month) {
			return errMonthForm
		}
		if db.driver == SQLite {
			continue
		}
		if err := db.w(ctx).Exec("SELECT make_payments_partition(?)", month).Error; err != nil {
			return translate(err)
		}
	}
	return nil
}

// visible leaves out batches whose lines are being loaded. Only SQLite loads in pieces; on PostgreSQL it says nothing.
func (db *DB) visible() string {
	if db.driver == SQLite {
		return " AND batch_id NOT IN (SELECT id FROM batches WHERE loading)"
	}
	return ""
}

// shown is shownTo without the lines of a batch that is being loaded.
func (db *DB) shown() string { return shownTo + db.visible() }
