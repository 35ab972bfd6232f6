package api

import (
	"context"
	"encoding/json"
	"image/color"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/card"
	"onecard/models/card/phototest"
	"onecard/models/citizen"
)

// fakeApplications answers what a test says and remembers what it was asked.
type fakeApplications struct {
	mu       sync.Mutex
	err      error
	repeated bool
	state    card.ApplicationState
	form     card.SubmitInput
	upload   card.TakeUploadInput
	change   card.DraftChange
	keys     []models.RequestKey
	by       models.Actor
}

func (f *fakeApplications) seen(ctx context.Context, by models.Actor) {
	if k, ok := models.RequestKeyFrom(ctx); ok {
		f.keys = append(f.keys, k)
	}
	f.by = by
}

func (f *fakeApplications) TakeUpload(ctx context.Context, by models.Actor, in card.TakeUploadInput) (card.Upload, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.seen(ctx, by)
	f.upload = in
	return card.Upload{ID: "0190a5b0-0000-7000-8000-000000000001", Purpose: in.Purpose, MediaType: "image/jpeg", Width: 358, Height: 441, Bytes: 20_000,
		Digest: "secret", ObjectKey: "secret"}, f.err
}

func (f *fakeApplications) ReadPicture(_ context.Context, by models.Actor, id models.ID) (card.Upload, []byte, error) {
	f.by = by
	return card.Upload{ID: id, Purpose: card.UploadIDFront, MediaType: "image/jpeg"}, []byte("\xff\xd8\xff"), f.err
}

func (f *fakeApplications) application() card.Application {
	at := time.Date(2021, 12, 20, 2, 0, 0, 0, time.UTC)
	return card.Application{ID: "0190a5b0-0000-7000-8000-000000000002", Receipt: "20211220-00000042-7", State: f.state, BankCode: "ICBC",
		CreatedAt: at, UpdatedAt: at, Steps: []card.Step{{State: card.ApplicationSubmitted, At: at}}}
}

func (f *fakeApplications) SubmitApplication(ctx context.Context, by models.Actor, in card.SubmitInput) (card.SubmitResult, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.seen(ctx, by)
	f.form = in
	return card.SubmitResult{Application: f.application(), Repeated: f.repeated}, f.err
}

func (f *fakeApplications) CorrectApplication(ctx context.Context, by models.Actor, _ models.ID, in card.SubmitInput) (card.Application, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.seen(ctx, by)
	f.form = in
	return f.application(), f.err
}

func (f *fakeApplications) WithdrawApplication(ctx context.Context, by models.Actor, _ models.ID) (card.Application, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.seen(ctx, by)
	return f.application(), f.err
}

func (f *fakeApplications) PrintSlip(context.Context, models.Actor, models.ID) (card.Application, []byte, error) {
	return f.application(), []byte("%PDF-1.7"), f.err
}

func (f *fakeApplications) OpenDraft(ctx context.Context, by models.Actor) (card.DraftView, error) {
	return f.SaveDraft(ctx, by, 0, card.DraftChange{})
}

func (f *fakeApplications) SaveDraft(ctx context.Context, by models.Actor, version int, in card.DraftChange) (card.DraftView, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.seen(ctx, by)
	f.change = in
	return card.DraftView{Draft: card.Draft{Version: version + 1, Form: card.SubmitInput{BankCode: "ICBC"}}, Kind: card.Mainlander,
		Papers: []card.Paper{{Purpose: card.UploadPhoto, Label: "本人电子照片"}}}, f.err
}

func (f *fakeApplications) SubmitDraft(ctx context.Context, by models.Actor, _ int) (card.SubmitResult, error) {
	return f.SubmitApplication(ctx, by, card.SubmitInput{})
}

func (f *fakeApplications) ProgressOf(_ context.Context, a card.Application) (card.Progress, error) {
	return card.Progress{Application: a, Label: "银行正在开户", Advice: "如有疑问请拨打12333。", Bank: card.Bank{Name: "工商银行", Phone: "95588"},
		Outlet: card.Outlet{Name: "西工区网点"}, Fee: card.FirstApplicationFee, Timeline: []card.Line{
			{State: card.ApplicationSubmitted, Label: "已提交", At: a.CreatedAt}, {State: card.ApplicationProducing, Label: "制卡"},
		}}, nil
}

func (f *fakeApplications) Application(ctx context.Context, by models.Actor, _ models.ID) (card.Progress, error) {
	f.by = by
	if f.err != nil {
		return card.Progress{}, f.err
	}
	return f.ProgressOf(ctx, f.application())
}

func (f *fakeApplications) Applications(ctx context.Context, by models.Actor, _ int) ([]card.Progress, error) {
	p, err := f.Application(ctx, by, "")
	return []card.Progress{p}, err
}

func (f *fakeApplications) AsOf(context.Context, models.ID) (time.Time, error) { return asOfNine, nil }

func applicationRig(t *testing.T) (*rig, *fakeApplications) {
	t.Helper()
	f := &fakeApplications{state: card.ApplicationBankOpening}
	return newRig(t, func(d *Deps) { d.Uploads, d.Applications = f, f }), f
}

func TestR17_SubmitOverHTTP(t *testing.T) {
	t.Parallel()
	r, f := applicationRig(t)
	const form = `{"bank_code":"ICBC","outlet_ref":"W-1","uploads":{"photo":"p","id_front":"f","id_back":"b"}}`
	w := r.call("POST", "/v1/applications", form, bearer(citizenToken)...)
	require.Equal(t, http.StatusCreated, w.Code, w.Body.String())
	require.Equal(t, models.ID("person-1"), f.by.Subject)
	require.Equal(t, card.SubmitInput{BankCode: "ICBC", OutletRef: "W-1", Uploads: map[card.UploadPurpose]models.ID{"photo": "p", "id_front": "f", "id_back": "b"}}, f.form)
	var got map[string]any
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &got))
	require.Equal(t, "20211220-00000042-7", got["receipt"])
	require.EqualValues(t, 0, got["fee_fen"], "R20")
	require.NotContains(t, got["timeline"].([]any)[1], "at")

	f.repeated = true
	require.Equal(t, http.StatusOK, r.call("POST", "/v1/applications", form, bearer(citizenToken)...).Code)

	f.err = card.ErrPhotoRequired // a form without anything reaches the use case, whose code it is
	requireProblem(t, r.call("POST", "/v1/applications", `{}`, bearer(citizenToken)...), 422, "PHOTO_REQUIRED")
	requireProblem(t, r.call("POST", "/v1/applications", `{"uploads":{}}`, bearer(citizenToken)...), 422, "PHOTO_REQUIRED")
	f.err = card.ErrCardExists.With("next_step", "replacement")
	p := requireProblem(t, r.call("POST", "/v1/applications", form, bearer(citizenToken)...), 409, "CARD_EXISTS")
	require.Equal(t, "replacement", p.Facts["next_step"])
	for _, bad := range []string{`{"uploads":[]}`, `{"uploads":{"selfie":"x"}}`, `{"bank_code":7}`, `{"bank_code":"` + strings.Repeat("1", 13) + `"}`, `{"fee_fen":0}`} {
		requireProblem(t, r.call("POST", "/v1/applications", bad, bearer(citizenToken)...), 422, "INVALID_INPUT")
	}
}

func TestR27_ProgressOverHTTP(t *testing.T) {
	t.Parallel()
	r, f := applicationRig(t)
	w := r.call("GET", "/v1/applications/0190a5b0-0000-7000-8000-000000000002", "", bearer(citizenToken)...)
	require.Equal(t, http.StatusOK, w.Code)
	require.Contains(t, w.Body.String(), `"label":"银行正在开户"`)
	require.NotEmpty(t, w.Header().Get("ETag"))
	w = r.call("GET", "/v1/applications", "", bearer(citizenToken)...)
	require.Equal(t, http.StatusOK, w.Code)
	require.Contains(t, w.Body.String(), `"items":[{"application_id":"0190a5b0`)
	f.err = card.ErrApplicationNotFound
	requireProblem(t, r.call("GET", "/v1/applications/nothing", "", bearer(citizenToken)...), 404, "APPLICATION_NOT_FOUND")
}

func TestR26_UploadOverHTTP(t *testing.T) {
	t.Parallel()
	r, f := applicationRig(t)
	post := func(query, body string, headers ...string) int {
		return r.call("POST", "/v1/uploads"+query, body, append(append(bearer(citizenToken), "Content-Type", "image/jpeg"), headers...)...).Code
	}
	w := r.call("POST", "/v1/uploads?purpose=photo", "\xff\xd8\xff\x00raw", append(bearer(citizenToken), "Content-Type", "image/jpeg", "Idempotency-Key", "key-00000001")...)
	require.Equal(t, http.StatusCreated, w.Code, w.Body.String())
	require.JSONEq(t, `{"upload_id":"0190a5b0-0000-7000-8000-000000000001","purpose":"photo","media_type":"image/jpeg","width":358,"height":441,"bytes":20000}`, w.Body.String())
	require.Equal(t, "\xff\xd8\xff\x00raw", string(f.upload.Data), "exactly as it came")
	require.Equal(t, http.StatusCreated, post("?purpose=id_front", "\xff\xd8\xff\x00raw", "Idempotency-Key", "key-00000001"))
	require.Len(t, f.keys, 2)
	require.NotEqual(t, f.keys[0].BodyMAC, f.keys[1].BodyMAC, "the same file for another purpose is another request")
	require.Equal(t, http.StatusCreated, post("?purpose=id_back", "\x89PNG", "Content-Type", "image/png"))
	require.Equal(t, http.StatusUnsupportedMediaType, post("?purpose=photo", "%PDF", "Content-Type", "application/pdf"))
	require.Equal(t, http.StatusRequestEntityTooLarge, post("?purpose=photo", strings.Repeat("x", 10<<20+1)))
	require.Equal(t, http.StatusUnprocessableEntity, post("?purpose=photo&name=wang.jpg", "x"))
	for want, err := range map[int]error{422: card.ErrPhotoFormat, 413: card.ErrUploadTooLarge, 403: citizen.ErrConsentRequired, 429: card.ErrUploadTooMany} {
		f.err = err
		require.Equal(t, want, post("?purpose=photo", "x"))
	}
}

// R26: pictures that arrive slowly never take the memory of the others: who finds no place is told before a byte is read.
func TestR26_OnlySoManyLargeBodiesAtOnce(t *testing.T) {
	t.Parallel()
	r, _ := applicationRig(t)
	require.Equal(t, largeBodies, cap(r.large))
	post := func(size int) *httptest.ResponseRecorder {
		return r.call("POST", "/v1/uploads?purpose=photo", strings.Repeat("x", size), append(bearer(citizenToken), "Content-Type", "image/jpeg")...)
	}
	for range largeBodies {
		r.large <- struct{}{}
	}
	w := post(largeBody + 1)
	requireProblem(t, w, 503, "UPLOAD_BUSY")
	require.Equal(t, []string{"5", "close"}, []string{w.Header().Get("Retry-After"), w.Header().Get("Connection")})
	require.Equal(t, http.StatusCreated, post(largeBody).Code, "a small picture needs no place")
	<-r.large
	for range 2 {
		require.Equal(t, http.StatusCreated, post(largeBody+1).Code, "and gives it back")
	}
}

// R26, R69: a busy service says when to come back; a bad photo comes back once with all that is wrong.
func TestR26_RefusedPhotosOverHTTP(t *testing.T) {
	t.Parallel()
	r, f := applicationRig(t)
	f.err = card.ErrUploadBusy.After(5 * time.Second)
	w := r.call("POST", "/v1/uploads?purpose=photo", "x", append(bearer(citizenToken), "Content-Type", "image/jpeg")...)
	requireProblem(t, w, 503, "UPLOAD_BUSY")
	require.Equal(t, "5", w.Header().Get("Retry-After"))

	blue := phototest.Good(600, 800)
	blue.Ground, blue.Blur = color.RGBA{67, 142, 219, 255}, 0.01
	_, f.err = card.Normalise(card.UploadPhoto, blue.JPEG(), card.DefaultPhotoRules())
	p := requireProblem(t, r.call("POST", "/v1/uploads?purpose=photo", "x", append(bearer(citizenToken), "Content-Type", "image/jpeg")...), 422, "PHOTO_BACKGROUND")
	require.Equal(t, card.ErrPhotoBackground.Message, p.Detail)
	require.Equal(t, []models.FieldError{
		{Field: "photo", Code: "PHOTO_BACKGROUND", Message: card.ErrPhotoBackground.Message},
		{Field: "photo", Code: "PHOTO_BLURRED", Message: card.ErrPhotoBlurred.Message},
	}, p.Fields)
}

func TestR54_APictureIsAnsweredAsAFileThatNobodyKeeps(t *testing.T) {
	t.Parallel()
	r, f := applicationRig(t)
	w := r.call("GET", "/v1/uploads/u-1", "", bearer(citizenToken)...)
	require.Equal(t, http.StatusOK, w.Code, w.Body.String())
	require.Equal(t, "\xff\xd8\xff", w.Body.String())
	require.Equal(t, []string{"image/jpeg", `attachment; filename="id_front.jpg"`, "nosniff"},
		[]string{w.Header().Get("Content-Type"), w.Header().Get("Content-Disposition"), w.Header().Get("X-Content-Type-Options")})
	require.Contains(t, w.Header().Get("Cache-Control"), "no-store")
	require.Equal(t, models.ID("person-1"), f.by.Subject)
	require.Equal(t, http.StatusUnauthorized, r.call("GET", "/v1/uploads/u-1", "").Code)
	f.err = card.ErrPictureNotFound
	require.Equal(t, http.StatusNotFound, r.call("GET", "/v1/uploads/u-1", "", bearer(citizenToken)...).Code)
}
