package card

import (
	"image"
	"image/color"

	"golang.org/x/image/draw"
)

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
		if phone, ok := img.(*image.YCbCr); ok {
			img = averagedYCbCr(phone, part, k)
		} else {
			img = averaged(img, part, k)
		}
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

// averagedYCbCr does the same for the pictures of phones, in their own colours: it turns one pixel of k×k into red, green
// and blue and not all of them, and walks over a colour that stands for several pixels once.
func averagedYCbCr(img *image.YCbCr, part image.Rectangle, k int) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, part.Dx()/k, part.Dy()/k))
	wide := part.Dx() / k
	// Colours of a picture without an offset start at its first pixel; how many pixels one stands for is its own matter.
	inRow := img.COffset(part.Min.X, part.Min.Y)
	light, blue, red := make([]int, wide), make([]int, wide), make([]int, wide)
	columns := make([]int, wide+1) // where the colours of each pixel of out begin in a row
	for x := range columns {
		columns[x] = img.COffset(min(part.Min.X+x*k, part.Max.X-1), part.Min.Y) - inRow
	}
	for y := range out.Rect.Dy() {
		clear(light)
		clear(blue)
		clear(red)
		colourRows, last := 0, -1
		for dy := range k {
			at := part.Min.Y + y*k + dy
			line := img.Y[img.YOffset(part.Min.X, at):][:wide*k]
			for x := range light {
				sum := 0
				for _, v := range line[x*k:][:k] {
					sum += int(v)
				}
				light[x] += sum
			}
			from := img.COffset(part.Min.X, at)
			if from == last {
				continue
			}
			last = from
			colourRows++
			for x := range blue {
				first, end := columns[x], max(columns[x+1], columns[x]+1)
				b, r := 0, 0
				for i := first; i < end; i++ {
					b += int(img.Cb[from+i])
					r += int(img.Cr[from+i])
				}
				blue[x] += b
				red[x] += r
			}
		}
		for x := range light {
			n := colourRows * (max(columns[x+1], columns[x]+1) - columns[x])
			r, g, b := color.YCbCrToRGB(byte(light[x]/(k*k)), byte(blue[x]/n), byte(red[x]/n))
			copy(out.Pix[4*(y*wide+x):][:4], []byte{r, g, b, 255})
		}
	}
	return out
}
