package store_test

import (
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models/store"
	"onecard/models/store/storetest"
)

// column is what both dialects must agree on.
type column struct {
	kind     string
	nullable bool
}

// foreign tables belong to goose, River and SQLite.
func foreign(table string) bool {
	return table == "goose_db_version" || strings.HasPrefix(table, "river_") || strings.HasPrefix(table, "sqlite_")
}

func columnsOf(t *testing.T, db *store.DB) map[string]column {
	t.Helper()
	query := `SELECT table_name, column_name, data_type, is_nullable = 'YES' FROM information_schema.columns
		WHERE table_schema = 'public'`
	if db.Driver() == store.SQLite {
		query = `SELECT m.name, c.name, lower(c.type), c."notnull" = 0 AND c.pk = 0 FROM sqlite_master m
			JOIN pragma_table_info(m.name) c WHERE m.type = 'table'`
	}
	rows, err := db.SQL().QueryContext(t.Context(), query)
	require.NoError(t, err)
	defer rows.Close()
	out := map[string]column{}
	for rows.Next() {
		var table, name string
		var c column
		require.NoError(t, rows.Scan(&table, &name, &c.kind, &c.nullable))
		if !foreign(table) {
			require.False(t, db.Driver() == store.SQLite && c.kind == "date",
				"%s.%s: the driver turns a date column into an instant; civil dates are text", table, name)
			c.kind = plainKind(t, table+"."+name, c.kind)
			out[table+"."+name] = c
		}
	}
	require.NoError(t, rows.Err())
	require.NotEmpty(t, out)
	return out
}

// plainKind folds the dialects' type names; an unknown one fails, so that nobody invents a seventh.
func plainKind(t *testing.T, column, kind string) string {
	t.Helper()
	kinds := map[string][]string{
		"text":    {"text", "uuid", "jsonb", "date"},
		"integer": {"integer", "bigint", "smallint"},
		"instant": {"timestamp with time zone", "datetime"},
		"bytes":   {"bytea", "blob"},
		"boolean": {"boolean"},
		"number":  {"double precision", "real"},
	}
	for plain, names := range kinds {
		if slices.Contains(names, kind) {
			return plain
		}
	}
	require.Fail(t, "unknown column type", "%s is %s", column, kind)
	return ""
}

func TestEveryColumnIsClassified(t *testing.T) {
	t.Parallel()
	classified := map[string]store.Column{}
	for _, c := range store.Columns() {
		key := c.Table + "." + c.Name
		require.NotContains(t, classified, key, "classified twice")
		require.NotEmpty(t, c.Keep, key)
		classified[key] = c
		if strings.HasSuffix(c.Name, "_sealed") {
			require.Contains(t, []store.Class{store.Sensitive, store.Core}, c.Class, "%s is sealed, so it tells something", key)
		}
	}
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		have := columnsOf(t, db)
		for key, c := range have {
			require.Contains(t, classified, key, "add it to its capability's columns_*.go")
			if classified[key].Class == store.Core && !strings.HasSuffix(key, "_hash") { // a slow hash is a text that says how
				require.Equal(t, "bytes", c.kind, "%s is core: sealed, wrapped or hashed, never in clear", key)
			}
			if strings.HasSuffix(key, "_sealed") {
				require.Equal(t, "bytes", c.kind, key)
			}
		}
		for key, c := range classified {
			if db.Driver() == store.Postgres && c.Table == "receipt_counters" {
				continue // a sequence there
			}
			require.Contains(t, have, key, "classified, but not in the database")
		}
	})
}

func TestBothDatabasesHoldTheSameTables(t *testing.T) {
	t.Parallel()
	pg := columnsOf(t, storetest.OpenPostgres(t))
	lite := columnsOf(t, storetest.OpenSQLite(t))
	maps.DeleteFunc(lite, func(k string, _ column) bool { return strings.HasPrefix(k, "receipt_counters.") })
	require.Equal(t, describe(pg), describe(lite))
}

func describe(cols map[string]column) []string {
	var out []string
	for k, c := range cols {
		out = append(out, fmt.Sprintf("%s %s nullable=%v", k, c.kind, c.nullable))
	}
	slices.Sort(out)
	return out
}

func TestNoInstantWithoutZone(t *testing.T) {
	t.Parallel()
	var bad sql.NullString
	db := storetest.OpenPostgres(t)
	require.NoError(t, db.SQL().QueryRowContext(t.Context(), `SELECT string_agg(table_name || '.' || column_name, ', ')
		FROM information_schema.columns WHERE table_schema = 'public' AND data_type LIKE 'timestamp without%'
		AND table_name NOT LIKE 'river%' AND table_name <> 'goose_db_version'`).Scan(&bad))
	require.Empty(t, bad.String)
}
