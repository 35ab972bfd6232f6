package citizen

import (
	"bytes"
	"image"
	"image/png"
	"math"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func TestAChallengeIsAnsweredAsPeopleWrite(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"3729": "3729", " 3 7 2 9 ": "3729", "3,7,2,9": "3729", "三七二九": "3729", "三、七、二、九。": "3729", "\uff13\uff17\uff12\uff19": "3729",
		"3\uff0c7\u30002\uff0c9": "3729", "二十八": "28", "四十": "40", "十五": "15", "两": "2", "〇": "0", "": "", "abc": "abc",
		strings.Repeat("1", 65): "",
	} {
		require.Equal(t, want, inDigits(typed), typed)
	}
	for n := range 100 {
		require.Equal(t, strconv.Itoa(n), inDigits(han(n)), han(n))
	}
}

func TestEveryRiddleHasTheAnswerThatItsWordsAskFor(t *testing.T) {
	t.Parallel()
	sums, rows := 0, 0
	for range 400 {
		require.Regexp(t, `^[2-9]{4}$`, newRiddle(ChallengePicture).answer)
		r := newRiddle(ChallengeQuestion)
		_, asked, _ := strings.Cut(strings.TrimRight(r.question, "。"), ":")
		a, b, sum := strings.Cut(strings.TrimSuffix(asked, "等于多少?"), "加")
		if !sum {
			rows++
			require.Equal(t, r.answer, inDigits(asked), r.question)
			continue
		}
		sums++
		first, err := strconv.Atoi(inDigits(a))
		require.NoError(t, err, r.question)
		second, err := strconv.Atoi(inDigits(b))
		require.NoError(t, err, r.question)
		require.Equal(t, strconv.Itoa(first+second), r.answer, r.question)
		require.LessOrEqual(t, utf8.RuneCountInString(r.question), 24, "read out in one breath")
	}
	require.Greater(t, sums, 100)
	require.Greater(t, rows, 100)
}

func drawn(t *testing.T, digits string, seed [32]byte) *image.Gray {
	t.Helper()
	raw, err := drawDigits(digits, seed)
	require.NoError(t, err)
	require.Less(t, len(raw), 12_000, "a slow line has it at once")
	picture, err := png.Decode(bytes.NewReader(raw))
	require.NoError(t, err)
	gray, ok := picture.(*image.Gray)
	require.True(t, ok)
	return gray
}

// linear is a grey of sRGB as light.
func linear(grey uint8) float64 {
	v := float64(grey) / 255
	if v <= 0.04045 {
		return v / 12.92
	}
	return math.Pow((v+0.055)/1.055, 2.4)
}

// Large print for old eyes: every digit stands alone, is high and black, and nothing else comes near to it in darkness.
func TestAPictureIsLargePrint(t *testing.T) {
	t.Parallel()
	for n := range 60 {
		digits := newRiddle(ChallengePicture).answer
		picture := drawn(t, digits, [32]byte{byte(n)})
		var columns [pictureWide]bool
		top, bottom := pictureHigh, 0
		for y := range pictureHigh {
			for x := range pictureWide {
				if picture.GrayAt(x, y).Y < 0x40 {
					columns[x], top, bottom = true, min(top, y), max(bottom, y)
				}
			}
		}
		require.GreaterOrEqual(t, bottom-top, 60, "points high")
		require.Positive(t, top)
		require.Less(t, bottom, pictureHigh-1, "nothing is cut off")
		strokes := 0
		for x := 1; x < pictureWide; x++ {
			if columns[x] && !columns[x-1] {
				strokes++
			}
		}
		require.Equal(t, len(digits), strokes, "digits stand apart: %s", digits)
	}
	contrast := (linear(ground.Y) + 0.05) / (linear(ink.Y) + 0.05)
	require.GreaterOrEqual(t, contrast, 7.0, "WCAG AAA")
	require.Less(t, (linear(ground.Y)+0.05)/(linear(speck.Y)+0.05), 2.0, "specks stay pale")
}

func TestAPictureIsDrawnFromItsSeed(t *testing.T) {
	t.Parallel()
	first, again := drawn(t, "2345", [32]byte{1}).Pix, drawn(t, "2345", [32]byte{1}).Pix
	require.Equal(t, first, again)
	require.NotEqual(t, drawn(t, "2345", [32]byte{1}).Pix, drawn(t, "2345", [32]byte{2}).Pix, "no list of all pictures")
	require.NotEqual(t, drawn(t, "2345", [32]byte{1}).Pix, drawn(t, "2346", [32]byte{1}).Pix)
	one, other := newSeed(), newSeed()
	require.NotEqual(t, one, other)
}
