package subsidy

import (
	"crypto/rand"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// A check code is 15 characters drawn at random, 75 bits, and one that tells most slips of the hand: any single wrong
// character and any two swapped neighbours but one pair. Letters that look like figures are not used.
const (
	codeAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	codeDrawn    = 15
)

// NewCheckCode draws one.
func NewCheckCode() string {
	b := make([]byte, codeDrawn)
	_, _ = rand.Read(b) // never fails
	for i := range b {
		b[i] = codeAlphabet[b[i]%32]
	}
	return string(b) + string(codeCheck(string(b)))
}

// codeCheck is Luhn's sum over 32 signs.
func codeCheck(body string) byte {
	sum := 0
	for i := range body {
		v := strings.IndexByte(codeAlphabet, body[len(body)-1-i])
		if i%2 == 0 {
			v = v*2/32 + v*2%32
		}
		sum += v
	}
	return codeAlphabet[(32-sum%32)%32]
}

// look-alikes of what is written, and what people put between groups.
var codeReader = strings.NewReplacer("O", "0", "I", "1", "L", "1", "-", "", " ", "", "—", "", "–", "", "_", "")

// ParseCheckCode reads a code as people type it: in capitals or not, in full width or not, with or without dashes. It
// gives the bare form, and false where a slip shows.
func ParseCheckCode(s string) (string, bool) {
	bare := codeReader.Replace(strings.ToUpper(norm.NFKC.String(strings.TrimSpace(s))))
	if len(bare) != codeDrawn+1 || strings.Trim(bare, codeAlphabet) != "" {
		return bare, false
	}
	return bare, codeCheck(bare[:codeDrawn]) == bare[codeDrawn]
}

// ShowCheckCode groups a bare code as it is printed: ABCD-EFGH-JKMN-PQRS.
func ShowCheckCode(bare string) string {
	var groups []string
	for len(bare) > 4 {
		groups, bare = append(groups, bare[:4]), bare[4:]
	}
	return strings.Join(append(groups, bare), "-")
}
