package store

import (
	"context"
	"database/sql"
	"strings"
	"sync"
)

// uniqueIndexes knows which columns each unique index of SQLite covers, in the words of its error text.
// It is read at the first duplicate, so it costs nothing until one happens.
type uniqueIndexes struct {
	mu     sync.Mutex
	byName map[string]string
}

func (u *uniqueIndexes) columns(db *sql.DB, index string) string {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.byName == nil {
		u.byName = readUniques(db)
	}
	if cols, ok := u.byName[index]; ok {
		return cols
	}
	return "index '" + index + "'" // how SQLite names an index over an expression
}

func readUniques(db *sql.DB) map[string]string {
	rows, err := db.QueryContext(context.Background(), `SELECT m.name, CASE WHEN l.origin = 'pk' THEN m.name || '_pkey' ELSE l.name END, c.name
		FROM sqlite_master m JOIN pragma_index_list(m.name) l ON l."unique" = 1 JOIN pragma_index_info(l.name) c
		WHERE m.type = 'table' ORDER BY m.name, l.name, c.seqno`)
	if err != nil {
		return nil // asked again at the next duplicate
	}
	defer rows.Close()
	parts := map[string][]string{}
	for rows.Next() {
		var table, index string
		var column sql.NullString // null for an expression
		if rows.Scan(&table, &index, &column) != nil {
			return nil
		}
		parts[index] = append(parts[index], table+"."+column.String)
	}
	if rows.Err() != nil {
		return nil
	}
	out := make(map[string]string, len(parts))
	for index, cols := range parts {
		out[index] = strings.Join(cols, ", ")
	}
	return out
}
