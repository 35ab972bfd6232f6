package card

import (
	"image"
	"math"

	"golang.org/x/image/draw"
)

// How a person is told from the ground behind. All are [choice] values that the drawn pictures of the tests hold.
const (
	sketchSide      = 480  // long side of the copy that is looked at
	frameShare      = 0.05 // the frame in which the ground is looked for: top, and left and right down to sideShare
	sideShare       = 0.4
	groundTolerance = 30   // a pixel belongs to the ground if no channel differs by more
	plainShare      = 0.6  // so much of the frame, and half of its rim, must be ground, or there is none
	rimShare        = 0.5  //
	strayShare      = 0.02 // so much of the upper part may be neither ground nor person
	personShare     = 0.03 // a smaller thing is no person
	shadowDepth     = 16   // ground that is so much darker than most of it lies in a shadow,
	shadowShare     = 0.05 // and so much of the upper ground may;
	shadowAway      = 0.65 // nearer to the middle of a head, in its widths, it may be hair that is nearly white
)

// scene is what is seen in a picture.
type scene struct {
	ground [3]float64 // mean of each channel
	plain  bool       // there is one ground and nothing else on it than a person
	shadow float64    // the share of the upper ground that lies in a shadow
	person bool
	head   head
	cut    bool // the head leaves the picture
}

// white reports whether the ground is as bright as it must be.
func (s scene) white(least int) bool {
	return s.plain && min(s.ground[0], s.ground[1], s.ground[2]) >= float64(least)
}

// head is where a head stands in the upright picture, in its pixels: hair and ears are part of it.
type head struct{ width, centre, top float64 }

// size is that of the upright picture.
func (s source) size() image.Point { return s.turned(s.img.Bounds().Dx(), s.img.Bounds().Dy()) }

// sketch is a small upright copy on white: good enough to tell a person from the ground, and cheap for any size.
func (s source) sketch() *image.RGBA {
	size := s.img.Bounds().Size()
	if long := max(size.X, size.Y); long > sketchSide {
		size = image.Pt(max(size.X*sketchSide/long, 1), max(size.Y*sketchSide/long, 1))
	}
	small := image.NewRGBA(image.Rectangle{Max: size})
	draw.Draw(small, small.Rect, image.White, image.Point{}, draw.Src)
	draw.ApproxBiLinear.Scale(small, small.Rect, s.img, s.img.Bounds(), draw.Over, nil)
	return upright(small, s.orientation)
}

// look tells person and ground apart. It measures a silhouette and knows nothing of faces: whether there is one, or two,
// is the registry's verdict.
func (s source) look() scene {
	small := s.sketch()
	o := outline{w: small.Rect.Dx(), h: small.Rect.Dy()}
	sc, ok := o.split(small)
	if !ok {
		return sc
	}
	blobs := o.blobs()
	person := 0
	for i, b := range blobs {
		if b > blobs[person] {
			person = i
		}
	}
	if len(blobs) == 0 || float64(blobs[person]) < personShare*float64(o.w*o.h) {
		sc.plain = len(blobs) == 0 || o.stray(-1, o.h) < strayShare
		sc.shadow = o.shadow(small, head{})
		return sc
	}
	sc.person = true
	h, cut := o.head(int32(person + 1))
	sc.plain = o.stray(int32(person+1), int(h.top+h.width)) < strayShare
	sc.shadow = o.shadow(small, h)
	scale := float64(s.size().X) / float64(o.w)
	sc.head, sc.cut = head{h.width * scale, h.centre * scale, h.top * scale}, cut
	return sc
}

// outline marks each pixel of a sketch: 0 is ground, a number is the blob it belongs to.
type outline struct {
	w, h   int
	marks  []int32
	ground [3]int
}

const unmarked = -1

// framed calls f for the pixels at the upper edges, as deep as share of the sides.
func (o *outline) framed(share float64, f func(x, y int)) {
	depthX, depthY := max(int(share*float64(o.w)), 1), max(int(share*float64(o.h)), 1)
	for y := range max(int(sideShare*float64(o.h)), depthY) {
		for x := range o.w {
			if y < depthY || x < depthX || x >= o.w-depthX {
				f(x, y)
			}
		}
	}
}

// split finds the ground by its colour in the frame and marks all that is not ground; not ok where there is none.
func (o *outline) split(small *image.RGBA) (sc scene, ok bool) {
	var counts [3][256]int
	all := 0
	o.framed(frameShare, func(x, y int) {
		all++
		for c := range counts {
			counts[c][small.Pix[4*(y*o.w+x)+c]]++
		}
	})
	var colour [3]int
	for c := range colour {
		colour[c] = rank(counts[c][:], all/2)
	}
	o.marks = make([]int32, o.w*o.h)
	for i := range o.marks {
		for c, v := range small.Pix[4*i : 4*i+3] {
			if d := int(v) - colour[c]; d > groundTolerance || d < -groundTolerance {
				o.marks[i] = unmarked
			}
		}
	}
	o.ground = colour
	plain := 0
	o.framed(frameShare, func(x, y int) {
		if o.marks[y*o.w+x] == 0 {
			plain++
			for c := range sc.ground {
				sc.ground[c] += float64(small.Pix[4*(y*o.w+x)+c])
			}
		}
	})
	for c := range sc.ground {
		sc.ground[c] /= float64(max(plain, 1))
	}
	rim, free := 0, 0
	o.framed(0, func(x, y int) {
		rim++
		if o.marks[y*o.w+x] == 0 {
			free++
		}
	})
	return sc, float64(plain) >= plainShare*float64(all) && float64(free) >= rimShare*float64(rim)
}

// rank is the value below which n of the counted ones lie.
func rank(counts []int, n int) int {
	for v, c := range counts {
		if n -= c; n < 0 {
			return v
		}
	}
	return len(counts) - 1
}

// blobs numbers what hangs together, from 1, and returns how large each is.
func (o *outline) blobs() (sizes []int) {
	var todo []int32
	for i := range o.marks {
		if o.marks[i] != unmarked {
			continue
		}
		name := int32(len(sizes) + 1)
		o.marks[i] = name
		todo = append(todo[:0], int32(i))
		size := 0
		for len(todo) > 0 {
			at := int(todo[len(todo)-1])
			todo = todo[:len(todo)-1]
			size++
			x := at % o.w
			for _, next := range [4]int{at - o.w, at + o.w, at - 1, at + 1} {
				if next < 0 || next >= len(o.marks) || next == at-1 && x == 0 || next == at+1 && x == o.w-1 || o.marks[next] != unmarked {
					continue
				}
				o.marks[next] = name
				todo = append(todo, int32(next))
			}
		}
		sizes = append(sizes, size)
	}
	return sizes
}

// stray is the share of the rows above a line that is neither ground nor the person.
func (o *outline) stray(person int32, above int) float64 {
	above = min(max(above, 1), o.h)
	n := 0
	for _, m := range o.marks[:above*o.w] {
		if m != 0 && m != person {
			n++
		}
	}
	return float64(n) / float64(above*o.w)
}

// shadow is the share of the upper ground, beside the head, that is darker than most of it: a shadow takes light of every
// colour.
func (o *outline) shadow(small *image.RGBA, h head) float64 {
	ground, dim := 0, 0
	for i, m := range o.marks[:int(sideShare*float64(o.h))*o.w] {
		if away := math.Abs(float64(i%o.w) + 0.5 - h.centre); m != 0 || away < shadowAway*h.width {
			continue
		}
		ground++
		p := small.Pix[4*i:][:3]
		if int(p[0]) <= o.ground[0]-shadowDepth && int(p[1]) <= o.ground[1]-shadowDepth && int(p[2]) <= o.ground[2]-shadowDepth {
			dim++
		}
	}
	return float64(dim) / float64(max(ground, 1))
}

// Proportions of a head with its hair, in its own widths from the top of the hair.
const (
	widestFrom = 0.75 // below this the head does not get wider
	chinAt     = 1.2  // before this no shoulders begin
	shoulders  = 1.5  // what is so much wider so early is no shoulder: what was measured was hair tied up
	cutAtTop   = 0.4  // a wider edge at the top of the picture is a head, a narrower one is hair
)

// head measures the head of the person: the widest row within three quarters of its own width from the top. So a neck is
// not needed, which long hair hides.
func (o *outline) head(person int32) (h head, cut bool) {
	left, right := make([]int, o.h), make([]int, o.h)
	top, last := -1, 0
	for y := range o.h {
		left[y], right[y] = o.w, -1
		for x, m := range o.marks[y*o.w : (y+1)*o.w] {
			if m == person {
				left[y], right[y] = min(left[y], x), x
			}
		}
		if right[y] >= 0 {
			if top < 0 {
				top = y
			}
			last = y
		}
	}
	width := func(y int) float64 { return float64(max(right[y]-left[y]+1, 0)) }
	widest := func(from, to int) (most float64) {
		for y := max(from, 0); y < min(to, o.h); y++ {
			most = max(most, width(y))
		}
		return most
	}
	whole := false
	for y := top; y <= last && !whole; y++ {
		h.width = max(h.width, width(y))
		whole = float64(y-top+1) >= widestFrom*h.width && widest(y, top+int(chinAt*h.width)) <= shoulders*h.width
	}
	h.top = float64(top)
	from, to := top+int(0.25*h.width), min(top+int(0.9*h.width), last)
	sum, rows := 0.0, 0
	for y := min(from, to); y <= to; y++ {
		sum += float64(left[y]+right[y]+1) / 2
		rows++
		cut = cut || left[y] == 0 || right[y] == o.w-1
	}
	h.centre = sum / float64(rows)
	cut = cut || !whole || top == 0 && width(0) > cutAtTop*h.width || float64(o.h)-h.top < chinAt*h.width
	return h, cut
}
