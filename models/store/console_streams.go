package store

import (
	"context"
	"errors"
	"time"

	"onecard/models"
	"onecard/models/hotline"
)

// ConsoleStreams keeps the consoles' events, numbered for each member of staff.
type ConsoleStreams struct{ *DB }

// ConsoleStreams is these two tables.
func (db *DB) ConsoleStreams() *ConsoleStreams { return &ConsoleStreams{db} }

var _ hotline.StreamStore = (*ConsoleStreams)(nil)

// PushEvent takes the next number and writes the event under it. The number's row is locked until the commit, so that nobody
// reads a later number before an earlier one is there.
func (t *ConsoleStreams) PushEvent(ctx context.Context, staff models.ID, e hotline.ConsoleEvent) error {
	if t.txFrom(ctx) == nil {
		return errors.New("an event is pushed in the transaction of what it tells of")
	}
	var seq int64
	err := t.w(ctx).Raw(`INSERT INTO console_streams (staff_id, last_seq) VALUES (?, 1)
		ON CONFLICT (staff_id) DO UPDATE SET last_seq = console_streams.last_seq + 1 RETURNING last_seq`, string(staff)).Row().Scan(&seq)
	if err != nil {
		return translate(err)
	}
	return translate(t.w(ctx).Exec("INSERT INTO console_events (staff_id, seq, kind, exchange_call_id, call_id, result, tries_left, at) VALUES (?,?,?,?,?,?,?,?)",
		string(staff), seq, e.Kind, nullID(e.ExchangeCallID), nullID(e.CallID), e.Result, e.TriesLeft, e.At).Error)
}

// ConsoleEventsAfter reads on from a number, with number and count of who rings; of a number that we dialled nothing is told.
func (t *ConsoleStreams) ConsoleEventsAfter(ctx context.Context, staff models.ID, after int64, most int) ([]hotline.ConsoleEvent, error) {
	var rows []struct {
		Seq            int64
		Kind           string
		ExchangeCallID *string
		CallID         *string
		Result         string
		TriesLeft      int
		At             time.Time
		NumberSealed   []byte
		Candidates     *int
	}
	err := t.q(ctx).Raw(`SELECT e.seq, e.kind, CAST(e.exchange_call_id AS text) AS exchange_call_id, CAST(e.call_id AS text) AS call_id, e.result, e.tries_left, e.at,
		x.number_sealed, x.candidates FROM console_events e LEFT JOIN exchange_calls x ON x.id = e.exchange_call_id AND NOT x.outgoing
		WHERE e.staff_id = ? AND e.seq > ? ORDER BY e.seq LIMIT ?`, string(staff), after, most).Scan(&rows).Error
	if err != nil {
		return nil, translate(err)
	}
	out := make([]hotline.ConsoleEvent, 0, len(rows))
	for _, r := range rows {
		e := hotline.ConsoleEvent{Seq: r.Seq, Kind: r.Kind, ExchangeCallID: idOf(r.ExchangeCallID), CallID: idOf(r.CallID), Result: r.Result, TriesLeft: r.TriesLeft, At: models.Instant(r.At)}
		if r.Candidates != nil {
			if e.Caller, err = t.number(ctx, "exchange_calls", string(e.ExchangeCallID), r.NumberSealed); err != nil {
				return nil, err
			}
			e.Candidates = *r.Candidates
		}
		out = append(out, e)
	}
	return out, nil
}

// StreamStart is the number of the last event before since.
func (t *ConsoleStreams) StreamStart(ctx context.Context, staff models.ID, since time.Time) (int64, error) {
	var seq int64
	err := t.q(ctx).Raw("SELECT COALESCE(MAX(seq), 0) FROM console_events WHERE staff_id = ? AND at < ?", string(staff), models.Instant(since)).Row().Scan(&seq)
	return seq, translate(err)
}

// TakeStream makes one stream the only one of a member of staff.
func (t *ConsoleStreams) TakeStream(ctx context.Context, staff, stream models.ID) error {
	return translate(t.w(ctx).Exec(`INSERT INTO console_streams (staff_id, last_seq, stream_id) VALUES (?, 0, ?)
		ON CONFLICT (staff_id) DO UPDATE SET stream_id = excluded.stream_id`, string(staff), string(stream)).Error)
}

// StreamHolder is the stream that is open.
func (t *ConsoleStreams) StreamHolder(ctx context.Context, staff models.ID) (models.ID, error) {
	var id *string
	err := translate(t.q(ctx).Raw("SELECT CAST(stream_id AS text) FROM console_streams WHERE staff_id = ?", string(staff)).Row().Scan(&id))
	if errors.Is(err, models.ErrNotFound) {
		return "", nil
	}
	return idOf(id), err
}

// SessionOfStream reads the session behind a stream.
func (t *ConsoleStreams) SessionOfStream(ctx context.Context, session models.ID) (hotline.Session, error) {
	var r staffSessionRow
	if err := t.q(ctx).Where("id = ?", string(session)).Take(&r).Error; err != nil {
		return hotline.Session{}, translate(err)
	}
	return hotline.Session{
		ID: models.ID(r.ID), StaffID: models.ID(r.StaffID), OpenedAt: models.Instant(r.OpenedAt), SeenAt: models.Instant(r.SeenAt),
		EndedAt: timeOf(r.EndedAt), EndReason: r.EndReason,
	}, nil
}

// DropConsoleEventsBefore cleans old events; numbers go on.
func (t *ConsoleStreams) DropConsoleEventsBefore(ctx context.Context, before time.Time) error {
	_, err := t.deleteInPieces(ctx, "DELETE FROM console_events WHERE (staff_id, seq) IN (SELECT staff_id, seq FROM console_events WHERE at < ? LIMIT ?)", before)
	return err
}
