package card

import (
	"bytes"
	"encoding/binary"
	"image"
)

// walkJPEG reads the segments of a JPEG up to its end: how it must be turned (EXIF, 1 to 8), and in how many scans it
// is written. It decodes nothing and takes any bytes.
func walkJPEG(data []byte) (orientation, scans int) {
	orientation = 1
	for at := 2; at+4 <= len(data); {
		next := bytes.IndexByte(data[at:], 0xff)
		if next < 0 || at+next+4 > len(data) {
			return orientation, scans
		}
		at += next
		switch marker := data[at+1]; {
		case marker == 0xff: // filling
			at++
			continue
		case marker <= 1, marker >= 0xd0 && marker <= 0xd8: // a stuffed 0xff inside a scan, or a marker without a body
			at += 2
			continue
		case marker == 0xd9:
			return orientation, scans
		case marker == 0xda:
			scans++
		case marker == 0xe1 && orientation == 1:
			body := data[at+4:]
			orientation = exifOrientation(body[:min(len(body), int(binary.BigEndian.Uint16(data[at+2:])))])
		}
		at += 2 + int(binary.BigEndian.Uint16(data[at+2:]))
	}
	return orientation, scans
}

// exifOrientation finds tag 0x0112 in the first directory of an EXIF segment; 1 where there is none or it is broken.
func exifOrientation(body []byte) int {
	tiff, ok := bytes.CutPrefix(body, []byte("Exif\x00\x00"))
	if !ok || len(tiff) < 8 {
		return 1
	}
	var order binary.ByteOrder = binary.BigEndian
	if bytes.HasPrefix(tiff, []byte("II")) {
		order = binary.LittleEndian
	}
	first := uint64(order.Uint32(tiff[4:]))
	if first+2 > uint64(len(tiff)) {
		return 1
	}
	entries := tiff[first+2:]
	for range order.Uint16(tiff[first:]) {
		if len(entries) < 12 {
			return 1
		}
		if order.Uint16(entries) == 0x0112 {
			if v := int(order.Uint16(entries[8:])); v >= 1 && v <= 8 {
				return v
			}
			return 1
		}
		entries = entries[12:]
	}
	return 1
}

// upright turns a picture as its EXIF orientation says.
func upright(src *image.RGBA, orientation int) *image.RGBA {
	if orientation == 1 {
		return src
	}
	w, h := src.Rect.Dx(), src.Rect.Dy()
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	if orientation >= 5 {
		out = image.NewRGBA(image.Rect(0, 0, h, w))
	}
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			fx, fy := x, y
			switch orientation {
			case 2:
				fx = w - 1 - x
			case 3:
				fx, fy = w-1-x, h-1-y
			case 4:
				fy = h - 1 - y
			case 5:
				fx, fy = y, x
			case 6:
				fx, fy = y, h-1-x
			case 7:
				fx, fy = w-1-y, h-1-x
			case 8:
				fx, fy = w-1-y, x
			}
			copy(out.Pix[out.PixOffset(x, y):][:4], src.Pix[src.PixOffset(fx, fy):][:4])
		}
	}
	return out
}
