package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"onecard/models"
	"onecard/models/hotline"
)

// Boards reads what a supervisor's board shows.
type Boards struct{ *DB }

// Boards is calls and looks by agent.
func (db *DB) Boards() *Boards { return &Boards{db} }

var (
	_ hotline.BoardStore = (*Boards)(nil)
	_ hotline.Backlogs   = (*Boards)(nil)
)

// OpenCalls implements hotline.BoardStore.
func (t *Boards) OpenCalls(ctx context.Context, usedSince time.Time) ([]hotline.BoardCall, error) {
	var rows []struct {
		ID, StaffID, Login, Source, Level string
		NameSealed                        []byte
		OpenedAt, UsedAt                  time.Time
	}
	err := t.q(ctx).Table("calls c").Select("c.id, c.staff_id, s.login, c.source, c.level, s.name_sealed, c.opened_at, c.used_at").
		Joins("JOIN staff s ON s.id = c.staff_id").Where("c.closed_at IS NULL AND c.used_at >= ?", usedSince).Order("c.opened_at, c.id").Find(&rows).Error
	if err != nil {
		return nil, translate(err)
	}
	out := make([]hotline.BoardCall, len(rows))
	for i, r := range rows {
		name, err := staffName(ctx, t.DB, r.StaffID, r.NameSealed)
		if err != nil {
			return nil, err
		}
		out[i] = hotline.BoardCall{
			CallID: models.ID(r.ID), StaffID: models.ID(r.StaffID), Login: r.Login, Name: name, Source: r.Source, Level: hotline.VerifyLevel(r.Level),
			OpenedAt: models.Instant(r.OpenedAt), UsedAt: models.Instant(r.UsedAt),
		}
	}
	return out, nil
}

// staffName opens the name of an account beside which others are shown; one that no longer parses is left out rather than shown
// wrong.
func staffName(ctx context.Context, db *DB, staff string, sealed []byte) (models.Name, error) {
	plain, err := db.Unseal(ctx, "staff", "name_sealed", staff, sealed)
	if err != nil {
		return models.Name{}, err
	}
	name, _ := models.ParseName(string(plain))
	return name, nil
}

// LooksByAgent implements hotline.BoardStore.
func (t *Boards) LooksByAgent(ctx context.Context, since time.Time) ([]hotline.AgentLooks, error) {
	var rows []struct {
		StaffID, Login string
		Looks          int
	}
	err := t.q(ctx).Table("call_look_ups l").Select("l.staff_id, s.login, count(*) AS looks").Joins("JOIN staff s ON s.id = l.staff_id").
		Where("l.at > ?", since).Group("l.staff_id, s.login").Order("looks DESC, s.login").Find(&rows).Error
	out := make([]hotline.AgentLooks, len(rows))
	for i, r := range rows {
		out[i] = hotline.AgentLooks{StaffID: models.ID(r.StaffID), Login: r.Login, Looks: r.Looks}
	}
	return out, translate(err)
}

// ExportsOn implements hotline.BoardStore.
func (t *Boards) ExportsOn(ctx context.Context, staff models.ID, day models.Date, kinds []hotline.ExportKind) (int, error) {
	var n int64
	err := t.q(ctx).Table("call_exports").Where("staff_id = ? AND day = ? AND kind IN ?", string(staff), string(day), kinds).Count(&n).Error
	return int(n), translate(err)
}

// WaitingCallBacks implements hotline.Backlogs: promised, and taken by nobody yet.
func (t *Boards) WaitingCallBacks(ctx context.Context) (hotline.Backlog, error) {
	return t.backlog(t.q(ctx).Table("call_backs").Where("state = ?", string(hotline.CallBackDue)))
}

// OverdueOrders implements hotline.Backlogs: the oldest is the one that was due first.
func (t *Boards) OverdueOrders(ctx context.Context, at time.Time) (hotline.Backlog, error) {
	return t.backlog(t.q(ctx).Table("work_orders w").Where(openOrders).Where("w.due_at < ?", models.Instant(at)))
}

func (t *Boards) backlog(q *gorm.DB) (hotline.Backlog, error) {
	var b hotline.Backlog
	err := q.Select("count(*), min(due_at)").Row().Scan(&b.Count, anInstant{&b.Oldest})
	return b, translate(err)
}
