package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// passingOver locks the rows that a query reads, but waits for none.
func (db *DB) passingOver(q *gorm.DB) *gorm.DB {
	if db.driver == SQLite {
		return q // one writer
	}
	return q.Clauses(clause.Locking{Strength: "NO KEY UPDATE", Options: clause.LockingOptionsSkipLocked})
}

// CellKey is the data key that sealed a cell; zero for what is no cell.
func CellKey(cell []byte) uint32 {
	if len(cell) < cellHead || cell[0] != cellVersion {
		return 0
	}
	return binary.BigEndian.Uint32(cell[1:])
}

// sealedRow is key and cells of one row.
type sealedRow struct {
	key   []string
	cells [][]byte
}

func (r sealedRow) stale(key uint32) bool {
	for _, c := range r.cells {
		if len(c) > 0 && CellKey(c) < key {
			return true
		}
	}
	return false
}

// window reads the next rows of a table after a key; to bounds and locks them instead.
func (db *DB) window(ctx context.Context, t sealedTable, after, to []string) ([]sealedRow, error) {
	query, args := "SELECT "+t.selected()+" FROM "+t.table, []any{}
	var where []string
	bound := func(sign string, key []string) {
		if len(key) == 0 {
			return
		}
		where = append(where, t.order()+" "+sign+" "+t.marks())
		for _, part := range key {
			args = append(args, part)
		}
	}
	bound(">", after)
	bound("<=", to)
	if len(where) > 0 {
		query += " WHERE " + strings.Join(where, " AND ")
	}
	// The table is named: a bare word would mean the key as text, which stands in another order.
	query += " ORDER BY " + t.table + "." + strings.Join(t.key, ", "+t.table+".") + fmt.Sprintf(" LIMIT %d", rotationSlice)
	if to != nil && db.driver == Postgres {
		query += " FOR NO KEY UPDATE SKIP LOCKED"
	}
	rows, err := db.w(ctx).Raw(query, args...).Rows()
	if err != nil {
		return nil, translate(err)
	}
	defer rows.Close()
	var out []sealedRow
	for rows.Next() {
		r := sealedRow{make([]string, len(t.key)), make([][]byte, len(t.cells))}
		into := make([]any, 0, len(t.key)+len(t.cells))
		for i := range r.key {
			into = append(into, &r.key[i])
		}
		for i := range r.cells {
			into = append(into, &r.cells[i])
		}
		if err := rows.Scan(into...); err != nil {
			return nil, translate(err)
		}
		out = append(out, r)
	}
	return out, translate(rows.Err())
}

// resealRows seals anew what is old in the next rows of a table, and of persons writes the look-ups under the new key.
func (db *DB) resealRows(ctx context.Context, r *Rotation, t sealedTable, after []string) (last []string, seen, changed, passed int, err error) {
	rows, err := db.window(ctx, t, after, nil)
	if err != nil || len(rows) == 0 {
		return nil, 0, 0, 0, err
	}
	last = rows[len(rows)-1].key
	need, err := db.needing(ctx, r, t, rows)
	if err != nil || len(need) == 0 {
		return last, len(rows), 0, 0, err
	}
	held, err := db.window(ctx, t, after, last)
	if err != nil {
		return nil, 0, 0, 0, err
	}
	passed = max(len(need)-heldOf(t, held, need), 0)
	if need, err = db.needing(ctx, r, t, held); err != nil { // as they stand now that nobody changes them
		return nil, 0, 0, 0, err
	}
	for _, row := range held {
		if !need[t.name(row.key)] {
			continue
		}
		if err := db.resealRow(ctx, r, t, row); err != nil {
			return nil, 0, 0, 0, err
		}
		changed++
	}
	if t.table == "persons" {
		if err := db.reindex(ctx, r, held, need); err != nil {
			return nil, 0, 0, 0, err
		}
	}
	return last, len(rows), changed, passed, nil
}

// heldOf counts the rows that need something and are held.
func heldOf(t sealedTable, held []sealedRow, need map[string]bool) (n int) {
	for _, row := range held {
		if need[t.name(row.key)] {
			n++
		}
	}
	return n
}

// needing says which of these rows hold an old cell or lack a look-up.
func (db *DB) needing(ctx context.Context, r *Rotation, t sealedTable, rows []sealedRow) (map[string]bool, error) {
	need := map[string]bool{}
	for _, row := range rows {
		if row.stale(r.DataKey) {
			need[t.name(row.key)] = true
		}
	}
	if t.table != "persons" {
		return need, nil
	}
	want, have, err := db.lookupsUnder(ctx, r.IndexKey, rows)
	for _, row := range rows {
		if !sameLookups(want[row.key[0]], have[row.key[0]]) {
			need[row.key[0]] = true
		}
	}
	return need, err
}

func sameLookups(a, b map[string][]byte) bool {
	if len(a) != len(b) {
		return false
	}
	for field, index := range a {
		if !bytes.Equal(index, b[field]) {
			return false
		}
	}
	return true
}

func (db *DB) resealRow(ctx context.Context, r *Rotation, t sealedTable, row sealedRow) error {
	name := t.name(row.key)
	var set []string
	var args []any
	for i, c := range t.cells {
		if len(row.cells[i]) == 0 || CellKey(row.cells[i]) >= r.DataKey {
			continue
		}
		plain, err := db.Unseal(ctx, t.table, c.name, name, row.cells[i])
		if err != nil {
			return fmt.Errorf("row %s: %w", name, err)
		}
		cell, err := db.Seal(ctx, t.table, c.name, name, plain)
		if err != nil {
			return err
		}
		set, args = append(set, c.column+" = ?"), append(args, cell)
	}
	if len(set) == 0 {
		return nil
	}
	for _, part := range row.key {
		args = append(args, part)
	}
	return translate(db.w(ctx).Exec("UPDATE "+t.table+" SET "+strings.Join(set, ", ")+" WHERE "+t.order()+" = "+t.marks(), args...).Error)
}

// lookupsUnder are the look-ups that people should have under a key, by their cells, and those that they have: read by
// one statement, so that somebody who is just being changed does not look as if she lacked one.
func (db *DB) lookupsUnder(ctx context.Context, version int, rows []sealedRow) (want, have map[string]map[string][]byte, err error) {
	ids := make([]string, len(rows))
	for i, row := range rows {
		ids[i] = row.key[0]
	}
	want, have = map[string]map[string][]byte{}, map[string]map[string][]byte{}
	var there []struct {
		ID, MergedIntoRef                       string
		NameSealed, IDNumberSealed, PhoneSealed []byte
		Field                                   *string
		LookupIndex                             []byte
	}
	err = db.w(ctx).Raw(`SELECT p.id, p.merged_into_ref, p.name_sealed, p.id_number_sealed, p.phone_sealed, l.field, l.lookup_index
		FROM persons p LEFT JOIN person_lookups l ON l.person_id = p.id AND l.key_version = ? WHERE p.id IN ?`, version, ids).Scan(&there).Error
	if err != nil {
		return nil, nil, translate(err)
	}
	for _, one := range there {
		if want[one.ID] == nil {
			want[one.ID], have[one.ID] = map[string][]byte{}, map[string][]byte{}
			p, err := db.person(ctx, personRow{ID: one.ID, MergedIntoRef: one.MergedIntoRef, NameSealed: one.NameSealed,
				IDNumberSealed: one.IDNumberSealed, PhoneSealed: one.PhoneSealed})
			if err != nil {
				return nil, nil, err
			}
			for _, l := range db.Persons().lookupsOf(one.ID, p.PersonFact) {
				if l.KeyVersion == version {
					want[one.ID][l.Field] = l.LookupIndex
				}
			}
		}
		if one.Field != nil {
			have[one.ID][*one.Field] = one.LookupIndex
		}
	}
	return want, have, nil
}

// reindex writes the look-ups of people whose rows are held: who changes a person holds her row first.
func (db *DB) reindex(ctx context.Context, r *Rotation, held []sealedRow, need map[string]bool) error {
	var rows []sealedRow
	var ids []string
	for _, row := range held {
		if need[row.key[0]] {
			rows, ids = append(rows, row), append(ids, row.key[0])
		}
	}
	if len(rows) == 0 {
		return nil
	}
	want, _, err := db.lookupsUnder(ctx, r.IndexKey, rows)
	if err != nil {
		return err
	}
	if err := db.w(ctx).Exec("DELETE FROM person_lookups WHERE person_id IN ? AND key_version = ?", ids, r.IndexKey).Error; err != nil {
		return translate(err)
	}
	var fresh []personLookupRow
	for id, fields := range want {
		for field, index := range fields {
			fresh = append(fresh, personLookupRow{id, field, r.IndexKey, index})
		}
	}
	return db.Persons().addLookupRows(ctx, fresh)
}

// dropOldLookups deletes look-ups under older keys of the next people. Their rows are held meanwhile.
func (db *DB) dropOldLookups(ctx context.Context, r *Rotation, t sealedTable, after []string) (last []string, seen, changed, passed int, err error) {
	rows, err := db.window(ctx, t, after, nil)
	if err != nil || len(rows) == 0 {
		return nil, 0, 0, 0, err
	}
	last = rows[len(rows)-1].key
	held, err := db.window(ctx, t, after, last)
	if err != nil {
		return nil, 0, 0, 0, err
	}
	ids := make([]string, len(held))
	for i, row := range held {
		ids[i] = row.key[0]
	}
	if len(ids) == 0 {
		return last, len(rows), 0, len(rows), nil
	}
	if err := db.moveStops(ctx, r.IndexKey, ids); err != nil {
		return nil, 0, 0, 0, err
	}
	res := db.w(ctx).Exec("DELETE FROM person_lookups WHERE person_id IN ? AND key_version < ?", ids, r.IndexKey)
	return last, len(rows), 0, len(rows) - len(held), translate(res.Error)
}
