package registry

import "fmt"

// checkDigit is the last character of an 18-character number (GB 11643, MOD 11-2).
func checkDigit(first17 string) byte {
	weights := [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}
	sum := 0
	for i, w := range weights {
		sum += int(first17[i]-'0') * w
	}
	return "10X98765432"[sum%11]
}

// idNumber composes a number from area (or the foreigner's 9, province and country), birth date 2006-01-02 and sequence.
func idNumber(area, birth string, seq int) string {
	body := area + birth[:4] + birth[5:7] + birth[8:10] + fmt.Sprintf("%03d", seq)
	return body + string(checkDigit(body))
}

// luhnDigit is the check digit of a bank card number.
func luhnDigit(digits string) byte {
	sum := 0
	for i := range digits {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return byte('0' + (10-sum%10)%10)
}
