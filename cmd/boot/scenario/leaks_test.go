package scenario

import (
	"bytes"
	"database/sql"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot"
	"onecard/cmd/boot/boottest"
	"onecard/cmd/boot/walk"
	"onecard/configs"
	"onecard/integrations/redis/redistest"
	"onecard/models"
	"onecard/models/store/storetest"
)

// people are the numbers that may stand nowhere in clear: every ID number and phone of the city.
type people map[string]bool

// named are the names of the people who walk through the demo.
var named = []string{"王建国", "李晓燕", "张德福", "赵铁柱", "陈玉兰"}

// Runs of digits long enough to hold a number; an ID number may end in X.
var digits = regexp.MustCompile(`[0-9]{11,}[xX]?`)

// in lists the numbers found in what, wherever in a longer run of digits they stand. It never repeats a whole number.
func (p people) in(what []byte) []string {
	var found []string
	for _, run := range digits.FindAll(what, -1) {
		for _, n := range []int{11, 15, 18} {
			for i := 0; i+n <= len(run); i++ {
				if s := strings.ToUpper(string(run[i : i+n])); p[s] {
					found = append(found, s[:3]+"…"+s[n-2:])
				}
			}
		}
	}
	return found
}

func peopleOf(r *boottest.Rig) people {
	all := people{}
	for _, c := range r.Desk.City.Registry.Citizens(1 << 20) {
		for _, s := range []string{c.IDNumber, c.Phone} {
			if s != "" {
				all[strings.ToUpper(s)] = true
			}
		}
	}
	return all
}

// refusals keeps the bodies of error answers on their way to the caller.
type refusals struct {
	mu sync.Mutex
	b  bytes.Buffer
	n  int
}

func (r *refusals) keep(res *http.Response) error {
	if res.StatusCode < 400 {
		return nil
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	res.Body = io.NopCloser(bytes.NewReader(body))
	r.mu.Lock()
	defer r.mu.Unlock()
	r.n++
	r.b.Write(body)
	fmt.Fprintln(&r.b, res.Header)
	return nil
}

func TestTheDemoLeavesNoIDNumberAndNoPhoneBehind(t *testing.T) {
	t.Parallel()
	t.Run("embedded", func(t *testing.T) {
		t.Parallel()
		boottest.EmbeddedHalf(t, true)
		addr := redistest.Start(t)
		searchAfterDemo(t, addr, "leaks:", "")
	})
	t.Run("PostgreSQL and Redis", func(t *testing.T) {
		t.Parallel()
		admin, addr := servers(t)
		searchAfterDemo(t, addr, "onecard-leaks-"+string(models.NewID())+":", admin)
	})
}

// searchAfterDemo walks the main job with everything logged, then looks for every person of the city in all that was
// left behind. In each medium a planted number is found first, so that an empty result means something.
func searchAfterDemo(t *testing.T, redisAddr, prefix, admin string) {
	t.Helper()
	var kept refusals
	front, forward := proxy(t, &kept)
	opts := []boottest.Option{boottest.Live(), boottest.OnRedis(redisAddr, prefix), boottest.With(func(c *configs.Config) {
		c.HTTP.PublicURL, c.SMS.Failover = front, boot.DemoFailover()
	})}
	var server *serverLog
	if admin != "" {
		dsn := storetest.EmptyPostgres(t)
		server = openServerLog(t, dsn)
		opts = append(opts, boottest.OnPostgres(dsn))
	}
	r := boottest.Start(t, opts...)
	forward(r.App.Addr())
	city := peopleOf(r)
	require.Greater(t, len(city), 3000)
	planted := r.Person("zhao")
	redisKeys := redistest.Open(t, redisAddr, prefix)
	var inRedis bytes.Buffer
	err := walk.Walk(t.Context(), walk.Options{
		API: front, Desk: r.Desk.URL(), Now: time.Now,
		AgentLogin: boot.DemoAgent.Login, AgentPassword: boot.DemoAgent.Password, AgentTOTP: boot.DemoAgent.TOTPSecret,
		Operator: r.App.Operator, Patience: patience, Step: func(walk.Result) { redisKeys.Dump(&inRedis) }, // some keys live for seconds
	})
	require.NoError(t, err)

	log := r.Log.String()
	require.Contains(t, log, `"level":"DEBUG"`, "the log is kept at every level")
	clean(t, city, "log", []byte(log), planted)
	require.Positive(t, kept.n)
	clean(t, city, "error bodies", kept.b.Bytes(), planted)
	require.NotZero(t, inRedis.Len())
	clean(t, city, "Redis", inRedis.Bytes(), planted)
	redisKeys.Set(planted.Phone, "x")
	inRedis.Reset()
	redisKeys.Dump(&inRedis)
	require.NotEmpty(t, city.in(inRedis.Bytes()), "a key planted in Redis is found")

	db := r.DB()
	tables := tablesOf(t, db, admin != "")
	require.Contains(t, tables, "river_job")
	require.Contains(t, tables, "audit_entries")
	for _, table := range tables {
		clean(t, city, table, contents(t, db, table), planted)
	}
	if admin == "" {
		files(t, city, r.Config().DataDir, planted)
		return
	}
	server.search(t, city, planted)
	plantRow(t, r, city, planted)
}

// clean demands that nobody stands in what, after the same search has found one who was planted in a copy.
func clean(t *testing.T, city people, where string, what []byte, planted *boottest.Citizen) {
	t.Helper()
	require.NotEmpty(t, city.in(append(bytes.Clone(what), planted.IDNumber...)), "the search finds what was planted in %s", where)
	require.NotEmpty(t, city.in([]byte("x=8"+planted.Phone+"7;")), "inside longer numbers too")
	for _, name := range named {
		if bytes.Contains(what, []byte(name)) {
			t.Errorf("%s holds the name of a person in clear", where)
		}
	}
	if found := city.in(what); len(found) > 0 {
		t.Errorf("%s holds %d numbers of people in clear, e.g. %s", where, len(found), found[0])
	}
}

// proxy is an address before the program whose error answers are kept.
func proxy(t *testing.T, kept *refusals) (address string, forward func(to string)) {
	t.Helper()
	var target *url.URL
	p := &httputil.ReverseProxy{ModifyResponse: kept.keep, Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		r.Out.Host = r.In.Host
	}}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s := &httptest.Server{Listener: l, Config: &http.Server{Handler: p}}
	t.Cleanup(s.Close)
	return "http://" + l.Addr().String(), func(to string) {
		target = &url.URL{Scheme: "http", Host: to}
		s.Start()
	}
}

func tablesOf(t *testing.T, db *sql.DB, postgres bool) []string {
	t.Helper()
	query := `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY 1`
	if postgres {
		query = `SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1`
	}
	rows, err := db.QueryContext(t.Context(), query)
	require.NoError(t, err)
	defer rows.Close()
	var out []string
	for rows.Next() {
		var name string
		require.NoError(t, rows.Scan(&name))
		out = append(out, strings.TrimPrefix(name, "public."))
	}
	require.NoError(t, rows.Err())
	return out
}

// contents is every cell of a table in one text, one line a cell. Sealed cells are looked at as they are.
func contents(t *testing.T, db *sql.DB, table string) []byte {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), "SELECT * FROM "+table)
	require.NoError(t, err)
	defer rows.Close()
	names, err := rows.Columns()
	require.NoError(t, err)
	cells := make([]any, len(names))
	for i := range cells {
		cells[i] = new(any)
	}
	var b bytes.Buffer
	for rows.Next() {
		require.NoError(t, rows.Scan(cells...))
		for _, c := range cells {
			switch v := (*c.(*any)).(type) {
			case []byte:
				b.Write(v)
			case string:
				b.WriteString(v)
			case int64:
				fmt.Fprint(&b, v)
			default: // instants, switches and figures with a fraction are no numbers of people
			}
			b.WriteByte('\n')
		}
	}
	require.NoError(t, rows.Err())
	return b.Bytes()
}

// plantRow puts a number into a table of the running database and finds it there.
func plantRow(t *testing.T, r *boottest.Rig, city people, who *boottest.Citizen) {
	t.Helper()
	db := r.DB()
	_, err := db.ExecContext(t.Context(), "CREATE TABLE planted AS SELECT CAST('"+who.IDNumber+"' AS text) AS note")
	require.NoError(t, err)
	require.NotEmpty(t, city.in(contents(t, db, "planted")))
}

// files searches everything in the data folder but the pretend world's own: the database file with its free pages and
// write-ahead log, sealed pictures, copies of the audit seals.
func files(t *testing.T, city people, dir string, who *boottest.Citizen) {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "planted"), []byte(who.Phone), 0o600))
	seen := 0
	require.NoError(t, filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && d.Name() == "sandbox" {
			return errorsOrSkip(err)
		}
		if d.IsDir() {
			return nil
		}
		seen++
		content, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if found := city.in(content); (len(found) > 0) != (d.Name() == "planted") {
			t.Errorf("%s: %d numbers of people in clear", d.Name(), len(found))
		}
		return nil
	}))
	require.Greater(t, seen, 2)
}

func errorsOrSkip(err error) error {
	if err != nil {
		return err
	}
	return fs.SkipDir
}
