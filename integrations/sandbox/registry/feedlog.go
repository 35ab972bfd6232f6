package registry

import (
	"encoding/base64"
	"strconv"
	"strings"
	"time"
)

// feedLog is the change feed of one source. Positions count from the first event ever; base is how many of the
// oldest are no longer kept.
type feedLog struct {
	events []event
	base   int
	held   *hold // set: nothing newer is shown
}

type hold struct {
	upTo int
	asOf time.Time
}

func (l *feedLog) append(e event) { l.events = append(l.events, e) }

func (l *feedLog) end() int { return l.base + len(l.events) }

// read gives events from a position on, the position after them, and as of when the feed is complete.
// refused is the code of a position that is not there: older than what is kept, or never reached.
func (l *feedLog) read(from, limit int, now time.Time) (es []event, next int, asOf time.Time, refused string) {
	end, asOf := l.end(), now
	if l.held != nil {
		end, asOf = min(end, l.held.upTo), l.held.asOf
	}
	switch {
	case from < l.base:
		return nil, 0, asOf, "CURSOR_TOO_OLD"
	case from > l.end():
		return nil, 0, asOf, "CURSOR_UNKNOWN"
	}
	next = max(from, min(end, from+limit))
	if next > from {
		es = l.events[from-l.base : next-l.base]
	}
	return es, next, asOf, ""
}

// rewind forgets the newest events, as a source does that is restored from an older copy.
func (l *feedLog) rewind(n int) { l.events = l.events[:len(l.events)-min(n, len(l.events))] }

// trim forgets all events, so that only cursors at the end still work.
func (l *feedLog) trim() { l.base, l.events = l.end(), nil }

// Cursors are opaque to the reader; inside, the source and the position.
func cursorOf(source string, position int) string {
	return base64.RawURLEncoding.EncodeToString([]byte("v1." + source + "." + strconv.Itoa(position)))
}

// positionOf reads a cursor; the empty cursor is the beginning.
func positionOf(source, cursor string) (int, bool) {
	if cursor == "" {
		return 0, true
	}
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return 0, false
	}
	rest, ok := strings.CutPrefix(string(raw), "v1."+source+".")
	n, err := strconv.Atoi(rest)
	return n, ok && err == nil && n >= 0
}
