package card

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models"
)

// portrait is a white picture with a dark head in its middle and one red corner, top left.
func portrait(w, h int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.RGBA{255, 255, 255, 255}
			dx, dy := float64(x-w/2)/float64(w), float64(y-h/2)/float64(h)
			switch {
			case dx*dx+dy*dy < 0.06:
				c = color.RGBA{120, uint8(80 + 60*dy), 70, 255}
			case x < w/4 && y < h/4:
				c = color.RGBA{220, 20, 20, 255}
			}
			img.SetRGBA(x, y, c)
		}
	}
	return img
}

func asJPEG(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, jpeg.Encode(&b, img, &jpeg.Options{Quality: 90}))
	return b.Bytes()
}

func asPNG(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, img))
	return b.Bytes()
}

// withExif puts an EXIF segment with an orientation and a secret behind the SOI.
func withExif(data []byte, orientation uint16, order binary.AppendByteOrder) []byte {
	tiff := []byte("MM\x00*")
	if order == binary.AppendByteOrder(binary.LittleEndian) {
		tiff = []byte("II*\x00")
	}
	tiff = order.AppendUint32(tiff, 8)
	tiff = order.AppendUint16(tiff, 1)
	tiff = order.AppendUint16(tiff, 0x0112)
	tiff = order.AppendUint16(tiff, 3)
	tiff = order.AppendUint32(tiff, 1)
	tiff = order.AppendUint16(tiff, orientation)
	tiff = append(tiff, 0, 0, 0, 0, 0, 0)
	tiff = append(tiff, "GPS 34.6197N 112.4540E"...)
	body := append([]byte("Exif\x00\x00"), tiff...)
	seg := binary.BigEndian.AppendUint16([]byte{0xff, 0xe1}, uint16(len(body)+2))
	return append(append(append([]byte{}, data[:2]...), append(seg, body...)...), data[2:]...)
}

func decoded(t testing.TB, p Picture) image.Image {
	t.Helper()
	require.Equal(t, "image/jpeg", p.MediaType)
	img, err := jpeg.Decode(bytes.NewReader(p.Data))
	require.NoError(t, err)
	require.Equal(t, image.Rect(0, 0, p.Width, p.Height), img.Bounds())
	return img
}

func red(c color.Color) bool {
	r, g, b, _ := c.RGBA()
	return r>>8 > 150 && g>>8 < 110 && b>>8 < 110
}

// R26: 3000×4000 becomes 358×441 in at most 40 KB.
func TestR26_PhotoIsNormalised(t *testing.T) {
	t.Parallel()
	for name, data := range map[string][]byte{
		"jpeg of a phone": asJPEG(t, portrait(3000, 4000)), "png": asPNG(t, portrait(800, 1000)), "just large enough": asJPEG(t, portrait(358, 441)),
		"lying": asJPEG(t, portrait(1600, 900)), "narrow": asJPEG(t, portrait(400, 3000)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := Normalise(UploadPhoto, data)
			require.NoError(t, err)
			require.Equal(t, []int{358, 441}, []int{p.Width, p.Height})
			require.LessOrEqual(t, len(p.Data), 40_000)
			decoded(t, p)
			require.Equal(t, "\xff\xd8\xff\xe0\x00\x10JFIF", string(p.Data[:10]))
			require.Equal(t, []byte{1, 0x01, 0x5e, 0x01, 0x5e}, p.Data[13:18], "350 dots per inch")
		})
	}
}

// R26: a transparent picture lies on white, not on black.
func TestR26_TransparencyIsFlattenedOntoWhite(t *testing.T) {
	t.Parallel()
	p, err := Normalise(UploadPhoto, asPNG(t, image.NewNRGBA(image.Rect(0, 0, 400, 500))))
	require.NoError(t, err)
	r, g, b, _ := decoded(t, p).At(200, 200).RGBA()
	require.Equal(t, []uint32{255, 255, 255}, []uint32{r >> 8, g >> 8, b >> 8})
}

// R26: what a phone writes beside the picture turns it, and is gone afterwards.
func TestR26_OrientationIsAppliedAndMetadataIsGone(t *testing.T) {
	t.Parallel()
	plain := portrait(720, 880)
	// Where the red corner of a stored picture stands once it is shown upright.
	corners := map[uint16]image.Point{1: {20, 20}, 2: {338, 20}, 3: {338, 421}, 4: {20, 421}, 5: {20, 20}, 6: {338, 20}, 7: {338, 421}, 8: {20, 421}}
	for orientation, at := range corners {
		stored := plain
		if orientation >= 5 {
			stored = portrait(880, 720)
		}
		for _, order := range []binary.AppendByteOrder{binary.BigEndian, binary.LittleEndian} {
			data := withExif(asJPEG(t, stored), orientation, order)
			got, scans := walkJPEG(data)
			require.Equal(t, []int{int(orientation), 1}, []int{got, scans})
			p, err := Normalise(UploadPhoto, append(data, "PK\x03\x04 a program behind the picture"...))
			require.NoError(t, err)
			img := decoded(t, p)
			for n, corner := range corners {
				if n > 4 {
					continue
				}
				require.Equal(t, corner == at, red(img.At(corner.X, corner.Y)), "orientation %d, corner %v", orientation, corner)
			}
			for _, gone := range []string{"Exif", "GPS", "PK\x03\x04"} {
				require.NotContains(t, string(p.Data), gone)
			}
		}
	}
}

func TestIDImagesAreEncodedAnewAndBounded(t *testing.T) {
	t.Parallel()
	p, err := Normalise(UploadIDFront, withExif(asJPEG(t, portrait(3000, 1900)), 6, binary.BigEndian))
	require.NoError(t, err)
	require.Equal(t, []int{1266, 2000}, []int{p.Width, p.Height})
	require.NotContains(t, string(p.Data), "GPS")
	decoded(t, p)
	p, err = Normalise(UploadIDBack, asPNG(t, portrait(700, 441)))
	require.NoError(t, err)
	require.Equal(t, []int{700, 441}, []int{p.Width, p.Height}, "a smaller one is not blown up")
}

// pngHead is a PNG that only says how large it is; rows of zeroes follow as far as a small file can promise them.
func pngHead(t testing.TB, w, h uint32, body int) []byte {
	t.Helper()
	out := []byte("\x89PNG\r\n\x1a\n")
	chunk := func(kind string, data []byte) {
		out = binary.BigEndian.AppendUint32(out, uint32(len(data)))
		out = append(append(out, kind...), data...)
		out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(append([]byte(kind), data...)))
	}
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)
	chunk("IHDR", append(head, 8, 2, 0, 0, 0))
	var z bytes.Buffer
	zw := zlib.NewWriter(&z)
	_, err := zw.Write(make([]byte, body))
	require.NoError(t, err)
	require.NoError(t, zw.Close())
	chunk("IDAT", z.Bytes())
	chunk("IEND", nil)
	return out
}

// hugeJPEG says in its header that it is 60000 pixels high.
func hugeJPEG(t testing.TB) []byte {
	t.Helper()
	data := asJPEG(t, portrait(400, 500))
	at := bytes.Index(data, []byte{0xff, 0xc0})
	require.Positive(t, at)
	binary.BigEndian.PutUint16(data[at+5:], 60000)
	return data
}

// manyScans repeats the one scan's header: each would be a walk over all pixels.
func manyScans(t testing.TB) []byte {
	t.Helper()
	data := asJPEG(t, portrait(400, 500))
	at := bytes.Index(data, []byte{0xff, 0xda})
	require.Positive(t, at)
	scan := data[at : at+2+int(binary.BigEndian.Uint16(data[at+2:]))]
	return append(append(append([]byte{}, data[:at]...), bytes.Repeat(scan, 500)...), data[at:]...)
}

// noise is not a photo of anybody: it does not fit into the bytes a card has for it.
func noise(w, h int) *image.RGBA {
	r := rand.New(rand.NewPCG(1, 2))
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := range img.Pix {
		img.Pix[i] = byte(r.Uint32()) | byte(255*(i%4/3))
	}
	return img
}

// R17, R26: what is not a real picture of a real size is refused before it costs anything.
func TestR26_WhatIsNoPhotoIsRefused(t *testing.T) {
	t.Parallel()
	good := asJPEG(t, portrait(400, 500))
	for name, c := range map[string]struct {
		data   []byte
		photo  *models.Error
		idFace *models.Error
	}{
		"nothing":               {nil, ErrPhotoFormat, ErrUploadFormat},
		"PDF named .jpg":        {[]byte("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), ErrPhotoFormat, ErrUploadFormat},
		"script":                {[]byte("<svg onload=alert(1)>"), ErrPhotoFormat, ErrUploadFormat},
		"GIF":                   {[]byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;"), ErrPhotoFormat, ErrUploadFormat},
		"magic bytes only":      {[]byte("\xff\xd8\xff\xe0"), ErrPhotoFormat, ErrUploadFormat},
		"truncated JPEG":        {good[:len(good)/2], ErrPhotoFormat, ErrUploadFormat},
		"truncated PNG":         {asPNG(t, portrait(400, 500))[:300], ErrPhotoFormat, ErrUploadFormat},
		"1×1":                   {asPNG(t, portrait(1, 1)), ErrPhotoTooSmall, ErrUploadTooSmall},
		"one pixel too narrow":  {asJPEG(t, portrait(357, 441)), ErrPhotoTooSmall, nil},
		"large but lying":       {withExif(asJPEG(t, portrait(441, 358)), 1, binary.BigEndian), ErrPhotoTooSmall, nil},
		"zero pixels":           {pngHead(t, 0, 0, 0), ErrPhotoFormat, ErrUploadFormat},
		"huge PNG header":       {pngHead(t, 20000, 20000, 0), ErrUploadPixels, ErrUploadPixels},
		"PNG bomb":              {pngHead(t, 20000, 20000, 20<<20), ErrUploadPixels, ErrUploadPixels},
		"long PNG":              {pngHead(t, 1<<31-1, 1, 0), ErrUploadPixels, ErrUploadPixels},
		"huge JPEG header":      {hugeJPEG(t), ErrUploadPixels, ErrUploadPixels},
		"too many pixels":       {pngHead(t, 6000, 6000, 0), ErrUploadPixels, ErrUploadPixels},
		"promises, no rows":     {pngHead(t, 4000, 4000, 100), ErrPhotoFormat, ErrUploadFormat},
		"a scan over and over":  {manyScans(t), ErrPhotoFormat, ErrUploadFormat},
		"noise, not a portrait": {asPNG(t, noise(358, 441)), ErrPhotoBytes, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Normalise(UploadPhoto, c.data)
			require.ErrorIs(t, err, c.photo)
			_, err = Normalise(UploadIDBack, c.data)
			if c.idFace == nil {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, c.idFace)
		})
	}
}

// FuzzNormalise: whatever the bytes are, the answer is a named refusal or a picture of the promised form.
func FuzzNormalise(f *testing.F) {
	small := asJPEG(f, portrait(360, 450))
	for _, seed := range [][]byte{
		nil, []byte("%PDF-1.7"), []byte("\xff\xd8\xff"), small, small[:len(small)/3], withExif(small, 6, binary.BigEndian),
		withExif(small, 9, binary.LittleEndian), asPNG(f, portrait(360, 450)), asPNG(f, portrait(1, 1)), pngHead(f, 20000, 20000, 1000),
		pngHead(f, 400, 500, 1000), hugeJPEG(f), manyScans(f), append(bytes.Clone(small), "%PDF-1.7"...),
	} {
		f.Add(seed, true)
		f.Add(seed, false)
	}
	f.Fuzz(func(t *testing.T, data []byte, photo bool) {
		if head, err := png.DecodeConfig(bytes.NewReader(data)); err == nil && head.Width*head.Height > 1<<20 && head.Width*head.Height <= maxPixels {
			t.Skip("allowed, but slow to decode millions of times")
		}
		if head, err := jpeg.DecodeConfig(bytes.NewReader(data)); err == nil && head.Width*head.Height > 1<<20 && head.Width*head.Height <= maxPixels {
			t.Skip("as above")
		}
		purpose := UploadIDFront
		if photo {
			purpose = UploadPhoto
		}
		p, err := Normalise(purpose, data)
		if err != nil {
			require.Equal(t, models.Invalid, models.KindOf(err), "%v", err)
			return
		}
		decoded(t, p)
		require.LessOrEqual(t, max(p.Width, p.Height), idImageSide)
		if photo {
			require.LessOrEqual(t, len(p.Data), photoBytes)
		}
	})
}
