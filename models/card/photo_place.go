package card

import (
	"image"

	"onecard/models"
)

// Where a head stands on the card (GA 461): the face is 179 to 255 of 358 pixels wide, the middle between the eyes 162 to
// 196 from the left, the hair 7 to 21 below the edge. What is measured is a head with ears and hair, which may be wider
// than its face; the hair may come nearer to the edge.
const (
	headLeast  = 179.0 / PhotoWidth
	headWanted = 215.0 / PhotoWidth
	headMost   = 305.0 / PhotoWidth
	offCentre  = 17.0 / PhotoWidth
	topWanted  = 14.0 / PhotoHeight
	topMost    = 0.12
	upscaling  = 0.9 // the part that is cut out may have so few of the pixels that it becomes
	tall       = float64(PhotoHeight) / PhotoWidth
)

// placed cuts the picture so that the head stands where it must, and says what keeps it from standing there. The part is
// in upright pixels; where it cannot be right it is the nearest to it.
func placed(size image.Point, h head) (part image.Rectangle, found []*models.Error) {
	w, height := float64(size.X), float64(size.Y)
	whole := min(w, height/tall) // the widest part that fits at all
	// The widest parts in which the head is still in the middle, and near enough to the upper edge.
	middle := min(h.centre, w-h.centre) / (0.5 - offCentre)
	high := (height - h.top) / (1 - topMost) / tall
	least := max(upscaling*PhotoWidth, h.width/headMost)

	switch {
	case h.width/headMost > whole:
		found = append(found, ErrPhotoHeadLarge)
	case min(middle, high) < least:
		found = append(found, ErrPhotoPosition)
	}
	if h.width < headLeast*upscaling*PhotoWidth {
		found = append(found, ErrPhotoHeadSmall)
	}

	wide := min(max(h.width/headWanted, PhotoWidth), middle, high, whole)
	if wide < min(least, whole) {
		wide = min(least, whole)
	}
	tallness := wide * tall
	x := min(max(h.centre-wide/2, 0), w-wide)
	y := min(max(h.top-topWanted*tallness, 0), height-tallness)
	part = image.Rect(int(x), int(y), int(x+wide), int(y+tallness))
	return part.Intersect(image.Rectangle{Max: size}), found
}

// headAt is where a head stands in the photo, in its pixels.
type headAt struct{ left, top, wide float64 }

// within is where the head stands once part has become the photo.
func (h head) within(part image.Rectangle) headAt {
	scale := PhotoWidth / float64(part.Dx())
	return headAt{(h.centre - h.width/2 - float64(part.Min.X)) * scale, (h.top - float64(part.Min.Y)) * scale, h.width * scale}
}

// box is the head with a little ground beside it, and down to the chin.
func (h headAt) box() image.Rectangle {
	box := image.Rect(int(h.left-h.wide/16), int(h.top-h.wide/16), int(h.left+h.wide*17/16), int(h.top+h.wide*4/3))
	return box.Intersect(image.Rect(0, 0, PhotoWidth, PhotoHeight))
}

// stored is where a part of the upright picture lies in the picture as it is stored.
func (s source) stored(part image.Rectangle) image.Rectangle {
	size := s.size()
	place := func(p image.Point) image.Point {
		x, y := p.X, p.Y
		switch s.orientation {
		case 2:
			x = size.X - p.X
		case 3:
			x, y = size.X-p.X, size.Y-p.Y
		case 4:
			y = size.Y - p.Y
		case 5:
			x, y = p.Y, p.X
		case 6:
			x, y = p.Y, size.X-p.X
		case 7:
			x, y = size.Y-p.Y, size.X-p.X
		case 8:
			x, y = size.Y-p.Y, p.X
		}
		return image.Pt(x, y)
	}
	return image.Rectangle{Min: place(part.Min), Max: place(part.Max)}.Canon().Add(s.img.Bounds().Min)
}
