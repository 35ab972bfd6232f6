package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"onecard/models"
	"onecard/models/audit"
)

// auditKeys sign rows and seals. They come from one key that the database does not hold.
type auditKeys struct{ row, seal []byte }

func newAuditKeys(key []byte) auditKeys {
	return auditKeys{derive(key, "audit row"), derive(key, "audit seal")}
}

// auditRow is one decision. Tx orders settled rows: on PostgreSQL it is the writing transaction's id, on SQLite
// a counter; the database fills it.
type auditRow struct {
	ID        string
	Tx        int64
	At        time.Time
	ActorKind string
	ActorID   string
	Channel   string
	Level     string
	SubjectID string
	CallID    string
	Action    string
	Object    string
	ObjectID  string
	Result    string
	Detail    string // a flat JSON object of codes
	Digest    []byte
}

func newAuditRow(keys auditKeys, e audit.Entry) (auditRow, error) {
	if e.ID == "" || e.At.IsZero() || e.Action == "" || e.Result == "" {
		return auditRow{}, fmt.Errorf("audit entry without id, instant, action or result")
	}
	detail := e.Detail
	if detail == nil {
		detail = map[string]string{}
	}
	text, err := json.Marshal(detail)
	if err != nil {
		return auditRow{}, fmt.Errorf("audit detail: %w", err)
	}
	row := auditRow{
		ID: string(e.ID), At: models.Instant(e.At), ActorKind: string(e.ActorKind), ActorID: string(e.ActorID),
		Channel: string(e.Channel), Level: e.Level, SubjectID: string(e.SubjectID), CallID: string(e.CallID),
		Action: e.Action, Object: e.Object, ObjectID: e.ObjectID, Result: e.Result, Detail: string(text),
	}
	row.Digest, err = row.digest(keys)
	return row, err
}

// digest is HMAC-SM3 over the row's own fields, each led by its length. Tx is not among them: the database
// fills it, and the seals bind it.
func (r auditRow) digest(keys auditKeys) ([]byte, error) {
	detail := map[string]string{}
	if err := json.Unmarshal([]byte(r.Detail), &detail); err != nil {
		return nil, fmt.Errorf("audit detail is no flat object")
	}
	at := binary.BigEndian.AppendUint64(nil, uint64(r.At.UnixMicro())) // bits, not a number
	parts := [][]byte{[]byte("v1"), []byte(r.ID), at}
	for _, s := range []string{
		r.ActorKind, r.ActorID, r.Channel, r.Level, r.SubjectID, r.CallID, r.Action, r.Object, r.ObjectID, r.Result,
	} {
		parts = append(parts, []byte(s))
	}
	for _, k := range slices.Sorted(maps.Keys(detail)) {
		parts = append(parts, []byte(k), []byte(detail[k]))
	}
	return mac(keys.row, parts...), nil
}

// RecordAudit writes one decision's row in the decision's transaction (R57): ids and codes only. Rows can be
// neither changed nor deleted through the database role we use; a superuser who does is found by VerifyAudit.
func (db *DB) RecordAudit(ctx context.Context, e audit.Entry) error {
	r, err := newAuditRow(db.audit, e)
	if err != nil {
		return err
	}
	return translate(db.w(ctx).Exec(`INSERT INTO audit_entries (id, at, actor_kind, actor_id, channel, level, subject_id,
		call_id, action, object, object_id, result, detail, digest) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)`,
		r.ID, r.At, r.ActorKind, r.ActorID, r.Channel, r.Level, r.SubjectID,
		r.CallID, r.Action, r.Object, r.ObjectID, r.Result, r.Detail, r.Digest).Error)
}

// intact reports whether the row still is what was written.
func (r auditRow) intact(keys auditKeys) bool {
	want, err := r.digest(keys)
	return err == nil && bytes.Equal(want, r.Digest)
}

func (r auditRow) entry() audit.Entry {
	e := audit.Entry{
		ID: models.ID(r.ID), At: r.At, ActorKind: models.ActorKind(r.ActorKind), ActorID: models.ID(r.ActorID),
		Channel: models.Channel(r.Channel), Level: r.Level, SubjectID: models.ID(r.SubjectID), CallID: models.ID(r.CallID),
		Action: r.Action, Object: r.Object, ObjectID: r.ObjectID, Result: r.Result,
	}
	if json.Unmarshal([]byte(r.Detail), &e.Detail) != nil || len(e.Detail) == 0 {
		e.Detail = nil
	}
	return e
}

// AuditOf lists what was decided about one object, oldest first.
func (db *DB) AuditOf(ctx context.Context, object, objectID string) ([]audit.Entry, error) {
	return db.auditWhere(ctx, 1000, "object = ? AND object_id = ?", object, objectID)
}

// AuditAbout lists at most limit of what was decided about one person, oldest first: who looked, who acted.
func (db *DB) AuditAbout(ctx context.Context, person models.ID, since time.Time, limit int) ([]audit.Entry, error) {
	return db.auditWhere(ctx, limit, "subject_id = ? AND at >= ?", string(person), since)
}

func (db *DB) auditWhere(ctx context.Context, limit int, where string, args ...any) ([]audit.Entry, error) {
	var rows []auditRow
	err := db.q(ctx).Table("audit_entries").Where(where, args...).Order("at, id").Limit(limit).Find(&rows).Error
	if err != nil {
		return nil, translate(err)
	}
	out := make([]audit.Entry, len(rows))
	for i, r := range rows {
		out[i] = r.entry()
	}
	return out, nil
}
