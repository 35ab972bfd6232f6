package store

import (
	"context"
	"time"

	"onecard/models"
	"onecard/models/card"
)

var endedApplication = []string{string(card.ApplicationCollected), string(card.ApplicationRejected), string(card.ApplicationWithdrawn)}

// ApplicationByReceipt reads an application by the number that people see; models.ErrNotFound.
func (s *Cards) ApplicationByReceipt(ctx context.Context, receipt string) (card.Application, error) {
	return s.oneApplication(ctx, s.q(ctx).Where("receipt = ?", receipt))
}

// MarkArchived notes that the archive has an ended application; models.ErrConflict when it is under way or noted already.
func (s *Cards) MarkArchived(ctx context.Context, id models.ID, at time.Time, basis string) error {
	return guarded(s.w(ctx).Exec("UPDATE applications SET archived_at = ?, archive_basis = ? WHERE id = ? AND state IN ? AND archived_at IS NULL",
		models.Instant(at), basis, string(id), endedApplication))
}

// ArchivedWithPictures lists applications that ended before a time, are archived and still have their pictures. The last
// change of an ended application is its end.
func (s *Cards) ArchivedWithPictures(ctx context.Context, endedBefore time.Time, limit int) ([]card.Application, error) {
	var rows []applicationRow
	err := s.q(ctx).Where("archived_at IS NOT NULL AND pictures_dropped_at IS NULL AND state IN ? AND updated_at < ?", endedApplication, endedBefore).
		Order("updated_at").Limit(limit).Find(&rows).Error
	if err != nil {
		return nil, translate(err)
	}
	out := make([]card.Application, len(rows))
	for i, r := range rows {
		if out[i], err = s.application(ctx, r); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// ReleasePictures claims an application's pictures for dropping, once; models.ErrConflict when that is done. Pictures
// whose row names itself as its user are what StaleUploads lists first.
func (s *Cards) ReleasePictures(ctx context.Context, id models.ID, at time.Time) (int, error) {
	err := guarded(s.w(ctx).Exec("UPDATE applications SET pictures_dropped_at = ? WHERE id = ? AND archived_at IS NOT NULL AND pictures_dropped_at IS NULL",
		models.Instant(at), string(id)))
	if err != nil {
		return 0, err
	}
	a, err := s.Application(ctx, id)
	if err != nil {
		return 0, err
	}
	ids := make([]string, 0, len(a.Uploads))
	for _, u := range a.Uploads {
		ids = append(ids, string(u))
	}
	res := s.w(ctx).Exec("UPDATE uploads SET used_by = id WHERE id IN ? AND used_by = ?", ids, string(id))
	return int(res.RowsAffected), translate(res.Error)
}
