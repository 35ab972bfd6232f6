package notice

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Limits of a template: what the vendor reviews and what a citizen will read.
const (
	MaxParams = 5
	MaxParam  = 35
	MaxParts  = 2
)

// sensitiveWords betray why someone is paid (R55: domain 1.4's marks and field section 5). They stand in no SMS.
var sensitiveWords = []string{
	"艾滋", "HIV", "孤儿", "无人抚养", "散居", "低保", "最低生活", "特困", "临时救助", "残疾", "护理补贴", "计划生育", "生育关怀",
	"独生子女", "特别扶助", "特殊家庭", "特殊困难", "脱贫", "贫困", "建档立卡", "雨露计划", "营养改善", "国家助学金", "困难",
	"小额信贷", "单亲",
}

func findSensitive(s string) []string {
	var out []string
	for _, w := range sensitiveWords {
		if strings.Contains(strings.ToUpper(s), w) {
			out = append(out, w)
		}
	}
	return out
}

var (
	linkForm     = regexp.MustCompile(`(?i)https?:|www\.|://|[a-z0-9-]+\.(com|cn|net|org|gov|top|cc|io|me|ly)\b|链接`)
	variableForm = regexp.MustCompile(`\$\{([^}]*)\}`)
	personWords  = []string{"name", "full_name", "xingming", "id_number", "idcard", "phone", "mobile", "address", "姓名", "身份证号", "surname", "given_name",
		"holder", "guardian", "helper", "child", "payee", "owner", "card_number", "account_number", "openid"}
	personLabel = regexp.MustCompile(`姓名|身份证号|证件号|卡号`)
	idOrPhone   = regexp.MustCompile(`\d{11}`)
)

// Lint names everything that keeps a template from being filed or sent. A clean template gives none.
func Lint(s Spec) []string {
	var out []string
	bad := func(format string, args ...any) { out = append(out, string(s.Kind)+": "+fmt.Sprintf(format, args...)) }
	if linkForm.MatchString(s.Text) {
		bad("holds a link")
	}
	if words := findSensitive(s.Text); len(words) > 0 {
		bad("names a sensitive programme: %s", strings.Join(words, " "))
	}
	if idOrPhone.MatchString(s.Text) {
		bad("holds a personal number")
	}
	if personLabel.MatchString(s.Text) {
		bad("asks for or tells a name or a number of a person")
	}
	if !harmless(s.Title) {
		bad("its title holds a link, a sensitive word, a number or an emoji")
	}
	if Length(s.Text) != len([]rune(s.Text)) {
		bad("holds an emoji or a rare character")
	}
	if strings.ContainsAny(s.Text, "【】") {
		bad("holds signature brackets")
	}
	if !strings.Contains(s.Text, "12333") {
		bad("has no way forward (R48)")
	}
	if s.Title == "" || s.Life <= 0 {
		bad("has no title or life")
	}
	if len(s.Params) > MaxParams {
		bad("has more than %d variables", MaxParams)
	}
	out = append(out, lintParams(s)...)
	if n := Length(s.longest()); Parts(n) > MaxParts {
		bad("can take %d characters, more than %d parts", n, MaxParts)
	}
	return out
}

// signForm is what operators register as a signature: a name of 2 to 12 characters without special signs (domain 5).
var signForm = regexp.MustCompile(`^[\p{Han}A-Za-z0-9]{2,12}$`)

// LintSignature names what keeps a signature from being filed.
func LintSignature(name string) []string {
	var out []string
	if !signForm.MatchString(name) {
		out = append(out, "the signature is not a name of 2 to 12 characters without special signs")
	}
	if !harmless(name) {
		out = append(out, "the signature holds a link, a sensitive word, a number or an emoji")
	}
	return out
}

func lintParams(s Spec) []string {
	var out []string
	bad := func(format string, args ...any) { out = append(out, string(s.Kind)+": "+fmt.Sprintf(format, args...)) }
	var used []string
	for _, m := range variableForm.FindAllStringSubmatch(s.Text, -1) {
		if slices.Contains(used, m[1]) {
			bad("uses ${%s} twice", m[1])
		}
		used = append(used, m[1])
	}
	declared := make([]string, 0, len(s.Params))
	for _, p := range s.Params {
		declared = append(declared, p.Name)
		switch {
		case paramForms[p.Type] == nil:
			bad("variable %s is of no known type: free text is not allowed", p.Name)
		case slices.Contains(personWords, p.Name):
			bad("variable %s would carry a person's own data", p.Name)
		case p.Max <= 0 || p.Max > MaxParam:
			bad("variable %s has no sound length", p.Name)
		case p.Fallback == "" || Length(p.Fallback) > p.Max:
			bad("variable %s has no fitting neutral word", p.Name)
		case p.Type != TypeCode && (!harmless(p.Fallback) || strings.ContainsAny(p.Fallback, "【】${}")):
			bad("variable %s: its neutral word holds a link, a sensitive word, a number or a bracket", p.Name)
		case !slices.Contains(used, p.Name):
			bad("variable %s is not used", p.Name)
		case (p.Type == TypeCode) != s.Secret:
			bad("variable %s: codes travel only in kinds that carry a secret, alone", p.Name)
		}
	}
	for _, u := range used {
		if !slices.Contains(declared, u) {
			bad("variable %s is not declared", u)
		}
	}
	return out
}

// longest is the signed text with every variable at its full length.
func (s Spec) longest() string {
	pairs := make([]string, 0, 2*len(s.Params))
	for _, p := range s.Params {
		pairs = append(pairs, "${"+p.Name+"}", strings.Repeat("字", p.Max))
	}
	return Signed(strings.NewReplacer(pairs...).Replace(s.Text))
}
