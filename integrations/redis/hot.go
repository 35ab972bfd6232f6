package redis

import (
	"context"
	"crypto/rand"
	"errors"
	"sync"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"onecard/models/citizen"
	"onecard/models/subsidy"
)

// Lives of ready answers and of the versions they stand under. An answer that should have been outdated, and was not
// because Redis lost the message, is given for BodyLife at most; that is the figure the runbook promises.
const (
	BodyLife    = 5 * time.Minute
	versionLife = 2 * BodyLife
)

// Hot keeps ready answers (design 9). For one person session, version, answers and read limit share a slot and are
// asked for in one trip. A version is a random word that never comes back: an answer is good only while the word it was
// made under stands, so one that was lost, evicted or put back by a slow reader is a miss and never an old answer.
// With Redis gone nothing is ready; the database answers.
type Hot struct {
	c     *Client
	seal  *sealer
	queue chan keep
	pipes sync.Pool // of pipelines that were sent, for the next one to look
}

// Hot keeps ready answers, sealed under a key made from secret, which every replica has.
func (c *Client) Hot(secret []byte) *Hot {
	h := &Hot{c: c, seal: newSealer(secret, c.clock), queue: make(chan keep, keptAtOnce)}
	c.background(h.run)
	return h
}

// Ask is what one read wants to know. View names the answer; Mark is what else it stands on than the person's own facts.
type Ask struct {
	Handle, SecretHash string
	LimitKey           string // as given to Limiter
	PerMinute          int
	View, Mark         string
}

// Found is what one trip told.
type Found struct {
	Session citizen.Session
	Known   bool // there is a copy of the session
	Counted bool // the limit was asked
	Fits    bool
	Wait    time.Duration
	Version string // empty where there is none
	Body    []byte // nil: a miss; the caller's own, with room to append a little
}

// Look asks for everything at once. An error means that Redis is out: nothing is known and nothing was counted.
func (h *Hot) Look(ctx context.Context, q Ask) (Found, error) {
	interval := time.Minute / time.Duration(max(1, q.PerMinute))
	every, within := pace(interval, time.Minute)
	limit := h.c.key("limit", q.LimitKey)
	pipe, ok := h.pipes.Get().(goredis.Pipeliner)
	if !ok {
		pipe = h.c.rdb.Pipeline()
	}
	defer h.pipes.Put(pipe) // Exec leaves it empty
	counted := pipe.EvalSha(ctx, gcra.Hash(), []string{limit}, every, within)
	key := h.body(q.Handle, q.View)
	values := pipe.MGet(ctx, h.c.SessionCopies().key(q.Handle, q.SecretHash), h.version(q.Handle), key)
	_, err := pipe.Exec(ctx)
	if values.Err() != nil {
		return Found{}, values.Err()
	}
	f := Found{}
	if err == nil {
		wait, convErr := counted.Int64()
		f.Counted = convErr == nil
		f.Fits, f.Wait = f.Counted && wait == 0, time.Duration(wait)*time.Millisecond
	} else if goredis.HasErrorPrefix(err, "NOSCRIPT") { // Redis was started anew; asked in full, it remembers
		f.Fits, f.Wait, err = h.c.take(ctx, limit, interval, time.Minute)
		f.Counted = err == nil
	}
	got := values.Val()
	if record, ok := got[0].(string); ok {
		f.Session, f.Known = readSession(record)
	}
	f.Version, _ = got[1].(string)
	if sealed, ok := got[2].(string); ok && f.Version != "" {
		f.Body, _ = h.seal.open(place(key, f.Version, q.Mark), sealed)
	}
	return f, nil
}

// Begin gives the version that stands, making one where there is none. It comes before the database is read: what is
// outdated after that is outdated for the reader too.
func (h *Hot) Begin(ctx context.Context, handle string) (string, error) {
	fresh := rand.Text()
	standing, err := h.c.rdb.SetArgs(ctx, h.version(handle), fresh, goredis.SetArgs{Mode: "NX", Get: true, TTL: versionLife}).Result()
	if errors.Is(err, goredis.Nil) {
		return fresh, nil
	}
	return standing, err
}

// outdateAtOnce is how many handles go into one trip.
const outdateAtOnce = 1000

var _ subsidy.ReadyAnswers = (*Hot)(nil)

// Outdate gives each handle that has a version another one. Who has none has no answer that counts.
func (h *Hot) Outdate(ctx context.Context, handles []string) error {
	for start := 0; start < len(handles); start += outdateAtOnce {
		pipe := h.c.rdb.Pipeline()
		for _, handle := range handles[start:min(start+outdateAtOnce, len(handles))] {
			pipe.SetXX(ctx, h.version(handle), rand.Text(), versionLife)
		}
		commands, err := pipe.Exec(ctx)
		for _, one := range commands {
			if failed := one.Err(); failed != nil && !errors.Is(failed, goredis.Nil) {
				return failed
			}
		}
		if err != nil && !errors.Is(err, goredis.Nil) {
			return err
		}
	}
	return nil
}

func (h *Hot) version(handle string) string { return h.c.prefix + "{" + handle + "}:v" }

func (h *Hot) body(handle, view string) string { return h.c.prefix + "{" + handle + "}:a:" + view }

// place is what a sealed answer is bound to: it opens under its own key, version and mark and nowhere else.
func place(key, version, mark string) string { return key + "\n" + version + "\n" + mark }
