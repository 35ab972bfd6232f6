package citizen

import (
	"cmp"
	"crypto/rand"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"
	"unicode"

	"onecard/models"
)

// ChallengeKind is how a challenge is put. Whoever cannot see or read the one takes the other.
type ChallengeKind string

// The kinds.
const (
	ChallengePicture  ChallengeKind = "picture"  // four large digits, to be typed in
	ChallengeQuestion ChallengeKind = "question" // a question in plain words, which a screen reader reads out
)

// The limits of challenges [choice]: time enough for slow hands, and a guess that is dear.
const (
	ChallengeLife     = 10 * time.Minute
	ChallengeTries    = 3
	ChallengesPerHour = 20 // of one session
)

// Challenge is a small question that a person answers at a glance, asked before a further code of one session. Only a keyed
// digest of its answer is kept. It is answered first and then used up by one code.
type Challenge struct {
	ID        models.ID
	SessionID models.ID
	Kind      ChallengeKind
	Digest    []byte // keyed digest of the answer under this row's id
	Tries     int
	MadeAt    time.Time
	ExpiresAt time.Time
	PassedAt  time.Time // answered rightly
	UsedAt    time.Time // a code was sent for it
}

// ChallengeShown is a challenge as its session sees it. The picture is a PNG, and goes nowhere but into this answer.
type ChallengeShown struct {
	ID        models.ID
	Kind      ChallengeKind
	Other     ChallengeKind
	Question  string
	Picture   []byte
	ExpiresAt time.Time
}

// ChallengeAnswer is what came with a request for a code; empty: nothing was answered.
type ChallengeAnswer struct {
	ID     models.ID
	Answer string
}

// riddle is what is asked, and its answer in digits.
type riddle struct{ question, answer string }

// clearDigits are those that nobody takes for another one or for a letter.
const clearDigits = "23456789"

// newRiddle draws what is asked, all answers equally likely.
func newRiddle(kind ChallengeKind) riddle {
	var answer, words []string
	for range 4 {
		d := clearDigits[anyOf(len(clearDigits))] - '0'
		answer, words = append(answer, fmt.Sprint(d)), append(words, han(int(d)))
	}
	if kind == ChallengePicture {
		return riddle{"请填写图中的四个数字。", strings.Join(answer, "")}
	}
	if anyOf(2) == 0 {
		return riddle{"请把这四个数字连起来填写:" + strings.Join(words, "、") + "。", strings.Join(answer, "")}
	}
	a, b := 20+anyOf(60), 2+anyOf(8)
	return riddle{fmt.Sprintf("请计算:%s加%s等于多少?", han(a), han(b)), fmt.Sprint(a + b)}
}

func anyOf(n int) int {
	i, err := rand.Int(rand.Reader, big.NewInt(int64(n)))
	if err != nil {
		panic(err) // crypto/rand does not fail
	}
	return int(i.Int64())
}

const hanDigits = "零一二三四五六七八九"

// han writes a number below a hundred in words.
func han(n int) string {
	digit := func(d int) string { return string([]rune(hanDigits)[d]) }
	switch tens, ones := n/10, n%10; {
	case tens == 0:
		return digit(ones)
	case ones == 0:
		return digit(tens) + "十"
	default:
		return digit(tens) + "十" + digit(ones)
	}
}

// inDigits reads an answer as people write it: 3729, 3 7 2 9, 三七二九, 二十八.
func inDigits(answer string) string {
	if len(answer) > 64 {
		return ""
	}
	s := strings.Map(digitOf, answer)
	tens, ones, words := strings.Cut(s, "十")
	if !words {
		return s
	}
	return cmp.Or(tens, "1") + cmp.Or(ones, "0")
}

// digitOf drops blanks and signs, and turns the other ways to write a digit into the plain one.
func digitOf(r rune) rune {
	switch {
	case r >= '\uff10' && r <= '\uff19': // full width
		return r - '\uff10' + '0'
	case unicode.IsSpace(r), unicode.IsPunct(r):
		return -1
	case r == '〇':
		return '0'
	case r == '两':
		return '2'
	}
	if i := slices.Index([]rune(hanDigits), r); i >= 0 {
		return '0' + rune(i)
	}
	return r
}

// challengeText ties an answer to its row, so that equal answers have different digests.
func challengeText(id models.ID, answer string) string { return string(id) + ":" + answer }
