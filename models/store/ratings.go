package store

import (
	"context"
	"time"

	"onecard/models"
	"onecard/models/hotline"
)

// Ratings keeps what people say of finished cases.
type Ratings struct{ *DB }

// Ratings is the table of ratings.
func (db *DB) Ratings() *Ratings { return &Ratings{db} }

var _ hotline.RatingStore = (*Ratings)(nil)

type ratingRow struct {
	ID       string `gorm:"primaryKey"`
	Object   string
	ObjectID string
	Kind     string
	Level    int
	Channel  string
	OrderID  *string
	Month    string
	At       time.Time
}

func (ratingRow) TableName() string { return "ratings" }

// AddRating writes a rating of a case that has none; of many at once one is written.
func (t *Ratings) AddRating(ctx context.Context, r hotline.Rating) (bool, error) {
	res := t.w(ctx).Exec(`INSERT INTO ratings (id, object, object_id, kind, level, channel, order_id, month, at) VALUES (?,?,?,?,?,?,?,?,?)
		ON CONFLICT (object, object_id) DO NOTHING`, string(r.ID), r.Object, string(r.ObjectID), r.Kind, r.Level, string(r.Channel), nullID(r.OrderID), r.Month, models.Instant(r.At))
	return res.RowsAffected == 1, translate(res.Error)
}

// RatedOf says which of these cases have a rating.
func (t *Ratings) RatedOf(ctx context.Context, object string, ids []models.ID) (map[models.ID]bool, error) {
	keys := make([]string, len(ids))
	for i, id := range ids {
		keys[i] = string(id)
	}
	var rated []string
	if err := t.q(ctx).Model(&ratingRow{}).Where("object = ? AND object_id IN ?", object, keys).Pluck("object_id", &rated).Error; err != nil {
		return nil, translate(err)
	}
	out := map[models.ID]bool{}
	for _, id := range rated {
		out[models.ID(id)] = true
	}
	return out, nil
}

// RatingOf reads the rating of a case.
func (t *Ratings) RatingOf(ctx context.Context, object string, id models.ID) (hotline.Rating, error) {
	var r ratingRow
	if err := t.q(ctx).Where("object = ? AND object_id = ?", object, string(id)).Take(&r).Error; err != nil {
		return hotline.Rating{}, translate(err)
	}
	return hotline.Rating{ID: models.ID(r.ID), Object: r.Object, ObjectID: id, Kind: r.Kind, Level: r.Level, Channel: models.Channel(r.Channel),
		OrderID: idOf(r.OrderID), Month: r.Month, At: models.Instant(r.At)}, nil
}

// RatingFigures counts ratings by month and kind, months from and to included.
func (t *Ratings) RatingFigures(ctx context.Context, from, to string) ([]hotline.RatingFigure, error) {
	var out []hotline.RatingFigure
	err := t.q(ctx).Raw(`SELECT month, kind, count(*) AS count, sum(level) AS sum, count(CASE WHEN level <= 2 THEN 1 END) AS low FROM ratings
		WHERE month >= ? AND month <= ? GROUP BY month, kind ORDER BY month, kind`, from, to).Scan(&out).Error
	return out, translate(err)
}
