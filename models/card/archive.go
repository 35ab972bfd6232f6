package card

import (
	"context"
	"errors"
	"strconv"
	"time"

	"onecard/models"
	"onecard/models/audit"
)

// ArchivedPicture is a line of a transfer list (移交清单): one picture of an ended application, as it is kept.
type ArchivedPicture struct {
	Receipt string
	Picture models.ID
	Purpose UploadPurpose
	Bytes   int64
	Digest  string // SHA-256
}

// Transfer is what the bureau's archive says it holds: its list, and the document by which it says so.
type Transfer struct {
	Basis    string
	Digest   string // SHA-256 of the list
	Pictures []ArchivedPicture
}

// ArchiveDifference is one thing in which a transfer list is not what would be deleted. Picture is empty where it is about
// the application.
type ArchiveDifference struct {
	Receipt string
	Picture models.ID
	What    string
}

// archivePage is how many applications are looked at at once.
const archivePage = 100

// ExportForArchive hands out every picture of the applications that ended before a time (zero: until now) and that the
// archive does not have: those that a correction replaced too. Each application is audited before its first picture is read. It returns how
// many it handed out, and the receipts of those with a picture that is not what was stored: of these it hands out nothing.
//
// Errors: ErrObjectsDown, those of put, of the store.
func (s *Service) ExportForArchive(
	ctx context.Context, by models.Actor, endedBefore time.Time, put func(p ArchivedPicture, data []byte) error,
) (exported int, unreadable []string, err error) {
	if endedBefore.IsZero() {
		endedBefore = s.Clock.Now()
	}
	for after := models.ID(""); ; {
		page, err := s.Store.NotArchived(ctx, endedBefore, after, archivePage)
		if err != nil {
			return exported, unreadable, err
		}
		for _, a := range page {
			had, err := s.exportOne(ctx, by, a, put)
			switch {
			case errors.Is(err, ErrNoObject), errors.Is(err, ErrObjectChanged):
				s.Watch.PictureUnreadable()
				unreadable = append(unreadable, a.Receipt)
			case err != nil:
				return exported, unreadable, err
			case had:
				exported++
			}
		}
		if len(page) < archivePage {
			return exported, unreadable, nil
		}
		after = page[len(page)-1].ID
	}
}

func (s *Service) exportOne(ctx context.Context, by models.Actor, a Application, put func(p ArchivedPicture, data []byte) error) (had bool, err error) {
	pictures, err := s.Store.PicturesOf(ctx, a)
	if err != nil || len(pictures) == 0 {
		return false, err
	}
	now := s.Clock.Now()
	err = s.Store.RecordAudit(ctx, audit.Of(by, now, "card.application.exported", "applications", string(a.ID), "done").
		About(a.PersonID).Noting("pictures", strconv.Itoa(len(pictures))))
	if err != nil {
		return false, err
	}
	data := make([][]byte, len(pictures))
	for i, u := range pictures {
		if data[i], err = s.Picture(ctx, u.ID); err != nil {
			return false, err
		}
	}
	for i, u := range pictures {
		if err := put(lineOf(a, u), data[i]); err != nil {
			return false, err
		}
	}
	return true, nil
}

func lineOf(a Application, u Upload) ArchivedPicture {
	return ArchivedPicture{Receipt: a.Receipt, Picture: u.ID, Purpose: u.Purpose, Bytes: u.Bytes, Digest: u.Digest}
}

// ConfirmArchived notes that the bureau's archive has ended applications with their pictures (归档). Its list is held
// against what would be deleted, picture by picture, both ways; with a single difference nothing at all is noted. From then
// on the pictures are kept for Settings.PicturesKeep after each application's end and no longer. Each application is a
// commit of its own, and a repeat changes nothing.
func (s *Service) ConfirmArchived(ctx context.Context, by models.Actor, t Transfer) (noted int, differ []ArchiveDifference, err error) {
	byReceipt := map[string][]ArchivedPicture{}
	var receipts []string
	for _, p := range t.Pictures {
		if len(byReceipt[p.Receipt]) == 0 {
			receipts = append(receipts, p.Receipt)
		}
		byReceipt[p.Receipt] = append(byReceipt[p.Receipt], p)
	}
	for _, receipt := range receipts {
		_, found, err := s.compareArchived(ctx, receipt, byReceipt[receipt])
		if err != nil {
			return 0, nil, err
		}
		differ = append(differ, found...)
	}
	if len(differ) > 0 {
		return 0, differ, nil
	}
	for _, receipt := range receipts {
		did, err := s.confirmOne(ctx, by, t, receipt, byReceipt[receipt])
		if err != nil {
			return noted, nil, err
		}
		if did {
			noted++
		}
	}
	return noted, nil, nil
}

// confirmOne is the decision about one application. models.ErrConflict where it is not any more what was compared.
func (s *Service) confirmOne(ctx context.Context, by models.Actor, t Transfer, receipt string, listed []ArchivedPicture) (did bool, err error) {
	err = s.Store.InTx(ctx, func(ctx context.Context) error {
		a, differ, err := s.compareArchived(ctx, receipt, listed)
		switch {
		case err != nil:
			return err
		case len(differ) > 0:
			return models.ErrConflict
		case a.Archived:
			return nil
		}
		now := s.Clock.Now()
		if err := s.Store.MarkArchived(ctx, a.ID, now, t.Basis); err != nil {
			return err
		}
		did = true
		return s.Store.RecordAudit(ctx, audit.Of(by, now, "card.application.archived", "applications", string(a.ID), "done").About(a.PersonID).
			Noting("pictures", strconv.Itoa(len(listed))).Noting("list", t.Digest))
	})
	return did && err == nil, err
}

// compareArchived holds the lines of one application against its pictures. One that is noted already is not looked at
// again: its pictures may be gone.
func (s *Service) compareArchived(ctx context.Context, receipt string, listed []ArchivedPicture) (Application, []ArchiveDifference, error) {
	a, err := s.Store.ApplicationByReceipt(ctx, receipt)
	switch {
	case errors.Is(err, models.ErrNotFound):
		return a, []ArchiveDifference{{receipt, "", "no application has this receipt"}}, nil
	case err != nil || a.Archived:
		return a, nil, err
	case a.Unfinished():
		return a, []ArchiveDifference{{receipt, "", "the application is still under way"}}, nil
	}
	pictures, err := s.Store.PicturesOf(ctx, a)
	if err != nil {
		return a, nil, err
	}
	ours, seen := map[models.ID]ArchivedPicture{}, map[models.ID]bool{}
	for _, u := range pictures {
		ours[u.ID] = lineOf(a, u)
	}
	var differ []ArchiveDifference
	for _, l := range listed {
		switch have, known := ours[l.Picture]; {
		case !known:
			differ = append(differ, ArchiveDifference{receipt, l.Picture, "this application has no such picture"})
		case seen[l.Picture]:
			differ = append(differ, ArchiveDifference{receipt, l.Picture, "listed twice"})
		case have != l:
			differ = append(differ, ArchiveDifference{receipt, l.Picture, "purpose, size or digest is another"})
		}
		seen[l.Picture] = true
	}
	for _, u := range pictures {
		if !seen[u.ID] {
			differ = append(differ, ArchiveDifference{receipt, u.ID, "not in the list"})
		}
	}
	return a, differ, nil
}

// DropArchivedPictures claims the pictures of applications that ended long enough ago and that the archive has;
// DropUnusedUploads deletes what is claimed. It returns how many applications it took.
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
	return len(list), nil
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
