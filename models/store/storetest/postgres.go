package storetest

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/url"
	"os"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"onecard/models/store"
)

// OpenPostgres is a migrated store in a database of its own, cloned from a template and dropped at the end.
func OpenPostgres(t *testing.T, opts ...Option) *store.DB {
	t.Helper()
	cfg := Config(opts...)
	cfg.Driver, cfg.DSN = store.Postgres, ClonePostgres(t)
	return open(t, cfg)
}

// ClonePostgres makes a migrated database for one test and gives its DSN; the test is skipped where there is no server.
func ClonePostgres(t *testing.T) string {
	t.Helper()
	admin := os.Getenv(EnvPostgres)
	if admin == "" {
		t.Skipf("%s is not set", EnvPostgres)
	}
	template, err := postgresTemplate()
	require.NoError(t, err)
	name := randomName()
	require.NoError(t, execute(context.Background(), admin, "CREATE DATABASE "+name+" TEMPLATE "+template))
	t.Cleanup(func() {
		require.NoError(t, execute(context.Background(), admin, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)"))
	})
	return onDatabase(admin, name)
}

// EmptyPostgres makes an empty database for one test of migrations and gives its DSN.
func EmptyPostgres(t *testing.T) string {
	t.Helper()
	admin := os.Getenv(EnvPostgres)
	if admin == "" {
		t.Skipf("%s is not set", EnvPostgres)
	}
	name := randomName()
	require.NoError(t, execute(context.Background(), admin, "CREATE DATABASE "+name))
	t.Cleanup(func() {
		require.NoError(t, execute(context.Background(), admin, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)"))
	})
	return onDatabase(admin, name)
}

// templateLock is held while a template is made, so that test binaries running at once make it once.
const templateLock = 0x6f6e6574706c

// postgresTemplate is the name of a migrated database; its name says for which migrations. A template that was
// left half made is not marked as a template and is made again.
var postgresTemplate = sync.OnceValues(func() (string, error) {
	ctx := context.Background()
	admin := os.Getenv(EnvPostgres)
	hash, err := store.MigrationsHash(store.Postgres)
	if err != nil {
		return "", err
	}
	name := "onecard_template_" + hash
	conn, err := pgx.Connect(ctx, admin)
	if err != nil {
		return "", fmt.Errorf("%s: %w", EnvPostgres, err)
	}
	defer conn.Close(ctx) // releases the lock
	if _, err = conn.Exec(ctx, "SELECT pg_advisory_lock($1)", int64(templateLock)); err != nil {
		return "", err
	}
	var ready bool
	err = conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1 AND datistemplate)", name).Scan(&ready)
	if err != nil || ready {
		return name, err
	}
	dropStale(ctx, conn)
	for _, statement := range []string{"DROP DATABASE IF EXISTS " + name + " WITH (FORCE)", "CREATE DATABASE " + name} {
		if _, err = conn.Exec(ctx, statement); err != nil {
			return "", err
		}
	}
	cfg := Config()
	cfg.Driver, cfg.DSN = store.Postgres, onDatabase(admin, name)
	if err = migrated(ctx, cfg); err != nil {
		return "", err
	}
	_, err = conn.Exec(ctx, "ALTER DATABASE "+name+" IS_TEMPLATE true ALLOW_CONNECTIONS false")
	return name, err
})

// dropStale removes what killed test runs and former migrations left a day ago or longer. It is a courtesy to the
// server: where the role may not look or drop, nothing happens.
func dropStale(ctx context.Context, conn *pgx.Conn) {
	rows, err := conn.Query(ctx, `SELECT datname, datistemplate FROM pg_database
		WHERE (datname LIKE 'onecard\_template\_%' OR datname LIKE 'onecard\_test\_%')
		AND (pg_stat_file('base/' || oid || '/PG_VERSION')).modification < now() - interval '1 day'`)
	if err != nil {
		return
	}
	stale, err := pgx.CollectRows(rows, pgx.RowToStructByPos[struct {
		Name     string
		Template bool
	}])
	if err != nil {
		return
	}
	for _, d := range stale {
		if d.Template {
			_, _ = conn.Exec(ctx, "ALTER DATABASE "+d.Name+" IS_TEMPLATE false")
		}
		_, _ = conn.Exec(ctx, "DROP DATABASE IF EXISTS "+d.Name+" WITH (FORCE)")
	}
}

func randomName() string {
	b := make([]byte, 8)
	_, _ = rand.Read(b) // never fails
	return "onecard_test_" + hex.EncodeToString(b)
}

// onDatabase is the DSN with another database's name.
func onDatabase(dsn, name string) string {
	u, err := url.Parse(dsn)
	if err != nil || u.Scheme == "" {
		return dsn + " dbname=" + name // the key=value form: the last word counts
	}
	u.Path = "/" + name
	return u.String()
}

func execute(ctx context.Context, dsn, statement string) error {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, statement)
	return err
}
