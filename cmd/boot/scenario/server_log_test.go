package scenario

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"onecard/cmd/boot/boottest"
)

// serverLog is what PostgreSQL itself writes to its log about one database, from the moment it was opened here.
type serverLog struct {
	conn     *pgx.Conn
	database string
	named    bool // lines name their database
	from     map[string]int64
}

// openServerLog notes where each log file ends now; a server's log is shared with other tests and older runs.
func openServerLog(t *testing.T, dsn string) *serverLog {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	require.NoError(t, err)
	l := &serverLog{conn: conn, from: map[string]int64{}}
	var dir, prefix string
	require.NoError(t, conn.QueryRow(t.Context(), `SELECT current_database(), current_setting('log_line_prefix'),
		CASE WHEN current_setting('log_directory') LIKE '/%' THEN '' ELSE current_setting('data_directory') || '/' END || current_setting('log_directory')`).
		Scan(&l.database, &prefix, &dir))
	l.named = strings.Contains(prefix, "%d")
	// Every statement with its parameters, as an operator in search of an error would have it: by itself the server
	// logs failures only, and a good run has none.
	if _, err = conn.Exec(t.Context(), "ALTER DATABASE "+pgx.Identifier{l.database}.Sanitize()+" SET log_statement = 'all'"); err != nil {
		t.Log("this role may not have statements logged: the server's log holds failures only")
	}
	// A packaged server logs to /var/log; CI's private one beside its data.
	for _, pattern := range []string{filepath.Join(dir, "*"), "/var/log/postgresql/*", filepath.Join(filepath.Dir(filepath.Dir(dir)), "log")} {
		found, err := filepath.Glob(pattern)
		require.NoError(t, err)
		for _, name := range found {
			if info, err := os.Stat(name); err == nil && info.Mode().IsRegular() {
				l.from[name] = info.Size()
			}
		}
	}
	return l
}

// lines are those about the database since the opening.
func (l *serverLog) lines() []byte {
	var b bytes.Buffer
	for name, from := range l.from {
		f, err := os.Open(name)
		if err != nil {
			continue // not ours to read
		}
		if _, err = f.Seek(from, io.SeekStart); err == nil {
			if text, err := io.ReadAll(f); err == nil {
				l.keep(&b, text)
			}
		}
		_ = f.Close()
	}
	return b.Bytes()
}

// keep takes the lines that name the database, with the lines that continue them.
func (l *serverLog) keep(b *bytes.Buffer, text []byte) {
	ours := false
	for line := range bytes.Lines(text) {
		if !bytes.HasPrefix(line, []byte("\t")) {
			ours = !l.named || bytes.Contains(line, []byte(l.database))
		}
		if ours {
			b.Write(line)
		}
	}
}

// search looks for people in the log, where this machine may read it: a planted one must be found first.
func (l *serverLog) search(t *testing.T, city people, who *boottest.Citizen) {
	t.Helper()
	defer l.conn.Close(t.Context())
	written := l.lines()
	clean(t, city, "database log", written, who)
	_, err := l.conn.Exec(t.Context(), "SELECT 1/0 AS planted_"+who.Phone)
	require.Error(t, err)
	patience := time.After(2 * time.Second)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for len(city.in(l.lines())) == 0 {
		select {
		case <-tick.C:
		case <-patience:
			t.Log("PostgreSQL's own log cannot be read here: this medium was not searched")
			return
		}
	}
	t.Logf("searched %d bytes of PostgreSQL's own log", len(written))
}
