package notice

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"onecard/models"
)

// ParamType says what a template variable may hold. There is no type for free text, names or numbers of people.
type ParamType string

// The types of variables.
const (
	TypeCode      ParamType = "code"      // 4 to 8 digits, one-time
	TypeDay       ParamType = "day"       // 12月20日, 2021年12月20日
	TypeMoment    ParamType = "moment"    // 12月20日10时05分
	TypeAmount    ParamType = "amount"    // 338.00
	TypeTail      ParamType = "tail"      // last four of a card
	TypeBank      ParamType = "bank"      // a bank's name
	TypeHotline   ParamType = "hotline"   // a service number: 95599, 0379-12345678, 4001234567; never a mobile
	TypeProgramme ParamType = "programme" // a programme's sms_name: neutral where it is sensitive (R55)
	TypeOutlet    ParamType = "outlet"    // an outlet's name
	TypeReceipt   ParamType = "receipt"   // a receipt number of ours
	TypeFiscal    ParamType = "fiscal"    // the number of a fiscal e-receipt: ten digits, which no number of a person has
	TypeWord      ParamType = "word"      // a short phrase out of a catalogue of ours: a channel, a reason
)

// Param is one variable of a template.
type Param struct {
	Name     string
	Type     ParamType
	Max      int    // characters
	Fallback string // the neutral word for a missing or unfit value
}

var paramForms = map[ParamType]*regexp.Regexp{
	TypeCode:      regexp.MustCompile(`^\d{4,8}$`),
	TypeDay:       regexp.MustCompile(`^(\d{4}年)?\d{1,2}月\d{1,2}日$`),
	TypeMoment:    regexp.MustCompile(`^(\d{4}年)?\d{1,2}月\d{1,2}日\d{1,2}时\d{2}分$`),
	TypeAmount:    regexp.MustCompile(`^\d{1,9}\.\d{2}$`),
	TypeTail:      regexp.MustCompile(`^[0-9A-Z]{4}$`),
	TypeHotline:   regexp.MustCompile(`^(\d{3,6}|0\d{2,3}-?\d{7,8}|[48]00-?\d{3}-?\d{4})$`),
	TypeReceipt:   regexp.MustCompile(`^\d{8}-\d{8}-\d$`),
	TypeFiscal:    regexp.MustCompile(`^\d{10}$`),
	TypeBank:      regexp.MustCompile(`^[\p{Han}():（）：A-Za-z]+$`),
	TypeOutlet:    regexp.MustCompile(`^[\p{Han}()（）·A-Za-z0-9-]+$`),
	TypeProgramme: regexp.MustCompile(`^[\p{Han}()（）0-9]+$`),
	TypeWord:      regexp.MustCompile(`^[\p{Han}()（）、,，A-Za-z0-9]+$`),
}

// fits reports whether v may stand in the variable. Long runs of digits are an ID number, a phone or a card number
// whatever the variable is called; a sensitive word never stands in an SMS.
func (p Param) fits(v string) bool {
	if v == "" || utf8.RuneCountInString(v) > p.Max || !paramForms[p.Type].MatchString(v) || linkForm.MatchString(v) {
		return false
	}
	return p.Type == TypeHotline || p.Type == TypeReceipt || p.Type == TypeFiscal || len(findSensitive(v)) == 0 && !longDigits.MatchString(v)
}

var longDigits = regexp.MustCompile(`\d{7}`)

// clean gives every declared variable a value that fits. An undeclared variable is a mistake in the program.
func (s Spec) clean(in map[string]string) (map[string]string, error) {
	out := make(map[string]string, len(s.Params))
	for _, p := range s.Params {
		if p.Type == TypeCode {
			continue // travels as the draft's Secret
		}
		v := strings.TrimSpace(in[p.Name])
		if !p.fits(v) {
			v = p.Fallback
		}
		out[p.Name] = v
	}
	for name := range in {
		if _, declared := out[name]; !declared {
			return nil, fmt.Errorf("notice: %s has no variable %q", s.Kind, name)
		}
	}
	return out, nil
}

// Render fills the text, without the signature. A variable without a value shows its neutral word.
func (s Spec) Render(params map[string]string) string {
	pairs := make([]string, 0, 2*len(s.Params))
	for _, p := range s.Params {
		v := params[p.Name]
		if v == "" {
			v = p.Fallback
		}
		pairs = append(pairs, "${"+p.Name+"}", v)
	}
	return strings.NewReplacer(pairs...).Replace(s.Text)
}

// renderAs fills another body than this release's, as it was filed; what it names besides is taken from the row.
func (s Spec) renderAs(body string, params map[string]string) string {
	s.Text = body
	text := s.Render(params)
	for name, v := range params {
		text = strings.ReplaceAll(text, "${"+name+"}", v)
	}
	return text
}

// Numbered is the text with numbers for its variables, in the order of Params, as a vendor files it whose variables have
// no names: {1}, {2}.
func (s Spec) Numbered() string {
	pairs := make([]string, 0, 2*len(s.Params))
	for i, p := range s.Params {
		pairs = append(pairs, "${"+p.Name+"}", "{"+strconv.Itoa(i+1)+"}")
	}
	return strings.NewReplacer(pairs...).Replace(s.Text)
}

// Day writes a civil date for a text: 2021年12月20日. Unknown dates are empty, so the variable's neutral word stands.
func Day(d models.Date) string {
	if t := d.Start(); !t.IsZero() {
		return t.In(models.Shanghai).Format("2006年1月2日")
	}
	return ""
}

// Moment writes an instant for a text, in local time: 12月20日10时05分.
func Moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(models.Shanghai).Format("1月2日15时04分")
}

// PlatformWord names the platform of a channel in a text.
func PlatformWord(c models.Channel) string {
	switch c {
	case models.WechatMini, models.WechatOA:
		return "微信"
	case models.AlipayMini, models.AlipayLife:
		return "支付宝"
	}
	return "线上账号"
}
