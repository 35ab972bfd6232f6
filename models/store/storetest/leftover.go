package storetest

import (
	"context"
	"strconv"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
)

// dropLeftovers removes what killed runs have left, as soon as nobody holds their lock; databases that name no run, and
// templates of former migrations, when they are a day old and nobody is connected. It is a courtesy to the server: where the
// role may not look or drop, nothing happens.
func dropLeftovers(ctx context.Context, conn *pgx.Conn, admin string) {
	rows, err := conn.Query(ctx, `SELECT d.datname, d.datistemplate,
			coalesce((pg_stat_file('base/' || d.oid || '/PG_VERSION', true)).modification < now() - interval '1 day', false)
			AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.datid = d.oid)
		FROM pg_database d WHERE d.datname ~ '^onecard_(template|test|scenario|demo|bench)_'`)
	if err != nil {
		return
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[struct {
		Name          string
		Template, Old bool
	}])
	if err != nil {
		return
	}
	held, err := locksHeld(ctx, conn) // after the list: whoever made one of it held his lock by then
	if err != nil {
		return
	}
	var wg sync.WaitGroup // together they wait for one checkpoint
	for _, d := range found {
		run, named := runOf(d.Name)
		if named && held[run] || !named && !d.Old {
			continue
		}
		if d.Template {
			_, _ = conn.Exec(ctx, "ALTER DATABASE "+d.Name+" IS_TEMPLATE false")
		}
		wg.Go(func() { _ = execute(ctx, admin, "DROP DATABASE IF EXISTS "+d.Name+" WITH (FORCE)") })
	}
	wg.Wait()
}

// runOf is the run that a database's name tells.
func runOf(database string) (uint32, bool) {
	rest, ok := strings.CutPrefix(database, "onecard_test_")
	run, _, numbered := strings.Cut(rest, "_")
	if !ok || !numbered || len(run) != 8 {
		return 0, false
	}
	n, err := strconv.ParseUint(run, 16, 32)
	return uint32(n), err == nil
}

// locksHeld are the runs that live, whichever database they were connected to.
func locksHeld(ctx context.Context, conn *pgx.Conn) (map[uint32]bool, error) {
	rows, err := conn.Query(ctx, "SELECT objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND classid::bigint = $1 AND objsubid = 2 AND granted", int64(aliveLock))
	if err != nil {
		return nil, err
	}
	runs, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	held := map[uint32]bool{}
	for _, run := range runs {
		held[uint32(run)] = true
	}
	return held, err
}
