package subsidy

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"onecard/models"
)

func cellsOf(people ...int64) []PublicTotal {
	var out []PublicTotal
	for i, n := range people {
		out = append(out, PublicTotal{LedgerMonth: "2021-11", Programme: "P28", District: string(rune('a' + i)), People: n, Payments: n, TotalFen: models.Fen(100 * n)})
	}
	return out
}

// spreads lists in how many ways the hidden cells can have their people, and for each cell the values it can have.
func spreads(hidden int, sum, least int64) []map[int64]bool {
	can := make([]map[int64]bool, hidden)
	for i := range can {
		can[i] = map[int64]bool{}
	}
	var walk func(i int, left int64, so []int64)
	walk = func(i int, left int64, so []int64) {
		if i == hidden {
			if left == 0 {
				for j, n := range so {
					can[j][n] = true
				}
			}
			return
		}
		for n := int64(1); n < least; n++ {
			walk(i+1, left-n, append(so, n))
		}
	}
	walk(0, sum, nil)
	return can
}

func TestR68_NoSubtractionRevealsASuppressedCell(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		const least = int64(LeastPeople)
		people := rapid.SliceOfN(rapid.Int64Range(1, 12), 1, 7).Draw(t, "people")
		high := rapid.Bool().Draw(t, "high")
		sheet := printable(cellsOf(people...), high, least)
		var city *PublicTotal
		var printed, hidden int64
		for i, c := range sheet {
			require.False(t, c.Shown && c.People < least, "a small figure is printed")
			if !c.Shown {
				require.Zero(t, c.People+c.Payments+int64(c.TotalFen), "what is not printed is not kept")
			}
			switch {
			case c.District == WholeCity:
				city = &sheet[i]
			case c.Shown:
				printed += c.People
			default:
				hidden++
			}
		}
		require.NotNil(t, city)
		if high {
			require.Len(t, sheet, 1, "R55: of a High programme only the city is told")
			return
		}
		if !city.Shown || hidden == 0 {
			return
		}
		rest := city.People - printed
		require.GreaterOrEqual(t, rest, least, "what is left after subtraction is about enough people")
		for _, can := range spreads(int(hidden), rest, least) {
			require.Greater(t, len(can), 1, "a suppressed cell can be computed from the others and the sum")
		}
	})
}

// Two editions of one sheet, as somebody keeps them who reads every day.
func TestR68_NoTwoEditionsRevealAFew(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		const least = int64(LeastPeople)
		draw := rapid.SliceOfN(rapid.Int64Range(0, 14), 5, 5)
		sheetOf := func(label string) []PublicTotal {
			var cells []PublicTotal
			for _, c := range cellsOf(draw.Draw(t, label)...) {
				if c.People > 0 {
					cells = append(cells, c)
				}
			}
			return printable(cells, false, least)
		}
		old, fresh := sheetOf("old"), sheetOf("fresh")
		kept := fresh
		if !mayReplace(old, fresh, least) {
			kept = old
		}
		a, b := figuresOf(old), figuresOf(kept)
		for place, was := range a {
			if is, both := b[place]; both && is != was {
				moved := is.People - was.People
				require.True(t, moved >= least || -moved >= least, "%s moved by %d", place, moved)
			}
		}
	})
}

func TestR68_SheetsByExample(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		people []int64
		shown  []bool // the last one is the city
	}{
		{"nothing small", []int64{5, 9}, []bool{true, true, true}},
		{"one small cell: the sum would tell it", []int64{4, 9}, []bool{false, true, false}},
		{"two small cells, together too few", []int64{2, 2, 9}, []bool{false, false, true, false}},
		{"two small cells, as many as can be", []int64{4, 4, 9}, []bool{false, false, true, false}},
		{"two small cells that nobody can part", []int64{3, 4, 9}, []bool{false, false, true, true}},
		{"one cell only, small", []int64{1}, []bool{false, false}},
	} {
		var shown []bool
		for _, p := range printable(cellsOf(c.people...), false, LeastPeople) {
			shown = append(shown, p.Shown)
		}
		require.Equal(t, c.shown, shown, c.name)
	}
	require.Nil(t, printable(nil, false, LeastPeople))
	one := cellsOf(7)
	grown := cellsOf(8)
	programmes := editions{"P28": {1: {Code: "P28", Number: 28, Sensitivity: SensitivityNormal}}}
	first := toPrint(one, nil, programmes, LeastPeople, 0)
	require.Equal(t, first, toPrint(grown, first, programmes, LeastPeople, LeastPeople), "one person more is not told by a difference")
	require.EqualValues(t, 12, toPrint(cellsOf(12), first, programmes, LeastPeople, LeastPeople)[0].People)
	require.False(t, toPrint(one, first, programmes, 10, LeastPeople)[1].Shown, "a stricter setting counts at once")
	require.Len(t, toPrint(one, nil, editions{}, LeastPeople, 0), 1, "an item nobody has classified is told as a High one")
}
