package api

import (
	"context"
	"net/http"

	"onecard/models"
	"onecard/models/card"
	"onecard/models/citizen"
)

// Uploads are the use cases of pictures.
type Uploads interface {
	TakeUpload(ctx context.Context, by models.Actor, in card.TakeUploadInput) (card.Upload, error)
	ReadPicture(ctx context.Context, by models.Actor, id models.ID) (card.Upload, []byte, error)
}

func (s *server) registerUploads() {
	register(s, op{
		Method: http.MethodPost, Path: "/v1/uploads", ID: "takeUpload", Summary: "Upload one picture for a first application, or for a replacement that needs one (R17, R26); the body is the file itself. All that is wrong with a photo is told at once in fields (R69)",
		Act: models.ActApply, EitherAct: true, For: byGuardians, Audience: Citizen, Limit: LimitWrite, BodyLimit: card.UploadPhoto.MaxBytes(),
		Accept: []string{"image/jpeg", "image/png"}, Statuses: []int{http.StatusCreated},
		Errs: []*models.Error{citizen.ErrConsentRequired, card.ErrApplyNotByPhone, card.ErrPhotoFormat, card.ErrPhotoTooSmall, card.ErrPhotoBytes,
			card.ErrPhotoBackground, card.ErrPhotoNobody, card.ErrPhotoHeadCut, card.ErrPhotoHeadLarge, card.ErrPhotoHeadSmall, card.ErrPhotoPosition,
			card.ErrPhotoBlurred, card.ErrPhotoShadow, card.ErrPhotoDark, card.ErrPhotoBright, card.ErrPhotoGlare, card.ErrUploadFormat, card.ErrUploadTooSmall, card.ErrUploadPixels, card.ErrUploadTooLarge, card.ErrUploadPurpose, card.ErrUploadTooMany,
			card.ErrUploadBusy, card.ErrUploadUnknown},
	}, s.takeUpload)
	register(s, op{
		Method: http.MethodGet, Path: "/v1/uploads/{upload_id}", ID: "readUpload",
		Summary: "One picture of one's own as it is kept (R54): a photo at the level of an application, or of a replacement where only that is open, a picture of a document right after a real-person check. Each look is audited",
		Act:     models.ActApply, EitherAct: true, For: byGuardians, Audience: Citizen, Limit: LimitWrite, Produces: "image/jpeg",
		Errs: []*models.Error{card.ErrApplyNotByPhone, card.ErrPictureNotFound},
	}, s.readUpload)
}

type uploadPath struct {
	UploadID string `path:"upload_id" maxLength:"64" doc:"As takeUpload answered it"`
}

type readUploadOutput struct {
	Type        string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Body        []byte
}

func (s *server) readUpload(ctx context.Context, in *uploadPath) (*readUploadOutput, error) {
	u, picture, err := s.Uploads.ReadPicture(ctx, actorFrom(ctx), models.ID(in.UploadID))
	if err != nil {
		return nil, err
	}
	return &readUploadOutput{u.MediaType, `attachment; filename="` + string(u.Purpose) + `.jpg"`, picture}, nil
}

type takeUploadInput struct {
	Purpose string `query:"purpose" maxLength:"16" doc:"photo, id_front or id_back; household_front or household_page for addDependant; a photo may have 10 MB, any other picture 5 MB"`
	RawBody []byte `contentType:"image/jpeg,image/png"`
}

type takeUploadOutput struct {
	Body struct {
		UploadID  string `json:"upload_id" doc:"To be named in submitApplication or addDependant within 24 hours"`
		Purpose   string `json:"purpose" enum:"photo,id_front,id_back,household_front,household_page"`
		MediaType string `json:"media_type" doc:"Of the picture as it is kept: always image/jpeg"`
		Width     int    `json:"width" doc:"Of the picture as it is kept: a photo is 358 wide"`
		Height    int    `json:"height" doc:"A photo is 441 high"`
		Bytes     int64  `json:"bytes"`
	}
}

func (s *server) takeUpload(ctx context.Context, in *takeUploadInput) (*takeUploadOutput, error) {
	u, err := s.Uploads.TakeUpload(ctx, actorFrom(ctx), card.TakeUploadInput{Purpose: card.UploadPurpose(in.Purpose), Data: in.RawBody})
	if err != nil {
		return nil, err
	}
	out := &takeUploadOutput{}
	out.Body.UploadID, out.Body.Purpose, out.Body.MediaType = string(u.ID), string(u.Purpose), u.MediaType
	out.Body.Width, out.Body.Height, out.Body.Bytes = u.Width, u.Height, u.Bytes
	return out, nil
}
