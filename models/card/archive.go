package card

import (
	"context"
	"errors"
	"time"

	"onecard/models"
	"onecard/models/audit"
)

// ConfirmArchived notes that the bureau's archive has an ended application with its pictures (归档): what basis names is
// the transfer list. From then on the pictures are kept for Settings.PicturesKeep after the application's end and no
// longer. A repeat changes nothing and is no error.
//
// Errors: models.ErrNotFound for an unknown receipt; models.ErrConflict while the application is under way.
func (s *Service) ConfirmArchived(ctx context.Context, by models.Actor, receipt, basis string) error {
	return s.Store.InTx(ctx, func(ctx context.Context) error {
		a, err := s.Store.ApplicationByReceipt(ctx, receipt)
		if err != nil {
			return err
		}
		if a.Archived {
			return nil
		}
		if a.Unfinished() {
			return models.ErrConflict
		}
		now := s.Clock.Now()
		if err := s.Store.MarkArchived(ctx, a.ID, now, basis); err != nil {
			return err
		}
		return s.Store.RecordAudit(ctx, audit.Of(by, now, "card.application.archived", "applications", string(a.ID), "done").About(a.PersonID))
	})
}

// ConfirmReplacementArchived is ConfirmArchived for a replacement, whose receipts are numbered apart.
func (s *Service) ConfirmReplacementArchived(ctx context.Context, by models.Actor, receipt, basis string) error {
	return s.Store.InTx(ctx, func(ctx context.Context) error {
		r, err := s.Store.ReplacementByReceipt(ctx, receipt)
		if err != nil || r.Archived {
			return err
		}
		if r.Unfinished() {
			return models.ErrConflict
		}
		now := s.Clock.Now()
		if err := s.Store.MarkReplacementArchived(ctx, r.ID, now, basis); err != nil {
			return err
		}
		return s.Store.RecordAudit(ctx, audit.Of(by, now, "card.replacement.archived", "replacements", string(r.ID), "done").About(r.PersonID))
	})
}

// dropReplacementPictures is DropArchivedPictures for replacements.
func (s *Service) dropReplacementPictures(ctx context.Context, now time.Time, limit int) (int, error) {
	list, err := s.Store.ReplacementsWithPictures(ctx, now.Add(-s.set.PicturesKeep), limit)
	if err != nil {
		return 0, err
	}
	for _, r := range list {
		err := s.Store.InTx(ctx, func(ctx context.Context) error {
			if err := s.Store.ReleaseReplacementPictures(ctx, r, now); err != nil {
				return err
			}
			return s.Store.RecordAudit(ctx, audit.Of(models.System(), now, "card.pictures.expired", "replacements", string(r.ID), "done").About(r.PersonID))
		})
		if err != nil && !errors.Is(err, models.ErrConflict) { // another replica took it
			return 0, err
		}
	}
	return len(list), nil
}

// DropArchivedPictures claims the pictures of applications and replacements that ended long enough ago and that the archive
// has; DropUnusedUploads deletes what is claimed. It returns how many of them it took.
func (s *Service) DropArchivedPictures(ctx context.Context, limit int) (int, error) {
	now := s.Clock.Now()
	list, err := s.Store.ArchivedWithPictures(ctx, now.Add(-s.set.PicturesKeep), limit)
	if err != nil {
		return 0, err
	}
	for _, a := range list {
		err := s.Store.InTx(ctx, func(ctx context.Context) error {
			if _, err := s.Store.ReleasePictures(ctx, a.ID, now); err != nil {
				return err
			}
			return s.Store.RecordAudit(ctx, audit.Of(models.System(), now, "card.pictures.expired", "applications", string(a.ID), "done").About(a.PersonID))
		})
		if err != nil && !errors.Is(err, models.ErrConflict) { // another replica took it
			return 0, err
		}
	}
	more, err := s.dropReplacementPictures(ctx, now, limit)
	return len(list) + more, err
}

// DropOrphans deletes objects of one page of the store's list that are a day old and have no row: an upload whose row
// was never committed, or an object that was written again while it was deleted. next is where to go on; empty at the end.
func (s *Service) DropOrphans(ctx context.Context, after string, limit int) (next string, dropped int, err error) {
	page, err := s.Objects.List(ctx, after, limit)
	if err != nil || len(page) == 0 {
		return "", 0, err
	}
	if len(page) == limit {
		next = page[len(page)-1].Key
	}
	before := s.Clock.Now().Add(-s.set.UploadKeep)
	var old []models.ID
	for _, o := range page {
		if id, err := models.ParseID(o.Key); err == nil && o.StoredAt.Before(before) { // no other key was ever ours
			old = append(old, id)
		}
	}
	if len(old) == 0 {
		return next, 0, nil
	}
	known, err := s.Store.KnownUploads(ctx, old)
	if err != nil {
		return after, 0, err
	}
	var errs []error
	for _, id := range old {
		if known[id] {
			continue
		}
		if err := s.Objects.Delete(ctx, string(id)); err != nil {
			errs = append(errs, err)
			continue
		}
		dropped++
	}
	if dropped > 0 {
		s.Log.InfoContext(ctx, "objects without a row were deleted", "count", dropped)
	}
	return next, dropped, errors.Join(errs...)
}
