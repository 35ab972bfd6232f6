package store

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"onecard/models"
	"onecard/models/mirror"
)

// Feeds keeps how far each registry source has been read, and what could not be taken.
type Feeds struct{ *DB }

// Feeds is the mirror's view of the database.
func (db *DB) Feeds() *Feeds { return &Feeds{db} }

var _ mirror.Store = (*Feeds)(nil)

type feedCursorRow struct {
	Source      string `gorm:"primaryKey"`
	Cursor      string
	DataSeq     int64
	CurrentAsOf *time.Time
	ReceivedAt  *time.Time
	NotifyFrom  time.Time
	CaughtUpAt  *time.Time
}

func (feedCursorRow) TableName() string { return "feed_cursors" }

type parkedEventRow struct {
	ID         string `gorm:"primaryKey"`
	Source     string
	Entity     string
	EntityID   string
	Version    int64
	Reason     string
	BodySealed []byte
	ParkedAt   time.Time
	RetryAt    time.Time
	Tries      int
}

func (parkedEventRow) TableName() string { return "parked_events" }

// Cursor reads a source's cursor; the zero Cursor before its first page.
func (s *Feeds) Cursor(ctx context.Context, source string) (mirror.Cursor, error) {
	var rows []feedCursorRow
	if err := s.q(ctx).Where("source = ?", source).Limit(1).Find(&rows).Error; err != nil {
		return mirror.Cursor{}, translate(err)
	}
	if len(rows) == 0 {
		return mirror.Cursor{Source: source}, nil
	}
	return rows[0].cursor(), nil
}

func (r feedCursorRow) cursor() mirror.Cursor {
	return mirror.Cursor{Source: r.Source, Cursor: r.Cursor, DataSeq: r.DataSeq, AsOf: timeOf(r.CurrentAsOf), CaughtUp: timeOf(r.CaughtUpAt)}
}

// LockCursor holds the cursor until the transaction ends.
func (s *Feeds) LockCursor(ctx context.Context, source string) (mirror.Cursor, error) {
	row, err := s.lockedCursor(ctx, source)
	if errors.Is(err, models.ErrNotFound) { // its first page
		if _, err := s.NotifyFrom(ctx, source, s.stamp()); err != nil {
			return mirror.Cursor{}, err
		}
		row, err = s.lockedCursor(ctx, source)
	}
	return row.cursor(), err
}

func (s *Feeds) lockedCursor(ctx context.Context, source string) (row feedCursorRow, err error) {
	err = translate(s.forUpdate(s.w(ctx)).Where("source = ?", source).Take(&row).Error)
	return row, err
}

// NotifyFrom is when we first turned to a source: what it changed before then is history and tells nobody, so that a
// first load does not text seven million people. The first call writes it down for good.
func (s *Feeds) NotifyFrom(ctx context.Context, source string, now time.Time) (time.Time, error) {
	row := feedCursorRow{Source: source, NotifyFrom: models.Instant(now)}
	if err := s.w(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error; err != nil {
		return time.Time{}, translate(err)
	}
	var first feedCursorRow
	if err := s.w(ctx).Where("source = ?", source).Take(&first).Error; err != nil {
		return time.Time{}, translate(err)
	}
	return models.Instant(first.NotifyFrom), nil
}

// SaveCursor writes the cursor with the facts it stands after.
func (s *Feeds) SaveCursor(ctx context.Context, c mirror.Cursor, at time.Time) error {
	return guarded(s.w(ctx).Model(&feedCursorRow{}).Where("source = ?", c.Source).Updates(map[string]any{
		"cursor": c.Cursor, "data_seq": c.DataSeq, "current_as_of": nullTime(c.AsOf), "received_at": models.Instant(at),
		"caught_up_at": nullTime(c.CaughtUp),
	}))
}

// ParkedAmong says which of these entities have a parked event behind which later ones wait.
func (s *Feeds) ParkedAmong(ctx context.Context, source, entity string, ids []string) (map[string]bool, error) {
	var parked []string
	err := s.q(ctx).Model(&parkedEventRow{}).Where("source = ? AND entity = ? AND entity_id IN ? AND reason <> ?", source, entity, ids, mirror.OwnerUnknown).
		Distinct().Pluck("entity_id", &parked).Error
	out := make(map[string]bool, len(parked))
	for _, id := range parked {
		out[id] = true
	}
	return out, translate(err)
}

// Park keeps an event that cannot be taken, its body sealed; the same event again changes nothing.
func (s *Feeds) Park(ctx context.Context, source string, e mirror.Event, reason string, at, retry time.Time) error {
	row := parkedEventRow{
		ID: string(models.NewID()), Source: source, Entity: e.Entity, EntityID: e.EntityID, Version: e.Version, Reason: reason, ParkedAt: models.Instant(at),
		RetryAt: models.Instant(retry),
	}
	sealed, err := s.Seal(ctx, "parked_events", "body", row.ID, e.Raw)
	if err != nil {
		return err
	}
	row.BodySealed = sealed
	return translate(s.w(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error)
}

// ParkedDue lists events whose next try has come, the oldest first, with their bodies opened. An event behind one of its
// entity that is not due waits with it.
func (s *Feeds) ParkedDue(ctx context.Context, source string, at time.Time, limit int) ([]mirror.Parked, error) {
	var rows []parkedEventRow
	err := s.q(ctx).Where(`source = ? AND retry_at <= ? AND NOT EXISTS (SELECT 1 FROM parked_events AS first
		WHERE first.source = parked_events.source AND first.entity = parked_events.entity AND first.entity_id = parked_events.entity_id
		AND first.version < parked_events.version AND first.retry_at > ?)`, source, at, at).Order("parked_at, version, id").Limit(limit).Find(&rows).Error
	if err != nil {
		return nil, translate(err)
	}
	out := make([]mirror.Parked, 0, len(rows))
	for _, r := range rows {
		raw, err := s.Unseal(ctx, "parked_events", "body", r.ID, r.BodySealed)
		if err != nil {
			return nil, err
		}
		out = append(out, mirror.Parked{ID: models.ID(r.ID), Tries: r.Tries, Event: mirror.Event{
			Entity: r.Entity, EntityID: r.EntityID, Version: r.Version, Raw: raw,
		}})
	}
	return out, nil
}

// Unpark forgets an event that was taken; models.ErrConflict when another replica took it first.
func (s *Feeds) Unpark(ctx context.Context, id models.ID) error {
	return guarded(s.w(ctx).Where("id = ?", string(id)).Delete(&parkedEventRow{}))
}

// RetryLater names the next try of an event.
func (s *Feeds) RetryLater(ctx context.Context, id models.ID, at time.Time) error {
	return translate(s.w(ctx).Model(&parkedEventRow{}).Where("id = ?", string(id)).
		Updates(map[string]any{"retry_at": models.Instant(at), "tries": gorm.Expr("tries + 1")}).Error)
}

// sourceAsOf is how fresh our copy of a source is; zero before its first page.
func (db *DB) sourceAsOf(ctx context.Context, source string) (time.Time, error) {
	c, err := db.Feeds().Cursor(ctx, source)
	return c.AsOf, err
}
