package store

import (
	"context"

	"onecard/models"
	"onecard/models/hotline"
)

// Contacts reads what happened with a person.
type Contacts struct{ *DB }

// Contacts is calls, enquiries and acts as one list.
func (db *DB) Contacts() *Contacts { return &Contacts{db} }

var _ hotline.ContactStore = (*Contacts)(nil)

// LastContacts implements hotline.ContactStore, in one statement by the three indexes by person.
func (t *Contacts) LastContacts(ctx context.Context, person, except models.ID, acts []string, limit int) ([]hotline.Contact, error) {
	rows, err := t.q(ctx).Raw(`
		SELECT * FROM (SELECT 'call' AS kind, opened_at AS at, 'phone' AS channel, '' AS what, result AS state FROM calls
			WHERE person_id = ? AND id <> ? ORDER BY opened_at DESC LIMIT ?) c
		UNION ALL
		SELECT * FROM (SELECT 'enquiry' AS kind, opened_at AS at, '' AS channel, kind AS what, state FROM enquiries
			WHERE person_id = ? ORDER BY id DESC LIMIT ?) e
		UNION ALL
		SELECT * FROM (SELECT 'act' AS kind, at, channel, action AS what, result AS state FROM audit_entries
			WHERE subject_id = ? AND call_id <> ? AND action IN ? AND actor_kind IN ('citizen', 'agent') ORDER BY at DESC, id DESC LIMIT ?) a`,
		string(person), string(except), limit, string(person), limit, string(person), string(except), acts, limit).Rows()
	if err != nil {
		return nil, translate(err)
	}
	defer rows.Close()
	var out []hotline.Contact
	for rows.Next() {
		var c hotline.Contact
		if err := rows.Scan(&c.Kind, anInstant{&c.At}, &c.Channel, &c.What, &c.State); err != nil {
			return nil, translate(err)
		}
		out = append(out, c)
	}
	return out, translate(rows.Err())
}
