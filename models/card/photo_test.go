package card

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models/card/phototest"
)

// withSegment puts one segment behind the start of a JPEG.
func withSegment(data []byte, marker byte, body []byte) []byte {
	seg := binary.BigEndian.AppendUint16([]byte{0xff, marker}, uint16(len(body)+2))
	return append(append(append([]byte{}, data[:2]...), append(seg, body...)...), data[2:]...)
}

// exif is an EXIF segment's body with an orientation and a secret.
func exif(orientation uint16, order binary.AppendByteOrder, secret string) []byte {
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
	return append(append([]byte("Exif\x00\x00"), tiff...), secret...)
}

func withExif(data []byte, orientation uint16, order binary.AppendByteOrder) []byte {
	return withSegment(data, 0xe1, exif(orientation, order, "GPS 34.6197N 112.4540E"))
}

// laid is how a camera stores an upright picture under an EXIF orientation: where the first row and the first column of
// what is stored are seen.
func laid(upright *image.RGBA, orientation uint16) *image.RGBA {
	w, h := upright.Rect.Dx(), upright.Rect.Dy()
	out := image.NewRGBA(upright.Rect)
	if orientation >= 5 {
		out = image.NewRGBA(image.Rect(0, 0, h, w))
	}
	for y := range h {
		for x := range w {
			row, col := y, x
			switch orientation {
			case 2:
				col = w - 1 - x
			case 3:
				row, col = h-1-y, w-1-x
			case 4:
				row = h - 1 - y
			case 5:
				row, col = x, y
			case 6:
				row, col = w-1-x, y
			case 7:
				row, col = w-1-x, h-1-y
			case 8:
				row, col = x, h-1-y
			}
			out.SetRGBA(col, row, upright.RGBAAt(x, y))
		}
	}
	return out
}

func decoded(t testing.TB, p Picture) image.Image {
	t.Helper()
	require.Equal(t, "image/jpeg", p.MediaType)
	img, err := jpeg.Decode(bytes.NewReader(p.Data))
	require.NoError(t, err)
	require.Equal(t, image.Rect(0, 0, p.Width, p.Height), img.Bounds())
	return img
}

// apart is how far two pictures of one size are from each other, of 255.
func apart(a, b image.Image) float64 {
	sum, n := 0, 0
	for y := range a.Bounds().Dy() {
		for x := range a.Bounds().Dx() {
			r, _, _, _ := a.At(x, y).RGBA()
			s, _, _, _ := b.At(x, y).RGBA()
			sum, n = sum+distance(int(r>>8), int(s>>8)), n+1
		}
	}
	return float64(sum) / float64(n)
}

// R26: 3000×4000 becomes 358×441 in 14 to 40 KB, whatever form a good picture has.
func TestR26_PhotoIsNormalised(t *testing.T) {
	t.Parallel()
	exact := phototest.Good(358, 441)
	exact.Head, exact.Top = 0.58, 0.04
	for name, data := range map[string][]byte{
		"jpeg of a phone": phototest.Good(3000, 4000).JPEG(), "png": phototest.PNG(phototest.Good(800, 1000).Draw()), "just large enough": exact.JPEG(),
		"lying": phototest.Good(1600, 900).JPEG(), "narrow": phototest.Good(500, 2000).JPEG(), "grey": phototest.JPEG(grey(phototest.Good(800, 1000).Draw())),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := Normalise(UploadPhoto, data, DefaultPhotoRules())
			require.NoError(t, err)
			require.Equal(t, []int{358, 441}, []int{p.Width, p.Height})
			require.GreaterOrEqual(t, len(p.Data), 14<<10)
			require.LessOrEqual(t, len(p.Data), 40_000)
			require.Equal(t, "\xff\xd8\xff\xe0\x00\x10JFIF", string(p.Data[:10]))
			require.Equal(t, []byte{1, 0x01, 0x5e, 0x01, 0x5e}, p.Data[13:18], "350 dots per inch")

			// Whatever was cut away, the head stands where a card has it.
			sc := source{img: decoded(t, p), orientation: 1}.look()
			require.True(t, sc.person && sc.plain && !sc.cut)
			require.InDelta(t, 358.0/2, sc.head.centre, 17, "the middle of the head")
			require.InDelta(t, 215, sc.head.width, 36, "its width with hair")
			require.InDelta(t, 14, sc.head.top, 7, "ground above the hair")
		})
	}
}

func grey(img *image.RGBA) *image.Gray {
	out := image.NewGray(img.Rect)
	for y := range img.Rect.Dy() {
		for x := range img.Rect.Dx() {
			out.Set(x, y, img.At(x, y))
		}
	}
	return out
}

// R26: a cut-out without a ground lies on white, not on black.
func TestR26_TransparencyIsFlattenedOntoWhite(t *testing.T) {
	t.Parallel()
	img := phototest.Good(800, 1000).Draw()
	for i := 0; i < len(img.Pix); i += 4 {
		if img.Pix[i] == phototest.White.R {
			copy(img.Pix[i:], []byte{0, 0, 0, 0})
		}
	}
	p, err := Normalise(UploadPhoto, phototest.PNG(img), DefaultPhotoRules())
	require.NoError(t, err)
	r, g, b, _ := decoded(t, p).At(20, 20).RGBA()
	require.Equal(t, []uint32{255, 255, 255}, []uint32{r >> 8, g >> 8, b >> 8})
}

// R26: what a phone writes beside the picture turns it, and is gone afterwards.
func TestR26_OrientationIsAppliedAndMetadataIsGone(t *testing.T) {
	t.Parallel()
	portrait := phototest.Good(480, 601)
	portrait.Centre = 0.45 // nothing is the same from the other side
	plain := portrait.Draw()
	p, err := Normalise(UploadPhoto, phototest.JPEG(plain), DefaultPhotoRules())
	require.NoError(t, err)
	want := decoded(t, p)
	require.Greater(t, apart(want, mirrored{want}), 5.0, "the picture can be told from its mirror image")
	for orientation := uint16(1); orientation <= 8; orientation++ {
		stored := phototest.JPEG(laid(plain, orientation))
		for _, order := range []binary.AppendByteOrder{binary.BigEndian, binary.LittleEndian} {
			t.Run(fmt.Sprintf("%d %v", orientation, order), func(t *testing.T) {
				t.Parallel()
				data := withExif(stored, orientation, order)
				got, scans := walkJPEG(data)
				require.Equal(t, []int{int(orientation), 1}, []int{got, scans})
				p, err := Normalise(UploadPhoto, data, DefaultPhotoRules())
				require.NoError(t, err)
				require.Less(t, apart(want, decoded(t, p)), 3.5)
				for _, gone := range []string{"Exif", "GPS"} {
					require.NotContains(t, string(p.Data), gone)
				}
			})
		}
	}
}

// mirrored is a picture seen in a mirror.
type mirrored struct{ image.Image }

// At swaps left and right.
func (m mirrored) At(x, y int) color.Color { return m.Image.At(m.Bounds().Dx()-1-x, y) }

// The fast way over a phone's own colours gives what the plain way gives, whatever its colours stand for.
func TestColoursOfPhonesAreAveragedAlike(t *testing.T) {
	t.Parallel()
	rgb := phototest.Good(300, 400).Draw()
	for _, ratio := range []image.YCbCrSubsampleRatio{
		image.YCbCrSubsampleRatio444, image.YCbCrSubsampleRatio422, image.YCbCrSubsampleRatio420,
		image.YCbCrSubsampleRatio440, image.YCbCrSubsampleRatio411, image.YCbCrSubsampleRatio410,
	} {
		img := image.NewYCbCr(rgb.Rect, ratio)
		for y := range 400 {
			for x := range 300 {
				c := color.YCbCrModel.Convert(rgb.At(x, y)).(color.YCbCr)
				img.Y[img.YOffset(x, y)], img.Cb[img.COffset(x, y)], img.Cr[img.COffset(x, y)] = c.Y, c.Cb, c.Cr
			}
		}
		for _, part := range []image.Rectangle{rgb.Rect, image.Rect(1, 1, 299, 399), image.Rect(7, 13, 160, 300), image.Rect(290, 390, 300, 400)} {
			for _, k := range []int{2, 3, 5} {
				require.Less(t, apart(averaged(img, part, k), averagedYCbCr(img, part, k)), 4.0, "%v %v %d", ratio, part, k)
			}
		}
	}
}

func TestIDImagesAreEncodedAnewAndBounded(t *testing.T) {
	t.Parallel()
	p, err := Normalise(UploadIDFront, withExif(phototest.Good(2400, 1520).JPEG(), 6, binary.BigEndian), PhotoRules{})
	require.NoError(t, err)
	require.Equal(t, []int{1266, 2000}, []int{p.Width, p.Height})
	require.NotContains(t, string(p.Data), "GPS")
	decoded(t, p)
	p, err = Normalise(UploadIDBack, phototest.PNG(phototest.Good(700, 441).Draw()), PhotoRules{})
	require.NoError(t, err)
	require.Equal(t, []int{700, 441}, []int{p.Width, p.Height}, "a smaller one is not blown up")
}
