package storetest

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// empty makes a used database as a new one is, of which it has the picture, and names what still differs. It repairs rows,
// sequences, statistics and tables that were added; any other change of the schema stays and is named.
func empty(ctx context.Context, dsn string, fresh *picture) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return nil, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	// Whoever is still connected is on his way out.
	if _, err = conn.Exec(ctx, `SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
		WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'`); err != nil {
		return nil, err
	}
	used, err := look(ctx, conn)
	if err != nil {
		return nil, err
	}
	if err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error { return restore(ctx, tx, used, fresh) }); err != nil {
		return nil, err
	}
	if _, err = conn.Exec(ctx, "SELECT pg_stat_reset()"); err != nil {
		return nil, err
	}
	now, err := look(ctx, conn)
	if err != nil {
		return nil, err
	}
	return differences(fresh, now), nil
}

func restore(ctx context.Context, tx pgx.Tx, used, fresh *picture) error {
	statements := []string{"SET LOCAL session_replication_role = replica", "SET LOCAL lock_timeout = '20s'"} // rows that nobody may delete go as well
	var truncated []string
	for _, what := range differences(fresh, used) {
		table, ok := strings.CutPrefix(what, "table ")
		if !ok {
			continue
		}
		if _, known := fresh.facts[what]; known {
			truncated = append(truncated, table)
		} else {
			statements = append(statements, "DROP TABLE IF EXISTS "+table+" CASCADE")
		}
	}
	other, err := otherRows(ctx, tx, fresh)
	if err != nil {
		return err
	}
	if truncated = append(truncated, other...); len(truncated) > 0 {
		statements = append(statements, "TRUNCATE "+strings.Join(truncated, ", ")+" CASCADE")
	}
	statements = append(statements,
		"DELETE FROM pg_statistic WHERE starelid"+ours, "DELETE FROM pg_statistic_ext_data",
		// Truncating makes a table unmeasured as a new one is, but neither a partitioned one, nor its indexes, which are born measured.
		`UPDATE pg_class SET relpages = 0, reltuples = -1, relallvisible = 0
			WHERE relkind = 'p' AND (relpages, reltuples, relallvisible) IS DISTINCT FROM (0, -1::real, 0)`,
		`UPDATE pg_class SET relpages = pg_relation_size(oid) / current_setting('block_size')::int, reltuples = 0
			WHERE relkind = 'i' AND reltuples = -1 AND oid`+ours)
	for _, statement := range statements {
		if _, err := tx.Exec(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	if other, err = otherRows(ctx, tx, fresh); err != nil {
		return err
	}
	for _, table := range other {
		if _, err = tx.Conn().PgConn().CopyFrom(ctx, bytes.NewReader(fresh.rows[table]), "COPY "+table+" FROM STDIN"); err != nil {
			return err
		}
	}
	return restoreSequences(ctx, tx, used, fresh)
}

// otherRows are the tables that hold other rows than those the template filled.
func otherRows(ctx context.Context, tx pgx.Tx, fresh *picture) ([]string, error) {
	var other []string
	for table, rows := range fresh.rows {
		now, err := rowsOf(ctx, tx.Conn(), table)
		if err != nil {
			return nil, err
		}
		if !bytes.Equal(now, rows) {
			other = append(other, table)
		}
	}
	return other, nil
}

func restoreSequences(ctx context.Context, tx pgx.Tx, used, fresh *picture) error {
	for what, last := range fresh.facts {
		name, ok := strings.CutPrefix(what, "sequence ")
		if !ok || used.facts[what] == last {
			continue
		}
		query := "SELECT setval(c.oid::regclass, s.seqstart, false) FROM pg_class c JOIN pg_sequence s ON s.seqrelid = c.oid WHERE c.oid = $1::regclass"
		args := []any{name}
		if last != "" {
			query, args = "SELECT setval($1::regclass, $2::text::bigint)", []any{name, last}
		}
		if _, err := tx.Exec(ctx, query, args...); err != nil {
			return err
		}
	}
	return nil
}
