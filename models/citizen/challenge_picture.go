package citizen

import (
	"bytes"
	crand "crypto/rand"
	"image"
	"image/color"
	"image/png"
	"math"
	"math/rand/v2"
	"sync"

	"golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/f64"
	"golang.org/x/image/math/fixed"
)

// The picture is large print for old eyes: bold black digits beside each other on a light ground, each a little turned and
// moved. It stops who asks by a script, not who reads pictures with a machine; the limits of codes stop that one.
const (
	pictureWide, pictureHigh = 400, 140
	digitBox                 = 100
	digitSize                = 92 // points, at 72 to the inch
	turnMost                 = 0.14
)

var (
	ink    = color.Gray{0x12}
	ground = color.Gray{0xf4}
	speck  = color.Gray{0xc8} // never so dark that it is taken for a part of a digit
)

var boldFace = sync.OnceValues(func() (*opentype.Font, error) { return opentype.Parse(gobold.TTF) })

// newSeed makes every picture another one, so that nobody knows them all.
func newSeed() [32]byte {
	var seed [32]byte
	_, _ = crand.Read(seed[:]) // it does not fail
	return seed
}

// drawDigits draws four digits as a PNG; the same seed draws the same picture.
func drawDigits(digits string, seed [32]byte) ([]byte, error) {
	parsed, err := boldFace()
	if err != nil {
		return nil, err
	}
	face, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: digitSize, DPI: 72, Hinting: font.HintingFull})
	if err != nil {
		return nil, err
	}
	random := rand.New(rand.NewChaCha8(seed)) // where a digit stands is no secret
	picture := image.NewGray(image.Rect(0, 0, pictureWide, pictureHigh))
	draw.Draw(picture, picture.Bounds(), image.NewUniform(ground), image.Point{}, draw.Src)
	for range 60 {
		at := image.Pt(random.IntN(pictureWide), random.IntN(pictureHigh))
		draw.Draw(picture, image.Rectangle{at, at.Add(image.Pt(3, 3))}, image.NewUniform(speck), image.Point{}, draw.Src)
	}
	for i, digit := range digits {
		drawDigit(picture, face, string(digit), i, random)
	}
	var out bytes.Buffer
	err = png.Encode(&out, picture)
	return out.Bytes(), err
}

// drawDigit turns one digit about its middle and puts it into its place.
func drawDigit(on *image.Gray, face font.Face, digit string, place int, random *rand.Rand) {
	box := image.NewAlpha(image.Rect(0, 0, digitBox, pictureHigh))
	pen := font.Drawer{Dst: box, Src: image.Opaque, Face: face}
	wide := pen.MeasureString(digit)
	pen.Dot = fixed.Point26_6{X: (fixed.I(digitBox) - wide) / 2, Y: fixed.I(pictureHigh/2 + digitSize*36/100)}
	pen.DrawString(digit)

	turn := (2*random.Float64() - 1) * turnMost
	sin, cos := math.Sin(turn), math.Cos(turn)
	midX, midY := float64(digitBox)/2, float64(pictureHigh)/2
	toX, toY := float64(place*digitBox)+midX+random.Float64()*8-4, midY+random.Float64()*16-8
	where := f64.Aff3{cos, -sin, toX - cos*midX + sin*midY, sin, cos, toY - sin*midX - cos*midY}
	turned := image.NewAlpha(on.Bounds())
	draw.BiLinear.Transform(turned, where, box, box.Bounds(), draw.Src, nil)
	draw.DrawMask(on, on.Bounds(), image.NewUniform(ink), image.Point{}, turned, image.Point{}, draw.Over)
}
