package registry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"onecard/models"
	"onecard/models/mirror"
)

// mostPerPage is what the contract allows.
const mostPerPage = 1000

type wireEvent struct {
	Entity    string          `json:"entity"`
	ID        string          `json:"id"`
	Version   int64           `json:"version"`
	ChangedAt time.Time       `json:"changed_at"`
	Data      json.RawMessage `json:"data"`
}

// reader turns the data of one entity into a fact of ours.
type reader func(raw []byte, now time.Time) (any, error)

// readAs makes the reader of one shape. An error names what is wrong and never holds the data.
func readAs[W, F any](turn func(W, time.Time) (F, error)) reader {
	return func(raw []byte, now time.Time) (any, error) {
		var w W
		if err := json.Unmarshal(raw, &w); err != nil {
			return nil, errMalformed
		}
		return turn(w, now)
	}
}

func timeless[W, F any](turn func(W) (F, error)) reader {
	return readAs(func(w W, _ time.Time) (F, error) { return turn(w) })
}

var errMalformed = errors.New("data_malformed")

// The entities of each source, in the order in which a snapshot reads them, with their readers.
var (
	cardsEntities   = []string{"bank", "outlet", "person", "card", "application"}
	paymentEntities = []string{"programme", "payee", "office", "declaration", "batch", "payment_line"}
	readers         = map[string]reader{
		"bank": timeless(wireBank.bank), "outlet": timeless(wireOutlet.outlet), "person": readAs(wirePerson.person),
		"card": timeless(wireCard.fact), "application": timeless(wireApplication.fact),
		"programme": timeless(wireProgramme.programme), "payee": timeless(wirePayee.payee), "batch": timeless(wireBatch.batch),
		"payment_line": timeless(wireLine.line), "office": timeless(wireOffice.office), "declaration": timeless(wireDeclaration.declaration),
	}
)

// Page reads what comes after the cursor. mirror.ErrCursorTooOld when the source no longer has it, mirror.ErrCursorUnknown
// when it never had; mirror.SnapshotStart then reads every entity from the beginning and goes on with the feed where it stood.
func (c *Cards) Page(ctx context.Context, cursor string, limit int) (mirror.Page, error) {
	return c.page(ctx, cardsEntities, cursor, limit)
}

func (s *source) page(ctx context.Context, entities []string, cursor string, limit int) (mirror.Page, error) {
	if limit < 1 || limit > mostPerPage {
		limit = mostPerPage
	}
	var page mirror.Page
	var err error
	for ; ; limit /= 2 { // a page of long facts is read in smaller pieces
		if rest, ok := strings.CutPrefix(cursor, mirror.SnapshotStart); ok {
			page, err = s.snapshotPage(ctx, entities, rest, limit)
		} else {
			page, err = s.feedPage(ctx, cursor, limit)
		}
		if !answered(err, answerTooLong) {
			break
		}
		if limit == 1 {
			err = fmt.Errorf("%w: %w", mirror.ErrEventTooLong, err)
			break
		}
	}
	if err != nil && !errors.Is(err, mirror.ErrCursorTooOld) && !errors.Is(err, mirror.ErrCursorUnknown) {
		return mirror.Page{}, unavailable(err)
	}
	return page, err
}

func (s *source) feedPage(ctx context.Context, cursor string, limit int) (mirror.Page, error) {
	var in struct {
		Events      []wireEvent `json:"events"`
		NextCursor  string      `json:"next_cursor"`
		More        bool        `json:"more"`
		CurrentAsOf time.Time   `json:"current_as_of"`
	}
	q := question{op: "feed", lane: ReadLane, method: http.MethodGet, path: "/v1/feed",
		query: url.Values{"cursor": {cursor}, "limit": {strconv.Itoa(limit)}}}
	if err := s.askJSON(ctx, q, &in); err != nil {
		return mirror.Page{}, aboutCursor(err)
	}
	return mirror.Page{Events: s.events(in.Events), Next: in.NextCursor, AsOf: orZero(in.CurrentAsOf), More: in.More}, nil
}

// aboutCursor names the refusals of a cursor; every other error stays what it is.
func aboutCursor(err error) error {
	switch {
	case answered(err, "CURSOR_TOO_OLD"):
		return mirror.ErrCursorTooOld
	case answered(err, "CURSOR_UNKNOWN"):
		return mirror.ErrCursorUnknown
	}
	return err
}

// snapshotPage reads one page of one entity. Its cursor is entity, the feed's position when the snapshot began, and
// the last id read, with bars between.
func (s *source) snapshotPage(ctx context.Context, entities []string, rest string, limit int) (mirror.Page, error) {
	entity, feed, after := entities[0], "", ""
	if rest != "" {
		parts := strings.SplitN(rest, "|", 3)
		if len(parts) != 3 || !slices.Contains(entities, parts[0]) {
			return mirror.Page{}, mirror.ErrCursorTooOld // not a cursor of this release: begin the snapshot again
		}
		entity, feed, after = parts[0], parts[1], parts[2]
	}
	var in struct {
		Items       []wireEvent `json:"items"`
		NextAfter   string      `json:"next_after"`
		Cursor      string      `json:"cursor"`
		CurrentAsOf time.Time   `json:"current_as_of"`
	}
	q := question{op: "snapshot", lane: ReadLane, method: http.MethodGet, path: "/v1/snapshot",
		query: url.Values{"entity": {entity}, "after": {after}, "limit": {strconv.Itoa(limit)}}}
	if err := s.askJSON(ctx, q, &in); err != nil {
		return mirror.Page{}, aboutCursor(err)
	}
	if feed == "" {
		feed = in.Cursor
	}
	page := mirror.Page{Events: s.events(in.Items), AsOf: orZero(in.CurrentAsOf), More: true}
	next := slices.Index(entities, entity) + 1
	switch {
	case in.NextAfter != "":
		page.Next = mirror.SnapshotStart + entity + "|" + feed + "|" + in.NextAfter
	case next < len(entities):
		page.Next = mirror.SnapshotStart + entities[next] + "|" + feed + "|"
	default:
		page.Next = feed
	}
	return page, nil
}

// events turns the wire's events into facts. One that cannot be read carries the reason and its raw data, so that it
// can be parked; the others go on.
func (s *source) events(in []wireEvent) []mirror.Event {
	out := make([]mirror.Event, 0, len(in))
	for _, w := range in {
		out = append(out, s.Read(mirror.Event{Entity: w.Entity, EntityID: w.ID, Version: w.Version, ChangedAt: models.Instant(w.ChangedAt), Raw: w.Data}))
	}
	return out
}

// Read turns an event's raw data into its fact, or says in Bad why it cannot. An entity nobody reads here stays as it is.
func (s *source) Read(e mirror.Event) mirror.Event {
	read, ok := readers[e.Entity]
	if !ok {
		return e
	}
	fact, err := read(e.Raw, s.clock.Now())
	if err != nil {
		e.Bad = err.Error()
		return e
	}
	e.Fact, e.Bad = fact, ""
	return e
}
