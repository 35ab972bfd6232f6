package hotline

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
)

// commonWords are what people put into a password when they must have one: words of keyboards, of offices, of this city
// and of this service. A password that is little more than such a word is refused, however it is dressed up.
var commonWords = []string{
	"password", "passwd", "mima", "admin", "administrator", "root", "user", "guest", "test", "demo", "welcome", "letmein", "login",
	"qwerty", "qwertyuiop", "asdfgh", "asdfghjkl", "zxcvbn", "zxcvbnm", "1qaz2wsx", "1q2w3e4r", "qazwsx", "abc", "abcd", "abcdef", "aaa",
	"123456789", "1234567890", "123123", "112233", "5201314", "woaini", "iloveyou", "nihao", "zhongguo", "china", "beijing",
	"luoyang", "henan", "shebao", "shebaoka", "yikatong", "onecard", "hotline", "zuoxi", "minzheng", "caizheng", "renshe", "kefu",
	"monkey", "dragon", "sunshine", "princess", "football", "changeme", "default", "secret", "system", "manager", "service", "huawei",
}

const (
	leastLetters  = 4 // how many letters must be left beside the common words, figures and signs
	leastDistinct = 5 // how many different characters there must be
)

// plainLetters undoes what people take for a disguise.
var plainLetters = strings.NewReplacer("@", "a", "4", "a", "0", "o", "3", "e", "$", "s", "5", "s", "!", "i", "1", "i", "7", "t")

// longestFirst are the common words so that none leaves a piece of a longer one.
var longestFirst = func() []string {
	words := slices.Clone(commonWords)
	slices.SortFunc(words, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), strings.Compare(a, b)) })
	return words
}()

// isCommon reports whether hardly a letter is left of a password without its common words, or it repeats a few characters.
func isCommon(password string) bool {
	lower := strings.ToLower(password)
	seen := map[rune]bool{}
	for _, r := range lower {
		seen[r] = true
	}
	return len(seen) < leastDistinct || isDressedUp(lower) || isDressedUp(plainLetters.Replace(lower))
}

func isDressedUp(form string) bool {
	rest := form
	for _, w := range longestFirst {
		rest = strings.ReplaceAll(rest, w, "\n") // nothing grows together over the gap
	}
	letters := 0
	for _, r := range rest {
		if unicode.IsLetter(r) {
			letters++
		}
	}
	return rest != form && letters < leastLetters
}
