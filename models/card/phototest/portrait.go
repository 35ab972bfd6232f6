// Package phototest draws pictures of people who do not exist: head and shoulders on a ground. Tests and the demo upload
// them; no picture of a real person is kept anywhere.
package phototest

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
)

// White is the ground a photo must have.
var White = color.RGBA{252, 252, 252, 255}

// Portrait says how somebody stands in a picture. Lengths are shares of the picture's width.
type Portrait struct {
	Width, Height int
	Ground        color.RGBA
	Head          float64 // width of the head
	Centre        float64 // where its middle stands
	Top           float64 // ground above the hair
	Headless      bool    // nobody is in the picture
	LongHair      bool    // to the shoulders, so that no neck is seen
	Bun           bool    // hair tied up on top
	Blur          float64 // each point is smeared over so much
	Smear         bool    // only sideways, as when the camera moved
	Beside        bool    // something stands beside the head
	Border        bool    // a dark line around the picture
	Bricks        bool    // a wall instead of a ground
	Shadow        uint8   // so much darker is the ground beside the head
	Light         float64 // on the person, of what it should be; 0: 1
	Glasses       bool    // with light reflected in both glasses
	Shine         float64 // radius of a burnt spot on the forehead
	Skin, Hair    color.RGBA
}

// Good is a picture of this size that meets every rule.
func Good(width, height int) Portrait {
	head := 0.4 * min(1, float64(height)/float64(width)/1.25)
	return Portrait{Width: width, Height: height, Ground: White, Head: head, Centre: 0.5, Top: 0.12 * head}
}

// Draw makes the picture.
func (p Portrait) Draw() *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, p.Width, p.Height))
	for y := range p.Height {
		for x := range p.Width {
			c, person := p.at(x, y)
			if person && p.Light > 0 {
				c = lit(c, p.Light)
			}
			img.SetRGBA(x, y, c)
		}
	}
	if p.Blur > 0 {
		r := max(int(p.Blur*float64(p.Width)), 1)
		for range 2 {
			smear(img, r, 1, 0)
			if !p.Smear {
				smear(img, r, 0, 1)
			}
		}
	}
	return img
}

// lit is a colour in more light or less.
func lit(c color.RGBA, by float64) color.RGBA {
	of := func(v uint8) uint8 { return uint8(min(float64(v)*by, 255)) }
	return color.RGBA{of(c.R), of(c.G), of(c.B), 255}
}

// at is the colour of one pixel, and whether it is the person's. Lengths in it are widths of the head, counted from the
// top of the hair.
func (p Portrait) at(px, py int) (c color.RGBA, person bool) {
	unit := p.Head * float64(p.Width)
	x := (float64(px) - p.Centre*float64(p.Width)) / unit
	y := (float64(py) - p.Top*float64(p.Width)) / unit
	oval := func(cx, cy, rx, ry float64) bool {
		dx, dy := (x-cx)/rx, (y-cy)/ry
		return dx*dx+dy*dy < 1
	}
	rim := max(p.Width, p.Height) / 60
	far := x < -1.2 || x > 1.2 || y < -0.2 // nobody is there
	grain := grainAt(px, py, p.Head*float64(p.Width))
	skin := p.Skin
	if skin.A == 0 {
		skin = color.RGBA{205, 160, 135, 255}
	}
	hair := p.Hair
	if hair.A == 0 {
		hair = color.RGBA{45, 35, 30, 255}
	}
	switch {
	case p.Border && (px < rim || py < rim || px >= p.Width-rim || py >= p.Height-rim):
		return color.RGBA{30, 30, 30, 255}, false
	case p.Headless, far:
	case p.Glasses && (oval(-0.2, 0.62, 0.13, 0.09) || oval(0.2, 0.62, 0.13, 0.09)), p.Shine > 0 && oval(0.05, 0.5, p.Shine, p.Shine):
		return color.RGBA{255, 255, 255, 255}, true
	case oval(-0.2, 0.62, 0.07, 0.03), oval(0.2, 0.62, 0.07, 0.03), oval(0, 1.02, 0.14, 0.025):
		return shaded(color.RGBA{50, 35, 35, 255}, grain), true
	case oval(0, 0.675, 0.42, 0.56) && y > 0.3:
		return shaded(skin, grain), true
	case oval(0, 0.675, 0.5, 0.675) && y < 0.75, p.LongHair && y > 0.675 && y < 1.7 && x > -0.5 && x < 0.5,
		p.Bun && oval(0, 0, 0.18, 0.18):
		return shaded(hair, 2*grain), true
	case oval(0, 0.675, 0.5, 0.675), y > 1 && y < 1.8 && x > -0.22 && x < 0.22:
		return shaded(lit(skin, 0.92), grain), true
	case oval(-0.5, 1.9, 0.05, 0.05):
		return color.RGBA{220, 30, 30, 255}, true // a pin on one shoulder: a mirrored picture is another one
	case oval(0, 2.6, 1.15, 1.1), y > 2.6 && x > -1.15 && x < 1.15:
		return shaded(color.RGBA{60, 75, 110, 255}, 2*grain), true
	case p.Beside && y > 0.2 && y < 1.2 && x > 0.62 && x < 0.95:
		return shaded(color.RGBA{150, 110, 40, 255}, grain), false
	}
	switch {
	case p.Bricks:
		size := max(p.Width/12, 2)
		if (py/size)%2 == 0 != ((px/size)%2 == 0) {
			return color.RGBA{170, 90, 70, 255}, false
		}
		return color.RGBA{225, 215, 205, 255}, false
	case p.Shadow > 0 && x > 0.5 && x < 1:
		return shaded(p.Ground, -int(p.Shadow)), false
	}
	return p.Ground, false
}

// grainAt is the texture of skin, hair and cloth: without it a drawing has far fewer bytes than a photo.
func grainAt(x, y int, head float64) int {
	cell := max(int(head/190), 1)
	h := uint32(x/cell)*0x9e3779b1 ^ uint32(y/cell)*0x85ebca6b
	h ^= h >> 15
	h *= 0x2c1b3c6d
	h ^= h >> 12
	return int(h%25) - 12
}

func shaded(c color.RGBA, by int) color.RGBA {
	add := func(v uint8) uint8 { return uint8(min(max(int(v)+by, 0), 255)) }
	return color.RGBA{add(c.R), add(c.G), add(c.B), 255}
}

// smear replaces each pixel by the mean of 2r+1 of them in one direction.
func smear(img *image.RGBA, r, dx, dy int) {
	from := bytes.Clone(img.Pix)
	w, h := img.Rect.Dx(), img.Rect.Dy()
	for y := range h {
		for x := range w {
			var sum [3]int
			for i := -r; i <= r; i++ {
				at := 4 * (min(max(y+i*dy, 0), h-1)*w + min(max(x+i*dx, 0), w-1))
				for c := range sum {
					sum[c] += int(from[at+c])
				}
			}
			for c := range sum {
				img.Pix[4*(y*w+x)+c] = uint8(sum[c] / (2*r + 1))
			}
		}
	}
}

// JPEG is the picture as a phone would send it.
func (p Portrait) JPEG() []byte { return JPEG(p.Draw()) }

// JPEG encodes any picture.
func JPEG(img image.Image) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 92}); err != nil {
		panic(err) // only a picture of more than 65535 pixels cannot be encoded
	}
	return b.Bytes()
}

// PNG encodes any picture.
func PNG(img image.Image) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		panic(err) // only a picture without pixels cannot be encoded
	}
	return b.Bytes()
}
