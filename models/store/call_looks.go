package store

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"onecard/models"
	"onecard/models/hotline"
)

// CallLooks reads people for agents, each look held against its call by the statement that reads.
type CallLooks struct{ *DB }

// CallLooks is persons as calls open them.
func (db *DB) CallLooks() *CallLooks { return &CallLooks{db} }

var _ hotline.LookStore = (*CallLooks)(nil)

// callOpens holds a call against what a look rests on: whose it is, that it is open, its caller still there, and used, how surely the caller is known,
// that the agent still has the role, and that no failures of the day lock the keys tied to it (R58), whichever version of the
// look-up key they were counted under. Its variables are those of openArgs.
const callOpens = `id = ? AND staff_id = ? AND person_id = ? AND level = ? AND failures < ? AND closed_at IS NULL AND ended_at IS NULL AND used_at >= ?
	AND EXISTS (SELECT 1 FROM staff s JOIN staff_roles r ON r.staff_id = s.id WHERE s.id = calls.staff_id AND s.disabled_at IS NULL AND r.role IN ?)
	AND EXISTS (SELECT 1 FROM call_lock_keys k WHERE k.call_id = calls.id AND k.key_version = ?)
	AND NOT EXISTS (SELECT k.scope FROM call_lock_keys k JOIN call_failures f ON f.scope = k.scope AND f.key_index = k.key_index AND f.day = ?
		WHERE k.call_id = calls.id GROUP BY k.scope HAVING sum(f.failures) >= ?)`

func (t *CallLooks) openArgs(ask hotline.LookAsk) []any {
	l := ask.LookUp
	return []any{
		string(l.CallID), string(l.StaffID), string(l.PersonID), string(ask.Level), hotline.FailuresPerCall, ask.LeftBefore, roleWords(ask.Roles),
		t.newestIndex(), string(ask.Day), hotline.FailuresPerDay,
	}
}

func roleWords(roles []hotline.Role) []string {
	out := make([]string, len(roles))
	for i, r := range roles {
		out[i] = string(r)
	}
	return out
}

const (
	lookColumns  = "id, call_id, staff_id, person_id, kind, at"
	entryColumns = "id, at, actor_kind, actor_id, channel, level, subject_id, call_id, action, object, object_id, result, detail, digest"
	// seenColumns count the looks before this one: what a statement writes it does not see.
	seenColumns = `c.strength, p.id, p.ref, p.household_ref, p.name_sealed, p.id_number_sealed, p.phone_sealed, p.district, s.person_hash, s.household_hash,
		(SELECT count(*) FROM call_look_ups l WHERE l.staff_id = s.id AND l.at > ?) AS hour,
		(SELECT count(*) FROM call_look_ups l WHERE l.staff_id = s.id AND l.at > ? AND l.call_id = c.id AND l.kind NOT IN ('verification', 'call_back')) AS of_call`
)

type seenRow struct {
	Person        personRow `gorm:"embedded"`
	Strength      string
	PersonHash    []byte
	HouseholdHash []byte
	Hour, OfCall  int
}

// Look implements hotline.LookStore.
func (t *CallLooks) Look(ctx context.Context, ask hotline.LookAsk) (hotline.Seen, error) {
	entry, err := newAuditRow(t.audit, ask.Entry)
	if err != nil {
		return hotline.Seen{}, err
	}
	var row seenRow
	if t.driver == SQLite {
		// That there is no row is no failure of the transaction: whoever looks in a larger one finds out why, and looks again.
		var opens bool
		err = t.InTx(ctx, func(ctx context.Context) (err error) {
			opens, err = t.lookInSteps(ctx, ask, entry, &row)
			return err
		})
		if err == nil && !opens {
			err = models.ErrNotFound
		}
	} else {
		err = t.lookAtOnce(ctx, ask, entry, &row)
	}
	if err != nil {
		return hotline.Seen{}, err
	}
	p, err := t.person(ctx, row.Person)
	if err != nil {
		return hotline.Seen{}, err
	}
	return hotline.Seen{
		Person: caller(p), Strength: hotline.Strength(row.Strength), Hour: row.Hour + 1, First: row.OfCall == 0,
		Own: t.isOwn(row.PersonHash, row.HouseholdHash, row.Person.Ref, row.Person.HouseholdRef),
	}, nil
}

// lookAtOnce is one statement, and so one round trip and one durable write. The casts are there because a bare parameter in
// a list of SELECT is text to PostgreSQL.
func (t *CallLooks) lookAtOnce(ctx context.Context, ask hotline.LookAsk, e auditRow, row *seenRow) error {
	l, hour := ask.LookUp, ask.LookUp.At.Add(-time.Hour)
	args := append([]any{l.At}, t.openArgs(ask)...)
	args = append(args, string(l.ID), l.Kind, l.At)
	args = append(args, entryArgs(e)...)
	args = append(args, hour, hour)
	res := t.w(ctx).Raw(`WITH c AS (UPDATE calls SET used_at = ? WHERE `+callOpens+` RETURNING id, staff_id, person_id, strength),
		look AS (INSERT INTO call_look_ups (`+lookColumns+`) SELECT ?::uuid, c.id, c.staff_id, c.person_id, ?::text, ?::timestamptz FROM c),
		entry AS (INSERT INTO audit_entries (`+entryColumns+`) SELECT ?::uuid, ?::timestamptz, ?::text, ?::text, ?::text, ?::text, ?::text, ?::text,
			?::text, ?::text, ?::text, ?::text, ?::text, ?::bytea FROM c)
		SELECT `+seenColumns+` FROM c JOIN persons p ON p.id = c.person_id JOIN staff s ON s.id = c.staff_id`, args...).Scan(row)
	if res.Error != nil {
		return translate(res.Error)
	}
	if row.Person.ID == "" {
		return models.ErrNotFound
	}
	return nil
}

// lookInSteps is the same on SQLite, which writes nothing within a SELECT; its one writer makes the steps one.
func (t *CallLooks) lookInSteps(ctx context.Context, ask hotline.LookAsk, e auditRow, row *seenRow) (opens bool, err error) {
	l, hour := ask.LookUp, ask.LookUp.At.Add(-time.Hour)
	res := t.w(ctx).Exec("UPDATE calls SET used_at = ? WHERE "+callOpens, append([]any{l.At}, t.openArgs(ask)...)...)
	if res.Error != nil || res.RowsAffected == 0 {
		return false, translate(res.Error)
	}
	err = t.q(ctx).Raw("SELECT "+seenColumns+` FROM calls c JOIN persons p ON p.id = c.person_id JOIN staff s ON s.id = c.staff_id WHERE c.id = ?`,
		hour, hour, string(l.CallID)).Scan(row).Error
	if err != nil {
		return false, translate(err)
	}
	err = t.w(ctx).Exec("INSERT INTO call_look_ups ("+lookColumns+") VALUES (?,?,?,?,?,?)",
		string(l.ID), string(l.CallID), string(l.StaffID), string(l.PersonID), l.Kind, l.At).Error
	if err != nil {
		return false, translate(err)
	}
	return true, translate(t.w(ctx).Exec("INSERT INTO audit_entries ("+entryColumns+") VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)", entryArgs(e)...).Error)
}

// caseColumns count the looks with this one, which was written just before.
const caseColumns = `(SELECT count(*) FROM call_look_ups l WHERE l.staff_id = s.id AND l.at > ?) AS hour,
	(SELECT count(*) FROM call_look_ups l WHERE l.staff_id = s.id AND l.at > ? AND l.object = ? AND l.object_id = ?) AS of_call`

// cases are the things that are looked at outside calls, as a look holds against them: that they are there, about this person
// and, of orders, for the reader to see.
var cases = map[string]string{
	"work_orders": "work_orders w JOIN enquiries e ON e.id = w.id WHERE w.id = ? AND e.person_id = ?",
	"call_backs":  "call_backs b WHERE b.id = ? AND (b.person_id = ? OR b.person_id IS NULL)",
}

// LookAtCase implements hotline.LookStore.
func (t *CallLooks) LookAtCase(ctx context.Context, ask hotline.CaseLook) (hotline.Seen, error) {
	if t.txFrom(ctx) == nil {
		return hotline.Seen{}, errors.New("what is looked at outside a call is read in the transaction of the look")
	}
	l := ask.LookUp
	from, known := cases[l.Object]
	if !known {
		return hotline.Seen{}, errors.New("nothing that is looked at outside a call: " + l.Object)
	}
	args := []any{string(l.ID), string(l.StaffID), nullID(l.PersonID), l.Kind, l.At, l.Object, string(l.ObjectID), string(l.ObjectID), nullID(l.PersonID)}
	if ask.Reader.Bound {
		from, args = from+" AND w.department = ? AND w.department <> ''", append(args, ask.Reader.Department)
		if ask.Reader.District != "" {
			from, args = from+" AND w.district = ?", append(args, ask.Reader.District)
		}
	}
	args = append(args, string(l.StaffID), roleWords(ask.Roles))
	cast := [...]string{"uuid", "uuid", "uuid", "text", "timestamptz", "text", "text"} // a bare parameter in a list of SELECT is text
	values := ""
	for i, as := range cast {
		if i > 0 {
			values += ", "
		}
		if values += "?"; t.driver == Postgres {
			values += "::" + as
		}
	}
	res := t.w(ctx).Exec("INSERT INTO call_look_ups (id, staff_id, person_id, kind, at, object, object_id) SELECT "+values+" FROM "+from+`
		AND EXISTS (SELECT 1 FROM staff s JOIN staff_roles r ON r.staff_id = s.id WHERE s.id = ? AND s.disabled_at IS NULL AND r.role IN ?)`, args...)
	if res.Error != nil || res.RowsAffected == 0 {
		return hotline.Seen{}, cmp.Or(translate(res.Error), error(models.ErrNotFound))
	}
	return t.seenAtCase(ctx, l)
}

// seenAtCase reads whom a look outside a call was at, if anybody, and how much its staff has looked.
func (t *CallLooks) seenAtCase(ctx context.Context, l hotline.LookUp) (hotline.Seen, error) {
	hour := l.At.Add(-time.Hour)
	var row seenRow
	err := t.q(ctx).Raw("SELECT "+caseColumns+" FROM staff s WHERE s.id = ?", hour, hour, l.Object, string(l.ObjectID), string(l.StaffID)).Scan(&row).Error
	seen := hotline.Seen{Hour: row.Hour, First: row.OfCall == 1}
	if err != nil || l.PersonID == "" {
		return seen, translate(err)
	}
	var about seenRow
	err = t.q(ctx).Raw(`SELECT p.id, p.ref, p.household_ref, p.name_sealed, p.id_number_sealed, p.phone_sealed, p.district, s.person_hash, s.household_hash
		FROM persons p JOIN staff s ON s.id = ? WHERE p.id = ?`, string(l.StaffID), string(l.PersonID)).Scan(&about).Error
	if err != nil || about.Person.ID == "" { // a record that is gone is looked at by nobody
		return seen, translate(err)
	}
	p, err := t.person(ctx, about.Person)
	if err != nil {
		return hotline.Seen{}, err
	}
	seen.Person, seen.Own = caller(p), t.isOwn(about.PersonHash, about.HouseholdHash, about.Person.Ref, about.Person.HouseholdRef)
	return seen, nil
}

func entryArgs(r auditRow) []any {
	return []any{r.ID, r.At, r.ActorKind, r.ActorID, r.Channel, r.Level, r.SubjectID, r.CallID, r.Action, r.Object, r.ObjectID, r.Result, r.Detail, r.Digest}
}

// TieLocks writes the keys under every version of the look-up key: a change of keys within a call forgets nothing, and a call
// without the newest version is looked at again.
func (t *CallLooks) TieLocks(ctx context.Context, call models.ID, keys []hotline.FailureKey, at time.Time) error {
	for _, k := range keys {
		for _, ix := range t.LookupIndexes("call_failures."+k.Scope, k.Value) {
			err := t.w(ctx).Exec(`INSERT INTO call_lock_keys (call_id, scope, key_version, key_index, tied_at) VALUES (?,?,?,?,?)
				ON CONFLICT (call_id, scope, key_version) DO NOTHING`, string(call), k.Scope, ix.Version, ix.Index, at).Error
			if err != nil {
				return translate(err)
			}
		}
	}
	return nil
}

// DropLocksBefore cleans the keys of calls long over.
func (t *CallLooks) DropLocksBefore(ctx context.Context, at time.Time) error {
	return translate(t.w(ctx).Exec("DELETE FROM call_lock_keys WHERE tied_at < ?", at).Error)
}

// isOwn compares what is recorded of a member of staff with a person, under every version of the look-up key.
func (t *CallLooks) isOwn(person, household []byte, ref, householdRef string) bool {
	is := func(recorded []byte, field, value string) bool {
		return len(recorded) > 0 && value != "" && slices.ContainsFunc(t.LookupIndexes(field, value), func(ix LookupIndex) bool {
			return bytes.Equal(ix.Index, recorded)
		})
	}
	return is(person, staffPersonField, ref) || is(household, staffHouseholdField, householdRef)
}

// What a member of staff's own person and household are kept under: look-up hashes, which tell nobody who she is.
const (
	staffPersonField    = "staff.person"
	staffHouseholdField = "staff.household"
)

// LinkStaff implements hotline.LookStore.
func (t *CallLooks) LinkStaff(ctx context.Context, staff models.ID, ref models.PersonRef) error {
	var person, household []byte
	if ref != "" {
		p, err := t.Persons().PersonByRef(ctx, ref)
		if err != nil {
			return err
		}
		person = t.LookupIndexes(staffPersonField, string(p.Ref))[0].Index
		if p.HouseholdRef != "" {
			household = t.LookupIndexes(staffHouseholdField, p.HouseholdRef)[0].Index
		}
	}
	return guarded(t.w(ctx).Exec("UPDATE staff SET person_hash = ?, household_hash = ? WHERE id = ?", person, household, string(staff)))
}
