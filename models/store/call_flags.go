package store

import (
	"context"
	"time"

	"onecard/models"
	"onecard/models/hotline"
)

// CallFlags keeps what supervisors should ask after.
type CallFlags struct{ *DB }

// CallFlags is the flags' table.
func (db *DB) CallFlags() *CallFlags { return &CallFlags{db} }

var _ hotline.FlagStore = (*CallFlags)(nil)

type callFlagRow struct {
	ID        string `gorm:"primaryKey"`
	Kind      string
	StaffID   string
	CallID    *string
	Span      string
	Looks     int
	RaisedAt  time.Time
	SettledAt *time.Time
	SettledBy *string
	Reason    string
	Version   int
}

func (callFlagRow) TableName() string { return "call_flags" }

func (r callFlagRow) flag() hotline.Flag {
	return hotline.Flag{
		ID: models.ID(r.ID), Kind: hotline.FlagKind(r.Kind), StaffID: models.ID(r.StaffID), CallID: idOf(r.CallID), Span: r.Span, Looks: r.Looks,
		RaisedAt: models.Instant(r.RaisedAt), SettledAt: timeOf(r.SettledAt), SettledBy: idOf(r.SettledBy), Reason: r.Reason, Version: r.Version,
	}
}

// RaiseFlag inserts a flag unless its span has one.
func (t *CallFlags) RaiseFlag(ctx context.Context, f hotline.Flag) (bool, error) {
	res := t.w(ctx).Exec(`INSERT INTO call_flags (id, kind, staff_id, call_id, span, looks, raised_at, reason, version) VALUES (?,?,?,?,?,?,?,'',1)
		ON CONFLICT (kind, staff_id, span) DO NOTHING`,
		string(f.ID), string(f.Kind), string(f.StaffID), nullID(f.CallID), f.Span, f.Looks, f.RaisedAt)
	return res.RowsAffected == 1, translate(res.Error)
}

// FlagByID reads one flag.
func (t *CallFlags) FlagByID(ctx context.Context, id models.ID) (hotline.Flag, error) {
	found, err := t.shown(ctx, t.shownFlags(ctx).Where("f.id = ?", string(id)).Limit(1))
	if err == nil && len(found) == 0 {
		err = models.ErrNotFound
	}
	if err != nil {
		return hotline.Flag{}, err
	}
	return found[0], nil
}

// SettleFlag takes an open flag down.
func (t *CallFlags) SettleFlag(ctx context.Context, f hotline.Flag) error {
	return guarded(t.w(ctx).Exec(`UPDATE call_flags SET settled_at = ?, settled_by = ?, reason = ?, version = version + 1
		WHERE id = ? AND version = ? AND settled_at IS NULL`, f.SettledAt, string(f.SettledBy), f.Reason, string(f.ID), f.Version))
}

// OpenFlags lists the flags that are up, the oldest first.
func (t *CallFlags) OpenFlags(ctx context.Context, limit int) ([]hotline.Flag, error) {
	return t.shown(ctx, t.shownFlags(ctx).Where("f.settled_at IS NULL").Order("f.raised_at, f.id").Limit(limit))
}

// CallsWithoutAct implements hotline.FlagStore. What was done in a call stands in the audit under it, which is indexed; a
// confidential report names nobody and is an act all the same. What was done about an order stands under the order.
func (t *CallFlags) CallsWithoutAct(ctx context.Context, staff, present models.ID, since time.Time, most int) (int, error) {
	var acted []bool
	err := t.q(ctx).Raw(`SELECT acted FROM (
		SELECT c.opened_at AS at, EXISTS (SELECT 1 FROM audit_entries a WHERE a.call_id <> '' AND a.call_id = CAST(c.id AS text) AND a.action IN ?) AS acted
		FROM calls c WHERE c.staff_id = ? AND c.id <> ? AND c.opened_at > ?
			AND EXISTS (SELECT 1 FROM call_look_ups l WHERE l.staff_id = c.staff_id AND l.at >= c.opened_at AND l.call_id = c.id
				AND l.kind NOT IN ('verification', 'call_back'))
		UNION ALL
		SELECT min(l.at) AS at, EXISTS (SELECT 1 FROM audit_entries a WHERE a.object = l.object AND a.object_id = l.object_id AND a.at >= ?
			AND a.actor_id = ? AND a.action IN ?) AS acted
		FROM call_look_ups l WHERE l.staff_id = ? AND l.at > ? AND l.object <> '' AND l.object_id <> ? GROUP BY l.object, l.object_id
		) looked ORDER BY at DESC LIMIT ?`, hotline.Acts, string(staff), string(present), since,
		since, string(staff), hotline.CaseActs, string(staff), since, string(present), most).Scan(&acted).Error
	if err != nil {
		return 0, translate(err)
	}
	for i, a := range acted {
		if a {
			return i, nil
		}
	}
	return len(acted), nil
}
