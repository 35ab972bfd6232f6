package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	goredis "github.com/redis/go-redis/v9"
)

// Baselines are programs as bare as they can be. Each is the floor of a path of ours: it does what any program must do
// there, and nothing else: no limits, no masks, no log, no request id.
const (
	bareGin       = "gin"       // a fixed body of two kilobytes
	barePipelined = "pipelined" // session and body in one pipeline
	bareCovering  = "covering"  // one read through the covering index, encoded by hand
	bareWrite     = "write"     // one durable statement of two rows
	bareLook      = "look"      // one covering read and one durable row
	bareHash      = "hash"      // a password, hashed as the product hashes it, on as many cores at once
	bareVendor    = "vendor"    // no baseline: an SMS carrier that counts
)

// Serve runs one baseline until ctx is over: `onecard bench baseline KIND`, started by the bench itself.
func Serve(ctx context.Context, kind string) error {
	if kind == bareVendor {
		return listen(ctx, newVendor().handler())
	}
	gin.SetMode(gin.ReleaseMode)
	e := gin.New()
	e.GET("/readyz", func(c *gin.Context) { c.Status(http.StatusOK) })
	pooled := map[string]func(context.Context, *gin.Engine) (*pgxpool.Pool, error){bareCovering: serveFromIndex, bareWrite: serveWrites, bareLook: serveLooks}
	switch kind {
	case bareGin:
		body := make([]byte, 2048)
		for i := range body {
			body[i] = 'a'
		}
		e.GET("/read", func(c *gin.Context) { c.Data(http.StatusOK, "application/json", body) })
	case barePipelined:
		serveFromRedis(e)
	case bareHash:
		serveHashes(e)
	case bareCovering, bareWrite, bareLook:
		pool, err := pooled[kind](ctx, e)
		if err != nil {
			return err
		}
		defer pool.Close()
	default:
		return fmt.Errorf("no baseline %q", kind)
	}
	return listen(ctx, e)
}

func listen(ctx context.Context, h http.Handler) error {
	server := &http.Server{Addr: os.Getenv("ONECARD_HTTP_ADDR"), Handler: h, ReadHeaderTimeout: 5 * time.Second}
	go func() {
		<-ctx.Done()
		_ = server.Close()
	}()
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func bareSession(prefix, handle string) string { return prefix + "bare:{" + handle + "}:s" }
func bareBody(prefix, handle string) string    { return prefix + "bare:{" + handle + "}:a" }

func serveFromRedis(e *gin.Engine) {
	rdb := goredis.NewClient(&goredis.Options{Addr: os.Getenv("ONECARD_REDIS_ADDR"), PoolSize: 16})
	prefix := os.Getenv("ONECARD_REDIS_PREFIX")
	e.GET("/read", func(c *gin.Context) {
		handle := c.Query("h")
		pipe := rdb.Pipeline()
		session, body := pipe.Get(c, bareSession(prefix, handle)), pipe.Get(c, bareBody(prefix, handle))
		if _, err := pipe.Exec(c); err != nil || session.Val() == "" {
			c.Status(http.StatusInternalServerError)
			return
		}
		bytes, _ := body.Bytes()
		c.Data(http.StatusOK, "application/json", bytes)
	})
}

// bareRead is the least that a list of recent arrivals can ask: one person, two months, the index alone.
const bareRead = `SELECT ledger_month, batch_id, line, programme, edition, amount_fen, state FROM payments
	WHERE person_id = $1 AND ledger_month IN ($2, $3) AND hold = '' AND NOT old_channel ORDER BY ledger_month DESC, batch_id DESC, line DESC LIMIT 21`

func serveFromIndex(ctx context.Context, e *gin.Engine) (*pgxpool.Pool, error) {
	pool, err := barePool(ctx)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	first, second := ledgerMonth(now, 0), ledgerMonth(now, 1)
	e.GET("/read", func(c *gin.Context) {
		rows, err := pool.Query(c, bareRead, c.Query("p"), first, second)
		if err != nil {
			c.Status(http.StatusInternalServerError)
			return
		}
		body, err := encodeRows(rows)
		if err != nil {
			c.Status(http.StatusInternalServerError)
			return
		}
		c.Data(http.StatusOK, "application/json", body)
	})
	return pool, nil
}

func barePool(ctx context.Context) (*pgxpool.Pool, error) {
	cfg, err := pgxpool.ParseConfig(os.Getenv("ONECARD_DATABASE_DSN"))
	if err != nil {
		return nil, errors.New("the baseline's DSN cannot be read")
	}
	cfg.MaxConns, cfg.MinConns = 16, 16
	return pgxpool.NewWithConfig(ctx, cfg)
}

func encodeRows(rows pgx.Rows) ([]byte, error) {
	defer rows.Close()
	out := append(make([]byte, 0, 4096), `{"items":[`...)
	for n := 0; rows.Next(); n++ {
		var month, batch, programme, state string
		var line, edition int
		var fen int64
		if err := rows.Scan(&month, &batch, &line, &programme, &edition, &fen, &state); err != nil {
			return nil, err
		}
		if n > 0 {
			out = append(out, ',')
		}
		out = append(out, `{"id":`...)
		id, _ := json.Marshal(month + "~" + batch + "~" + strconv.Itoa(line))
		out = append(append(out, id...), `,"programme":"`...)
		out = append(append(out, programme...), `","edition":`...)
		out = append(strconv.AppendInt(out, int64(edition), 10), `,"amount_fen":`...)
		out = append(strconv.AppendInt(out, fen, 10), `,"state":"`...)
		out = append(append(out, state...), `"}`...)
	}
	return append(out, `]}`...), rows.Err()
}
