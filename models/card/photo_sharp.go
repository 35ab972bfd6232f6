package card

import "image"

// How sharp a photo must be [choice]: in the steepest hundredth of a head the brightness changes, over two pixels of the
// photo, by so much of the whole range. A blur of three pixels takes it away; so does a camera that moved one way only.
const (
	steepest  = 0.25
	flatRange = 20 // a picture of less range shows nothing that could be sharp
)

// sharp judges the part of a photo in which the head stands.
func sharp(img *image.RGBA, box image.Rectangle) bool {
	box = box.Intersect(img.Rect.Inset(1))
	if box.Empty() {
		return true
	}
	light := func(x, y int) int { return brightness(img.Pix[img.PixOffset(x, y):][:3]) }
	var lights, across, down [256]int
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			lights[light(x, y)]++
			across[distance(light(x-1, y), light(x+1, y))]++
			down[distance(light(x, y-1), light(x, y+1))]++
		}
	}
	n := box.Dx() * box.Dy()
	between := rank(lights[:], n*95/100) - rank(lights[:], n*5/100)
	if between < flatRange {
		return true
	}
	return float64(min(rank(across[:], n*99/100), rank(down[:], n*99/100))) >= steepest*float64(between)
}

func distance(a, b int) int { return max(a-b, b-a) }
