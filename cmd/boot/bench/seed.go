package bench

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Each person of the bench gets so many payments a ledger month, for so many months up to this one.
const (
	perMonth = 4
	months   = 12
)

// reader is a person with a session.
type reader struct{ person, handle, token string }

// shanghai is where ledger months are counted.
var shanghai = time.FixedZone("CST", 8*60*60)

func ledgerMonth(now time.Time, back int) string {
	now = now.In(shanghai)
	return time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, shanghai).AddDate(0, -back, 0).Format("2006-01")
}

// seed fills the tables with people and their payments, by sets, as a year of paydays would have left them, and returns
// some of the people with sessions of level real.
func (w *world) seed(ctx context.Context, rows, readers int) ([]reader, error) {
	people := max(readers, rows/(perMonth*months))
	if _, err := w.db.Exec(ctx, `
		CREATE TABLE bench_people AS SELECT n, gen_random_uuid() AS id, md5('handle' || n || random()) AS handle FROM generate_series(1, $1::int) n;`, people); err != nil {
		return nil, err
	}
	if _, err := w.db.Exec(ctx, `
		INSERT INTO persons (id, ref, handle, birth_date, district, household_ref, is_head, living_status, merged_into_ref, version, changed_at, received_at)
		SELECT id, 'BENCH-' || n, handle, '1980-01-01', '410303', '', false, 'alive', '', 1, now(), now() FROM bench_people`); err != nil {
		return nil, err
	}
	if _, err := w.db.Exec(ctx, `
		INSERT INTO feed_cursors (source, cursor, data_seq, current_as_of, received_at, notify_from, caught_up_at)
		VALUES ('cards', 'x', 1, now(), now(), now(), now()), ('payments', 'x', 1, now(), now(), now(), now())`); err != nil {
		return nil, err
	}
	if _, err := w.db.Exec(ctx, `
		INSERT INTO programmes (code, edition, number, name, short_name, sms_name, domain, department, payee_kind, cadence, sensitivity, district, policy_doc,
			official_link, published_on, valid_from, valid_to, onboarded, version, changed_at)
		VALUES ('P28', 1, 28, '高龄津贴', '高龄津贴', '高龄津贴', 'civil_affairs', '民政局', 'individual', 'monthly', 'normal', '', '', '', '2021-01-01', '2000-01-01', '', '{}', 1, now())`); err != nil {
		return nil, err
	}
	now := time.Now()
	for back := months - 1; back >= 0; back-- {
		if err := w.seedMonth(ctx, ledgerMonth(now, back)); err != nil {
			return nil, err
		}
	}
	list, err := w.logIn(ctx, readers)
	if err != nil {
		return nil, err
	}
	for _, statement := range []string{"VACUUM (ANALYZE) payments", "VACUUM (ANALYZE) persons", "VACUUM (ANALYZE) sessions", "CHECKPOINT"} {
		if _, err := w.db.Exec(ctx, statement); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// seedMonth adds one month's payments in the order of people, as a payday loads them.
func (w *world) seedMonth(ctx context.Context, month string) error {
	if _, err := w.db.Exec(ctx, "SELECT make_payments_partition($1)", month); err != nil {
		return err
	}
	if _, err := w.db.Exec(ctx, `
		INSERT INTO batches (id, ledger_month, programme, edition, district, department, paying_unit, paying_bank, period, reissue, count, total_fen, digest, announced_at, version, changed_at)
		SELECT 'BENCH' || b || '-' || $1, $1, 'P28', 1, '410303', '', '', 'LYB', $1, false, 0, 0, '', now(), 1, now() FROM generate_series(1, $2::int) b`, month, perMonth); err != nil {
		return err
	}
	_, err := w.db.Exec(ctx, `
		INSERT INTO payments (ledger_month, batch_id, line, programme, edition, district, person_id, beneficiary_id, payee_kind, household_ref, exception_why,
			exception_by, amount_fen, period, state, hold, planned_at, sent_at, credited_at, credit_no, paying_bank, account_bank, account_tail, old_channel,
			return_reason, reissue_of, reissued_as, version, changed_at, received_at)
		SELECT $1, 'BENCH' || b || '-' || $1, p.n, 'P28', 1, '410303', p.id, p.id, 'individual', '', '', '', 12345 + b, $1, 'credited', '', now(), now(), now(),
			'C' || p.n || '-' || b, 'LYB', 'LYB', '1234', false, '', '', '', 1, now(), now()
		FROM bench_people p, generate_series(1, $2::int) b ORDER BY p.id`, month, perMonth)
	return err
}

// logIn gives the first people a session each. A session's row holds the hash of its secret only.
func (w *world) logIn(ctx context.Context, count int) ([]reader, error) {
	rows, err := w.db.Query(ctx, "SELECT id::text, handle FROM bench_people ORDER BY n LIMIT $1", count)
	if err != nil {
		return nil, err
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (r reader, err error) { return r, row.Scan(&r.person, &r.handle) })
	if err != nil {
		return nil, err
	}
	var sessions [][]any
	now := time.Now()
	for i, r := range list {
		raw := make([]byte, 32)
		_, _ = rand.Read(raw)
		secret := base64.RawURLEncoding.EncodeToString(raw)
		sum := sha256.Sum256([]byte(secret))
		list[i].token = "oc1." + r.handle + "." + secret
		id := fmt.Sprintf("00000000-0000-7000-8000-%012d", i+1)
		sessions = append(sessions, []any{id, "own", r.handle, hex.EncodeToString(sum[:]), r.person, "wechat_mini", "real", now, "bench", now, now, now.Add(24 * time.Hour), "", 1})
	}
	_, err = w.db.CopyFrom(ctx, pgx.Identifier{"sessions"}, []string{"id", "kind", "handle", "secret_hash", "person_id", "channel", "level", "checked_at",
		"device", "made_at", "seen_at", "expires_at", "ended_why", "version"}, pgx.CopyFromRows(sessions))
	return list, err
}
