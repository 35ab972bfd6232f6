package storetest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"onecard/models/store"
)

// OpenPostgres is a migrated store in a database of its own.
func OpenPostgres(t *testing.T, opts ...Option) *store.DB {
	t.Helper()
	cfg := Config(opts...)
	cfg.Driver, cfg.DSN = store.Postgres, ClonePostgres(t)
	return open(t, cfg)
}

// ClonePostgres gives a test the DSN of a migrated database that nobody else uses, new or emptied to be as new; the test is
// skipped where there is no server.
func ClonePostgres(t *testing.T) string {
	t.Helper()
	s := testServer(t)
	name, err := s.take(context.Background())
	require.NoError(t, err)
	t.Cleanup(func() { s.giveBack(name) })
	return onDatabase(s.admin, name)
}

// EmptyPostgres makes an empty database for one test of migrations and gives its DSN.
func EmptyPostgres(t *testing.T) string {
	t.Helper()
	s := testServer(t)
	name, err := s.create(context.Background(), "") // dropped with the others at the end
	require.NoError(t, err)
	return onDatabase(s.admin, name)
}

// Main runs the tests of a binary and removes its databases after the last.
func Main(m *testing.M) int {
	code := m.Run()
	if err := Finish(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = max(code, 1)
	}
	return code
}

// Finish removes this process's databases, for a TestMain of the caller's own.
func Finish() error { return theServer.finish(context.Background()) }

func testServer(t *testing.T) *server {
	t.Helper()
	admin := os.Getenv(EnvPostgres)
	if admin == "" {
		t.Skipf("%s is not set", EnvPostgres)
	}
	require.NoError(t, theServer.begin(context.Background(), admin))
	return theServer
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
