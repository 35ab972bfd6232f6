package card

import (
	"context"
	"errors"

	"onecard/models"
	"onecard/models/audit"
)

// ErrPictureNotFound also answers for a picture of somebody else.
var ErrPictureNotFound = models.NewError(models.NotFound, "PICTURE_NOT_FOUND", "没有找到这张图片。图片未被使用的满一天删除,申领办结归档后按期删除。需要时请重新上传,或拨打12333。")

// ReadPicture gives a citizen one picture of her own as it is kept, with its row. It is the only way to a picture from outside:
// each time it is asked whose it is, what it was taken for and how surely she is known. A photo is seen by whoever may
// apply or replace a card, a child's by her guardian of that moment; a picture of a document only by oneself, right after a
// real-person check (R54). The look is written down before it is granted.
//
// Errors: what Gate refuses; ErrApplyNotByPhone, ErrPictureNotFound, models.ErrGuardianMayNot, models.ErrUnavailable.
func (s *Service) ReadPicture(ctx context.Context, by models.Actor, id models.ID) (Upload, []byte, error) {
	if by.Kind != models.CitizenActor {
		return Upload{}, nil, ErrApplyNotByPhone
	}
	if err := s.mayOrder(ctx, by); err != nil { // a stranger to the picture learns nothing by the next
		return Upload{}, nil, err
	}
	u, err := s.Store.Upload(ctx, id)
	switch {
	case errors.Is(err, models.ErrNotFound), err == nil && (!by.ForSelf() && by.As != models.AsGuardian || u.PersonID != by.Subject || u.UsedBy == u.ID):
		return Upload{}, nil, ErrPictureNotFound
	case err != nil:
		return Upload{}, nil, err
	}
	if u.Purpose != UploadPhoto {
		if !by.ForSelf() {
			return Upload{}, nil, models.ErrGuardianMayNot
		}
		if err := s.Gate.Allow(ctx, by, models.ActReveal); err != nil {
			return Upload{}, nil, err
		}
	}
	err = s.Store.InTx(ctx, func(ctx context.Context) error {
		if err := s.stillActsFor(ctx, by); err != nil {
			return err
		}
		return s.Store.RecordAudit(ctx, audit.Of(by, s.Clock.Now(), "card.upload.read", "uploads", string(u.ID), "done").
			About(u.PersonID).Noting("purpose", string(u.Purpose)))
	})
	if err != nil {
		return Upload{}, nil, err
	}
	data, err := s.Picture(ctx, id)
	switch {
	case errors.Is(err, models.ErrNotFound), errors.Is(err, ErrNoObject):
		return Upload{}, nil, ErrPictureNotFound.Because(err)
	case errors.Is(err, ErrObjectsDown):
		return Upload{}, nil, models.ErrUnavailable.Because(err)
	}
	return u, data, err
}
