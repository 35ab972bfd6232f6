package boot

import (
	"context"
	"time"
)

// keepPictures are the sweeps over uploaded pictures: unused ones, those of archived applications, objects without a row.
func (a *App) keepPictures() []loop {
	const page = 500
	after := ""
	return []loop{
		{"archived pictures", "", 10 * time.Minute, func(ctx context.Context) (bool, error) {
			n, err := a.Cards.DropArchivedPictures(ctx, 100)
			return n == 100, err
		}},
		{"unused uploads", "", 10 * time.Minute, func(ctx context.Context) (bool, error) {
			n, err := a.Cards.DropUnusedUploads(ctx, 100)
			return n == 100, err
		}},
		{"orphaned objects", "", time.Hour, func(ctx context.Context) (bool, error) {
			next, _, err := a.Cards.DropOrphans(ctx, after, page)
			after = next
			return next != "" && err == nil, err
		}},
	}
}
