package bench

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"onecard/configs"
	"onecard/models/store"
)

// nextID is an id as the product makes them (UUIDv7): the n-th of a seed stands behind those before it.
func nextID(n string) string {
	return strings.ReplaceAll(`CAST(lpad(to_hex(floor(extract(epoch FROM now()) * 1000)::bigint + $n / 4096), 12, '0') || '7' ||
		lpad(to_hex($n % 4096), 3, '0') || '8' || substr(md5(random()::text), 1, 15) AS uuid)`, "$n", n)
}

// perResident is how many messages a resident gets at most: below what a person gets a day.
const perResident = 15

// ours is the product's own store on the bench's database: it alone can seal a phone number and a code.
func (w *world) ours(ctx context.Context) (*store.DB, configs.Config, error) {
	cfg, err := configs.Load(configs.Dev(w.dir), "", w.env())
	if err != nil {
		return nil, cfg, err
	}
	keys := map[int][]byte{}
	for _, k := range cfg.Keys.Index {
		keys[k.Version] = k.Key.Bytes()
	}
	db, err := store.Open(ctx, store.Config{
		Driver: store.Postgres, DSN: w.dsn, MaxConns: 2, KEK: cfg.Keys.KEK.Bytes(), IndexKeys: keys,
		AuditKey: cfg.Keys.Audit.Bytes(), IdemKey: cfg.Keys.Idempotency.Bytes(),
	})
	if err != nil {
		return nil, cfg, err
	}
	return db, cfg, db.CheckKeys(ctx)
}

// seedResidents adds people with phones.
func (w *world) seedResidents(ctx context.Context, db *store.DB, residents int) error {
	if _, err := w.db.Exec(ctx, `CREATE TABLE bench_people AS SELECT n, gen_random_uuid() AS id FROM generate_series(1, $1::int) n`, residents); err != nil {
		return err
	}
	rows, err := w.db.Query(ctx, "SELECT n, id::text FROM bench_people ORDER BY n")
	if err != nil {
		return err
	}
	type resident struct {
		n  int
		id string
	}
	people, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (r resident, err error) { return r, row.Scan(&r.n, &r.id) })
	if err != nil {
		return err
	}
	lines := make([][]any, len(people))
	for i, p := range people {
		phone, err := db.Seal(ctx, "persons", "phone_sealed", p.id, fmt.Appendf(nil, "139%08d", p.n))
		if err != nil {
			return err
		}
		lines[i] = []any{p.id, fmt.Sprintf("BENCH-%d", p.n), fmt.Sprintf("bench%d", p.n), phone, "1980-01-01", "410303", "", false, "alive", "", 1}
	}
	_, err = w.db.Exec(ctx, `CREATE TEMPORARY TABLE bench_residents (id uuid, ref text, handle text, phone_sealed bytea, birth_date text, district text,
		household_ref text, is_head boolean, living_status text, merged_into_ref text, version bigint)`)
	if err != nil {
		return err
	}
	columns := []string{"id", "ref", "handle", "phone_sealed", "birth_date", "district", "household_ref", "is_head", "living_status", "merged_into_ref", "version"}
	if _, err = w.db.CopyFrom(ctx, pgx.Identifier{"bench_residents"}, columns, pgx.CopyFromRows(lines)); err != nil {
		return err
	}
	_, err = w.db.Exec(ctx, `INSERT INTO persons (id, ref, handle, phone_sealed, birth_date, district, household_ref, is_head, living_status, merged_into_ref,
		version, changed_at, received_at) SELECT *, now(), now() FROM bench_residents`)
	return err
}

// queueArrivals fills the queue as a payday does: n credits of the residents in turn, each told by SMS. What an earlier
// case left is taken out first.
func (w *world) queueArrivals(ctx context.Context, n, residents int) error {
	for _, s := range []string{
		"TRUNCATE deliveries, delivery_receipts, notice_secrets, notices",
		`INSERT INTO notices (id, cause, kind, lane, person_id, params, destination, scope, object, happened_at, expires_at, created_at)
			SELECT ` + nextID("i") + `, 'bench:' || i, 'arrival', 3, p.id, '{"programme":"高龄津贴","amount":"123.45","date":"11月30日","tail":"1234"}', '', 'LYB', '',
			now(), now() + interval '7 days', now() FROM ` + fmt.Sprintf("generate_series(1, %d) i JOIN bench_people p ON p.n = i %% %d + 1", n, residents),
		`INSERT INTO deliveries (id, notice_id, channel, fallback, lane, repeatable, expires_at, created_at, state, due_at, attempt, losses, reason, vendor, vendor_id)
			SELECT ` + nextID("row_number() OVER (ORDER BY id)") + `, id, 'sms', '', 3, false, expires_at, created_at, 'queued', created_at, 0, 0, '', '', '' FROM notices`,
		"VACUUM (ANALYZE) notices", "VACUUM (ANALYZE) deliveries", "CHECKPOINT",
	} {
		if _, err := w.db.Exec(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// haveApproved writes down that the vendor approved the texts that a bench sends.
func (w *world) haveApproved(ctx context.Context) error {
	for _, args := range [][]string{
		{"templates", "file"},
		{"templates", "set", "aliyun", "arrival", "approved", "--reason", "the bench's own vendor"},
		{"templates", "set", "aliyun", "code", "approved", "--reason", "the bench's own vendor"},
	} {
		if err := w.command(ctx, args...).Run(); err != nil {
			return fmt.Errorf("%v: %w: %s", args, err, w.said())
		}
	}
	return nil
}
