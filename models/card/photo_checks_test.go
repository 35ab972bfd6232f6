package card

import (
	"image/color"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/card/phototest"
)

// drawn is a good portrait with changes.
func drawn(changes ...func(*phototest.Portrait)) phototest.Portrait {
	p := phototest.Good(600, 800)
	for _, change := range changes {
		change(&p)
	}
	return p
}

func blue(p *phototest.Portrait)   { p.Ground = color.RGBA{67, 142, 219, 255} }
func small(p *phototest.Portrait)  { p.Head, p.Top = 0.12, 0.05 }
func large(p *phototest.Portrait)  { p.Head, p.Top = 0.92, 0.05 }
func aside(p *phototest.Portrait)  { p.Centre = 0.21 }
func blurry(p *phototest.Portrait) { p.Blur = 0.01 }

// reasons are the codes of a refusal's fields, and that each says in Chinese what to do.
func reasons(t *testing.T, err error) []string {
	t.Helper()
	if err == nil {
		return nil
	}
	var refusal *models.Error
	require.ErrorAs(t, err, &refusal)
	require.Equal(t, models.Invalid, refusal.Kind)
	require.NotEmpty(t, refusal.Fields)
	require.Equal(t, refusal.Code, refusal.Fields[0].Code, "the gravest speaks")
	require.Equal(t, refusal.Message, refusal.Fields[0].Message)
	var out []string
	for _, f := range refusal.Fields {
		require.Equal(t, "photo", f.Field)
		require.Contains(t, f.Message, "12333")
		out = append(out, f.Code)
	}
	return out
}

// R26, R69: what is wrong with a picture is told at once, each with its code; what is not wrong is not told.
func TestR26_EveryReasonIsTold(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		picture phototest.Portrait
		want    string
	}{
		"good":                     {drawn(), ""},
		"long hair hides the neck": {drawn(func(p *phototest.Portrait) { p.LongHair = true }), ""},
		"hair tied up on top":      {drawn(func(p *phototest.Portrait) { p.Bun, p.Top = true, 0.12 }), ""},
		"beside the middle":        {drawn(func(p *phototest.Portrait) { p.Centre = 0.3 }), ""},
		"a little soft":            {drawn(func(p *phototest.Portrait) { p.Blur = 0.002 }), ""},

		"blue ground":               {drawn(blue), "PHOTO_BACKGROUND"},
		"grey ground":               {drawn(func(p *phototest.Portrait) { p.Ground = color.RGBA{225, 225, 225, 255} }), "PHOTO_BACKGROUND"},
		"yellowish ground":          {drawn(func(p *phototest.Portrait) { p.Ground = color.RGBA{255, 252, 235, 255} }), "PHOTO_BACKGROUND"},
		"a wall of bricks":          {drawn(func(p *phototest.Portrait) { p.Bricks = true }), "PHOTO_BACKGROUND"},
		"a border":                  {drawn(func(p *phototest.Portrait) { p.Border = true }), "PHOTO_BACKGROUND"},
		"something beside the head": {drawn(func(p *phototest.Portrait) { p.Beside = true }), "PHOTO_BACKGROUND"},
		"nobody":                    {drawn(func(p *phototest.Portrait) { p.Headless = true }), "PHOTO_NOBODY"},
		"head too small":            {drawn(small), "PHOTO_HEAD_TOO_SMALL"},
		"head too large":            {drawn(large), "PHOTO_HEAD_TOO_LARGE"},
		"at one side":               {drawn(aside), "PHOTO_POSITION"},
		"at the other side":         {drawn(func(p *phototest.Portrait) { p.Centre = 0.79 }), "PHOTO_POSITION"},
		"too low":                   {drawn(func(p *phototest.Portrait) { p.Top = 0.85 }), "PHOTO_POSITION"},
		"cut off at the side":       {drawn(func(p *phototest.Portrait) { p.Centre = 0.1 }), "PHOTO_HEAD_CUT_OFF"},
		"cut off above":             {drawn(func(p *phototest.Portrait) { p.Top = -0.15 }), "PHOTO_HEAD_CUT_OFF"},
		"no chin":                   {drawn(func(p *phototest.Portrait) { p.Top = 0.95 }), "PHOTO_HEAD_CUT_OFF"},
		"blurred":                   {drawn(blurry), "PHOTO_BLURRED"},
		"the camera moved":          {drawn(func(p *phototest.Portrait) { p.Blur, p.Smear = 0.012, true }), "PHOTO_BLURRED"},

		"a shadow on the ground":     {drawn(func(p *phototest.Portrait) { p.Shadow = 24 }), "PHOTO_SHADOW"},
		"a face in the dark":         {drawn(func(p *phototest.Portrait) { p.Light = 0.35 }), "PHOTO_TOO_DARK"},
		"a face burnt out":           {drawn(func(p *phototest.Portrait) { p.Light = 1.6 }), "PHOTO_TOO_BRIGHT"},
		"light in both glasses":      {drawn(func(p *phototest.Portrait) { p.Glasses = true }), "PHOTO_GLARE"},
		"a flash on the forehead":    {drawn(func(p *phototest.Portrait) { p.Shine = 0.12 }), "PHOTO_GLARE"},
		"a shadow, in the dark":      {drawn(func(p *phototest.Portrait) { p.Shadow, p.Light = 24, 0.35 }), "PHOTO_SHADOW PHOTO_TOO_DARK"},
		"blue, aside, with a flash":  {drawn(blue, aside, func(p *phototest.Portrait) { p.Shine = 0.12 }), "PHOTO_BACKGROUND PHOTO_POSITION PHOTO_GLARE"},
		"a ground that is not dead":  {drawn(func(p *phototest.Portrait) { p.Shadow = 8 }), ""},
		"a shine as skin has":        {drawn(func(p *phototest.Portrait) { p.Shine = 0.04 }), ""},
		"dark skin in good light":    {drawn(func(p *phototest.Portrait) { p.Skin = color.RGBA{105, 70, 52, 255} }), ""},
		"light skin in good light":   {drawn(func(p *phototest.Portrait) { p.Skin = color.RGBA{244, 222, 210, 255} }), ""},
		"blue, at one side, blurred": {drawn(blue, aside, blurry), "PHOTO_BACKGROUND PHOTO_POSITION PHOTO_BLURRED"},
		"blue and small":             {drawn(blue, small), "PHOTO_BACKGROUND PHOTO_HEAD_TOO_SMALL"},
		"small, at the edge":         {drawn(small, func(p *phototest.Portrait) { p.Centre = 0.1 }), "PHOTO_POSITION PHOTO_HEAD_TOO_SMALL"},
		"too few pixels, blue":       {func() phototest.Portrait { p := phototest.Good(300, 400); blue(&p); return p }(), "PHOTO_TOO_SMALL PHOTO_BACKGROUND"},
		"too few pixels":             {phototest.Good(357, 441), "PHOTO_TOO_SMALL"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Normalise(UploadPhoto, c.picture.JPEG(), DefaultPhotoRules())
			require.Equal(t, c.want, strings.Join(reasons(t, err), " "))
			if c.want != "" {
				require.Len(t, slices.Compact(reasons(t, err)), strings.Count(c.want, " ")+1)
			}
		})
	}
}

// R26: hair that is nearly as white as the ground is no shadow on it, nor light on the face.
func TestR26_WhiteHairIsNoShadow(t *testing.T) {
	t.Parallel()
	for _, shade := range []uint8{140, 200, 226, 236} {
		white := drawn(func(p *phototest.Portrait) { p.Hair = color.RGBA{shade, shade, shade, 255} })
		_, err := Normalise(UploadPhoto, white.JPEG(), DefaultPhotoRules())
		for _, size := range []float64{0.4, 0.6} {
			long := drawn(func(p *phototest.Portrait) { p.Hair, p.LongHair, p.Head, p.Top = white.Hair, true, size, 0.05 })
			require.Less(t, source{img: long.Draw(), orientation: 1}.look().shadow, shadowShare, "hair of %d", shade)
		}
		for _, code := range []string{"PHOTO_SHADOW", "PHOTO_GLARE", "PHOTO_TOO_BRIGHT", "PHOTO_TOO_DARK"} {
			require.NotContains(t, reasons(t, err), code, "hair of %d", shade)
		}
	}
}

// R26: infants cannot be told to hold their head in the middle. What they are let off is policy; a white ground is not.
func TestR26_InfantsAreLetOffWhatPolicySays(t *testing.T) {
	t.Parallel()
	now := time.Date(2021, 12, 20, 2, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		born    models.Date
		relief  InfantRelief
		changes []func(*phototest.Portrait)
		want    string
	}{
		{"2016-01-01", PositionRelieved, []func(*phototest.Portrait){aside}, ""},
		{"2016-01-01", PositionRelieved, []func(*phototest.Portrait){small}, ""},
		{"2016-01-01", PositionRelieved, []func(*phototest.Portrait){large}, ""},
		{"2014-12-21", PositionRelieved, []func(*phototest.Portrait){aside}, ""}, // seven tomorrow
		{"2014-12-20", PositionRelieved, []func(*phototest.Portrait){aside}, "PHOTO_POSITION"},
		{"", PositionRelieved, []func(*phototest.Portrait){aside}, "PHOTO_POSITION"},
		{"2016-01-01", NothingRelieved, []func(*phototest.Portrait){aside}, "PHOTO_POSITION"},
		{"2016-01-01", PositionRelieved, []func(*phototest.Portrait){aside, blurry, blue}, "PHOTO_BACKGROUND PHOTO_BLURRED"},
		{"2016-01-01", PositionAndSharpnessRelieved, []func(*phototest.Portrait){blurry}, ""},
		{"2016-01-01", PositionAndSharpnessRelieved, []func(*phototest.Portrait){blue, blurry}, "PHOTO_BACKGROUND"},
		{"2016-01-01", PositionAndSharpnessRelieved, []func(*phototest.Portrait){aside, func(p *phototest.Portrait) { p.Light = 0.35 }}, "PHOTO_TOO_DARK"},
		{"2016-01-01", PositionAndSharpnessRelieved, []func(*phototest.Portrait){func(p *phototest.Portrait) { p.Top = -0.15 }}, "PHOTO_HEAD_CUT_OFF"},
	} {
		rules := DefaultPhotoRules()
		rules.InfantRelief = c.relief
		_, err := Normalise(UploadPhoto, drawn(c.changes...).JPEG(), rules.forPerson(c.born, now))
		require.Equal(t, c.want, strings.Join(reasons(t, err), " "), "born %s, %s", c.born, c.relief)
	}
}

// R26: the bytes of a photo are within the window of the setting; where the picture cannot be, it is refused.
func TestR26_TheByteWindowIsASetting(t *testing.T) {
	t.Parallel()
	good := drawn().JPEG()
	for _, w := range [][2]int{{14 << 10, 40_000}, {9_000, 20_000}, {5_000, 50_000}, {14 << 10, 20_000}, {45_000, 60_000}} {
		rules := DefaultPhotoRules()
		rules.LeastBytes, rules.MostBytes = w[0], w[1]
		p, err := Normalise(UploadPhoto, good, rules)
		require.NoError(t, err)
		require.GreaterOrEqual(t, len(p.Data), w[0])
		require.LessOrEqual(t, len(p.Data), w[1])
	}
	for _, w := range [][2]int{{150_000, 200_000}, {1, 3_000}} {
		rules := DefaultPhotoRules()
		rules.LeastBytes, rules.MostBytes = w[0], w[1]
		_, err := Normalise(UploadPhoto, good, rules)
		require.Equal(t, []string{"PHOTO_BYTES"}, reasons(t, err))
	}
}
