package card

import (
	"image"

	"onecard/models"
)

// How a face must be lit [choice]; the drawn pictures of the tests hold the values. They let pass whatever could be a
// matter of somebody's skin and not of the light.
const (
	nearlyBlack = 70   // a face is too dark if even its brightest tenth is darker
	washedOut   = 238  // and too bright if half of it is brighter
	burntOut    = 250  // glare: a pixel with every channel beyond this shows nothing,
	glareShare  = 0.03 // and so much of the face is like that
)

// Where the face lies within a head, in widths of the head from its middle and from the top of the hair. It is the part
// that is face in anybody: no ears, no hair at the sides, no chin that a beard may hide.
const (
	faceFrom, faceTo = 0.4, 1.05
	faceWide         = 0.56
)

// light says what is wrong with the light on the face that stands in a photo: nothing, or one thing.
func light(photo *image.RGBA, h headAt) []*models.Error {
	var lights [256]int
	all, burnt := 0, 0
	middleX, middleY := h.left+h.wide/2, h.top+h.wide*(faceFrom+faceTo)/2
	reachX, reachY := h.wide*faceWide/2, h.wide*(faceTo-faceFrom)/2
	box := image.Rect(int(middleX-reachX), int(middleY-reachY), int(middleX+reachX)+1, int(middleY+reachY)+1).Intersect(photo.Rect)
	for y := box.Min.Y; y < box.Max.Y; y++ {
		dy := (float64(y) - middleY) / reachY
		for x := box.Min.X; x < box.Max.X; x++ {
			dx := (float64(x) - middleX) / reachX
			if dx*dx+dy*dy > 1 {
				continue
			}
			p := photo.Pix[photo.PixOffset(x, y):][:3]
			lights[brightness(p)]++
			all++
			if min(p[0], p[1], p[2]) >= burntOut {
				burnt++
			}
		}
	}
	switch {
	case all == 0:
		return nil
	case rank(lights[:], all*9/10) < nearlyBlack:
		return []*models.Error{ErrPhotoDark}
	case rank(lights[:], all/2) > washedOut:
		return []*models.Error{ErrPhotoBright}
	case float64(burnt) >= glareShare*float64(all):
		return []*models.Error{ErrPhotoGlare}
	}
	return nil
}

// brightness of a pixel as the eye weighs its colours.
func brightness(p []byte) int { return (299*int(p[0]) + 587*int(p[1]) + 114*int(p[2])) / 1000 }
