package card

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"onecard/models"
	"onecard/models/audit"
)

// What a transfer list may be about. The two are numbered apart.
const (
	ofApplications = "applications"
	ofReplacements = "replacements"
)

// ArchivedPicture is a line of a transfer list (移交清单): one picture of an ended application or replacement, as it is kept.
type ArchivedPicture struct {
	Of      string // applications, replacements
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
// the application or replacement.
type ArchiveDifference struct {
	Of, Receipt string
	Picture     models.ID
	What        string
}

// EndedFile is an application or a replacement as the archive sees it.
type EndedFile struct {
	Of                   string
	ID, PersonID         models.ID
	Receipt              string
	Archived, Unfinished bool
}

func (a Application) file() EndedFile {
	return EndedFile{ofApplications, a.ID, a.PersonID, a.Receipt, a.Archived, a.Unfinished()}
}

func (r Replacement) file() EndedFile {
	return EndedFile{ofReplacements, r.ID, r.PersonID, r.Receipt, r.Archived, r.Unfinished()}
}

// singular names a file in the audit and in what an operator reads.
func (f EndedFile) singular() string { return strings.TrimSuffix(f.Of, "s") }

// archivePage is how many applications are looked at at once.
const archivePage = 100

// ExportForArchive hands out every picture of the applications and replacements that ended before a time (zero: until now)
// and that the archive does not have: those that a correction replaced too. Each is audited before its first picture is
// read. It returns how many it handed out, and the receipts of those with a picture that is not what was stored: of these
// it hands out nothing.
//
// Errors: ErrObjectsDown, those of put, of the store.
func (s *Service) ExportForArchive(
	ctx context.Context, by models.Actor, endedBefore time.Time, put func(p ArchivedPicture, data []byte) error,
) (exported int, unreadable []string, err error) {
	if endedBefore.IsZero() {
		endedBefore = s.Clock.Now()
	}
	for _, of := range []string{ofApplications, ofReplacements} {
		for after, more := models.ID(""), true; more; {
			page, err := s.notArchived(ctx, of, endedBefore, after)
			if err != nil {
				return exported, unreadable, err
			}
			for _, f := range page {
				had, err := s.exportOne(ctx, by, f, put)
				switch {
				case errors.Is(err, ErrNoObject), errors.Is(err, ErrObjectChanged):
					s.Watch.PictureUnreadable()
					unreadable = append(unreadable, f.Receipt)
				case err != nil:
					return exported, unreadable, err
				case had:
					exported++
				}
				after = f.ID
			}
			more = len(page) == archivePage
		}
	}
	return exported, unreadable, nil
}

func (s *Service) notArchived(ctx context.Context, of string, endedBefore time.Time, after models.ID) (out []EndedFile, err error) {
	if of == ofReplacements {
		list, err := s.Store.ReplacementsNotArchived(ctx, endedBefore, after, archivePage)
		for _, r := range list {
			out = append(out, r.file())
		}
		return out, err
	}
	list, err := s.Store.NotArchived(ctx, endedBefore, after, archivePage)
	for _, a := range list {
		out = append(out, a.file())
	}
	return out, err
}

func (s *Service) exportOne(ctx context.Context, by models.Actor, f EndedFile, put func(p ArchivedPicture, data []byte) error) (had bool, err error) {
	pictures, err := s.Store.PicturesOf(ctx, f.PersonID, f.ID)
	if err != nil || len(pictures) == 0 {
		return false, err
	}
	err = s.Store.RecordAudit(ctx, audit.Of(by, s.Clock.Now(), "card."+f.singular()+".exported", f.Of, string(f.ID), "done").
		About(f.PersonID).Noting("pictures", strconv.Itoa(len(pictures))))
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
		if err := put(lineOf(f, u), data[i]); err != nil {
			return false, err
		}
	}
	return true, nil
}

func lineOf(f EndedFile, u Upload) ArchivedPicture {
	return ArchivedPicture{Of: f.Of, Receipt: f.Receipt, Picture: u.ID, Purpose: u.Purpose, Bytes: u.Bytes, Digest: u.Digest}
}

// listedFile is one application or replacement of a transfer list.
type listedFile struct{ of, receipt string }

// ConfirmArchived notes that the bureau's archive has ended applications and replacements with their pictures (归档). Its
// list is held against what would be deleted, picture by picture, both ways; with a single difference nothing at all is
// noted. From then on the pictures are kept for Settings.PicturesKeep after each one's end and no longer. Each is a commit
// of its own, and a repeat changes nothing.
func (s *Service) ConfirmArchived(ctx context.Context, by models.Actor, t Transfer) (noted int, differ []ArchiveDifference, err error) {
	lines := map[listedFile][]ArchivedPicture{}
	var files []listedFile
	for _, p := range t.Pictures {
		f := listedFile{p.Of, p.Receipt}
		if len(lines[f]) == 0 {
			files = append(files, f)
		}
		lines[f] = append(lines[f], p)
	}
	for _, f := range files {
		_, found, err := s.compareArchived(ctx, f, lines[f])
		if err != nil {
			return 0, nil, err
		}
		differ = append(differ, found...)
	}
	if len(differ) > 0 {
		return 0, differ, nil
	}
	for _, f := range files {
		did, err := s.confirmOne(ctx, by, t, f, lines[f])
		if err != nil {
			return noted, nil, err
		}
		if did {
			noted++
		}
	}
	return noted, nil, nil
}

// confirmOne is the decision about one. models.ErrConflict where it is not any more what was compared.
func (s *Service) confirmOne(ctx context.Context, by models.Actor, t Transfer, l listedFile, listed []ArchivedPicture) (did bool, err error) {
	err = s.Store.InTx(ctx, func(ctx context.Context) error {
		f, differ, err := s.compareArchived(ctx, l, listed)
		switch {
		case err != nil:
			return err
		case len(differ) > 0:
			return models.ErrConflict
		case f.Archived:
			return nil
		}
		now := s.Clock.Now()
		mark := s.Store.MarkArchived
		if f.Of == ofReplacements {
			mark = s.Store.MarkReplacementArchived
		}
		if err := mark(ctx, f.ID, now, t.Basis); err != nil {
			return err
		}
		did = true
		return s.Store.RecordAudit(ctx, audit.Of(by, now, "card."+f.singular()+".archived", f.Of, string(f.ID), "done").About(f.PersonID).
			Noting("pictures", strconv.Itoa(len(listed))).Noting("list", t.Digest))
	})
	return did && err == nil, err
}

func (s *Service) fileByReceipt(ctx context.Context, l listedFile) (EndedFile, error) {
	switch l.of {
	case ofApplications:
		a, err := s.Store.ApplicationByReceipt(ctx, l.receipt)
		return a.file(), err
	case ofReplacements:
		r, err := s.Store.ReplacementByReceipt(ctx, l.receipt)
		return r.file(), err
	}
	return EndedFile{}, models.ErrNotFound
}

// compareArchived holds the lines of one application or replacement against its pictures. One that is noted already is not
// looked at again: its pictures may be gone.
func (s *Service) compareArchived(ctx context.Context, l listedFile, listed []ArchivedPicture) (EndedFile, []ArchiveDifference, error) {
	differ := func(picture models.ID, what string) ArchiveDifference {
		return ArchiveDifference{l.of, l.receipt, picture, what}
	}
	f, err := s.fileByReceipt(ctx, l)
	switch {
	case errors.Is(err, models.ErrNotFound):
		return f, []ArchiveDifference{differ("", "nothing has this receipt")}, nil
	case err != nil || f.Archived:
		return f, nil, err
	case f.Unfinished:
		return f, []ArchiveDifference{differ("", "it is still under way")}, nil
	}
	pictures, err := s.Store.PicturesOf(ctx, f.PersonID, f.ID)
	if err != nil {
		return f, nil, err
	}
	ours, seen := map[models.ID]ArchivedPicture{}, map[models.ID]bool{}
	for _, u := range pictures {
		ours[u.ID] = lineOf(f, u)
	}
	var found []ArchiveDifference
	for _, p := range listed {
		switch have, known := ours[p.Picture]; {
		case !known:
			found = append(found, differ(p.Picture, "no such picture belongs to it"))
		case seen[p.Picture]:
			found = append(found, differ(p.Picture, "listed twice"))
		case have != p:
			found = append(found, differ(p.Picture, "purpose, size or digest is another"))
		}
		seen[p.Picture] = true
	}
	for _, u := range pictures {
		if !seen[u.ID] {
			found = append(found, differ(u.ID, "not in the list"))
		}
	}
	return f, found, nil
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
