// Package redis holds copies and what may be lost: session copies, rate limits, platform tokens, locks, wake-ups, the
// registry's budget, nonces. Nothing here is the only place a fact is kept, and with Redis gone every method still has
// a defined answer, written in its comment (design 6). Names in keys are MACs or ids; never personal data.
package redis

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/bsm/redislock"
	goredis "github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"onecard/configs"
	"onecard/models"
)

// errDown stands for a Redis that did not answer a moment ago; nobody waits for it again until the pause is over.
var errDown = errors.New("redis does not answer")

// The driver would write a line for every failed dial; what fails is counted instead (Failures).
func init() { goredis.SetLogger(silent{}) }

type silent struct{}

func (silent) Printf(context.Context, string, ...any) {}

// Client is one process's connection, to a server or to the embedded Redis. It is safe for many goroutines.
type Client struct {
	rdb      *goredis.Client
	embedded *miniredis.Miniredis // nil with a server
	locks    *redislock.Client
	prefix   string
	clock    models.Clock
	failures atomic.Int64
	trips    atomic.Int64
	wake     *WakeUps
	budget   *localGCRA
	tokens   *Tokens
	stop     context.CancelFunc
	running  sync.WaitGroup
	life     context.Context //nolint:containedctx // of what runs until Close
}

// Open connects. It does not fail when the server is down: the product goes on without it. It fails on settings that
// can never work. The embedded Redis counts by clock, so that its keys expire when the clock says so.
func Open(_ context.Context, cfg configs.Redis, clock models.Clock) (*Client, error) {
	c := &Client{prefix: cfg.Prefix, clock: clock, budget: newLocalGCRA(clock)}
	c.life, c.stop = context.WithCancel(context.Background())
	options := &goredis.Options{
		Addr: cfg.Addr, Username: cfg.Username, Password: cfg.Password.Reveal(), DB: cfg.DB,
		DialTimeout: cfg.DialTimeout, ReadTimeout: cfg.Timeout, WriteTimeout: cfg.Timeout, PoolTimeout: cfg.Timeout,
		PoolSize: cfg.PoolSize, MaxRetries: -1, DialerRetries: 1, ContextTimeoutEnabled: true, DisableIdentity: true,
		Protocol:                 2, // nothing is pushed to us: no reply need be looked at twice
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	}
	switch cfg.Kind {
	case "in_process":
		m, password, err := startEmbedded(clock)
		if err != nil {
			return nil, err
		}
		c.embedded, options.Addr, options.Password, options.Username = m, m.Addr(), password, ""
	case "server":
		if cfg.TLS {
			options.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12}
		}
	default:
		return nil, fmt.Errorf("redis: no kind %q", cfg.Kind)
	}
	c.rdb = goredis.NewClient(options)
	if c.embedded != nil {
		c.rdb.AddHook(followClock{c.embedded, clock})
	}
	c.rdb.AddHook(&pause{failures: &c.failures, trips: &c.trips})
	c.locks = redislock.New(c.rdb)
	c.wake = newWakeUps(c)
	c.tokens = newTokens(c)
	return c, nil
}

// Ping answers whether Redis answers; the product is ready without it too.
func (c *Client) Ping(ctx context.Context) error { return c.rdb.Ping(ctx).Err() }

// Failures counts commands that Redis did not answer since the start, for the metrics.
func (c *Client) Failures() int64 { return c.failures.Load() }

// Trips counts commands and pipelines sent since the start: what a request costs beside its statements.
func (c *Client) Trips() int64 { return c.trips.Load() }

// background runs what works until Close.
func (c *Client) background(run func(ctx context.Context)) { c.running.Go(func() { run(c.life) }) }

// Close stops what runs and closes the connections. It is safe to call twice.
func (c *Client) Close() error {
	c.stop()
	c.running.Wait()
	c.wake.close()
	err := c.rdb.Close()
	if c.embedded != nil {
		c.embedded.Close()
	}
	if errors.Is(err, goredis.ErrClosed) {
		return nil
	}
	return err
}

// key puts the prefix before the parts.
func (c *Client) key(parts ...string) string { return c.prefix + strings.Join(parts, ":") }

// pauseFor is how long nobody waits for a Redis that did not answer.
const pauseFor = time.Second

// pause is a breaker: it fails at once for a second after Redis did not answer, so that an outage costs one time-out a
// second and not one per request. After the second one caller tries; the others go on without Redis until it was heard.
type pause struct {
	failures *atomic.Int64
	trips    *atomic.Int64
	until    atomic.Int64 // nanoseconds since started; 0 while all is well
}

var started = time.Now()

// pass lets a caller through: everyone while all is well, nobody during a pause, one after it.
func (p *pause) pass() bool {
	until := p.until.Load()
	now := int64(time.Since(started))
	if until != 0 && (now < until || !p.until.CompareAndSwap(until, now+int64(pauseFor))) {
		return false
	}
	p.trips.Add(1)
	return true
}

func (p *pause) note(ctx context.Context, err error) error {
	var answer goredis.Error
	if err == nil || errors.As(err, &answer) || errors.Is(err, redislock.ErrNotObtained) {
		if p.until.Load() != 0 {
			p.until.Store(0)
		}
		return err
	}
	p.failures.Add(1)
	if ctx.Err() == nil { // a caller who went away says nothing about Redis
		p.until.Store(int64(time.Since(started) + pauseFor))
	}
	return err
}

func (p *pause) DialHook(next goredis.DialHook) goredis.DialHook { return next }

func (p *pause) ProcessHook(next goredis.ProcessHook) goredis.ProcessHook {
	return func(ctx context.Context, cmd goredis.Cmder) error {
		if !p.pass() {
			cmd.SetErr(errDown)
			return errDown
		}
		return p.note(ctx, next(ctx, cmd))
	}
}

func (p *pause) ProcessPipelineHook(next goredis.ProcessPipelineHook) goredis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []goredis.Cmder) error {
		if !p.pass() {
			for _, cmd := range cmds {
				cmd.SetErr(errDown)
			}
			return errDown
		}
		return p.note(ctx, next(ctx, cmds))
	}
}
