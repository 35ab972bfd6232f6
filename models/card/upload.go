package card

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"

	"onecard/models"
	"onecard/models/audit"
)

// Upload is one picture of a person, kept as an object until an application uses it or a day has passed.
type Upload struct {
	ID        models.ID
	PersonID  models.ID
	Purpose   UploadPurpose
	MediaType string
	Width     int
	Height    int
	Bytes     int64
	Digest    string // SHA-256 of the kept picture, as the registry knows it
	ObjectKey string
	CreatedAt time.Time
	UsedBy    models.ID // the application; the upload's own id while it is being dropped
}

// TakeUploadInput is a picture as it was sent.
type TakeUploadInput struct {
	Purpose UploadPurpose
	Data    []byte
}

// uploadsAtOnce bounds the pictures a person may have waiting for an application.
const uploadsAtOnce = 30

// purposeIDImages is the consent of models/citizen that covers all pictures of an application (R53).
const purposeIDImages = "id_images"

// TakeUpload checks a picture, brings it into the form in which it is kept and stores it (R17, R26). What is kept is
// always our own encoding: what the sender hid in or behind the picture is gone. The object is stored first and the
// row after it, so that a row never points to nothing.
//
// Errors: what Gate refuses; CONSENT_REQUIRED from Consents (R53); ErrUploadPurpose, ErrUploadTooLarge,
// ErrUploadTooMany, ErrUploadPixels, ErrUploadBusy; PHOTO_* for a photo, all that is wrong at once in Fields;
// ErrUploadFormat and ErrUploadTooSmall for ID images.
func (s *Service) TakeUpload(ctx context.Context, by models.Actor, in TakeUploadInput) (Upload, error) {
	if err := s.mayUpload(ctx, by, in); err != nil {
		return Upload{}, err
	}
	picture, err := s.normalise(ctx, by, in)
	if err != nil {
		return Upload{}, err
	}
	sum := sha256.Sum256(picture.Data)
	id := models.NewID()
	fresh := Upload{
		ID: id, PersonID: by.Subject, Purpose: in.Purpose, MediaType: picture.MediaType, Width: picture.Width, Height: picture.Height,
		Bytes: int64(len(picture.Data)), Digest: hex.EncodeToString(sum[:]), ObjectKey: string(id), CreatedAt: s.Clock.Now(),
	}
	if err := s.Objects.Put(ctx, fresh.ObjectKey, picture.Data); err != nil {
		return Upload{}, models.ErrUnavailable.Because(err)
	}
	kept, err := s.keepUpload(ctx, by, fresh)
	if kept.ID != fresh.ID && !errors.Is(err, models.ErrOutcomeUnknown) {
		s.forgetObject(ctx, fresh.ObjectKey) // refused, or a repeat that has its first object
	}
	return kept, err
}

func (s *Service) mayUpload(ctx context.Context, by models.Actor, in TakeUploadInput) error {
	if by.Kind != models.CitizenActor {
		return ErrApplyNotByPhone
	}
	if err := s.uploadAllowed(ctx, by, in.Purpose); err != nil {
		return err
	}
	if !in.Purpose.known() {
		return ErrUploadPurpose
	}
	if int64(len(in.Data)) > in.Purpose.MaxBytes() {
		return ErrUploadTooLarge
	}
	if err := s.Consents.RequireConsent(ctx, by, purposeIDImages); err != nil {
		return err
	}
	waiting, err := s.Store.UnusedUploads(ctx, by.Subject)
	if err == nil && waiting >= uploadsAtOnce {
		return ErrUploadTooMany.After(s.set.UploadKeep)
	}
	return err
}

// uploadAllowed: a page of one's own household book is for a guardian, any other picture for an order of a card.
func (s *Service) uploadAllowed(ctx context.Context, by models.Actor, purpose UploadPurpose) error {
	if purpose.provesGuardian() {
		return s.Gate.Allow(ctx, by, models.ActGuard)
	}
	return s.mayOrder(ctx, by)
}

// mayOrder: a first application, or a replacement where only that is open (a guardian's by its own setting, R46). Where a
// new check would open only that, she reads so.
func (s *Service) mayOrder(ctx context.Context, by models.Actor) error {
	err := s.Gate.Allow(ctx, by, models.ActApply)
	if err == nil {
		return nil
	}
	replace := s.Gate.Allow(ctx, by, models.ActReplace)
	if replace == nil || asksForCheck(replace) && !asksForCheck(err) {
		return replace
	}
	return err
}

// asksForCheck reports whether a new real-person check would open what the gate refused.
func asksForCheck(err error) bool {
	var refusal *models.Error
	return errors.As(err, &refusal) && refusal.Code == "RECHECK_REQUIRED"
}

// normalise works on few pictures at a time, by the rules of policy for the person.
func (s *Service) normalise(ctx context.Context, by models.Actor, in TakeUploadInput) (picture Picture, err error) {
	rules := DefaultPhotoRules()
	if in.Purpose == UploadPhoto {
		if rules, err = s.photoRules(ctx, by.Subject); err != nil {
			return Picture{}, err
		}
	}
	err = s.pictures.run(ctx, func() error {
		picture, err = Normalise(in.Purpose, in.Data, rules)
		return err
	})
	return picture, err
}

func (s *Service) photoRules(ctx context.Context, person models.ID) (PhotoRules, error) {
	now := s.Clock.Now()
	rules, err := s.Policy.PhotoRules(ctx, now)
	if err != nil {
		return PhotoRules{}, err
	}
	birth, err := s.Store.BirthDate(ctx, person)
	return rules.forPerson(birth, now), err
}

// keepUpload is the decision: row and audit in one commit. A repeat answers with the first upload.
func (s *Service) keepUpload(ctx context.Context, by models.Actor, fresh Upload) (kept Upload, err error) {
	err = s.Store.InTx(ctx, func(ctx context.Context) error {
		prior, err := s.Store.Remember(ctx, by, "uploads", string(fresh.ID))
		if err != nil {
			return err
		}
		if prior != "" {
			kept, err = s.Store.Upload(ctx, models.ID(prior))
			if errors.Is(err, models.ErrNotFound) {
				return ErrUploadUnknown // dropped since
			}
			return err
		}
		if err := s.stillActsFor(ctx, by); err != nil {
			return err
		}
		if err := s.Store.AddUpload(ctx, fresh); err != nil {
			return err
		}
		kept = fresh
		return s.Store.RecordAudit(ctx, audit.Of(by, fresh.CreatedAt, "card.upload.taken", "uploads", string(fresh.ID), "done").
			About(fresh.PersonID).Noting("purpose", string(fresh.Purpose)))
	})
	if err != nil {
		return Upload{}, err
	}
	return kept, nil
}

func (s *Service) forgetObject(ctx context.Context, key string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.set.FirstAttempt)
	defer cancel()
	if err := s.Objects.Delete(ctx, key); err != nil {
		s.Log.WarnContext(ctx, "an object without a row stays behind", "key", key, "error", err)
	}
}

// Picture gives back a kept picture, as it is handed to the registry.
func (s *Service) Picture(ctx context.Context, upload models.ID) ([]byte, error) {
	u, err := s.Store.Upload(ctx, upload)
	if err != nil {
		return nil, err
	}
	data, err := s.Objects.Get(ctx, u.ObjectKey)
	if err != nil {
		return nil, err
	}
	if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != u.Digest {
		return nil, ErrObjectChanged
	}
	return data, nil
}

// DropUnusedUploads deletes pictures that no application has used in time, object and row; it returns how many. A row
// is claimed first, so no application can take it while its object goes; one that was interrupted is taken up again.
func (s *Service) DropUnusedUploads(ctx context.Context, limit int) (int, error) {
	stale, err := s.Store.StaleUploads(ctx, s.Clock.Now().Add(-s.set.UploadKeep), limit)
	if err != nil {
		return 0, err
	}
	var errs []error
	dropped := 0
	for _, u := range stale {
		if err := s.dropUpload(ctx, u); err != nil {
			errs = append(errs, ignoreConflict(err))
			continue
		}
		dropped++
	}
	return dropped, errors.Join(errs...)
}

func (s *Service) dropUpload(ctx context.Context, u Upload) error {
	if u.UsedBy == "" {
		if err := s.Store.UseUpload(ctx, u, u.ID); err != nil {
			return err
		}
	}
	if err := s.Objects.Delete(ctx, u.ObjectKey); err != nil {
		return err
	}
	return s.Store.InTx(ctx, func(ctx context.Context) error {
		if err := s.Store.DropUpload(ctx, u.ID); err != nil {
			return err
		}
		return s.Store.RecordAudit(ctx, audit.Of(models.System(), s.Clock.Now(), "card.upload.dropped", "uploads", string(u.ID), "done").
			About(u.PersonID))
	})
}
