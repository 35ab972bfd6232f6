package store

import (
	"context"
	"maps"
	"slices"

	"onecard/models"
)

// LookupIndex is the blind index of a value under one version of the look-up key.
type LookupIndex struct {
	Version int
	Index   []byte
}

// personLookupRow finds a person by a value without holding it. A person has one row per field and key version;
// several persons may share a value (a family phone). Uniqueness of persons is the registry's reference alone.
type personLookupRow struct {
	PersonID    string `gorm:"primaryKey"`
	Field       string `gorm:"primaryKey"`
	KeyVersion  int    `gorm:"primaryKey"`
	LookupIndex []byte
}

func (personLookupRow) TableName() string { return "person_lookups" }

// LookupIndexes is HMAC-SM3 of a normalised value under every key version we hold, newest first. Keys change by
// configuring a new version beside the old (both are written and read) and onecard keys rotate; what a day forgets needs
// no rotation, and is read under every version of the settings.
func (db *DB) LookupIndexes(field, normalised string) []LookupIndex {
	out := make([]LookupIndex, 0, len(db.index))
	for version, key := range db.index {
		out = append(out, LookupIndex{version, mac(key, []byte(field), []byte(normalised))})
	}
	slices.SortFunc(out, func(a, b LookupIndex) int { return b.Version - a.Version })
	return out
}

// personIndexes are those of LookupIndexes that people stand under: once a change of keys has written the new version for
// everybody, older ones are neither written nor read.
func (db *DB) personIndexes(field, normalised string) []LookupIndex {
	all := db.LookupIndexes(field, normalised)
	live := slices.DeleteFunc(slices.Clone(all), func(ix LookupIndex) bool { return int64(ix.Version) < db.keys.floor.Load() })
	if len(live) == 0 {
		return all
	}
	return live
}

func (db *DB) newestIndex() int { return slices.Max(slices.Collect(maps.Keys(db.index))) }

// AddLookups makes a person findable by field under every active version, in place of what stood there.
// An empty value removes the field.
func (db *DB) AddLookups(ctx context.Context, person models.ID, field, normalised string) error {
	return db.InTx(ctx, func(ctx context.Context) error {
		if err := db.w(ctx).Exec("DELETE FROM person_lookups WHERE person_id = ? AND field = ?", person, field).Error; err != nil {
			return translate(err)
		}
		if normalised == "" {
			return nil
		}
		var rows []personLookupRow
		for _, ix := range db.personIndexes(field, normalised) {
			rows = append(rows, personLookupRow{string(person), field, ix.Version, ix.Index})
		}
		return translate(db.w(ctx).Create(&rows).Error)
	})
}

// FindByLookup lists the persons with this value, in order of id; none is an empty list.
func (db *DB) FindByLookup(ctx context.Context, field, normalised string) ([]models.ID, error) {
	if normalised == "" {
		return nil, nil
	}
	q := db.q(ctx).Table("person_lookups").Distinct("person_id").Where("field = ?", field)
	either := db.q(ctx)
	for _, ix := range db.personIndexes(field, normalised) {
		either = either.Or("key_version = ? AND lookup_index = ?", ix.Version, ix.Index)
	}
	var ids []models.ID
	err := q.Where(either).Order("person_id").Pluck("person_id", &ids).Error
	return ids, translate(err)
}
