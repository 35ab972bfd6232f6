package notice

import (
	"regexp"
	"unicode/utf8"
)

// FieldType is a platform's rule for one field of a template. The names are WeChat's, whose documents ("订阅消息参数值
// 内容限制说明") give the limits; Alipay's keywords are held to those of thing.
type FieldType string

// The types. Those that are for a person's own data are known so that the linter can refuse them by name.
const (
	FieldThing           FieldType = "thing"            // 20 characters
	FieldNumber          FieldType = "number"           // 32 digits, a point among them
	FieldLetter          FieldType = "letter"           // 32 letters
	FieldSymbol          FieldType = "symbol"           // 5 signs
	FieldCharacterString FieldType = "character_string" // 32 digits, letters or signs
	FieldTime            FieldType = "time"             // 2021年12月20日 10:05, 10:05
	FieldDate            FieldType = "date"             // 2021年12月20日
	FieldAmount          FieldType = "amount"           // a sign of currency, 10 digits, 元
	FieldPhrase          FieldType = "phrase"           // 5 Han
	FieldKeyword         FieldType = "keyword"          // Alipay
	FieldName            FieldType = "name"             // 10 Han or 20 letters
	FieldPhoneNumber     FieldType = "phone_number"     // 17
	FieldCarNumber       FieldType = "car_number"       // 8
)

var fieldForms = map[FieldType]*regexp.Regexp{
	FieldThing:           regexp.MustCompile(`^[^\r\n]{1,20}$`),
	FieldNumber:          regexp.MustCompile(`^\d{1,29}(\.\d{1,2})?$`),
	FieldLetter:          regexp.MustCompile(`^[A-Za-z]{1,32}$`),
	FieldSymbol:          regexp.MustCompile(`^[[:punct:]]{1,5}$`),
	FieldCharacterString: regexp.MustCompile(`^[0-9A-Za-z[:punct:]]{1,32}$`),
	FieldTime:            regexp.MustCompile(`^(\d{4}年\d{1,2}月\d{1,2}日 )?\d{1,2}:\d{2}(:\d{2})?$`),
	FieldDate:            regexp.MustCompile(`^\d{4}年\d{1,2}月\d{1,2}日$`),
	FieldAmount:          regexp.MustCompile(`^[¥$]?\d{1,10}(\.\d{1,2})?元?$`),
	FieldPhrase:          regexp.MustCompile(`^\p{Han}{1,5}$`),
	FieldKeyword:         regexp.MustCompile(`^[^\r\n]{1,20}$`),
	FieldName:            regexp.MustCompile(`^(\p{Han}{1,10}|[A-Za-z ]{1,20})$`),
	FieldPhoneNumber:     regexp.MustCompile(`^[0-9+-]{1,17}$`),
	FieldCarNumber:       regexp.MustCompile(`^[\p{Han}A-Z0-9]{1,8}$`),
}

// personalFields are the types that exist to carry a person's own data: none of ours has one.
var personalFields = map[FieldType]bool{FieldName: true, FieldPhoneNumber: true, FieldCarNumber: true}

// Known reports whether the type is one of the platforms'.
func (f FieldType) Known() bool { return fieldForms[f] != nil }

// holds reports whether the platform takes v in a field of the type, and we would say it there: no link, no sensitive
// word (R55), no number of a person.
func (f FieldType) holds(v string) bool {
	form := fieldForms[f]
	return form != nil && utf8.ValidString(v) && form.MatchString(v) && harmless(v)
}

var ownReceipt = regexp.MustCompile(`\d{8}-\d{8}-\d`)

// harmless reports whether a text may stand on a lock screen. The only long number there is a receipt number of ours.
func harmless(v string) bool {
	return !linkForm.MatchString(v) && len(findSensitive(v)) == 0 && !longDigits.MatchString(ownReceipt.ReplaceAllString(v, "")) &&
		Length(v) == utf8.RuneCountInString(v)
}
