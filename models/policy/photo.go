package policy

import (
	"context"
	"time"
)

// photoSettings are what production centres and cities differ in. The two ends of the byte window cannot cross, whatever
// anybody sets.
var photoSettings = []Setting{
	{
		Key: PhotoLeastBytes, Type: Count, Default: "14336", Least: 1000, Most: 19_000, Rule: "R26",
		Doc: "a photo as it is kept has at least so many bytes (14 KB)",
	},
	{
		Key: PhotoMostBytes, Type: Count, Default: "40000", Least: 20_000, Most: 200_000, Rule: "R26",
		Doc: "a photo as it is kept has at most so many bytes (40 KB)",
	},
	{
		Key: PhotoLeastGround, Type: Count, Default: "245", Least: 150, Most: 255, Rule: "R26",
		Doc: "the ground of a photo is white where red, green and blue are on average at least so bright, of 255",
	},
	{
		Key: PhotoInfantYears, Type: Count, Default: "7", Least: 0, Most: 16, Rule: "R26",
		Doc: "a child younger than so many years counts as an infant for the photo; 0: nobody does",
	},
	{
		Key: PhotoInfantRelief, Type: Word, Default: "position", OneOf: []string{"nothing", "position", "position_and_sharpness"}, Rule: "R26",
		Doc: "what an infant's photo is let off: size and place of the head, and sharpness; never white ground, a whole head and the bytes",
	},
}

// Photo is what counts for photos at one instant (R26).
type Photo struct {
	LeastBytes, MostBytes, LeastGround, InfantYears int
	InfantRelief                                    string
}

// PhotoAt reads the settings of photos.
func (s *Service) PhotoAt(ctx context.Context, at time.Time) (p Photo, err error) {
	for key, to := range map[string]*int{
		PhotoLeastBytes: &p.LeastBytes, PhotoMostBytes: &p.MostBytes, PhotoLeastGround: &p.LeastGround, PhotoInfantYears: &p.InfantYears,
	} {
		n, err := s.count(ctx, key, Everywhere, at)
		if err != nil {
			return Photo{}, err
		}
		*to = int(n)
	}
	p.InfantRelief, err = s.At(ctx, PhotoInfantRelief, Everywhere, at)
	return p, err
}
