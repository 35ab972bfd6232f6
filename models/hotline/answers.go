package hotline

import (
	"regexp"
	"strings"
	"time"

	"onecard/models"
)

// VerifyInput is what the caller said. Name and one of IDNumber and IDLast6 are asked always; the others only for
// Full. A PIN, a bank account number or a spoken SMS code has no field here.
type VerifyInput struct {
	Name, IDNumber, IDLast6                         string
	CardLast4, District, Bank, LastApplicationMonth string
}

// answers is a VerifyInput whose every value has a possible form.
type answers struct {
	name                             models.Name
	id                               models.IDNumber
	last6                            string
	cardLast4, district, bank, month string
}

var (
	last6Form    = regexp.MustCompile(`^[0-9]{5}[0-9X]$`)
	fourDigits   = regexp.MustCompile(`^[0-9]{4}$`)
	districtForm = regexp.MustCompile(`^[0-9]{6}$`)
	bankForm     = regexp.MustCompile(`^[A-Za-z0-9_-]{1,32}$`)
)

// parse names every bad field at once. What has no possible form is no failed try: nothing was compared.
func (in VerifyInput) parse(now time.Time) (answers, error) {
	var a answers
	var bad []models.FieldError
	refuse := func(field, code, message string) {
		bad = append(bad, models.FieldError{Field: field, Code: code, Message: message})
	}
	var err error
	if a.name, err = models.ParseName(in.Name); err != nil {
		refuse("name", "NAME_FORMAT", "请按证件填写姓名(2至50个字)。")
	}
	switch {
	case in.IDNumber != "":
		if a.id, err = models.ParseIDNumber(in.IDNumber, now); err != nil {
			refuse("id_number", codeOf(err), "证件号码不正确,请与来电人核对。")
		}
	case in.IDLast6 != "":
		if a.last6 = strings.ToUpper(strings.TrimSpace(in.IDLast6)); !last6Form.MatchString(a.last6) {
			refuse("id_last6", "ID_FORMAT", "请填写证件号码的后6位。")
		}
	default:
		refuse("id_last6", "REQUIRED", "请填写证件号码或其后6位。")
	}
	for _, f := range []struct {
		field, given string
		form         *regexp.Regexp
		into         *string
		hint         string
	}{
		{FactCardTail, in.CardLast4, fourDigits, &a.cardLast4, "请填写卡号的后4位数字。"},
		{FactDistrict, in.District, districtForm, &a.district, "请选择户籍所在县区。"},
		{FactBank, in.Bank, bankForm, &a.bank, "请选择卡面银行。"},
	} {
		if *f.into = strings.TrimSpace(f.given); *f.into != "" && !f.form.MatchString(*f.into) {
			refuse(f.field, "FORMAT", f.hint)
		}
	}
	if a.month = strings.TrimSpace(in.LastApplicationMonth); a.month != "" {
		if _, err := time.Parse("2006-01", a.month); err != nil {
			refuse(FactMonth, "FORMAT", "请按“年-月”填写最近一次申领的月份。")
		}
	}
	if a.wantsFull() && in.IDNumber == "" {
		refuse("id_number", "REQUIRED", "完整核验需要完整的证件号码。")
	}
	if bad != nil {
		return answers{}, models.InvalidInput(bad...)
	}
	return a, nil
}

// codeOf is the rule's own code of a refused value.
func codeOf(err error) string {
	for _, known := range []*models.Error{models.ErrIDChecksum, models.ErrIDDate} {
		if known.Is(err) {
			return known.Code
		}
	}
	return models.ErrIDForm.Code
}

// wantsFull reports whether any of the further questions was answered.
func (a answers) wantsFull() bool { return a.cardLast4+a.district+a.bank+a.month != "" }

func (a answers) asked() []string {
	out := []string{FactName}
	for _, f := range []struct {
		code  string
		given bool
	}{
		{FactID, !a.id.IsZero()}, {FactLast6, a.id.IsZero()}, {FactCardTail, a.cardLast4 != ""},
		{FactMonth, a.month != ""}, {FactDistrict, a.district != ""}, {FactBank, a.bank != ""},
	} {
		if f.given {
			out = append(out, f.code)
		}
	}
	return out
}
