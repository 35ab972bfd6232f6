package redis

import (
	"context"
	"time"
)

// copyLife is the longest a session copy lives: a revocation counts after that even where Redis missed it.
const copyLife = time.Minute

// SessionCopies are copies of session rows. The row alone decides; a copy saves reading it.
type SessionCopies struct{ c *Client }

// SessionCopies are copies of session rows.
func (c *Client) SessionCopies() *SessionCopies { return &SessionCopies{c} }

// key puts everything of one person's handle on one node (design 9).
func (s *SessionCopies) key(handle, secretHash string) string {
	return s.c.prefix + "{" + handle + "}:s:" + secretHash
}

// Get is the copy of the session whose secret hashes to secretHash. No copy, or no Redis: ask the database.
func (s *SessionCopies) Get(ctx context.Context, handle, secretHash string) (record []byte, ok bool) {
	record, err := s.c.rdb.Get(ctx, s.key(handle, secretHash)).Bytes()
	return record, err == nil
}

// Put keeps a copy for ttl, at most a minute. What Redis does not take is simply not copied.
func (s *SessionCopies) Put(ctx context.Context, handle, secretHash string, record []byte, ttl time.Duration) {
	if ttl = min(ttl, copyLife); ttl >= time.Millisecond {
		s.c.rdb.Set(ctx, s.key(handle, secretHash), record, ttl)
	}
}

// Drop takes the copy away, after the session ended or changed. With Redis gone the copy ends by itself within a
// minute; the error is for the log.
func (s *SessionCopies) Drop(ctx context.Context, handle, secretHash string) error {
	return s.c.rdb.Del(ctx, s.key(handle, secretHash)).Err()
}
