package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/utils"
	dysms "github.com/alibabacloud-go/dysmsapi-20170525/v5/client"
	"github.com/alibabacloud-go/tea/dara"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// The bare loop is the least that any durable queue must do: claim five hundred and commit, so that nobody else has them;
// post each; mark five hundred and commit. It knows neither texts nor phones nor people, keeps to no cap, and a message
// that fails ends it. It posts as the vendor wants it, through the vendor's own SDK; and, for comparison, once more with a
// request that nobody signed and no vendor would take.
const (
	bareBatch = 500
	bareCalls = 32 // posts at once, as many as the product makes

	bareTable = `CREATE TABLE bench_queue (id uuid NOT NULL PRIMARY KEY, phone text NOT NULL, state text NOT NULL, due_at timestamptz NOT NULL,
		attempt integer NOT NULL, lease_ends timestamptz, vendor_id text NOT NULL, submitted_at timestamptz);
		CREATE INDEX bench_queue_due ON bench_queue (due_at, id) WHERE state = 'queued';
		CREATE INDEX bench_queue_leased ON bench_queue (lease_ends) WHERE state = 'submitting';
		CREATE INDEX bench_queue_silent ON bench_queue (submitted_at) WHERE state = 'submitted'`
	bareFill = `INSERT INTO bench_queue SELECT $id, '1390000' || lpad((n % 10000)::text, 4, '0'), 'queued', now(), 0, NULL, '', NULL
		FROM generate_series(1, $1::int) n`
	bareClaim = `UPDATE bench_queue SET state = 'submitting', attempt = attempt + 1, lease_ends = now() + interval '30 s' WHERE id = ANY (ARRAY(
		SELECT id FROM bench_queue WHERE state = 'queued' AND due_at <= now() ORDER BY due_at, id LIMIT $1 FOR UPDATE SKIP LOCKED)) RETURNING id::text, phone`
	bareMark = `UPDATE bench_queue SET state = 'submitted', lease_ends = NULL, submitted_at = now(), vendor_id = 'taken' WHERE id = ANY ($1::uuid[])`
)

// A barePoster posts one message.
type barePoster func(ctx context.Context, m bareMessage) error

// bareLoop sends n messages through post and gives what that took.
func (w *world) bareLoop(ctx context.Context, post barePoster, n int) (r run, err error) {
	for _, s := range []string{"DROP TABLE IF EXISTS bench_queue", bareTable} {
		if _, err := w.db.Exec(ctx, s); err != nil {
			return r, err
		}
	}
	if _, err := w.db.Exec(ctx, strings.Replace(bareFill, "$id", nextID("n"), 1), n); err != nil {
		return r, err
	}
	if _, err := w.db.Exec(ctx, "VACUUM (ANALYZE) bench_queue"); err != nil {
		return r, err
	}
	pool, err := pgxpool.New(ctx, w.dsn)
	if err != nil {
		return r, err
	}
	defer pool.Close()
	self := &process{cmd: &exec.Cmd{Process: &os.Process{Pid: os.Getpid()}}}
	before, err := w.cpu(ctx, self)
	if err != nil {
		return r, err
	}
	began := time.Now()
	for {
		got, err := bareRound(ctx, pool, post)
		if err != nil {
			return r, err
		}
		if got == 0 {
			break
		}
	}
	took := time.Since(began)
	after, err := w.cpu(ctx, self)
	return run{done: n, took: took, cpu: after - before}, err
}

type bareMessage struct{ id, phone string }

func bareRound(ctx context.Context, pool *pgxpool.Pool, post barePoster) (int, error) {
	rows, err := pool.Query(ctx, bareClaim, bareBatch)
	if err != nil {
		return 0, err
	}
	got, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (m bareMessage, err error) { return m, row.Scan(&m.id, &m.phone) })
	if err != nil || len(got) == 0 {
		return 0, err
	}
	var wg sync.WaitGroup
	next := make(chan bareMessage)
	failed := make(chan error, bareCalls)
	for range bareCalls {
		wg.Go(func() {
			for m := range next {
				if err := post(ctx, m); err != nil {
					select {
					case failed <- err:
					default:
					}
				}
			}
		})
	}
	ids := make([]string, len(got))
	for i, m := range got {
		ids[i] = m.id
		next <- m
	}
	close(next)
	wg.Wait()
	select {
	case err := <-failed:
		return 0, err
	default:
	}
	_, err = pool.Exec(ctx, bareMark, ids)
	return len(got), err
}

// signed posts through the vendor's SDK, a client for each call: it writes to itself during one.
func signed(client *http.Client, vendorURL string) (barePoster, error) {
	u, err := url.Parse(vendorURL)
	if err != nil {
		return nil, err
	}
	one, err := dysms.NewClient(&openapi.Config{
		AccessKeyId: new("bench"), AccessKeySecret: new("bench"), Endpoint: &u.Host, Protocol: new("HTTP"), HttpClient: bareWire{client},
	})
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, m bareMessage) error {
		own := *one
		res, err := own.SendSmsWithContext(ctx, &dysms.SendSmsRequest{
			PhoneNumbers: &m.phone, SignName: new("bench"), TemplateCode: new("SMS_1"), OutId: &m.id,
			TemplateParam: new(`{"programme":"高龄津贴","amount":"123.45","date":"11月30日","tail":"1234"}`),
		}, &dara.RuntimeOptions{})
		if err == nil && dara.StringValue(res.Body.Code) != "OK" {
			err = errors.New("the vendor refused a message of the bare loop")
		}
		return err
	}, nil
}

// bareWire keeps the SDK's connections open.
type bareWire struct{ *http.Client }

// Call implements dara.HttpClient.
func (w bareWire) Call(req *http.Request, _ *http.Transport) (*http.Response, error) {
	return w.Do(req) //nolint:gosec // the bench's own vendor
}

func unsigned(client *http.Client, vendorURL string) barePoster {
	return func(ctx context.Context, m bareMessage) error { return barePost(ctx, client, vendorURL, m) }
}

func barePost(ctx context.Context, client *http.Client, vendorURL string, m bareMessage) error {
	q := url.Values{"Action": {"SendSms"}, "OutId": {m.id}, "PhoneNumbers": {m.phone}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, vendorURL+"/?"+q.Encode(), http.NoBody)
	if err != nil {
		return err
	}
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("the vendor answered %d", res.StatusCode)
	}
	return nil
}
