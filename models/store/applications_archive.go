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

// NotArchived lists ended applications that the archive does not have, in the order of their ids.
func (s *Cards) NotArchived(ctx context.Context, endedBefore time.Time, after models.ID, limit int) ([]card.Application, error) {
	q := s.q(ctx).Where("archived_at IS NULL AND state IN ? AND updated_at < ?", endedApplication, models.Instant(endedBefore))
	if after != "" {
		q = q.Where("id > ?", string(after))
	}
	var rows []applicationRow
	if err := q.Order("id").Limit(limit).Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	return s.applicationsOf(ctx, rows)
}

// PicturesOf lists every picture that a person's application or replacement used, the oldest first.
func (s *Cards) PicturesOf(ctx context.Context, person, usedBy models.ID) ([]card.Upload, error) {
	var rows []uploadRow
	if err := s.q(ctx).Where("person_id = ? AND used_by = ?", string(person), string(usedBy)).Order("created_at, id").Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	out := make([]card.Upload, len(rows))
	for i, r := range rows {
		out[i] = r.upload()
	}
	return out, nil
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
	return s.applicationsOf(ctx, rows)
}

func (s *Cards) applicationsOf(ctx context.Context, rows []applicationRow) (out []card.Application, err error) {
	out = make([]card.Application, len(rows))
	for i, r := range rows {
		if out[i], err = s.application(ctx, r); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// ReleasePictures claims all pictures of an application for dropping, those that a correction replaced too, once;
// models.ErrConflict when that is done. Pictures whose row names itself as its user are what StaleUploads lists first.
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
	return s.releaseUploads(ctx, a.PersonID, id)
}

// releaseUploads claims what a person uploaded for one application or replacement.
func (s *Cards) releaseUploads(ctx context.Context, person, usedBy models.ID) (int, error) {
	res := s.w(ctx).Exec("UPDATE uploads SET used_by = id WHERE person_id = ? AND used_by = ?", string(person), string(usedBy))
	return int(res.RowsAffected), translate(res.Error)
}

// ReplacementByReceipt reads a replacement by the number that people see; models.ErrNotFound.
func (s *Cards) ReplacementByReceipt(ctx context.Context, receipt string) (card.Replacement, error) {
	return s.oneReplacement(ctx, s.q(ctx).Where("receipt = ?", receipt))
}

// endedReplacement names the states of a replacement that is over.
const endedReplacement = "state IN ('completed', 'rejected', 'withdrawn', 'lapsed')"

// ReplacementsNotArchived lists ended replacements that the registry was told of and the archive does not have, in the order of
// their ids.
func (s *Cards) ReplacementsNotArchived(ctx context.Context, endedBefore time.Time, after models.ID, limit int) ([]card.Replacement, error) {
	q := s.q(ctx).Where("archived_at IS NULL AND (registry_ref <> '' OR state = 'rejected') AND updated_at < ?", models.Instant(endedBefore)).Where(endedReplacement)
	if after != "" {
		q = q.Where("id > ?", string(after))
	}
	return s.replacements(ctx, q.Order("id"), limit)
}

// MarkReplacementArchived notes that the archive has an ended replacement; models.ErrConflict when it is under way or noted already.
func (s *Cards) MarkReplacementArchived(ctx context.Context, id models.ID, at time.Time, basis string) error {
	return guarded(s.w(ctx).Exec("UPDATE replacements SET archived_at = ?, archive_basis = ? WHERE id = ? AND archived_at IS NULL AND "+endedReplacement,
		models.Instant(at), basis, string(id)))
}

// ReplacementsWithPictures lists replacements that ended before a time, still have their pictures, and are archived or were
// never told to the registry, of which there is nothing to archive.
func (s *Cards) ReplacementsWithPictures(ctx context.Context, endedBefore time.Time, limit int) ([]card.Replacement, error) {
	return s.replacements(ctx, s.q(ctx).Where("pictures_dropped_at IS NULL AND updated_at < ? AND (photo_id IS NOT NULL OR id_front_id IS NOT NULL OR id_back_id IS NOT NULL)", endedBefore).
		Where("archived_at IS NOT NULL OR (registry_ref = '' AND state <> 'rejected')").Where(endedReplacement).Order("updated_at"), limit)
}

// ReleaseReplacementPictures claims a replacement's pictures for dropping, once; models.ErrConflict when that is done.
func (s *Cards) ReleaseReplacementPictures(ctx context.Context, r card.Replacement, at time.Time) error {
	err := guarded(s.w(ctx).Exec("UPDATE replacements SET pictures_dropped_at = ? WHERE id = ? AND pictures_dropped_at IS NULL AND "+endedReplacement,
		models.Instant(at), string(r.ID)))
	if err != nil {
		return err
	}
	_, err = s.releaseUploads(ctx, r.PersonID, r.ID)
	return err
}
