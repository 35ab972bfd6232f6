package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"onecard/models"
	"onecard/models/subsidy"
)

var _ subsidy.Held = (*Subsidies)(nil)

// heldKey is the condition that two rows are about one line.
func heldKey(a, b string) string {
	return fmt.Sprintf("%[1]s.ledger_month = %[2]s.ledger_month AND %[1]s.batch_id = %[2]s.batch_id AND %[1]s.line = %[2]s.line", a, b)
}

// neverListed are holds that wait for nobody: two people's decision, and a whole batch taken back. It names the partial
// index payments_waiting.
const neverListed = "('', 'REJECTED', 'BATCH_WITHDRAWN')"

// noteLines lists what is held among the payments p of a condition. One that stands there for the same reason stays as
// it is, its age and its proposal with it.
func (s *Subsidies) noteLines(ctx context.Context, n subsidy.Noting, where string, args ...any) (int, error) {
	owners, dues := "CASE p.hold", "CASE p.hold"
	var ownerArgs, dueArgs []any
	due := "?"
	if s.driver == Postgres {
		due = "CAST(? AS timestamptz)"
	}
	for _, reason := range slices.Sorted(maps.Keys(n.Rules)) {
		owners, dues = owners+" WHEN ? THEN ?", dues+" WHEN ? THEN "+due
		ownerArgs = append(ownerArgs, string(reason), string(n.Rules[reason].Owner))
		dueArgs = append(dueArgs, string(reason), n.Rules[reason].DueAt)
	}
	owners, dues = owners+" ELSE ? END", dues+" ELSE "+due+" END"
	all := slices.Concat(ownerArgs, []any{string(n.Other.Owner), n.At}, dueArgs, []any{n.Other.DueAt}, args)
	res := s.w(ctx).Exec(`INSERT INTO held_items (ledger_month, batch_id, line, reason, state, owner, district, department, facts, held_at, due_at, alarmed_on, changes)
		SELECT p.ledger_month, p.batch_id, p.line, p.hold, 'held', `+owners+`, p.district, COALESCE(pr.department, ''), '', `+due+`, `+dues+`, '', 1
		FROM payments p LEFT JOIN programmes pr ON pr.code = p.programme AND pr.edition = p.edition
		WHERE p.hold NOT IN `+neverListed+` AND p.batch_id NOT IN (SELECT id FROM batches WHERE loading) AND `+where+againHeld, all...)
	return int(res.RowsAffected), translate(res.Error)
}

// againHeld brings an entry back that was settled, or is held for another reason now.
const againHeld = ` ON CONFLICT (ledger_month, batch_id, line) DO UPDATE SET reason = excluded.reason, state = 'held', owner = excluded.owner,
	assigned_to = NULL, district = excluded.district, department = excluded.department, facts = '', held_at = excluded.held_at,
	due_at = excluded.due_at, alarmed_on = '', changes = held_items.changes + 1
	WHERE held_items.state NOT IN ('held', 'proposed') OR held_items.reason <> excluded.reason`

// stillHeld is that the payment of an entry is as the entry says.
var stillHeld = `EXISTS (SELECT 1 FROM payments p WHERE ` + heldKey("p", "held_items") + ` AND p.hold = CASE held_items.state WHEN 'rejected' THEN 'REJECTED' ELSE held_items.reason END)`

// endLines ends entries of lines that are not held for that reason any more.
func (s *Subsidies) endLines(ctx context.Context, where string, args ...any) (int, error) {
	res := s.w(ctx).Exec(`UPDATE held_items SET state = 'ended', changes = changes + 1
		WHERE state IN ('held', 'proposed', 'rejected') AND line > 0 AND NOT `+stillHeld+` AND `+where, args...)
	return int(res.RowsAffected), translate(res.Error)
}

// endProposals ends proposals about entries that are settled, or are held for another reason now.
func (s *Subsidies) endProposals(ctx context.Context, at time.Time) error {
	return translate(s.w(ctx).Exec(`UPDATE held_proposals SET state = 'ended', decided_at = ? WHERE state = 'open' AND NOT EXISTS
		(SELECT 1 FROM held_items h WHERE `+heldKey("h", "held_proposals")+` AND h.state = 'proposed' AND h.reason = held_proposals.reason)`, at).Error)
}

// NoteHolds brings the list in line with these payments.
func (s *Subsidies) NoteHolds(ctx context.Context, keys []subsidy.Key, n subsidy.Noting) error {
	if len(keys) == 0 {
		return nil
	}
	ended, err := s.endLines(ctx, "?", s.keysAmong(keys))
	if err != nil {
		return err
	}
	in := s.keysAmong(keys)
	in.SQL = strings.Replace(in.SQL, "(ledger_month, batch_id, line)", "(p.ledger_month, p.batch_id, p.line)", 1)
	noted, err := s.noteLines(ctx, n, "?", in)
	if err != nil || ended+noted == 0 {
		return err
	}
	return s.endProposals(ctx, n.At)
}

// CatchUpHolds does so for lines and batches that changed by another way, e.g. in a stream.
func (s *Subsidies) CatchUpHolds(ctx context.Context, n subsidy.Noting, limit int) (int, error) {
	if err := s.byIndexOnly(ctx); err != nil {
		return 0, err
	}
	ended, err := s.endLines(ctx, "TRUE")
	if err != nil {
		return 0, err
	}
	// The rows are found first, so that the limit counts only those which are not listed yet.
	noted, err := s.noteLines(ctx, n, `(p.ledger_month, p.batch_id, p.line) IN (SELECT q.ledger_month, q.batch_id, q.line FROM payments q
		LEFT JOIN held_items h ON `+heldKey("h", "q")+`
		WHERE q.hold NOT IN `+neverListed+` AND q.batch_id NOT IN (SELECT id FROM batches WHERE loading) AND (h.line IS NULL OR h.reason <> q.hold OR h.state NOT IN ('held', 'proposed')) LIMIT ?)`, limit)
	if err != nil {
		return 0, err
	}
	batches, err := s.catchUpBatches(ctx, n)
	if err != nil || ended+noted+batches == 0 {
		return 0, err
	}
	return noted, s.endProposals(ctx, n.At)
}

type heldRow struct {
	LedgerMonth, BatchID        string
	Line                        int
	Reason, State, Owner        string
	AssignedTo                  *string
	District, Department, Facts string
	HeldAt, DueAt               time.Time
	AlarmedOn                   string
	Changes                     int
	Programme                   string
	Edition                     int
	AmountFen                   int64
	LineState                   string
	Version                     int64
}

func (r heldRow) item() subsidy.HeldItem {
	return subsidy.HeldItem{
		Key: subsidy.Key{LedgerMonth: r.LedgerMonth, BatchID: r.BatchID, Line: r.Line}, Reason: subsidy.Hold(r.Reason),
		State: subsidy.HeldState(r.State), Owner: subsidy.Owner(r.Owner), AssignedTo: idOf(r.AssignedTo), Programme: r.Programme,
		Edition: r.Edition, District: r.District, Department: r.Department, AmountFen: models.Fen(r.AmountFen),
		LineState: subsidy.State(r.LineState), Facts: r.Facts, Version: r.Version, HeldAt: models.Instant(r.HeldAt),
		DueAt: models.Instant(r.DueAt), AlarmedOn: models.Date(r.AlarmedOn), Changes: r.Changes,
	}
}

// heldSelect shows an entry with its line or its batch as they stand.
var heldSelect = `SELECT h.ledger_month, h.batch_id, h.line, h.reason, h.state, h.owner, h.assigned_to, h.district, h.department, h.facts,
	h.held_at, h.due_at, h.alarmed_on, h.changes, COALESCE(p.programme, b.programme, '') AS programme, COALESCE(p.edition, b.edition, 0) AS edition,
	COALESCE(p.amount_fen, b.total_fen, 0) AS amount_fen, COALESCE(p.state, '') AS line_state, COALESCE(p.version, b.version, 0) AS version
	FROM held_items h LEFT JOIN payments p ON ` + heldKey("p", "h") + ` LEFT JOIN batches b ON h.line = 0 AND b.id = h.batch_id`

func (s *Subsidies) heldItems(ctx context.Context, where string, args ...any) ([]subsidy.HeldItem, error) {
	var rows []heldRow
	if err := s.q(ctx).Raw(heldSelect+where, args...).Scan(&rows).Error; err != nil {
		return nil, translate(err)
	}
	out := make([]subsidy.HeldItem, len(rows))
	for i, r := range rows {
		out[i] = r.item()
	}
	return out, nil
}

// HeldItems lists a page, the longest held first.
func (s *Subsidies) HeldItems(ctx context.Context, q subsidy.HeldQuery) ([]subsidy.HeldItem, error) {
	var where strings.Builder
	states := make([]string, len(q.States))
	for i, st := range q.States {
		states[i] = string(st)
	}
	where.WriteString(" WHERE h.state IN ?")
	args := []any{states}
	also := func(wanted bool, condition string, values ...any) {
		if wanted {
			where.WriteString(" AND " + condition)
			args = append(args, values...)
		}
	}
	also(q.Reason != "", "h.reason = ?", string(q.Reason))
	also(q.Owner != "", "h.owner = ?", string(q.Owner))
	also(q.AssignedTo != "", "h.assigned_to = ?", string(q.AssignedTo))
	also(q.District != "", "h.district = ?", q.District)
	also(q.Department != "", "h.department = ?", q.Department)
	also(!q.DueBefore.IsZero(), "h.due_at < ?", q.DueBefore)
	also(!q.AfterAt.IsZero(), "(h.held_at, h.ledger_month, h.batch_id, h.line) > (?, ?, ?, ?)", q.AfterAt, q.After.LedgerMonth, q.After.BatchID, q.After.Line)
	where.WriteString(" ORDER BY h.held_at, h.ledger_month, h.batch_id, h.line LIMIT ?")
	return s.heldItems(ctx, where.String(), append(args, q.Limit)...)
}

// HeldItem reads one entry; in a transaction its row is locked until the end.
func (s *Subsidies) HeldItem(ctx context.Context, k subsidy.Key) (subsidy.HeldItem, error) {
	lock := ""
	if s.driver == Postgres && s.txFrom(ctx) != nil {
		lock = " FOR UPDATE OF h"
	}
	list, err := s.heldItems(ctx, " WHERE h.ledger_month = ? AND h.batch_id = ? AND h.line = ?"+lock, k.LedgerMonth, k.BatchID, k.Line)
	if err != nil {
		return subsidy.HeldItem{}, err
	}
	if len(list) == 0 {
		return subsidy.HeldItem{}, models.ErrNotFound
	}
	return list[0], nil
}

// UpdateHeld writes state, owner, keeper and facts where the row still is as it was read.
func (s *Subsidies) UpdateHeld(ctx context.Context, h subsidy.HeldItem, from subsidy.HeldState) error {
	return guarded(s.w(ctx).Exec(`UPDATE held_items SET state = ?, owner = ?, assigned_to = ?, facts = ?, changes = changes + 1
		WHERE ledger_month = ? AND batch_id = ? AND line = ? AND state = ? AND changes = ?`,
		string(h.State), string(h.Owner), nullID(h.AssignedTo), h.Facts, h.Key.LedgerMonth, h.Key.BatchID, h.Key.Line, string(from), h.Changes))
}

// HeldLine reads and locks one payment.
func (s *Subsidies) HeldLine(ctx context.Context, k subsidy.Key) (subsidy.Payment, error) {
	var row paymentRow
	err := s.forUpdate(s.w(ctx)).Where("ledger_month = ? AND batch_id = ? AND line = ?", k.LedgerMonth, k.BatchID, k.Line).Take(&row).Error
	if err != nil {
		return subsidy.Payment{}, translate(err)
	}
	return row.payment(), nil
}

// Decided reads those of the entries that were released or rejected.
func (s *Subsidies) Decided(ctx context.Context, keys []subsidy.Key) (map[subsidy.Key]subsidy.HeldItem, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	var rows []heldRow
	err := s.w(ctx).Table("held_items").Where("state IN ('released', 'rejected')").Where(s.keysIn(keys)).Find(&rows).Error
	out := make(map[subsidy.Key]subsidy.HeldItem, len(rows))
	for _, r := range rows {
		h := r.item()
		out[h.Key] = h
	}
	return out, translate(err)
}

// Overdue marks entries that nobody has decided in time, each once a day.
func (s *Subsidies) Overdue(ctx context.Context, now time.Time, day models.Date, limit int) ([]subsidy.HeldItem, error) {
	var rows []heldRow
	err := s.w(ctx).Raw(`UPDATE held_items SET alarmed_on = ? WHERE (ledger_month, batch_id, line) IN
		(SELECT ledger_month, batch_id, line FROM held_items WHERE state IN ('held', 'proposed') AND due_at < ? AND alarmed_on < ? ORDER BY due_at LIMIT ?)
		AND state IN ('held', 'proposed') AND alarmed_on < ? RETURNING ledger_month, batch_id, line, reason, state, owner, held_at, due_at`,
		string(day), now, string(day), limit, string(day)).Scan(&rows).Error
	out := make([]subsidy.HeldItem, len(rows))
	for i, r := range rows {
		out[i] = r.item()
	}
	return out, translate(err)
}

// byIndexOnly keeps the statements of this transaction to the indexes that hold only what waits. A planner that knows nothing of
// a month yet would read all of it instead.
func (db *DB) byIndexOnly(ctx context.Context) error {
	if db.driver == SQLite {
		return nil
	}
	return translate(db.w(ctx).Exec("SET LOCAL enable_seqscan = off").Error)
}
