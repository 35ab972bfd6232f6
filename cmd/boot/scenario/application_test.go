package scenario

import (
	"bytes"
	"image/color"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot/boottest"
	"onecard/models/card/phototest"
)

// portrait is a picture good enough for a card.
var portrait = sync.OnceValue(func() []byte { return phototest.Good(600, 740).JPEG() })

func upload(c *boottest.Citizen, purpose string, picture []byte) boottest.Reply {
	return c.Post("/v1/uploads?purpose="+purpose, picture, "Content-Type", "image/jpeg")
}

// form is everything a first application needs, uploaded by c.
func form(t *testing.T, c *boottest.Citizen) map[string]any {
	t.Helper()
	uploads := map[string]string{}
	for _, purpose := range []string{"photo", "id_front", "id_back"} {
		uploads[purpose] = upload(c, purpose, portrait()).Is(http.StatusCreated).Text("upload_id")
	}
	outlets := c.Get("/v1/outlets?kind=hrss&limit=1").Is(http.StatusOK)
	banks := c.Get("/v1/policies/banks?district=410303").Is(http.StatusOK)
	return map[string]any{"bank_code": banks.Text("card_service", 0, "code"), "outlet_ref": outlets.Text("items", 0, "ref"), "uploads": uploads}
}

func TestR17_FromThePicturesToTheCardInHand(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	li := r.Fresh("alipay_mini", "li")
	upload(li, "id_front", portrait()).Refused(http.StatusForbidden, "CONSENT_REQUIRED")
	li.Consent("id_images")
	upload(li, "photo", []byte("%PDF-1.7")).Refused(http.StatusUnprocessableEntity, "PHOTO_FORMAT")
	blue := phototest.Good(600, 740)
	blue.Ground = color.RGBA{67, 142, 219, 255}
	upload(li, "photo", blue.JPEG()).Refused(http.StatusUnprocessableEntity, "PHOTO_BACKGROUND")
	li.Consent("bank_data")
	full := form(t, li)
	mine := "/v1/uploads/" + full["uploads"].(map[string]string)["id_front"]
	require.Equal(t, []byte{0xff, 0xd8, 0xff}, li.Get(mine).Is(http.StatusOK).Raw[:3], "R54")
	r.Fresh("wechat_mini", "zhao").Get(mine).Refused(http.StatusNotFound, "PICTURE_NOT_FOUND")

	li.Post("/v1/applications", map[string]any{"bank_code": full["bank_code"]}).Refused(http.StatusUnprocessableEntity, "PHOTO_REQUIRED")
	in := li.Post("/v1/applications", full).Is(http.StatusCreated)
	require.NotEmpty(t, in.Text("receipt"))
	require.InDelta(t, 0, in.At("fee_fen"), 0, "R20")
	id := in.Text("application_id")
	require.Equal(t, id, li.Post("/v1/applications", full).Is(http.StatusOK).Text("application_id"))
	require.Equal(t, "wait_for_card", li.Get("/v1/cards").Text("next_step", "code"))

	require.Equal(t, 1, r.Told("li", "申领已受理", "不收费"))
	seen := []string{}
	for _, stage := range []string{"batched", "bank_opening", "producing", "at_outlet"} {
		r.Happens("produce", "li", map[string]any{"stage": stage})
		seen = append(seen, li.Get("/v1/applications/"+id).Is(http.StatusOK).Text("label"))
	}
	require.Equal(t, []string{"已编入制卡批次", "银行正在开户", "正在制卡", "已到领卡网点,等待领取"}, seen, "R27")
	require.Equal(t, 1, r.Told("li", "请本人带身份证领取"))
	require.Equal(t, "collect", li.Get("/v1/cards").Text("next_step", "code"), "R25")
	li.Post("/v1/applications", full).Is(http.StatusOK)

	wang := r.Fresh("wechat_mini", "wang")
	wang.Get("/v1/applications/"+id).Refused(http.StatusNotFound, "APPLICATION_NOT_FOUND")
	wang.Consent("id_images")
	wang.Consent("bank_data")
	wang.Post("/v1/applications", full).Refused(http.StatusConflict, "CARD_EXISTS")

	requireSealed(t, r)
}

// R26: whether there is a face, or two, is the registry's verdict. The citizen reads it in plain words.
func TestR26_NoFaceIsTheRegistrysVerdict(t *testing.T) {
	t.Parallel()
	for code, words := range map[string]string{"PHOTO_NO_FACE": "照片上没有识别到人脸", "PHOTO_MULTI_FACE": "照片上不止一张人脸"} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			r := boottest.Start(t)
			li := r.Fresh("alipay_mini", "li")
			li.Consent("id_images")
			li.Consent("bank_data")
			id := li.Post("/v1/applications", form(t, li)).Is(http.StatusCreated).Text("application_id")
			require.Equal(t, 1, r.Told("li", "申领已受理"))
			r.Happens("reject", "li", map[string]any{"reason": code})
			now := li.Get("/v1/applications/" + id).Is(http.StatusOK)
			require.Equal(t, "rejected", now.Text("state"))
			require.Contains(t, string(now.Raw), words)
		})
	}
}

// requireSealed looks at every kept picture: none of them can be read without the database's keys.
func requireSealed(t *testing.T, r *boottest.Rig) {
	t.Helper()
	files := 0
	cfg := r.Config()
	require.NoError(t, filepath.WalkDir(cfg.ObjectsFolder(), func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files++
		data, err := os.ReadFile(path)
		require.NotContains(t, string(data), "JFIF")
		require.False(t, bytes.HasPrefix(data, []byte("\xff\xd8")))
		return err
	}))
	require.Equal(t, 3, files)
}
