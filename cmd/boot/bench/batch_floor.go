package bench

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// floorMonth is a ledger month that only a baseline of one round writes to; ours never come near it.
func floorMonth(kind string, round int) string {
	year := map[string]int{"copy": 2001, "gorm": 2051}[kind]
	return fmt.Sprintf("%04d-%02d", year+round/12, 1+round%12)
}

// copyOut writes the rows that our own load of a round left behind into a file, in the order of people, as the same
// payments of another month: what the floors load is what we loaded.
func (w *world) copyOut(ctx context.Context, from, to string) (file string, err error) {
	columns, err := w.columns(ctx)
	if err != nil {
		return "", err
	}
	picked := slices.Clone(columns)
	picked[slices.Index(columns, "ledger_month")] = "'" + to + "'"
	file = filepath.Join(w.dir, "floor.copy")
	f, err := os.Create(file)
	if err != nil {
		return "", err
	}
	out := bufio.NewWriterSize(f, 1<<20)
	_, err = w.db.PgConn().CopyTo(ctx, out, fmt.Sprintf("COPY (SELECT %s FROM payments WHERE ledger_month = '%s' ORDER BY person_id) TO STDOUT", strings.Join(picked, ", "), from))
	return file, errors.Join(err, out.Flush(), f.Close())
}

func (w *world) columns(ctx context.Context) ([]string, error) {
	rows, err := w.db.Query(ctx, "SELECT attname FROM pg_attribute WHERE attrelid = 'payments'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum")
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// bareLoad copies a month's rows into a new partition: COPY, the same indexes, attach, one commit. It checks nothing,
// resolves nobody, tells nobody.
func (w *world) bareLoad(ctx context.Context, from string, round int) (loaded, error) {
	month := floorMonth("copy", round)
	file, err := w.copyOut(ctx, from, month)
	if err != nil {
		return loaded{}, err
	}
	f, err := os.Open(file)
	if err != nil {
		return loaded{}, err
	}
	defer func() { _ = f.Close() }()
	part := "payments_" + strings.ReplaceAll(month, "-", "_")
	began := time.Now()
	tx, err := w.db.Begin(ctx)
	if err != nil {
		return loaded{}, err
	}
	defer func() { _ = tx.Rollback(ctx) }()
	if _, err := tx.Exec(ctx, "CREATE TABLE "+part+" (LIKE payments INCLUDING DEFAULTS INCLUDING CONSTRAINTS)"); err != nil {
		return loaded{}, err
	}
	done, err := tx.Conn().PgConn().CopyFrom(ctx, bufio.NewReaderSize(f, 1<<20), "COPY "+part+" FROM STDIN")
	if err != nil {
		return loaded{}, err
	}
	// Attaching makes what the parent has: its key and its indexes.
	if _, err := tx.Exec(ctx, fmt.Sprintf("ALTER TABLE payments ATTACH PARTITION %s FOR VALUES IN ('%s')", part, month)); err != nil {
		return loaded{}, err
	}
	if err := tx.Commit(ctx); err != nil {
		return loaded{}, err
	}
	return loaded{rows: int(done.RowsAffected()), took: time.Since(began)}, nil
}

// gormPayment is a payment as anybody would write it down for gorm.
type gormPayment struct {
	LedgerMonth, BatchID                           string
	Line                                           int
	Programme                                      string
	Edition                                        int
	District                                       string
	PersonID                                       string
	BeneficiaryID                                  *string
	PayeeKind, HouseholdRef                        string
	ExceptionWhy, ExceptionBy                      string
	AmountFen                                      int64
	Period, State, Hold                            string
	PlannedAt, SentAt, CreditedAt                  *time.Time
	CreditNo, PayingBank, AccountBank, AccountTail string
	OldChannel                                     bool
	ReturnReason, ReissueOf, ReissuedAs            string
	Version                                        int64
	ChangedAt, ReceivedAt                          time.Time
}

// TableName names the table.
func (gormPayment) TableName() string { return "payments" }

// gormLoad writes part of a month's rows the way of gorm's own guide: CreateInBatches of a thousand.
func (w *world) gormLoad(ctx context.Context, from string, round, rows int) (loaded, error) {
	month := floorMonth("gorm", round)
	if _, err := w.db.Exec(ctx, "SELECT make_payments_partition($1)", month); err != nil {
		return loaded{}, err
	}
	db, err := gorm.Open(postgres.Open(w.dsn), &gorm.Config{Logger: logger.Discard})
	if err != nil {
		return loaded{}, err
	}
	pool, err := db.DB()
	if err != nil {
		return loaded{}, err
	}
	defer func() { _ = pool.Close() }()
	var list []gormPayment
	if err := db.WithContext(ctx).Where("ledger_month = ?", from).Limit(rows).Find(&list).Error; err != nil {
		return loaded{}, err
	}
	for i := range list {
		list[i].LedgerMonth = month
	}
	began := time.Now()
	if err := db.WithContext(ctx).CreateInBatches(list, 1000).Error; err != nil {
		return loaded{}, err
	}
	return loaded{rows: len(list), took: time.Since(began)}, nil
}
