package card

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/card/phototest"
)

// pngHead is a PNG that only says how large it is; rows of zeroes follow as far as a small file can promise them.
func pngHead(t testing.TB, w, h uint32, depth byte, body int) []byte {
	t.Helper()
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)
	out := append([]byte("\x89PNG\r\n\x1a\n"), pngChunk("IHDR", append(head, depth, 2, 0, 0, 0))...)
	var z bytes.Buffer
	zw := zlib.NewWriter(&z)
	_, err := zw.Write(make([]byte, body))
	require.NoError(t, err)
	require.NoError(t, zw.Close())
	out = append(out, pngChunk("IDAT", z.Bytes())...)
	return append(out, pngChunk("IEND", nil)...)
}

func pngChunk(kind string, data []byte) []byte {
	out := append(binary.BigEndian.AppendUint32(nil, uint32(len(data))), kind...)
	return binary.BigEndian.AppendUint32(append(out, data...), crc32.ChecksumIEEE(append([]byte(kind), data...)))
}

// behindHead puts a chunk behind the IHDR of a PNG.
func behindHead(data []byte, kind string, body []byte) []byte {
	const head = 8 + 25
	return append(append(bytes.Clone(data[:head]), pngChunk(kind, body)...), data[head:]...)
}

// sizedJPEG says in its header that it is of another size.
func sizedJPEG(t testing.TB, w, h uint16) []byte {
	t.Helper()
	data := phototest.Good(400, 500).JPEG()
	at := bytes.Index(data, []byte{0xff, 0xc0})
	require.Positive(t, at)
	binary.BigEndian.PutUint16(data[at+5:], h)
	binary.BigEndian.PutUint16(data[at+7:], w)
	return data
}

// manyScans repeats the one scan's header: each would be a walk over all pixels.
func manyScans(t testing.TB, n int) []byte {
	t.Helper()
	data := phototest.Good(400, 500).JPEG()
	at := bytes.Index(data, []byte{0xff, 0xda})
	require.Positive(t, at)
	scan := data[at : at+2+int(binary.BigEndian.Uint16(data[at+2:]))]
	return append(append(append([]byte{}, data[:at]...), bytes.Repeat(scan, n)...), data[at:]...)
}

// zeroes is a megabyte of zeroes, packed.
func zeroes(t testing.TB, megabytes int) []byte {
	t.Helper()
	var z bytes.Buffer
	zw := zlib.NewWriter(&z)
	for range megabytes {
		_, err := zw.Write(make([]byte, 1<<20))
		require.NoError(t, err)
	}
	require.NoError(t, zw.Close())
	return z.Bytes()
}

// R17, R26: what is not a real picture of a real size is refused before it costs anything.
func TestR26_WhatIsNoPhotoIsRefused(t *testing.T) {
	t.Parallel()
	good := phototest.Good(400, 500).JPEG()
	png := phototest.PNG(phototest.Good(400, 500).Draw())
	for name, c := range map[string]struct {
		data   []byte
		photo  *models.Error
		idFace *models.Error
	}{
		"nothing":                {nil, ErrPhotoFormat, ErrUploadFormat},
		"PDF named .jpg":         {[]byte("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), ErrPhotoFormat, ErrUploadFormat},
		"PDF with a photo in it": {append([]byte("%PDF-1.7\n1 0 obj<</Filter/DCTDecode>>stream\n"), good...), ErrPhotoFormat, ErrUploadFormat},
		"script":                 {[]byte("<svg onload=alert(1)>"), ErrPhotoFormat, ErrUploadFormat},
		"page before a photo":    {append([]byte("<html><script>alert(1)</script>"), good...), ErrPhotoFormat, ErrUploadFormat},
		"program":                {append([]byte("MZ\x90\x00"), good...), ErrPhotoFormat, ErrUploadFormat},
		"archive before a photo": {append([]byte("PK\x03\x04"), good...), ErrPhotoFormat, ErrUploadFormat},
		"GIF":                    {[]byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;"), ErrPhotoFormat, ErrUploadFormat},
		"GIF and script":         {[]byte("GIF89a/*\x00\x00*/=1;alert(1)"), ErrPhotoFormat, ErrUploadFormat},
		"magic bytes only":       {[]byte("\xff\xd8\xff\xe0"), ErrPhotoFormat, ErrUploadFormat},
		"PNG's magic bytes only": {[]byte("\x89PNG\r\n\x1a\n"), ErrPhotoFormat, ErrUploadFormat},
		"truncated JPEG":         {good[:len(good)/2], ErrPhotoFormat, ErrUploadFormat},
		"JPEG without an end":    {good[:len(good)-200], ErrPhotoFormat, ErrUploadFormat},
		"truncated in its head":  {good[:100], ErrPhotoFormat, ErrUploadFormat},
		"truncated PNG":          {png[:300], ErrPhotoFormat, ErrUploadFormat},
		"1×1 PNG":                {phototest.PNG(phototest.Good(1, 1).Draw()), ErrPhotoTooSmall, ErrUploadTooSmall},
		"1×1 JPEG":               {phototest.Good(1, 1).JPEG(), ErrPhotoTooSmall, ErrUploadTooSmall},
		"one pixel too narrow":   {phototest.Good(357, 441).JPEG(), ErrPhotoTooSmall, nil},
		"large but lying":        {withExif(phototest.Good(441, 358).JPEG(), 1, binary.BigEndian), ErrPhotoTooSmall, nil},
		"zero pixels":            {pngHead(t, 0, 0, 8, 0), ErrPhotoFormat, ErrUploadFormat},
		"20000×20000 PNG":        {pngHead(t, 20000, 20000, 8, 0), ErrUploadPixels, ErrUploadPixels},
		"20000×20000 JPEG":       {sizedJPEG(t, 20000, 20000), ErrUploadPixels, ErrUploadPixels},
		"PNG bomb":               {pngHead(t, 20000, 20000, 8, 20<<20), ErrUploadPixels, ErrUploadPixels},
		"long PNG":               {pngHead(t, 1<<31-1, 1, 8, 0), ErrUploadPixels, ErrUploadPixels},
		"high JPEG":              {sizedJPEG(t, 400, 60000), ErrUploadPixels, ErrUploadPixels},
		"too many pixels":        {pngHead(t, 6000, 6000, 8, 0), ErrUploadPixels, ErrUploadPixels},
		"too many deep pixels":   {pngHead(t, 4000, 4000, 16, 0), ErrUploadPixels, ErrUploadPixels},
		"promises, no rows":      {pngHead(t, 4000, 4000, 8, 100), ErrPhotoFormat, ErrUploadFormat},
		"more rows than said":    {pngHead(t, 400, 500, 8, 64<<20), ErrPhotoFormat, ErrUploadFormat},
		"a scan over and over":   {manyScans(t, 500), ErrPhotoFormat, ErrUploadFormat},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Normalise(UploadPhoto, c.data, DefaultPhotoRules())
			require.ErrorIs(t, err, c.photo)
			require.Equal(t, []string{c.photo.Code}, reasons(t, err))
			_, err = Normalise(UploadIDBack, c.data, DefaultPhotoRules())
			if c.idFace == nil {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, c.idFace)
		})
	}
}

// R17, R26: what hides in or behind a real picture is gone once it is kept: nothing of the sent file is.
func TestR26_WhatHidesInAPhotoIsGone(t *testing.T) {
	t.Parallel()
	const script = "<script>fetch('//evil')</script>"
	jpeg, png := phototest.Good(600, 750).JPEG(), phototest.PNG(phototest.Good(600, 750).Draw())
	for name, data := range map[string][]byte{
		"script in EXIF":        withSegment(jpeg, 0xe1, exif(1, binary.BigEndian, script)),
		"script in a comment":   withSegment(jpeg, 0xfe, []byte(script)),
		"script in XMP":         withSegment(jpeg, 0xe1, []byte("http://ns.adobe.com/xap/1.0/\x00"+script)),
		"broken EXIF":           withSegment(jpeg, 0xe1, append([]byte("Exif\x00\x00MM\x00*\xff\xff\xff\xff"), script...)),
		"archive behind":        append(bytes.Clone(jpeg), "PK\x03\x04"+script...),
		"PDF behind":            append(bytes.Clone(jpeg), "%PDF-1.7"+script...),
		"page behind a PNG":     append(bytes.Clone(png), script...),
		"script in PNG text":    behindHead(png, "tEXt", []byte("Comment\x00"+script)),
		"packed text of a PNG":  behindHead(png, "zTXt", append([]byte("Comment\x00\x00"), zeroes(t, 64)...)),
		"packed profile":        behindHead(png, "iCCP", append([]byte("p\x00\x00"), zeroes(t, 64)...)),
		"GPS and time of a PNG": behindHead(png, "eXIf", []byte("II*\x00"+script)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, purpose := range []UploadPurpose{UploadPhoto, UploadIDFront} {
				p, err := Normalise(purpose, data, DefaultPhotoRules())
				require.NoError(t, err)
				decoded(t, p)
				for _, gone := range []string{"script", "evil", "PK\x03\x04", "%PDF", "Exif", "tEXt", "adobe"} {
					require.NotContains(t, string(p.Data), gone)
				}
			}
		})
	}
}
