package card

import (
	"bytes"
	"errors"
	"image"
	"image/color"
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
	photoJudged = 50 // a smaller picture shows nothing that could be judged

	firstQuality = 90 // most photos fit with it
	leastQuality = 35

	maxPhotoBytes   = 10 << 20
	maxIDImageBytes = 5 << 20
	maxPixels       = 25_000_000    // a 24-megapixel phone; decoded it still fits into memory
	maxHeavyPixels  = maxPixels / 2 // where decoding takes several times the memory: progressive JPEG, 16 bits a colour
	maxSide         = 12_000
	maxScans        = 32   // a progressive JPEG has about ten; each costs a walk over all pixels
	idImageSide     = 2000 // enough to read the print
	idImageShort    = 250  // an ID card at about 100 dpi
	idImageLong     = 400
	idImageQuality  = 85
)

// known reports whether pictures are taken for this purpose.
func (p UploadPurpose) known() bool {
	return p == UploadPhoto || p == UploadIDFront || p == UploadIDBack || p.provesGuardian()
}

// provesGuardian reports whether it is a page of a household book that a guardian shows for herself.
func (p UploadPurpose) provesGuardian() bool { return p == UploadBookFront || p == UploadBookChild }

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

// Normalise checks a picture and encodes it anew: a photo becomes 358×441 on white within the bytes that rules name (R26),
// an ID image is bounded. Its first bytes decide what it is, whatever the sender called it; its size is read before any
// pixel. Nothing of the original file is kept: no EXIF, no position, nothing appended. What is wrong with a photo is told
// all at once (R69): one refusal with a field for each reason.
func Normalise(purpose UploadPurpose, data []byte, rules PhotoRules) (Picture, error) {
	if purpose == UploadPhoto {
		return normalisePhoto(data, rules)
	}
	return normaliseIDImage(data)
}

func normalisePhoto(data []byte, rules PhotoRules) (Picture, error) {
	src, err := readPicture(data, pictureErrors{ErrPhotoFormat, ErrPhotoTooSmall}, func(w, h int) bool { return min(w, h) >= photoJudged })
	if err != nil {
		return Picture{}, named(err)
	}
	photo, found := src.photo(rules)
	if refusal := photoRefusal(found, rules); refusal != nil {
		return Picture{}, refusal
	}
	out, err := fitted(photo, rules)
	if err != nil {
		return Picture{}, err
	}
	return Picture{Data: out, MediaType: "image/jpeg", Width: PhotoWidth, Height: PhotoHeight}, nil
}

// photo cuts and scales a picture, and says what is wrong with it, the gravest first.
func (s source) photo(rules PhotoRules) (photo *image.RGBA, found []*models.Error) {
	size := s.size()
	sc := s.look()
	tiny := size.X < PhotoWidth || size.Y < PhotoHeight
	if tiny {
		found = append(found, ErrPhotoTooSmall)
	}
	switch {
	case !sc.white(rules.LeastGround):
		found = append(found, ErrPhotoBackground)
	case sc.shadow >= shadowShare:
		found = append(found, ErrPhotoShadow)
	}
	if tiny {
		return nil, found // nothing finer can be said of it
	}
	part := centred(image.Rectangle{Max: size}, image.Pt(PhotoWidth, PhotoHeight))
	if sc.person {
		var misplaced []*models.Error
		if part, misplaced = placed(size, sc.head); sc.cut {
			misplaced = []*models.Error{ErrPhotoHeadCut} // what is measured of a part says nothing of the whole
		}
		found = append(found, misplaced...)
	} else if sc.plain {
		found = append(found, ErrPhotoNobody)
	}
	photo = s.scaled(s.stored(part), PhotoWidth, PhotoHeight, draw.CatmullRom)
	if sc.person {
		h := sc.head.within(part)
		found = append(found, light(photo, h)...)
		if !sharp(photo, h.box()) {
			found = append(found, ErrPhotoBlurred)
		}
	}
	return photo, found
}

// photoRefusal is one answer for everything that is wrong and not relieved; nil where nothing is.
func photoRefusal(found []*models.Error, rules PhotoRules) *models.Error {
	relieved := rules.relieved()
	var defects []fieldDefect
	for _, e := range found {
		if !relieved[e.Code] {
			defects = append(defects, fieldDefect{string(UploadPhoto), e})
		}
	}
	if len(defects) == 0 {
		return nil
	}
	return gathered(defects)
}

// fitted encodes the photo within the byte window. What is too much even coarsely, or too little even finely, is no
// photo of a face.
func fitted(photo *image.RGBA, rules PhotoRules) ([]byte, error) {
	low, high := leastQuality, 100
	for quality := firstQuality; low <= high; quality = (low + high) / 2 {
		out, err := encodeJPEG(photo, quality)
		if err != nil {
			return nil, err
		}
		switch out = withDensity(out, photoDPI); {
		case len(out) > rules.MostBytes:
			high = quality - 1
		case len(out) < rules.LeastBytes:
			low = quality + 1
		default:
			return out, nil
		}
	}
	return nil, named(ErrPhotoBytes)
}

// named is a refusal that has one reason only, with that in its fields as well.
func named(err error) error {
	var e *models.Error
	if errors.As(err, &e) {
		return gathered([]fieldDefect{{string(UploadPhoto), e}})
	}
	return err
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
	config, decode, most := jpeg.DecodeConfig, jpeg.Decode, maxPixels
	switch {
	case bytes.HasPrefix(data, []byte("\xff\xd8\xff")):
		var scans int
		if src.orientation, scans = walkJPEG(data); scans > maxScans {
			return src, no.format
		}
		if scans > 1 {
			most = maxHeavyPixels
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
	if head.ColorModel == color.RGBA64Model || head.ColorModel == color.NRGBA64Model {
		most = maxHeavyPixels
	}
	if head.Width > maxSide || head.Height > maxSide || head.Width*head.Height > most {
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
