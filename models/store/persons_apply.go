package store

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"time"

	"gorm.io/gorm/clause"

	"onecard/models"
	"onecard/models/citizen"
)

// factChunk is how many people one statement writes; SQLite takes 32,766 parameters.
const factChunk = 500

// ApplyPersons writes the facts that are newer than our rows and answers what they changed for people we had. New
// people go in by the chunk; a changed one is an update guarded by its version, so that an old fact that comes late,
// or twice, does nothing.
func (t *Persons) ApplyPersons(ctx context.Context, facts []citizen.PersonFact, at time.Time) ([]citizen.PersonChange, error) {
	var changes []citizen.PersonChange
	facts = newestFacts(facts)
	err := t.InTx(ctx, func(ctx context.Context) error {
		for start := 0; start < len(facts); start += factChunk {
			some, err := t.applyChunk(ctx, facts[start:min(start+factChunk, len(facts))], at)
			if err != nil {
				return err
			}
			changes = append(changes, some...)
		}
		return nil
	})
	return changes, err
}

// newestFacts keeps one fact per person, the newest, in the order of first appearance.
func newestFacts(facts []citizen.PersonFact) []citizen.PersonFact {
	place := make(map[models.PersonRef]int, len(facts))
	out := make([]citizen.PersonFact, 0, len(facts))
	for _, f := range facts {
		if i, seen := place[f.Ref]; !seen {
			place[f.Ref] = len(out)
			out = append(out, f)
		} else if f.Version > out[i].Version {
			out[i] = f
		}
	}
	return out
}

func (t *Persons) applyChunk(ctx context.Context, facts []citizen.PersonFact, at time.Time) ([]citizen.PersonChange, error) {
	known, err := t.rowsByRef(ctx, refsOf(facts))
	if err != nil {
		return nil, err
	}
	var fresh []citizen.PersonFact
	for _, f := range facts {
		if _, ok := known[string(f.Ref)]; !ok {
			fresh = append(fresh, f)
		}
	}
	met, err := t.insertPersons(ctx, fresh, at)
	if err != nil {
		return nil, err
	}
	for ref, row := range met { // another writer was first with these
		known[ref] = row
	}
	var changes []citizen.PersonChange
	for _, f := range facts {
		before, ok := known[string(f.Ref)]
		if !ok || before.Version >= f.Version {
			continue
		}
		change, err := t.updatePerson(ctx, before, f, at)
		if err != nil {
			return nil, err
		}
		changes = append(changes, change)
	}
	late, err := t.mergedBefore(ctx, fresh)
	return append(changes, late...), err
}

func refsOf(facts []citizen.PersonFact) []string {
	refs := make([]string, len(facts))
	for i, f := range facts {
		refs[i] = string(f.Ref)
	}
	return refs
}

func (t *Persons) rowsByRef(ctx context.Context, refs []string) (map[string]personRow, error) {
	var rows []personRow
	if err := t.forUpdate(t.w(ctx)).Where("ref IN ?", refs).Order("ref").Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	out := make(map[string]personRow, len(rows))
	for _, r := range rows {
		out[r.Ref] = r
	}
	return out, nil
}

// insertPersons writes new people with their look-ups and answers the rows of those that another writer had inserted
// in the meantime.
func (t *Persons) insertPersons(ctx context.Context, facts []citizen.PersonFact, at time.Time) (map[string]personRow, error) {
	if len(facts) == 0 {
		return nil, nil
	}
	rows := make([]personRow, len(facts))
	mine := make(map[string]string, len(facts)) // ref → id
	for i, f := range facts {
		id := string(models.NewID())
		row, err := t.newPersonRow(ctx, id, randomHandle(), f, at)
		if err != nil {
			return nil, err
		}
		rows[i], mine[row.Ref] = row, id
	}
	res := t.w(ctx).Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "ref"}}, DoNothing: true}).Create(&rows)
	if res.Error != nil {
		return nil, translate(res.Error)
	}
	met := map[string]personRow{}
	if res.RowsAffected != int64(len(rows)) {
		all, err := t.rowsByRef(ctx, refsOf(facts))
		if err != nil {
			return nil, err
		}
		for ref, row := range all {
			if row.ID != mine[ref] {
				met[ref] = row
			}
		}
	}
	var lookups []personLookupRow
	for _, f := range facts {
		if _, other := met[string(f.Ref)]; !other {
			lookups = append(lookups, t.lookupsOf(mine[string(f.Ref)], f)...)
		}
	}
	return met, t.addLookupRows(ctx, lookups)
}

func randomHandle() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

// lookupsOf makes a person findable under every active key. A merged record is not findable: the one it became is.
func (t *Persons) lookupsOf(id string, f citizen.PersonFact) []personLookupRow {
	if f.MergedInto != "" {
		return nil
	}
	var rows []personLookupRow
	add := func(field, value string) {
		if value == "" {
			return
		}
		for _, ix := range t.personIndexes(field, value) {
			rows = append(rows, personLookupRow{id, field, ix.Version, ix.Index})
		}
	}
	add(LookupIDNumber, f.IDNumber.Reveal())
	add(LookupPhone, f.Phone.Reveal())
	if !f.Name.IsZero() && !f.IDNumber.IsZero() {
		add(LookupLast6, Last6Key(f.Name, f.IDNumber.Last6()))
	}
	return rows
}

func (t *Persons) addLookupRows(ctx context.Context, rows []personLookupRow) error {
	if len(rows) == 0 {
		return nil
	}
	return translate(t.w(ctx).CreateInBatches(&rows, 2000).Error)
}

// updatePerson writes a newer fact over an older row; a row that has meanwhile gone further is left alone.
func (t *Persons) updatePerson(ctx context.Context, before personRow, f citizen.PersonFact, at time.Time) (citizen.PersonChange, error) {
	change := citizen.PersonChange{PersonID: models.ID(before.ID)}
	if f.Partial { // what the source does not tell is as it was
		f.HouseholdRef, f.IsHead, f.MergedInto = before.HouseholdRef, before.IsHead, models.PersonRef(before.MergedIntoRef)
		if before.District != "" {
			f.District = before.District
		}
	}
	row, err := t.newPersonRow(ctx, before.ID, before.Handle, f, at)
	if err != nil {
		return change, err
	}
	if row.DeceasedAt != nil && before.LivingStatus == string(citizen.Deceased) {
		row.DeceasedAt = nullTime(deadSince(before.DeceasedAt, before.ChangedAt))
	}
	res := t.w(ctx).Model(&personRow{}).Where("id = ? AND version < ?", before.ID, f.Version).
		Select("*").Omit("id", "ref", "handle", "contact_phone_sealed").Updates(row)
	if res.Error != nil || res.RowsAffected == 0 {
		return change, translate(res.Error)
	}
	if err := t.w(ctx).Exec("DELETE FROM person_lookups WHERE person_id = ?", before.ID).Error; err != nil {
		return change, translate(err)
	}
	if err := t.addLookupRows(ctx, t.lookupsOf(before.ID, f)); err != nil {
		return change, err
	}
	old, err := t.person(ctx, before)
	if err != nil {
		return change, err
	}
	change.PhoneChanged, change.Guardians, change.Partial = old.Phone != f.Phone, f.Guardians, f.Partial
	change.Died = f.LivingStatus == citizen.Deceased && old.LivingStatus != citizen.Deceased
	if change.Merged = f.MergedInto != "" && f.MergedInto != old.MergedInto; change.Merged {
		change.MergedInto, err = t.idByRef(ctx, f.MergedInto)
	}
	return change, err
}

// deadSince is when a dead person's record first said so. Of one that was written before this was kept, no more is known
// than when it last changed.
func deadSince(kept *time.Time, changed time.Time) time.Time {
	if kept != nil {
		changed = *kept
	}
	return models.Instant(changed)
}

// idByRef is empty for a person who is not here yet.
func (t *Persons) idByRef(ctx context.Context, ref models.PersonRef) (models.ID, error) {
	ids, err := t.personIDs(ctx, []string{string(ref)})
	return ids[string(ref)], err
}

// mergedBefore finds records that were merged into people who arrive only now.
func (t *Persons) mergedBefore(ctx context.Context, fresh []citizen.PersonFact) ([]citizen.PersonChange, error) {
	if len(fresh) == 0 {
		return nil, nil
	}
	var rows []struct{ ID, MergedIntoRef string }
	err := t.q(ctx).Table("persons").Select("id, merged_into_ref").
		Where("merged_into_ref <> '' AND merged_into_ref IN ?", refsOf(fresh)).Find(&rows).Error
	if err != nil {
		return nil, translate(err)
	}
	var out []citizen.PersonChange
	for _, r := range rows {
		into, err := t.idByRef(ctx, models.PersonRef(r.MergedIntoRef))
		if err != nil {
			return nil, err
		}
		out = append(out, citizen.PersonChange{PersonID: models.ID(r.ID), Merged: true, MergedInto: into})
	}
	return out, nil
}
