package store

import (
	"context"

	"onecard/models"
	"onecard/models/citizen"
)

// AccessLog reads the audit rows about a person.
type AccessLog struct{ *DB }

// AccessLog is the audit table as a citizen may see it.
func (db *DB) AccessLog() *AccessLog { return &AccessLog{db} }

var _ citizen.AccessLog = (*AccessLog)(nil)

// AccessEntries lists what others did about a person, newest first: agents, and people acting for her. The system's
// own work is not a look at anyone. Audit ids grow with time, so they are the cursor.
func (t *AccessLog) AccessEntries(ctx context.Context, person, before models.ID, limit int) ([]citizen.AccessEntry, error) {
	q := t.q(ctx).Table("audit_entries").Select("id, at, actor_kind, channel, call_id, action, result, detail").
		Where("subject_id = ? AND actor_id <> ? AND actor_kind <> ?", string(person), string(person), string(models.SystemActor)).
		Where("NOT (actor_kind = ? AND actor_id = '')", string(models.CitizenActor)) // her own phone before it was bound
	if before != "" {
		q = q.Where("id < ?", string(before))
	}
	var rows []auditRow
	if err := q.Order("id DESC").Limit(limit).Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	out := make([]citizen.AccessEntry, len(rows))
	for i, r := range rows {
		out[i] = citizen.AccessEntry{
			ID: models.ID(r.ID), At: models.Instant(r.At), Kind: models.ActorKind(r.ActorKind), Channel: models.Channel(r.Channel),
			Action: r.Action, Result: r.Result, Text: r.entry().Text(),
		}
	}
	return out, nil
}
