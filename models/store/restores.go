package store

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"gorm.io/gorm/clause"

	"onecard/models"
	"onecard/models/notice"
)

// Restores keeps when the database was put back, and holds what may have been sent before (notice.RestoreStore).
type Restores struct{ *Notices }

var _ notice.RestoreStore = (*Restores)(nil)

// Restores gives them.
func (db *DB) Restores() *Restores { return &Restores{db.Notices()} }

type restoreRow struct {
	ID        string `gorm:"primaryKey"`
	LostUntil time.Time
	Evidence  string
	Basis     string
	NotedAt   time.Time
	Decision  string
	Words     string
	DecidedAt *time.Time
}

func (restoreRow) TableName() string { return "restores" }

// SealMissing implements notice.RestoreStore. A database without any seal is a new one, and was not put back.
func (s *Restores) SealMissing(ctx context.Context) (notice.MissingSeal, error) {
	none := notice.MissingSeal{}
	copies, ok := s.copies.(interface {
		All(ctx context.Context) ([]AuditSeal, error)
	})
	if !ok {
		return none, nil
	}
	all, err := copies.All(ctx)
	if err != nil || len(all) == 0 {
		return none, err
	}
	newest := all[len(all)-1]
	var have []AuditSeal
	if err := s.q(ctx).Where("n = ? OR n = 1", newest.N).Order("n DESC").Find(&have).Error; err != nil || len(have) == 0 {
		return none, translate(err)
	}
	if first := have[len(have)-1]; first.N == 1 && all[0].N == 1 && string(first.Hash) != string(all[0].Hash) {
		// A new database beside an old folder: nothing of it was lost.
		s.log.ErrorContext(ctx, "the seals kept outside are of another database", "code", "SEALS_OF_ANOTHER")
		return none, nil
	}
	if have[0].N == newest.N && string(have[0].Hash) == string(newest.Hash) {
		return none, nil
	}
	if taken, err := s.takenBy(ctx, newest.SealedAt); err != nil || taken {
		return none, err
	}
	return notice.MissingSeal{Name: fmt.Sprintf("%d:%s", newest.N, hex.EncodeToString(newest.Hash)), SealedAt: newest.SealedAt}, nil
}

// takenBy reports whether a restore that was noted took a seal of that instant away. Each host keeps a file of its own,
// and none of them ends alike. A later restore leaves the row of an earlier one only with the seals that were made before
// it was noted.
func (s *Restores) takenBy(ctx context.Context, sealed time.Time) (bool, error) {
	var rows []restoreRow
	if err := s.q(ctx).Order("id DESC").Limit(100).Find(&rows).Error; err != nil {
		return false, translate(err)
	}
	for _, r := range rows {
		if !sealed.After(r.LostUntil) || !sealed.After(r.NotedAt) {
			return true, nil
		}
	}
	return false, nil
}

// AddRestore implements notice.RestoreStore.
func (s *Restores) AddRestore(ctx context.Context, r notice.Restore) (bool, error) {
	res := s.w(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(&restoreRow{
		ID: string(r.ID), LostUntil: r.LostUntil, Evidence: r.Evidence, Basis: r.Basis, NotedAt: r.NotedAt,
	})
	if res.Error == nil && res.RowsAffected == 0 && r.Evidence != "" { // put back again before anybody decided
		res = s.w(ctx).Exec(`UPDATE restores SET lost_until = ?, evidence = ? WHERE decision = '' AND evidence <> '' AND lost_until < ?
			AND NOT EXISTS (SELECT 1 FROM restores known WHERE known.evidence = ?)`, r.LostUntil, r.Evidence, r.SealedAt, r.Evidence)
	}
	if res.Error != nil || res.RowsAffected == 0 {
		return false, translate(res.Error)
	}
	return true, translate(s.w(ctx).Exec("UPDATE campaigns SET state = 'paused', end_reason = ? WHERE state IN ('approved', 'running')", notice.ReasonRestored).Error)
}

// LastRestore implements notice.RestoreStore.
func (s *Restores) LastRestore(ctx context.Context) (notice.Restore, error) {
	var rows []restoreRow
	if err := s.q(ctx).Order("id DESC").Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return notice.Restore{}, translate(err)
	}
	r := rows[0]
	return notice.Restore{
		ID: models.ID(r.ID), LostUntil: models.Instant(r.LostUntil), Evidence: r.Evidence, Basis: r.Basis, NotedAt: models.Instant(r.NotedAt),
		Decision: notice.RestoreDecision(r.Decision), Words: r.Words, DecidedAt: timeOf(r.DecidedAt),
	}, nil
}

// DecideRestore implements notice.RestoreStore.
func (s *Restores) DecideRestore(ctx context.Context, r notice.Restore) error {
	return guarded(s.w(ctx).Exec("UPDATE restores SET decision = ?, words = ?, decided_at = ? WHERE id = ? AND decision = ''",
		string(r.Decision), r.Words, r.DecidedAt, string(r.ID)))
}

const queuedBefore = "state = 'queued' AND created_at <= ? AND NOT (lane = ? AND repeatable)"

// HoldQueued implements notice.RestoreStore. A code's seal is dropped by the sweep that drops those whose time is over.
// Each of its two steps walks an index of its own.
func (s *Restores) HoldQueued(ctx context.Context, until time.Time, limit int) (int, error) {
	n, err := s.moveQueued(ctx, "state = CASE WHEN lane = ? THEN 'expired' ELSE 'held' END, settled_at = CASE WHEN lane = ? THEN "+s.anInstant()+" END, reason = ?",
		[]any{int(notice.LaneCodes), int(notice.LaneCodes), s.stamp(), notice.ReasonRestored},
		queuedBefore, []any{until, int(notice.LaneLoss)}, limit)
	if err != nil || n == limit {
		return n, err
	}
	paused, err := s.moveQueued(ctx, "reason = ?", []any{notice.ReasonRestored}, "state = 'held' AND reason = ? AND created_at <= ?",
		[]any{notice.ReasonCampaignPaused, until}, limit)
	return max(n, paused), err
}

// ofPaused is a delivery of a campaign that somebody stopped.
const ofPaused = "EXISTS (SELECT 1 FROM campaigns c WHERE c.id = deliveries.campaign_id AND c.state = 'paused')"

// EndHeld implements notice.RestoreStore. What belongs to a paused campaign waits on, for whoever resumes that.
func (s *Restores) EndHeld(ctx context.Context, d notice.RestoreDecision, limit int) (int, error) {
	set, values := "state = 'suppressed', settled_at = ?, fallback = ''", []any{s.stamp()}
	if d == notice.RestoreReleased {
		set = "state = CASE WHEN " + ofPaused + " THEN 'held' ELSE 'queued' END, reason = CASE WHEN " + ofPaused + " THEN ? ELSE '' END"
		values = []any{notice.ReasonCampaignPaused}
	}
	return s.moveQueued(ctx, set, values, "state = 'held' AND reason = ?", []any{notice.ReasonRestored}, limit)
}

// anInstant is a parameter whose type the statement does not show by itself.
func (db *DB) anInstant() string {
	if db.driver == SQLite {
		return "?"
	}
	return "CAST(? AS timestamptz)"
}

// someOf takes the rows that expire first; what is being claimed at this moment is passed over.
func (s *Restores) someOf(from string) string {
	few := "SELECT id FROM deliveries WHERE " + from + " ORDER BY expires_at LIMIT ?"
	if s.driver == Postgres {
		few += " FOR UPDATE SKIP LOCKED"
	}
	return few
}

func (s *Restores) moveQueued(ctx context.Context, set string, values []any, from string, is []any, limit int) (int, error) {
	vars := append(append([]any{}, is...), limit)
	vars = append(append(vars, values...), is...)
	res := s.w(ctx).Exec("WITH few AS MATERIALIZED ("+s.someOf(from)+") UPDATE deliveries SET "+set+" WHERE id IN (SELECT id FROM few) AND "+from, vars...)
	return int(res.RowsAffected), translate(res.Error)
}

// HeldByRestore implements notice.RestoreStore; the index of what is held holds nothing else.
func (s *Restores) HeldByRestore(ctx context.Context) (map[notice.Lane]int, error) {
	var rows []struct {
		Lane  int
		Count int
	}
	err := s.q(ctx).Raw("SELECT lane, count(*) AS count FROM deliveries WHERE state = 'held' AND reason = ? GROUP BY lane", notice.ReasonRestored).Scan(&rows).Error
	out := make(map[notice.Lane]int, len(rows))
	for _, r := range rows {
		out[notice.Lane(r.Lane)] = r.Count
	}
	return out, translate(err)
}

// HoldFactsUntil implements notice.RestoreStore: feeds tell again of what happened in the span that was lost.
func (db *DB) HoldFactsUntil(t time.Time) {
	if t.IsZero() {
		db.restoredUntil.Store(0)
		return
	}
	db.restoredUntil.Store(t.UnixMicro())
}

// toldBefore reports whether a message about something that happened then may have been sent before a restore.
func (db *DB) toldBefore(spec notice.Spec, at time.Time) bool {
	until := db.restoredUntil.Load()
	return until != 0 && at.UnixMicro() <= until && notice.HeldAfterRestore(spec)
}
