package notice

import "unicode/utf16"

// Signature is the filed name of the sender, put in front of every text and counted in its length.
const (
	SignName  = "洛阳人社"
	Signature = "【" + SignName + "】"
)

// Length counts as the operators bill (R60): Han, letters, digits, signs and blanks one each, an emoji two. A rare
// character outside the basic plane takes two as well, for that is what it takes on the wire.
func Length(text string) int {
	n, emoji := 0, false
	for _, r := range text {
		switch {
		case r == '\uFE0F' && emoji: // presentation mark, part of the emoji before it
			continue
		case basicEmoji(r):
			n += 2
		default:
			n += utf16.RuneLen(r)
		}
		emoji = basicEmoji(r) || r > 0xFFFF
	}
	return n
}

// Parts is how many messages a signed text of n characters is billed as: 70 in one, else 67 in each.
func Parts(n int) int {
	if n <= 70 {
		return 1
	}
	return (n + 66) / 67
}

// Signed is the text as it arrives on the phone.
func Signed(text string) string { return Signature + text }

func basicEmoji(r rune) bool {
	return r >= 0x2600 && r <= 0x27BF || r >= 0x231A && r <= 0x23FA && r != 0x2329 && r != 0x232A || r >= 0x2B05 && r <= 0x2B55
}
