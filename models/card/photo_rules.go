package card

import (
	"time"

	"onecard/models"
)

// InfantRelief is what the photo of a small child is let off (R26). White ground, a whole head and the byte window are
// asked of everybody.
type InfantRelief string

// What policy may let small children off.
const (
	NothingRelieved              InfantRelief = "nothing"
	PositionRelieved             InfantRelief = "position"
	PositionAndSharpnessRelieved InfantRelief = "position_and_sharpness"
)

// PhotoRules is what policy says about photos: production centres and cities differ in these.
type PhotoRules struct {
	LeastBytes   int // of the picture as it is kept
	MostBytes    int
	LeastGround  int // brightness of the ground in each of red, green and blue, of 255
	InfantYears  int // a child younger than this is an infant; 0: nobody is
	InfantRelief InfantRelief

	infant bool
}

// DefaultPhotoRules are those of GA 461 and of the production centre. 14 KB are counted in 1024 bytes and 40 KB in 1000,
// so that the picture fits whichever kilobyte the other side counts in.
func DefaultPhotoRules() PhotoRules {
	return PhotoRules{LeastBytes: 14 << 10, MostBytes: 40_000, LeastGround: 245, InfantYears: 7, InfantRelief: PositionRelieved}
}

// forPerson are the rules for somebody born on a day. Whose birth date nobody knows is taken for an adult.
func (r PhotoRules) forPerson(birth models.Date, now time.Time) PhotoRules {
	r.infant = birth != "" && birth.AgeAt(now) < r.InfantYears
	return r
}

// relieved lists what is not asked of this photo.
func (r PhotoRules) relieved() map[string]bool {
	out := map[string]bool{}
	if !r.infant || r.InfantRelief == NothingRelieved {
		return out
	}
	for _, e := range []*models.Error{ErrPhotoHeadLarge, ErrPhotoHeadSmall, ErrPhotoPosition} {
		out[e.Code] = true
	}
	if r.InfantRelief == PositionAndSharpnessRelieved {
		out[ErrPhotoBlurred.Code] = true
	}
	return out
}
