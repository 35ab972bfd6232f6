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
		t.Log("this role may not have statements logged: the search will not find what it plants")
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

// plantedHere marks the statement by which a search proves that it can read what the server writes.
const plantedHere = "planted here"

// shows waits until a mark stands in the log: whatever was written before it then stands there too.
func (l *serverLog) shows(mark string, patience time.Duration) bool {
	over := time.After(patience)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !bytes.Contains(l.lines(), []byte(mark)) {
		select {
		case <-tick.C:
		case <-over:
			return false
		}
	}
	return true
}

// search looks for people in the log. A statement that succeeds is planted first, and must be found: only then was
// every statement written, and only then is nothing found an answer. Where CI says so the log must be searched.
func (l *serverLog) search(t *testing.T, city people, who *boottest.Citizen) {
	t.Helper()
	defer l.conn.Close(t.Context())
	planter, err := pgx.ConnectConfig(t.Context(), l.conn.Config()) // what was set for the database holds for new sessions
	require.NoError(t, err)
	defer planter.Close(t.Context())
	mark := plantedHere + " " + who.Phone
	_, err = planter.Exec(t.Context(), "SELECT '"+mark+"'")
	require.NoError(t, err)
	if !l.shows(mark, 2*time.Second) {
		require.NotEqual(t, "required", os.Getenv("ONECARD_TEST_SERVER_LOG"), "PostgreSQL's own log, with every statement, cannot be read here")
		t.Log("PostgreSQL's own log cannot be read here, or holds failures only: this medium was not searched")
		return
	}
	var written bytes.Buffer
	for line := range bytes.Lines(l.lines()) {
		if !bytes.Contains(line, []byte(plantedHere)) {
			written.Write(line)
		}
	}
	clean(t, city, "database log", written.Bytes(), who)
	t.Logf("searched %d bytes of PostgreSQL's own log", written.Len())
}

func TestALogThatCannotBeReadIsNotASearchedOne(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "postgresql.log")
	require.NoError(t, os.WriteFile(file, []byte("1 other LOG: planted here 1\n2 mine LOG: x\n\tplanted here 2\n"), 0o600))
	readable := &serverLog{database: "mine", named: true, from: map[string]int64{file: 0}}
	require.True(t, readable.shows("planted here 2", time.Second))
	require.False(t, readable.shows("planted here 1", time.Millisecond), "of another database")
	for _, l := range []*serverLog{
		{database: "mine"}, {database: "mine", from: map[string]int64{file + "-gone": 0}}, {database: "mine", named: true, from: map[string]int64{file: 1 << 20}},
	} {
		require.False(t, l.shows("planted here 2", time.Millisecond))
	}
}
