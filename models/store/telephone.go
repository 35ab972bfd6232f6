package store

import (
	"context"
	"errors"
	"time"

	"onecard/models"
	"onecard/models/hotline"
)

// Telephone keeps what the exchange told, and the conversations it is about.
type Telephone struct{ *DB }

// Telephone is these two tables.
func (db *DB) Telephone() *Telephone { return &Telephone{db} }

var _ hotline.TelephoneStore = (*Telephone)(nil)

type telephoneEventRow struct {
	ID           string `gorm:"primaryKey"`
	EventID      string
	Kind         string
	CallRef      string
	Extension    string
	NumberSealed []byte
	Question     string
	DigitsSealed []byte
	At           time.Time
	ReceivedAt   time.Time
	State        string
	Outcome      string
	Attempts     int
	DueAt        time.Time
}

func (telephoneEventRow) TableName() string { return "telephone_events" }

// AddEvent writes an event once.
func (t *Telephone) AddEvent(ctx context.Context, e hotline.TelephoneEvent) error {
	number, err := t.Seal(ctx, "telephone_events", "number_sealed", string(e.ID), []byte(e.Number.Reveal()))
	if err != nil {
		return err
	}
	digits, err := t.Seal(ctx, "telephone_events", "digits_sealed", string(e.ID), []byte(e.Digits.Reveal()))
	if err != nil {
		return err
	}
	res := t.w(ctx).Exec(`INSERT INTO telephone_events (id, event_id, kind, call_ref, extension, number_sealed, question, digits_sealed, at, received_at,
		state, outcome, attempts, due_at) VALUES (?,?,?,?,?,?,?,?,?,?,?,'',0,?) ON CONFLICT (event_id) DO NOTHING`,
		string(e.ID), e.EventID, string(e.Kind), e.CallRef, e.Extension, number, e.Question, digits, e.At, e.ReceivedAt, string(e.State), e.DueAt)
	if res.Error == nil && res.RowsAffected == 0 {
		return hotline.ErrEventKnown
	}
	return translate(res.Error)
}

// EventsDue are events that wait, oldest first. One whose cells do not open is among them, marked, without them.
func (t *Telephone) EventsDue(ctx context.Context, at time.Time, most int) ([]hotline.TelephoneEvent, error) {
	var rows []telephoneEventRow
	err := t.q(ctx).Where("state = 'waiting' AND due_at <= ?", at).Order("due_at, id").Limit(most).Find(&rows).Error
	if err != nil {
		return nil, translate(err)
	}
	out := make([]hotline.TelephoneEvent, 0, len(rows))
	for _, r := range rows {
		number, badNumber := t.number(ctx, "telephone_events", r.ID, r.NumberSealed)
		digits, badDigits := t.Unseal(ctx, "telephone_events", "digits_sealed", r.ID, r.DigitsSealed)
		bad := errors.Join(badNumber, badDigits)
		if bad != nil && !errors.Is(bad, ErrCell) && !errors.Is(bad, hotline.ErrCallerNumber) {
			return nil, bad // the keys are not to be had now
		}
		out = append(out, hotline.TelephoneEvent{
			ID: models.ID(r.ID), EventID: r.EventID, Kind: hotline.EventKind(r.Kind), CallRef: r.CallRef, Extension: r.Extension, Number: number,
			Question: r.Question, Digits: hotline.NewKeyed(string(digits)), At: models.Instant(r.At), ReceivedAt: models.Instant(r.ReceivedAt),
			State: hotline.EventState(r.State), Outcome: r.Outcome, Attempts: r.Attempts, DueAt: models.Instant(r.DueAt), Unreadable: bad != nil,
		})
	}
	return out, nil
}

func (db *DB) number(ctx context.Context, table, id string, cell []byte) (hotline.CallerNumber, error) {
	plain, err := db.Unseal(ctx, table, "number_sealed", id, cell)
	if err != nil {
		return hotline.CallerNumber{}, err
	}
	return hotline.ParseCallerNumber(string(plain))
}

// SettleEvent ends an event that still waits, and forgets what was keyed.
func (t *Telephone) SettleEvent(ctx context.Context, id models.ID, state hotline.EventState, outcome string) (bool, error) {
	res := t.w(ctx).Exec("UPDATE telephone_events SET state = ?, outcome = ?, digits_sealed = NULL, attempts = attempts + 1 WHERE id = ? AND state = 'waiting'",
		string(state), outcome, string(id))
	return res.RowsAffected == 1, translate(res.Error)
}

// PutOffEvent lets an event wait.
func (t *Telephone) PutOffEvent(ctx context.Context, id models.ID, until time.Time) error {
	return translate(t.w(ctx).Exec("UPDATE telephone_events SET due_at = ?, attempts = attempts + 1 WHERE id = ? AND state = 'waiting'", until, string(id)).Error)
}

// DropTelephoneBefore cleans events and conversations.
func (t *Telephone) DropTelephoneBefore(ctx context.Context, before time.Time) error {
	_, err := t.deleteInPieces(ctx, "DELETE FROM telephone_events WHERE id IN (SELECT id FROM telephone_events WHERE received_at < ? LIMIT ?)", before)
	if err != nil {
		return err
	}
	_, err = t.deleteInPieces(ctx, "DELETE FROM exchange_calls WHERE id IN (SELECT id FROM exchange_calls WHERE made_at < ? LIMIT ?)", before)
	return err
}

type exchangeCallRow struct {
	ID            string `gorm:"primaryKey"`
	Ref           string
	Outgoing      bool
	Extension     string
	StaffID       *string
	NumberSealed  []byte
	Candidates    int
	RingingAt     *time.Time
	AnsweredAt    *time.Time
	EndedAt       *time.Time
	WantsCallBack bool
	CallID        *string
	CheckID       *string
	CallBackID    *string
	MadeAt        time.Time
}

func (exchangeCallRow) TableName() string { return "exchange_calls" }

func (t *Telephone) conversation(ctx context.Context, r exchangeCallRow) (hotline.ExchangeCall, error) {
	number, err := t.number(ctx, "exchange_calls", r.ID, r.NumberSealed)
	return hotline.ExchangeCall{
		ID: models.ID(r.ID), Ref: r.Ref, Outgoing: r.Outgoing, Extension: r.Extension, StaffID: idOf(r.StaffID), Number: number, Candidates: r.Candidates,
		RingingAt: timeOf(r.RingingAt), AnsweredAt: timeOf(r.AnsweredAt), EndedAt: timeOf(r.EndedAt), WantsCallBack: r.WantsCallBack,
		CallID: idOf(r.CallID), CheckID: idOf(r.CheckID), CallBackID: idOf(r.CallBackID), MadeAt: models.Instant(r.MadeAt),
	}, err
}

// HoldConversation locks a conversation's row, making it where it is new.
func (t *Telephone) HoldConversation(ctx context.Context, x hotline.ExchangeCall) (hotline.ExchangeCall, error) {
	if t.txFrom(ctx) == nil {
		return hotline.ExchangeCall{}, errors.New("a conversation is held inside a transaction")
	}
	if x.ID == "" {
		x.ID, x.MadeAt = models.NewID(), t.stamp()
	}
	number, err := t.Seal(ctx, "exchange_calls", "number_sealed", string(x.ID), []byte(x.Number.Reveal()))
	if err != nil {
		return hotline.ExchangeCall{}, err
	}
	var rows []exchangeCallRow
	err = t.w(ctx).Raw(`INSERT INTO exchange_calls (id, ref, outgoing, extension, staff_id, number_sealed, candidates, wants_call_back, call_id, check_id,
		call_back_id, made_at) VALUES (?,?,?,?,?,?,0,?,?,?,?,?) ON CONFLICT (ref) DO UPDATE SET ref = excluded.ref RETURNING *`,
		string(x.ID), x.Ref, x.Outgoing, x.Extension, nullID(x.StaffID), number, false, nullID(x.CallID), nullID(x.CheckID), nullID(x.CallBackID), x.MadeAt).
		Scan(&rows).Error
	if err != nil {
		return hotline.ExchangeCall{}, translate(err)
	}
	if len(rows) == 0 {
		return hotline.ExchangeCall{}, models.ErrConflict
	}
	return t.conversation(ctx, rows[0])
}

// UpdateConversation writes what a held conversation came to. A number is written once.
func (t *Telephone) UpdateConversation(ctx context.Context, x hotline.ExchangeCall) error {
	number, err := t.Seal(ctx, "exchange_calls", "number_sealed", string(x.ID), []byte(x.Number.Reveal()))
	if err != nil {
		return err
	}
	return guarded(t.w(ctx).Exec(`UPDATE exchange_calls SET extension = ?, staff_id = ?, number_sealed = ?, candidates = ?, ringing_at = ?,
		answered_at = ?, ended_at = ?, wants_call_back = ?, call_id = ? WHERE id = ?`,
		x.Extension, nullID(x.StaffID), number, x.Candidates, nullTime(x.RingingAt), nullTime(x.AnsweredAt), nullTime(x.EndedAt), x.WantsCallBack,
		nullID(x.CallID), string(x.ID)))
}

// Conversation reads one.
func (t *Telephone) Conversation(ctx context.Context, id models.ID) (hotline.ExchangeCall, error) {
	var r exchangeCallRow
	if err := t.q(ctx).Where("id = ?", string(id)).Take(&r).Error; err != nil {
		return hotline.ExchangeCall{}, translate(err)
	}
	return t.conversation(ctx, r)
}

// LegsUp counts the conversations of a call that are not over.
func (t *Telephone) LegsUp(ctx context.Context, call models.ID, since time.Time) (int, error) {
	var n int64
	err := t.q(ctx).Table("exchange_calls").Where("call_id = ? AND ended_at IS NULL AND (answered_at IS NOT NULL OR outgoing AND made_at > ?)",
		string(call), since).Count(&n).Error
	return int(n), translate(err)
}

// DialUnderWay reports whether something dialled for a promised call still rings.
func (t *Telephone) DialUnderWay(ctx context.Context, callBack models.ID, since time.Time) (bool, error) {
	var n int64
	err := t.q(ctx).Table("exchange_calls").Where("call_back_id = ? AND ended_at IS NULL AND answered_at IS NULL AND made_at > ?", string(callBack), since).Count(&n).Error
	return n > 0, translate(err)
}

// PromiseAnswered reports whether something dialled for a promised call was answered.
func (t *Telephone) PromiseAnswered(ctx context.Context, callBack models.ID) (bool, error) {
	var n int64
	err := t.q(ctx).Table("exchange_calls").Where("call_back_id = ? AND answered_at IS NOT NULL", string(callBack)).Count(&n).Error
	return n > 0, translate(err)
}

// Ringing counts callers who wait for somebody to answer.
func (t *Telephone) Ringing(ctx context.Context, since time.Time) (int, error) {
	var n int64
	err := t.q(ctx).Table("exchange_calls").Where("ringing_at IS NOT NULL AND answered_at IS NULL AND ended_at IS NULL AND made_at > ?", since).Count(&n).Error
	return int(n), translate(err)
}

// SilentCalls are open calls with conversations, none of which is up.
func (t *Telephone) SilentCalls(ctx context.Context, since time.Time, most int) ([]models.ID, error) {
	return t.callIDs(ctx, `SELECT c.id FROM calls c WHERE c.closed_at IS NULL AND c.ended_at IS NULL AND c.exchange_ref <> ''
		AND EXISTS (SELECT 1 FROM exchange_calls x WHERE x.call_id = c.id)
		AND NOT EXISTS (SELECT 1 FROM exchange_calls x WHERE x.call_id = c.id AND x.ended_at IS NULL
			AND (x.answered_at IS NOT NULL OR x.outgoing AND x.made_at > ?)) ORDER BY c.id LIMIT ?`, since, most)
}

// CallsEndedBefore are open calls whose caller has been gone that long.
func (t *Telephone) CallsEndedBefore(ctx context.Context, before time.Time, most int) ([]models.ID, error) {
	return t.callIDs(ctx, "SELECT id FROM calls WHERE closed_at IS NULL AND ended_at <= ? ORDER BY id LIMIT ?", before, most)
}

func (t *Telephone) callIDs(ctx context.Context, query string, at time.Time, most int) ([]models.ID, error) {
	var ids []models.ID
	err := t.q(ctx).Raw(query, models.Instant(at), most).Scan(&ids).Error
	return ids, translate(err)
}

// CandidatesByNumber counts the people whose phone on file a number is.
func (t *Telephone) CandidatesByNumber(ctx context.Context, n hotline.CallerNumber) (int, error) {
	phone, err := models.ParsePhone(n.Reveal())
	if err != nil {
		return 0, nil //nolint:nilerr // a landline is nobody's phone on file
	}
	ids, err := t.FindByLookup(ctx, LookupPhone, phone.Reveal())
	return len(ids), err
}
