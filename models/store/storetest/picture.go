package storetest

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// picture is what tests can see of a database and change in it: each fact by its name. Two databases with one picture are
// as good as each other.
type picture struct {
	facts map[string]string
	rows  map[string][]byte // of the tables that are not empty, as COPY gives them
}

// Ours is whatever was not there before the first migration.
const ours = " >= 16384"

// Each query gives names and what is so. A table that had rows once shows it by its size or its indexes', though it has
// none now; a change of the schema shows by the youngest row of its catalogue, or by their number
// (relhastriggers and its like are hints, which analyzing corrects).
var looks = []string{
	`SELECT 'table ' || c.oid::regclass, concat_ws(' ', pg_total_relation_size(c.oid), c.relpages, c.reltuples, c.relallvisible, string_agg(
		concat_ws(' ', i.relname, i.relpages, i.reltuples), ',' ORDER BY i.oid))
		FROM pg_class c LEFT JOIN pg_index x ON x.indrelid = c.oid LEFT JOIN pg_class i ON i.oid = x.indexrelid
		WHERE c.relkind IN ('r', 'p', 'm') AND c.relnamespace <> 'pg_toast'::regnamespace AND c.oid` + ours + ` GROUP BY c.oid`,
	`SELECT 'relations', count(*) || ' ' || md5(string_agg(concat_ws(' ', oid, relname, relnamespace, relowner, relkind, relpersistence, relam, reltablespace,
		relrowsecurity, relforcerowsecurity, relispartition, relreplident, relacl, reloptions), E'\n' ORDER BY oid))
		FROM pg_class WHERE oid` + ours,
	`SELECT 'sequence ' || c.oid::regclass, concat_ws(' ', pg_sequence_last_value(c.oid)) FROM pg_class c WHERE c.relkind = 'S'`,
	`SELECT 'statistics', concat_ws(' ', (SELECT count(*) FROM pg_statistic WHERE starelid` + ours + `), (SELECT count(*) FROM pg_statistic_ext_data))`,
	`SELECT 'database', concat_ws(' ', datdba, datacl, datconnlimit, datallowconn, (SELECT count(*) FROM pg_db_role_setting WHERE setdatabase = d.oid),
		(SELECT count(*) FROM pg_prepared_xacts WHERE database = datname)) FROM pg_database d WHERE datname = current_database()`,
	catalogues("pg_attribute", "pg_attrdef", "pg_index", "pg_trigger", "pg_constraint", "pg_proc", "pg_type", "pg_enum", "pg_namespace", "pg_rewrite",
		"pg_policy", "pg_default_acl", "pg_statistic_ext", "pg_extension", "pg_sequence", "pg_inherits", "pg_partitioned_table", "pg_event_trigger",
		"pg_operator", "pg_cast", "pg_collation", "pg_largeobject_metadata", "pg_publication"),
}

func catalogues(names ...string) string {
	parts := make([]string, len(names))
	for i, name := range names {
		parts[i] = fmt.Sprintf("SELECT '%s', concat_ws(' ', count(*), max(xmin::text::bigint)) FROM %[1]s", name)
	}
	return strings.Join(parts, " UNION ALL ")
}

func pictureOf(ctx context.Context, dsn string) (*picture, error) {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return nil, err
	}
	defer conn.Close(ctx)
	p, err := look(ctx, conn)
	if err != nil {
		return nil, err
	}
	p.rows = map[string][]byte{}
	names, err := column(ctx, conn, `SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND relnamespace <> 'pg_toast'::regnamespace AND oid`+ours+` AND pg_relation_size(oid) > 0`)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		rows, err := rowsOf(ctx, conn, name)
		if err != nil {
			return nil, err
		}
		p.rows[name] = rows
	}
	return p, nil
}

// look takes the picture but for the rows.
func look(ctx context.Context, conn *pgx.Conn) (*picture, error) {
	p := &picture{facts: map[string]string{}}
	for _, query := range looks {
		rows, err := conn.Query(ctx, query)
		if err != nil {
			return nil, err
		}
		var what, is string
		if _, err = pgx.ForEachRow(rows, []any{&what, &is}, func() error { p.facts[what] = is; return nil }); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func rowsOf(ctx context.Context, conn *pgx.Conn, table string) ([]byte, error) {
	var b bytes.Buffer
	_, err := conn.PgConn().CopyTo(ctx, &b, "COPY "+table+" TO STDOUT")
	return b.Bytes(), err
}

func column(ctx context.Context, conn *pgx.Conn, query string, args ...any) ([]string, error) {
	rows, err := conn.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}
