package knowledge

import (
	"cmp"
	"math/bits"
	"slices"
	"strings"
	"unicode"
)

// What one piece of the search is worth where it is found. Keywords are what we say people call the thing.
const (
	inKeywords = 8
	inQuestion = 4
	inAnswer   = 1
)

// entry is an article made ready to be searched: the pieces of its keywords, its question and its answer.
type entry struct {
	Article
	pieces [3]map[string]bool
}

func prepare(all []Article) []entry {
	out := make([]entry, len(all))
	for i, a := range all {
		out[i] = entry{a, [3]map[string]bool{gramSet(a.Keywords...), gramSet(a.Question), gramSet(Plain(a.Answer))}}
	}
	return out
}

// prepareVersions makes texts ready with the figures of policy in their places: a search for 16元 finds what reads so.
func prepareVersions(all []Version, words map[string]string) []entry {
	articles := make([]Article, len(all))
	for i, v := range all {
		a := v.Article
		a.Question, a.Answer = withFigures(a.Question, words), withFigures(a.Answer, words)
		articles[i] = a
	}
	return prepare(articles)
}

func (e entry) has(gram string) bool {
	return e.pieces[0][gram] || e.pieces[1][gram] || e.pieces[2][gram]
}

// found is an article with how well it answers and its place in the file.
type found struct {
	Article
	score, order int
}

// before is the order of answers: the better first, equals as in the file. It never depends on anything else.
func (f found) before(g found) int {
	return cmp.Or(cmp.Compare(g.score, f.score), cmp.Compare(f.order, g.order))
}

// rank finds the articles that answer a search, best first; all of them for an empty one. A piece counts the more the
// fewer articles have it, and one that more than half have ("社保") counts only when nothing else was asked for: else
// every search would find everything.
func rank(all []entry, query string) []found {
	wanted := grams(query)
	worth := make(map[string]int, len(wanted))
	onlyUsual := len(wanted) > 0
	for _, g := range wanted {
		n := 0
		for _, e := range all {
			if e.has(g) {
				n++
			}
		}
		worth[g] = rarity(n, len(all))
		onlyUsual = onlyUsual && n > 0 && worth[g] == 0
	}
	var out []found
	for i, e := range all {
		f := found{Article: e.Article, order: i}
		for _, g := range wanted {
			w := worth[g]
			if onlyUsual {
				w = 1
			}
			for place, points := range [3]int{inKeywords, inQuestion, inAnswer} {
				if e.pieces[place][g] {
					f.score += w * points
				}
			}
		}
		if f.score > 0 || strings.TrimSpace(query) == "" {
			out = append(out, f)
		}
	}
	slices.SortStableFunc(out, found.before)
	return out
}

// rarity is 0 for what more than half of all have, and one more for each halving.
func rarity(n, all int) int {
	if n == 0 {
		return 0
	}
	return bits.Len(uint(all/n)) - 1
}

func gramSet(texts ...string) map[string]bool {
	set := map[string]bool{}
	for _, text := range texts {
		for _, g := range grams(text) {
			set[g] = true
		}
		for _, r := range strings.ToLower(text) { // so that a search of one character finds something
			if unicode.Is(unicode.Han, r) {
				set[string(r)] = true
			}
		}
	}
	return set
}

// grams cuts a text into the pieces that are compared, each once: every two neighbouring Chinese characters, a lone
// one by itself, and numbers and Latin words whole. Full-width letters and digits count as plain ones.
func grams(text string) []string {
	var out []string
	add := func(g string) {
		if g != "" && !slices.Contains(out, g) {
			out = append(out, g)
		}
	}
	var han, word []rune
	flush := func() {
		if len(han) == 1 {
			add(string(han))
		}
		for i := 0; i+1 < len(han); i++ {
			add(string(han[i : i+2]))
		}
		add(string(word))
		han, word = han[:0], word[:0]
	}
	for _, r := range text {
		if r >= '!'+fullWidth && r <= '~'+fullWidth {
			r -= fullWidth
		}
		switch r = unicode.ToLower(r); {
		case unicode.Is(unicode.Han, r):
			if len(word) > 0 {
				flush()
			}
			han = append(han, r)
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if len(han) > 0 {
				flush()
			}
			word = append(word, r)
		default:
			flush()
		}
	}
	flush()
	return out
}

// fullWidth is how far full-width forms stand behind the plain ones.
const fullWidth = '\uFF01' - '!'
