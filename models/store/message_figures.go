package store

import (
	"context"
	"encoding/binary"
	"time"

	"github.com/google/uuid"

	"onecard/models"
	"onecard/models/notice"
)

var _ notice.FigureStore = (*Notices)(nil)

// firstID is below every id that was made from an instant on: our ids begin with their time (UUID version 7).
func firstID(at time.Time) string {
	var id uuid.UUID
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(at.UnixMilli()))
	copy(id[:6], ms[2:])
	return id.String()
}

// CountedHours implements notice.FigureStore.
func (s *Notices) CountedHours(ctx context.Context, since time.Time) (map[time.Time]time.Time, error) {
	var rows []struct{ Hour, CountedAt time.Time }
	err := s.q(ctx).Table("message_hours").Where("hour >= ?", since).Find(&rows).Error
	out := make(map[time.Time]time.Time, len(rows))
	for _, r := range rows {
		out[models.Instant(r.Hour)] = models.Instant(r.CountedAt)
	}
	return out, translate(err)
}

// CountHour implements notice.FigureStore. An hour's messages lie together in the index of the ids: nothing else is read.
func (s *Notices) CountHour(ctx context.Context, hour, stale time.Time) error {
	return s.InTx(ctx, func(ctx context.Context) error {
		now := s.stamp()
		res := s.w(ctx).Exec(`INSERT INTO message_hours (hour, counted_at) VALUES (?, ?)
			ON CONFLICT (hour) DO UPDATE SET counted_at = excluded.counted_at WHERE message_hours.counted_at <= ?`, hour, now, stale)
		if res.Error != nil || res.RowsAffected == 0 { // another replica did
			return translate(res.Error)
		}
		if err := s.w(ctx).Exec("DELETE FROM message_figures WHERE hour = ?", hour).Error; err != nil {
			return translate(err)
		}
		return translate(s.w(ctx).Exec(`INSERT INTO message_figures (hour, channel, lane, state, reason, count)
			SELECT `+s.anInstant()+`, channel, lane, state, reason, count(*) FROM deliveries WHERE id >= ? AND id < ? GROUP BY channel, lane, state, reason`,
			hour, firstID(hour), firstID(hour.Add(time.Hour))).Error)
	})
}

// MessageFigures implements notice.FigureStore.
func (s *Notices) MessageFigures(ctx context.Context, from, until time.Time) ([]notice.Figure, error) {
	var out []notice.Figure
	err := s.q(ctx).Raw(`SELECT channel, lane, state, reason, CAST(sum(count) AS bigint) AS count FROM message_figures WHERE hour >= ? AND hour < ?
		GROUP BY channel, lane, state, reason ORDER BY lane, channel, state, reason`, models.Instant(from), models.Instant(until)).Scan(&out).Error
	return out, translate(err)
}
