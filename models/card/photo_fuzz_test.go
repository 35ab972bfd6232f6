package card

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/jpeg"
	"image/png"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/card/phototest"
)

// FuzzNormalise: whatever the bytes are, the answer is a named refusal or a picture of the promised form.
func FuzzNormalise(f *testing.F) {
	small := phototest.Good(360, 450).JPEG()
	deep := phototest.PNG(phototest.Good(360, 450).Draw())
	for _, seed := range [][]byte{
		nil, []byte("%PDF-1.7"), []byte("\xff\xd8\xff"), small, small[:len(small)/3], withExif(small, 6, binary.BigEndian),
		withExif(small, 9, binary.LittleEndian), deep, phototest.PNG(phototest.Good(1, 1).Draw()), pngHead(f, 20000, 20000, 8, 1000),
		pngHead(f, 400, 500, 16, 1000), sizedJPEG(f, 20000, 20000), manyScans(f, 40), append(bytes.Clone(small), "%PDF-1.7"...),
		behindHead(deep, "tEXt", []byte("Comment\x00<script>")), withSegment(small, 0xfe, []byte("<script>")),
	} {
		f.Add(seed, true)
		f.Add(seed, false)
	}
	f.Fuzz(func(t *testing.T, data []byte, photo bool) {
		for _, config := range []func([]byte) (image.Config, error){
			func(b []byte) (image.Config, error) { return png.DecodeConfig(bytes.NewReader(b)) },
			func(b []byte) (image.Config, error) { return jpeg.DecodeConfig(bytes.NewReader(b)) },
		} {
			if head, err := config(data); err == nil && head.Width*head.Height > 1<<19 && head.Width*head.Height <= maxPixels {
				t.Skip("allowed, but slow to decode millions of times")
			}
		}
		purpose := UploadIDFront
		if photo {
			purpose = UploadPhoto
		}
		rules := DefaultPhotoRules()
		p, err := Normalise(purpose, data, rules)
		if err != nil {
			require.Equal(t, models.Invalid, models.KindOf(err), "%v", err)
			return
		}
		decoded(t, p)
		require.LessOrEqual(t, max(p.Width, p.Height), idImageSide)
		if photo {
			require.LessOrEqual(t, len(p.Data), rules.MostBytes)
			require.GreaterOrEqual(t, len(p.Data), rules.LeastBytes)
		}
	})
}

// FuzzWalkJPEG: whatever the bytes are, the walk ends and an orientation comes out.
func FuzzWalkJPEG(f *testing.F) {
	small := phototest.Good(16, 20).JPEG()
	for _, seed := range [][]byte{
		nil, []byte("\xff\xd8\xff"), small, withExif(small, 6, binary.BigEndian), withExif(small, 3, binary.LittleEndian),
		withSegment(small, 0xe1, []byte("Exif\x00\x00MM\x00*\xff\xff\xff\xff")), withSegment(small, 0xe1, []byte("Exif\x00\x00II*\x00\x08\x00\x00\x00\xff\xff")),
		bytes.Repeat([]byte{0xff}, 64), []byte("\xff\xd8\xff\xe1\x00\x00\xff\xda"), manyScans(f, 3),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		orientation, scans := walkJPEG(data)
		require.True(t, orientation >= 1 && orientation <= 8)
		require.LessOrEqual(t, scans, len(data)/2)
	})
}

// FuzzSilhouette: whatever the pixels are, the part that is cut out lies in the picture and has its proportions, the
// judging ends, and no reason is told twice.
func FuzzSilhouette(f *testing.F) {
	for _, change := range []func(*phototest.Portrait){small, large, aside, blue, func(p *phototest.Portrait) { p.Bun = true }, func(p *phototest.Portrait) { p.Headless = true }} {
		p := phototest.Good(45, 56)
		change(&p)
		gray := image.NewGray(image.Rect(0, 0, 45, 56))
		for i, pix := 0, p.Draw().Pix; i < len(gray.Pix); i++ {
			gray.Pix[i] = pix[4*i]
		}
		f.Add(gray.Pix, uint8(45), uint8(1))
	}
	f.Add([]byte{0}, uint8(1), uint8(6))
	f.Fuzz(func(t *testing.T, pixels []byte, width, orientation uint8) {
		w := max(int(width), 1)
		if len(pixels) < w || len(pixels) > 1<<14 {
			t.Skip("no picture")
		}
		img := image.NewGray(image.Rect(0, 0, w, len(pixels)/w))
		copy(img.Pix, pixels)
		src := source{img: img, orientation: int(orientation%8) + 1}
		require.True(t, src.stored(image.Rectangle{Max: src.size()}).Eq(img.Rect))
		sc := src.look()
		if !sc.person {
			return
		}
		// The same person in a picture of a size that is taken.
		const larger = 10
		size := src.size().Mul(larger)
		part, found := placed(size, head{sc.head.width * larger, sc.head.centre * larger, sc.head.top * larger})
		require.True(t, part.In(image.Rectangle{Max: size}) && !part.Empty(), "%v of %v", part, size)
		require.InDelta(t, tall, float64(part.Dy())/float64(part.Dx()), 2/float64(min(part.Dx(), part.Dy()))+0.01)
		require.True(t, sc.head.within(part).box().In(image.Rect(0, 0, PhotoWidth, PhotoHeight)))
		seen := map[string]bool{}
		for _, e := range found {
			require.False(t, seen[e.Code], e.Code)
			seen[e.Code] = true
		}
		sharp(src.sketch(), src.sketch().Rect)
	})
}
