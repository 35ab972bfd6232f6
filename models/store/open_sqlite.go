package store

import (
	"context"
	"database/sql"
	"net/url"
	"os"
	"path/filepath"

	"github.com/glebarez/sqlite"
)

// openSQLite opens one writing connection and a read-only pool of four beside it, so that no read waits for a
// write. WAL with synchronous FULL: an acknowledged commit survives kill -9 and a power cut.
// _time_format must stay unset: the driver stops reading parameters there and would miss _txlock.
func (db *DB) openSQLite(ctx context.Context, cfg Config) error {
	if err := os.MkdirAll(filepath.Dir(cfg.Path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(cfg.Path, os.O_CREATE|os.O_RDWR, 0o600) // only the owner reads it
	if err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	if err = registerContent(); err != nil {
		return err
	}
	db.writer, err = sql.Open("sqlite", sqliteDSN(cfg.Path, url.Values{
		"_txlock": {"immediate"},
		"_pragma": {"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)"},
	}))
	if err != nil {
		return err
	}
	db.writer.SetMaxOpenConns(1)
	db.writer.SetMaxIdleConns(1)
	if err = db.writer.PingContext(ctx); err != nil { // makes the WAL file that readers need
		return translate(err)
	}
	db.reader, err = sql.Open("sqlite", sqliteDSN(cfg.Path, url.Values{
		"mode": {"ro"}, "_pragma": {"busy_timeout(5000)", "query_only(1)"},
	}))
	if err != nil {
		return err
	}
	db.reader.SetMaxOpenConns(4)
	db.reader.SetMaxIdleConns(4)
	if db.write, err = db.openGorm(liteDialect{&sqlite.Dialector{Conn: db.writer}}); err != nil {
		return err
	}
	db.read, err = db.openGorm(liteDialect{&sqlite.Dialector{Conn: db.reader}})
	return err
}

func sqliteDSN(path string, q url.Values) string {
	return (&url.URL{Scheme: "file", OmitHost: true, Path: path, RawQuery: q.Encode()}).String()
}
