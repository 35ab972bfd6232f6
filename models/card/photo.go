package card

import (
	"bytes"
	"image"
	"image/jpeg"
	"image/png"

	"golang.org/x/image/draw"

	"onecard/models"
)

// The photo on the card (GA 461, R26) and what is taken in.
const (
	PhotoWidth  = 358
	PhotoHeight = 441
	photoDPI    = 350
	photoBytes  = 40_000 // at most, whichever kilobyte the production centre counts in

	maxPhotoBytes   = 10 << 20
	maxIDImageBytes = 5 << 20
	maxPixels       = 25_000_000 // a 24-megapixel phone; decoded it still fits into memory
	maxSide         = 12_000
	maxScans        = 32   // a progressive JPEG has about ten; each costs a walk over all pixels
	idImageSide     = 2000 // enough to read the print
	idImageShort    = 250  // an ID card at about 100 dpi
	idImageLong     = 400
	idImageQuality  = 85
)

// known reports whether pictures are taken for this purpose.
func (p UploadPurpose) known() bool {
	return p == UploadPhoto || p == UploadIDFront || p == UploadIDBack
}

// MaxBytes is how large a picture for this purpose may arrive.
func (p UploadPurpose) MaxBytes() int64 {
	if p == UploadPhoto {
		return maxPhotoBytes
	}
	return maxIDImageBytes
}

// Picture is a picture in the form in which it is kept.
type Picture struct {
	Data      []byte
	MediaType string
	Width     int
	Height    int
}

// refusals of one purpose.
type pictureErrors struct{ format, small *models.Error }

// Normalise checks a picture and encodes it anew: a photo becomes 358×441 on white in at most 40 KB (R26), an ID image
// is bounded. Its first bytes decide what it is, whatever the sender called it; its size is read before any pixel.
// Nothing of the original file is kept: no EXIF, no position, nothing appended.
func Normalise(purpose UploadPurpose, data []byte) (Picture, error) {
	if purpose == UploadPhoto {
		return normalisePhoto(data)
	}
	return normaliseIDImage(data)
}

func normalisePhoto(data []byte) (Picture, error) {
	src, err := readPicture(data, pictureErrors{ErrPhotoFormat, ErrPhotoTooSmall}, func(w, h int) bool { return w >= PhotoWidth && h >= PhotoHeight })
	if err != nil {
		return Picture{}, err
	}
	upright := src.scaled(centred(src.img.Bounds(), src.turned(PhotoWidth, PhotoHeight)), PhotoWidth, PhotoHeight, draw.CatmullRom)
	for quality := 95; quality >= 35; quality -= 5 {
		out, err := encodeJPEG(upright, quality)
		if err != nil {
			return Picture{}, err
		}
		if out = withDensity(out, photoDPI); len(out) <= photoBytes {
			return Picture{Data: out, MediaType: "image/jpeg", Width: PhotoWidth, Height: PhotoHeight}, nil
		}
	}
	return Picture{}, ErrPhotoBytes
}

func normaliseIDImage(data []byte) (Picture, error) {
	src, err := readPicture(data, pictureErrors{ErrUploadFormat, ErrUploadTooSmall}, func(w, h int) bool {
		return min(w, h) >= idImageShort && max(w, h) >= idImageLong
	})
	if err != nil {
		return Picture{}, err
	}
	size := src.turned(src.img.Bounds().Dx(), src.img.Bounds().Dy())
	if long := max(size.X, size.Y); long > idImageSide {
		size = image.Pt(max(size.X*idImageSide/long, 1), max(size.Y*idImageSide/long, 1))
	}
	out, err := encodeJPEG(src.scaled(src.img.Bounds(), size.X, size.Y, draw.ApproxBiLinear), idImageQuality)
	if err != nil {
		return Picture{}, err
	}
	return Picture{Data: out, MediaType: "image/jpeg", Width: size.X, Height: size.Y}, nil
}

// source is a decoded picture and how it must be turned to stand upright.
type source struct {
	img         image.Image
	orientation int
}

// turned swaps width and height for a picture that lies on its side.
func (s source) turned(w, h int) image.Point {
	if s.orientation >= 5 {
		return image.Pt(h, w)
	}
	return image.Pt(w, h)
}

// readPicture decodes a JPEG or PNG after its header has been found acceptable. bigEnough gets the upright size.
func readPicture(data []byte, no pictureErrors, bigEnough func(w, h int) bool) (source, error) {
	src := source{orientation: 1}
	config, decode := jpeg.DecodeConfig, jpeg.Decode
	switch {
	case bytes.HasPrefix(data, []byte("\xff\xd8\xff")):
		var scans int
		if src.orientation, scans = walkJPEG(data); scans > maxScans {
			return src, no.format
		}
	case bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")):
		config, decode = png.DecodeConfig, png.Decode
	default:
		return src, no.format
	}
	head, err := config(bytes.NewReader(data))
	if err != nil {
		return src, no.format.Because(err)
	}
	if head.Width > maxSide || head.Height > maxSide || head.Width*head.Height > maxPixels {
		return src, ErrUploadPixels
	}
	if size := src.turned(head.Width, head.Height); !bigEnough(size.X, size.Y) {
		return src, no.small
	}
	if src.img, err = decode(bytes.NewReader(data)); err != nil {
		return src, no.format.Because(err)
	}
	return src, nil
}

// centred is the largest part of b, around its middle, with the proportions of size.
func centred(b image.Rectangle, size image.Point) image.Rectangle {
	w, h := b.Dx(), b.Dx()*size.Y/size.X
	if h > b.Dy() {
		w, h = b.Dy()*size.X/size.Y, b.Dy()
	}
	at := b.Min.Add(image.Pt((b.Dx()-w)/2, (b.Dy()-h)/2))
	return image.Rectangle{Min: at, Max: at.Add(image.Pt(w, h))}
}

// scaled draws a part of the picture upright at w×h on white, so that nothing stays transparent. Whole numbers of
// pixels are averaged first: a good scaler alone takes seconds and hundreds of megabytes for a phone's picture.
func (s source) scaled(part image.Rectangle, w, h int, by draw.Scaler) *image.RGBA {
	size := s.turned(w, h)
	img := s.img
	if k := min(part.Dx()/size.X, part.Dy()/size.Y); k >= 2 {
		img = averaged(img, part, k)
		part = img.Bounds()
	}
	flat := image.NewRGBA(image.Rectangle{Max: size})
	draw.Draw(flat, flat.Bounds(), image.White, image.Point{}, draw.Src)
	by.Scale(flat, flat.Bounds(), img, part, draw.Over, nil)
	return upright(flat, s.orientation)
}

// averaged makes one pixel of each k×k of a part, on white. It holds k rows at a time.
func averaged(img image.Image, part image.Rectangle, k int) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, part.Dx()/k, part.Dy()/k))
	rows := image.NewRGBA(image.Rect(0, 0, part.Dx(), k))
	for y := range out.Rect.Dy() {
		draw.Draw(rows, rows.Rect, image.White, image.Point{}, draw.Src)
		draw.Draw(rows, rows.Rect, img, part.Min.Add(image.Pt(0, y*k)), draw.Over)
		for x := range out.Rect.Dx() {
			var sum [4]int
			for dy := range k {
				line := rows.Pix[rows.PixOffset(x*k, dy):][:4*k]
				for i, v := range line {
					sum[i%4] += int(v)
				}
			}
			to := out.Pix[out.PixOffset(x, y):][:4]
			for c := range to {
				to[c] = byte(sum[c] / (k * k))
			}
		}
	}
	return out
}

func encodeJPEG(img image.Image, quality int) ([]byte, error) {
	var out bytes.Buffer
	err := jpeg.Encode(&out, img, &jpeg.Options{Quality: quality})
	return out.Bytes(), err
}

// withDensity puts a JFIF header with the resolution in front; Go's encoder writes none.
func withDensity(data []byte, dpi uint16) []byte {
	head := []byte{0xff, 0xd8, 0xff, 0xe0, 0, 16, 'J', 'F', 'I', 'F', 0, 1, 1, 1, byte(dpi >> 8), byte(dpi), byte(dpi >> 8), byte(dpi), 0, 0}
	return append(head, data[2:]...)
}
