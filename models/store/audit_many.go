package store

import (
	"context"
	"strings"

	"onecard/models/audit"
)

// auditChunk keeps one statement's parameters below what both databases take.
const auditChunk = 500

// RecordAudits is RecordAudit for many decisions made in one transaction, e.g. about the lines of one page of the feed.
func (db *DB) RecordAudits(ctx context.Context, list []audit.Entry) error {
	for start := 0; start < len(list); start += auditChunk {
		some := list[start:min(start+auditChunk, len(list))]
		args := make([]any, 0, 14*len(some))
		for _, e := range some {
			r, err := newAuditRow(db.audit, e)
			if err != nil {
				return err
			}
			args = append(args, r.ID, r.At, r.ActorKind, r.ActorID, r.Channel, r.Level, r.SubjectID,
				r.CallID, r.Action, r.Object, r.ObjectID, r.Result, r.Detail, r.Digest)
		}
		places := strings.Repeat(",(?,?,?,?,?,?,?,?,?,?,?,?,?,?)", len(some))[1:]
		err := db.w(ctx).Exec(`INSERT INTO audit_entries (id, at, actor_kind, actor_id, channel, level, subject_id,
			call_id, action, object, object_id, result, detail, digest) VALUES `+places, args...).Error
		if err != nil {
			return translate(err)
		}
	}
	return nil
}
