package store

import (
	"context"
	"time"

	"onecard/models"
	"onecard/models/hotline"
)

// Calls keeps telephone calls.
type Calls struct{ *DB }

// Calls is the calls' table.
func (db *DB) Calls() *Calls { return &Calls{db} }

var _ hotline.CallStore = (*Calls)(nil)

type callRow struct {
	ID           string `gorm:"primaryKey"`
	StaffID      string
	CallerSealed []byte
	Source       string
	AskedFact    string
	PersonID     *string
	Level        string
	Strength     string
	FullID       bool `gorm:"column:full_id"`
	Failures     int
	CallBackAt   *time.Time
	SlipSent     string
	District     string
	Department   string
	OpenedAt     time.Time
	UsedAt       time.Time
	EndedAt      *time.Time
	ExchangeRef  string
	ClosedAt     *time.Time
	CloseReason  string
	Version      int
}

func (callRow) TableName() string { return "calls" }

func (t *Calls) toRow(ctx context.Context, c hotline.Call) (callRow, error) {
	caller, err := t.Seal(ctx, "calls", "caller_sealed", string(c.ID), []byte(c.Caller.Reveal()))
	return callRow{
		ID: string(c.ID), StaffID: string(c.StaffID), CallerSealed: caller, Source: c.Source, AskedFact: c.AskedFact,
		PersonID: nullID(c.PersonID), Level: string(c.Level), Strength: string(c.Strength), FullID: c.FullID,
		Failures: c.Failures, CallBackAt: nullTime(c.CallBackAt), SlipSent: c.SlipSent, District: c.District, Department: c.Department,
		OpenedAt: c.OpenedAt, UsedAt: c.UsedAt, EndedAt: nullTime(c.EndedAt), ExchangeRef: c.ExchangeRef, ClosedAt: nullTime(c.ClosedAt), CloseReason: c.CloseReason, Version: c.Version,
	}, err
}

func (t *Calls) fromRow(ctx context.Context, r callRow) (hotline.Call, error) {
	plain, err := t.Unseal(ctx, "calls", "caller_sealed", r.ID, r.CallerSealed)
	if err != nil {
		return hotline.Call{}, err
	}
	c := r.unsaid()
	c.Caller, err = hotline.ParseCallerNumber(string(plain))
	return c, err
}

// unsaid is the call without its caller's number.
func (r callRow) unsaid() hotline.Call {
	return hotline.Call{
		ID: models.ID(r.ID), StaffID: models.ID(r.StaffID), Source: r.Source, AskedFact: r.AskedFact,
		PersonID: idOf(r.PersonID), Level: hotline.VerifyLevel(r.Level), Strength: hotline.Strength(r.Strength), FullID: r.FullID,
		Failures: r.Failures, CallBackAt: timeOf(r.CallBackAt), SlipSent: r.SlipSent, District: r.District, Department: r.Department,
		OpenedAt: models.Instant(r.OpenedAt), UsedAt: models.Instant(r.UsedAt), EndedAt: timeOf(r.EndedAt), ExchangeRef: r.ExchangeRef, ClosedAt: timeOf(r.ClosedAt),
		CloseReason: r.CloseReason, Version: r.Version,
	}
}

// CreateCall inserts an open call; ErrCallOpen when its agent has one.
func (t *Calls) CreateCall(ctx context.Context, c hotline.Call) error {
	r, err := t.toRow(ctx, c)
	if err != nil {
		return err
	}
	err = translate(t.w(ctx).Create(&r).Error)
	if t.isDuplicate(err, "calls_open") {
		return hotline.ErrCallOpen.Because(err)
	}
	return err
}

// CallByID reads a call, closed or not.
func (t *Calls) CallByID(ctx context.Context, id models.ID) (hotline.Call, error) {
	return t.one(ctx, "id = ?", id)
}

// OpenCallOf reads an agent's open call.
func (t *Calls) OpenCallOf(ctx context.Context, staff models.ID) (hotline.Call, error) {
	return t.one(ctx, "staff_id = ? AND closed_at IS NULL", staff)
}

func (t *Calls) one(ctx context.Context, where string, id models.ID) (hotline.Call, error) {
	var r callRow
	if err := t.q(ctx).Where(where, string(id)).Take(&r).Error; err != nil {
		return hotline.Call{}, translate(err)
	}
	return t.fromRow(ctx, r)
}

// UpdateCall writes what a call came to where it is open and still has c.Version. Caller, agent and opening never change.
func (t *Calls) UpdateCall(ctx context.Context, c hotline.Call) error {
	return guarded(t.w(ctx).Exec(`UPDATE calls SET person_id = ?, level = ?, strength = ?, full_id = ?, failures = ?,
		call_back_at = ?, slip_sent = ?, used_at = ?, ended_at = ?, closed_at = ?, close_reason = ?, version = version + 1
		WHERE id = ? AND version = ? AND closed_at IS NULL`,
		nullID(c.PersonID), string(c.Level), string(c.Strength), c.FullID, c.Failures,
		nullTime(c.CallBackAt), c.SlipSent, c.UsedAt, nullTime(c.EndedAt), nullTime(c.ClosedAt), c.CloseReason, string(c.ID), c.Version))
}

// AddTask writes one task of a call.
func (t *Calls) AddTask(ctx context.Context, id models.ID, act string, at time.Time) (bool, error) {
	res := t.w(ctx).Exec("INSERT INTO call_tasks (call_id, act, sent_at) VALUES (?,?,?) ON CONFLICT (call_id, act) DO NOTHING", string(id), act, at)
	return res.RowsAffected == 1, translate(res.Error)
}

// NoteCall writes a call's note, sealed, and its result.
func (t *Calls) NoteCall(ctx context.Context, id models.ID, n hotline.CallNote) error {
	sealed, err := t.Seal(ctx, "calls", "note_sealed", string(id), []byte(n.Text))
	if err != nil {
		return err
	}
	return guarded(t.w(ctx).Exec("UPDATE calls SET note_sealed = ?, result = ?, noted_at = ? WHERE id = ?", sealed, string(n.Result), n.At, string(id)))
}

// NoteOf opens a call's note; an empty one where none was written, or it was scrubbed.
func (t *Calls) NoteOf(ctx context.Context, id models.ID) (hotline.CallNote, error) {
	var r struct {
		NoteSealed []byte
		Result     string
		NotedAt    *time.Time
	}
	if err := t.q(ctx).Table("calls").Select("note_sealed, result, noted_at").Where("id = ?", string(id)).Take(&r).Error; err != nil {
		return hotline.CallNote{}, translate(err)
	}
	text, err := t.Unseal(ctx, "calls", "note_sealed", string(id), r.NoteSealed)
	return hotline.CallNote{Text: string(text), Result: hotline.CallResult(r.Result), At: timeOf(r.NotedAt)}, err
}

// ScrubNotesBefore takes notes out whose time has come.
func (t *Calls) ScrubNotesBefore(ctx context.Context, at time.Time) error {
	return translate(t.w(ctx).Exec("UPDATE calls SET note_sealed = NULL WHERE note_sealed IS NOT NULL AND noted_at < ?", at).Error)
}
