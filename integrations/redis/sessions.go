package redis

import (
	"context"
	"errors"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"onecard/models/citizen"
)

// dropped stands where a copy was taken away, and keeps a late Put out.
const dropped = "dropped"

// putUnlessDropped sets a copy for ARGV[2] milliseconds unless the session was dropped a moment ago.
var putUnlessDropped = goredis.NewScript(`
if redis.call('GET', KEYS[1]) == '` + dropped + `' then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
`)

// SessionCopies are copies of session rows. The row alone decides; a copy saves reading it. Without Redis there is no
// copy, and nobody is logged out.
type SessionCopies struct{ c *Client }

var _ citizen.SessionCopies = (*SessionCopies)(nil)

// SessionCopies are copies of session rows.
func (c *Client) SessionCopies() *SessionCopies { return &SessionCopies{c} }

// key puts everything of one person's handle on one node (design 9).
func (s *SessionCopies) key(handle, secretHash string) string {
	return s.c.prefix + "{" + handle + "}:s:" + secretHash
}

// Get is the copy of the session whose secret hashes to secretHash. No copy, or no Redis: ask the database.
func (s *SessionCopies) Get(ctx context.Context, handle, secretHash string) (citizen.Session, bool, error) {
	record, err := s.c.rdb.Get(ctx, s.key(handle, secretHash)).Result()
	if errors.Is(err, goredis.Nil) {
		return citizen.Session{}, false, nil
	}
	if err != nil {
		return citizen.Session{}, false, err
	}
	found, ok := readSession(record)
	return found, ok, nil
}

// Put keeps a copy for life, at most a minute: a revocation counts after that even where Redis missed it. It does
// nothing while the session was dropped a moment ago.
func (s *SessionCopies) Put(ctx context.Context, one citizen.Session, life time.Duration) error {
	if life = min(life, citizen.SessionCopyLife); life < time.Millisecond {
		return nil
	}
	return putUnlessDropped.Run(ctx, s.c.rdb, []string{s.key(one.Handle, one.SecretHash)}, writeSession(one), life.Milliseconds()).Err()
}

// Drop takes the copy away, after the session ended or changed, and for a minute lets nobody put it back who read the
// row just before. With Redis gone the copy ends by itself within a minute; the error is for the log.
func (s *SessionCopies) Drop(ctx context.Context, handle, secretHash string) error {
	return s.c.rdb.Set(ctx, s.key(handle, secretHash), dropped, citizen.SessionCopyLife).Err()
}
