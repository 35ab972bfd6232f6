package notice

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// TemplatesMost is how many templates a service account may have (domain 4.1): a template is for a topic, never for a kind.
const TemplatesMost = 25

// PlatformTemplate is what is filed at a platform for a topic: its fields in order. The platform's id of it is a setting
// of the app.
type PlatformTemplate struct {
	Channel Channel
	Topic   Topic
	Fields  []PlatformField
}

// PlatformField is one field of a template.
type PlatformField struct {
	Key   string // as we number it; the platform may number its own way, which the app's setting then tells
	Type  FieldType
	Label string // the keyword to choose in the platform's library
	From  FieldSource
}

// FieldSource says what fills a field.
type FieldSource string

// The sources. Each can always be filled: platforms refuse a message with an empty field.
const (
	FromTitle     FieldSource = "title"
	FromPhrase    FieldSource = "phrase"
	FromLine      FieldSource = "line"
	FromHelp      FieldSource = "help"
	FromProgramme FieldSource = "programme" // neutral where it is sensitive (R55)
	FromAmount    FieldSource = "amount"
)

// helpLine is the way forward (R48).
const helpLine = "如有疑问请拨打12333"

// The neutral words of an arrival.
const (
	neutralProgramme = "一项补贴"
	neutralAmount    = "请点击查看"
)

// ErrNoPlatformTemplate says that a kind is never told on a platform: a one-time code, or a kind of a newer release.
var ErrNoPlatformTemplate = errors.New("notice: no template on this platform for this kind")

var usualFields = []PlatformField{
	{Type: FieldThing, Label: "事项", From: FromTitle}, {Type: FieldPhrase, Label: "状态", From: FromPhrase},
	{Type: FieldThing, Label: "说明", From: FromLine}, {Type: FieldThing, Label: "温馨提示", From: FromHelp},
}

var arrivalFields = []PlatformField{
	{Type: FieldThing, Label: "补贴名称", From: FromProgramme}, {Type: FieldPhrase, Label: "状态", From: FromPhrase},
	{Type: FieldThing, Label: "金额", From: FromAmount}, {Type: FieldThing, Label: "说明", From: FromLine},
	{Type: FieldThing, Label: "温馨提示", From: FromHelp},
}

// PlatformTemplates lists what is to be filed at a platform, in the order of the topics. One-time codes are not among
// them: they go to a phone and nowhere else.
func PlatformTemplates(c Channel) []PlatformTemplate {
	if !slices.Contains(Platforms, c) {
		return nil
	}
	out := make([]PlatformTemplate, 0, len(Topics))
	for _, t := range Topics {
		fields := usualFields
		switch t {
		case TopicCodes:
			continue
		case TopicArrivals:
			fields = arrivalFields
		}
		out = append(out, PlatformTemplate{Channel: c, Topic: t, Fields: keyed(c, fields)})
	}
	return out
}

// keyed numbers the fields as the platform does: thing1, phrase2 at WeChat, keyword1, keyword2 at Alipay.
func keyed(c Channel, fields []PlatformField) []PlatformField {
	out := slices.Clone(fields)
	for i := range out {
		if c == AlipayMini || c == AlipayLife {
			out[i].Type = FieldKeyword
		}
		out[i].Key = fmt.Sprintf("%s%d", out[i].Type, i+1)
	}
	return out
}

// PlatformTemplateOf is the template of a topic at a platform.
func PlatformTemplateOf(c Channel, t Topic) (PlatformTemplate, bool) {
	all := PlatformTemplates(c)
	i := slices.IndexFunc(all, func(p PlatformTemplate) bool { return p.Topic == t })
	if i < 0 {
		return PlatformTemplate{}, false
	}
	return all[i], true
}

// PlatformFields fills the template of a kind's topic: the platform's key of each field and its value, none empty and none
// against the field's rule. What does not fit is replaced by a neutral word and never cut, so that no half of a name or a
// number stands there. ErrNoPlatformTemplate where the kind is not told on that platform.
func PlatformFields(c Channel, k Kind, title string, params map[string]string) (map[string]string, error) {
	t, ok := PlatformTemplateOf(c, k.Topic())
	spec, known := SpecOf(k)
	line, said := platformLines[k]
	if !ok || !known || !said {
		return nil, ErrNoPlatformTemplate
	}
	out := make(map[string]string, len(t.Fields))
	for _, f := range t.Fields {
		v := f.value(spec, line, title, params)
		if !f.Type.holds(v) {
			return nil, fmt.Errorf("notice: field %s of %s has no fitting word on %s", f.Key, k, c)
		}
		out[f.Key] = v
	}
	return out, nil
}

func (f PlatformField) value(s Spec, line platformLine, title string, params map[string]string) string {
	fitting := func(v, neutral string) string {
		if f.Type.holds(v) {
			return v
		}
		return neutral
	}
	switch f.From {
	case FromTitle:
		return fitting(title, s.Title)
	case FromPhrase:
		return line.Phrase
	case FromLine:
		return fitting(s.fill(line.Line, params), line.Neutral)
	case FromProgramme:
		return fitting(s.param("programme", params), neutralProgramme)
	case FromAmount:
		if v := s.param("amount", params); paramForms[TypeAmount].MatchString(v) {
			return fitting(v+"元", neutralAmount)
		}
		return neutralAmount
	default:
		return helpLine
	}
}

// fill puts the variables of the kind into a text.
func (s Spec) fill(text string, params map[string]string) string {
	return variableForm.ReplaceAllStringFunc(text, func(m string) string { return s.param(strings.Trim(m, "${}"), params) })
}

// param is the value of a declared variable if it fits, else its neutral word.
func (s Spec) param(name string, params map[string]string) string {
	i := slices.IndexFunc(s.Params, func(p Param) bool { return p.Name == name })
	if i < 0 {
		return ""
	}
	if v := params[name]; s.Params[i].fits(v) {
		return v
	}
	return s.Params[i].Fallback
}
