package hotline

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"onecard/models"
)

var (
	digitGap   = regexp.MustCompile(`([0-9])[ \-_.·]+([0-9])`)
	longDigits = regexp.MustCompile(`[0-9]+[Xx]?`)
	receipts   = regexp.MustCompile(`[0-9]{8}-[0-9]{8}-[0-9]`)
	mobileForm = regexp.MustCompile(`^1[3-9][0-9]{9}$`)
	linkForm   = regexp.MustCompile(`(?i)https?:|www\.|://|[a-z0-9-]+\.(com|cn|net|org|gov|top|cc|io|me|ly)\b`)
)

// numbersIn says whether a text holds a number of a person, however it is spaced: an ID or account number, a mobile.
// Receipt numbers are ours and may stand.
func numbersIn(text string) (idOrAccount, mobile bool) {
	text = strings.Map(func(r rune) rune {
		if r >= '\uFF10' && r <= '\uFF19' { // typed full width
			return r - '\uFF10' + '0'
		}
		return r
	}, text)
	text = receipts.ReplaceAllStringFunc(text, func(s string) string {
		if models.ValidReceiptNumber(s) {
			return ""
		}
		return s
	})
	for range 2 { // overlapping gaps
		text = digitGap.ReplaceAllString(text, "$1$2")
	}
	for _, run := range longDigits.FindAllString(text, -1) {
		run = strings.TrimRight(run, "Xx")
		idOrAccount = idOrAccount || len(run) >= 15
		mobile = mobile || mobileForm.MatchString(strings.TrimPrefix(run, "86"))
	}
	return idOrAccount, mobile
}

// checkedText trims a text of field and names everything that is wrong with it at once (R69). What a citizen reads holds
// neither a mobile number nor a link.
func checkedText(field, text string, least, most int, forCitizen bool) (string, []models.FieldError) {
	text = strings.TrimSpace(text)
	var wrong []models.FieldError
	refuse := func(bad bool, code, message string) {
		if bad {
			wrong = append(wrong, models.FieldError{Field: field, Code: code, Message: message})
		}
	}
	n := utf8.RuneCountInString(text)
	refuse(n < least || n > most, "LENGTH", "内容过短或过长,请按要求填写。")
	id, mobile := numbersIn(text)
	refuse(id, "PERSONAL_NUMBER", "内容里有证件号码或账号,请删去后再提交。")
	refuse(forCitizen && mobile, "PHONE_NUMBER", "内容里有手机号码,请删去后再提交。")
	refuse(forCitizen && linkForm.MatchString(text), "LINK", "内容里有网址,请删去后再提交。")
	return text, wrong
}
