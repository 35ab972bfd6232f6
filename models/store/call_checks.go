package store

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"onecard/models"
	"onecard/models/hotline"
)

// CallChecks keeps verifications, looks at people and the counters of failures.
type CallChecks struct{ *DB }

// CallChecks is these three tables.
func (db *DB) CallChecks() *CallChecks { return &CallChecks{db} }

var _ hotline.CheckStore = (*CallChecks)(nil)

type verificationRow struct {
	ID       string `gorm:"primaryKey"`
	CallID   string
	StaffID  string
	PersonID *string
	At       time.Time
	Asked    string // codes of questions, never answers
	Fitting  string
	Matched  bool
	Level    string
	Strength string
	Locked   bool
	Failures int
}

func (verificationRow) TableName() string { return "call_verifications" }

// AddVerification inserts one try.
func (t *CallChecks) AddVerification(ctx context.Context, v hotline.Verification) error {
	return translate(t.w(ctx).Create(&verificationRow{
		ID: string(v.ID), CallID: string(v.CallID), StaffID: string(v.StaffID), PersonID: nullID(v.PersonID), At: v.At,
		Asked: strings.Join(v.Asked, " "), Fitting: strings.Join(v.Fitting, " "), Matched: v.Match,
		Level: string(v.Level), Strength: string(v.Strength), Locked: v.Locked, Failures: v.Failures,
	}).Error)
}

// VerificationByID reads one try.
func (t *CallChecks) VerificationByID(ctx context.Context, id models.ID) (hotline.Verification, error) {
	var r verificationRow
	if err := t.q(ctx).Where("id = ?", string(id)).Take(&r).Error; err != nil {
		return hotline.Verification{}, translate(err)
	}
	return hotline.Verification{
		ID: models.ID(r.ID), CallID: models.ID(r.CallID), StaffID: models.ID(r.StaffID), PersonID: idOf(r.PersonID),
		At: models.Instant(r.At), Asked: strings.Fields(r.Asked), Fitting: strings.Fields(r.Fitting), Match: r.Matched,
		Level: hotline.VerifyLevel(r.Level), Strength: hotline.Strength(r.Strength), Locked: r.Locked, Failures: r.Failures,
	}, nil
}

// AddLookUp inserts one look.
func (t *CallChecks) AddLookUp(ctx context.Context, l hotline.LookUp) error {
	return translate(t.w(ctx).Exec("INSERT INTO call_look_ups (id, call_id, staff_id, person_id, kind, at) VALUES (?,?,?,?,?,?)",
		string(l.ID), string(l.CallID), string(l.StaffID), nullID(l.PersonID), l.Kind, l.At).Error)
}

// LookUpsSince counts an agent's looks after an instant.
func (t *CallChecks) LookUpsSince(ctx context.Context, staff models.ID, since time.Time) (int, error) {
	var n int64
	err := t.q(ctx).Table("call_look_ups").Where("staff_id = ? AND at > ?", string(staff), since).Count(&n).Error
	return int(n), translate(err)
}

// HoldFailures locks the counters of the newest key version, making those that are missing.
func (t *CallChecks) HoldFailures(ctx context.Context, keys []hotline.FailureKey, day models.Date) error {
	if t.txFrom(ctx) == nil {
		return errors.New("counters are held inside a transaction")
	}
	type counter struct {
		scope string
		index []byte
	}
	held := make([]counter, len(keys))
	for i, k := range keys {
		held[i] = counter{k.Scope, t.LookupIndexes("call_failures."+k.Scope, k.Value)[0].Index}
	}
	slices.SortFunc(held, func(a, b counter) int { return cmp.Or(cmp.Compare(a.scope, b.scope), bytes.Compare(a.index, b.index)) })
	for _, c := range held {
		err := t.w(ctx).Exec(`INSERT INTO call_failures (scope, key_index, day, failures) VALUES (?,?,?,0)
			ON CONFLICT (scope, key_index, day) DO UPDATE SET failures = call_failures.failures`, c.scope, c.index, string(day)).Error
		if err != nil {
			return translate(err)
		}
	}
	return nil
}

// CountFailure adds one to a key's failures of a civil day and gives the day's count.
func (t *CallChecks) CountFailure(ctx context.Context, k hotline.FailureKey, day models.Date) (int, error) {
	newest := t.LookupIndexes("call_failures."+k.Scope, k.Value)[0].Index
	err := t.w(ctx).Exec(`INSERT INTO call_failures (scope, key_index, day, failures) VALUES (?,?,?,1)
		ON CONFLICT (scope, key_index, day) DO UPDATE SET failures = call_failures.failures + 1`, k.Scope, newest, string(day)).Error
	if err != nil {
		return 0, translate(err)
	}
	return t.Failures(ctx, k, day)
}

// Failures is a key's count of a civil day, under every key version: a rotation at noon forgets nothing.
func (t *CallChecks) Failures(ctx context.Context, k hotline.FailureKey, day models.Date) (int, error) {
	var indexes [][]byte
	for _, ix := range t.LookupIndexes("call_failures."+k.Scope, k.Value) {
		indexes = append(indexes, ix.Index)
	}
	var counts []int
	err := t.q(ctx).Table("call_failures").Where("scope = ? AND day = ? AND key_index IN ?", k.Scope, string(day), indexes).
		Pluck("failures", &counts).Error
	total := 0
	for _, n := range counts {
		total += n
	}
	return total, translate(err)
}

// DropFailuresBefore cleans counters of days long gone.
func (t *CallChecks) DropFailuresBefore(ctx context.Context, day models.Date) error {
	return translate(t.w(ctx).Exec("DELETE FROM call_failures WHERE day < ?", string(day)).Error)
}
