package notice

import (
	"fmt"
	"slices"
)

// LintPlatform names everything that keeps a template from being filed at its platform. A clean one gives none.
func LintPlatform(t PlatformTemplate) []string {
	var out []string
	bad := func(format string, args ...any) {
		out = append(out, fmt.Sprintf("%s %s: ", t.Channel, t.Topic)+fmt.Sprintf(format, args...))
	}
	if len(t.Fields) < 2 || len(t.Fields) > MaxParams {
		bad("has %d fields, wants 2 to %d", len(t.Fields), MaxParams)
	}
	if !slices.ContainsFunc(t.Fields, func(f PlatformField) bool { return f.From == FromHelp }) {
		bad("has no way forward (R48)")
	}
	seen := map[string]bool{}
	for _, f := range t.Fields {
		switch {
		case !f.Type.Known():
			bad("field %s is of no type of the platforms'", f.Key)
		case personalFields[f.Type]:
			bad("field %s would carry a person's own data", f.Key)
		case (f.Type == FieldKeyword) != (t.Channel == AlipayMini || t.Channel == AlipayLife):
			bad("field %s is of another platform's type", f.Key)
		case !t.holds(f):
			bad("field %s of type %s cannot hold its own words", f.Key, f.Type)
		}
		if f.Key == "" || seen[f.Key] {
			bad("field %s stands twice or has no key", f.Key)
		}
		seen[f.Key] = true
		if f.Label == "" || !harmless(f.Label) || personLabel.MatchString(f.Label) {
			bad("field %s has no decent label", f.Key)
		}
	}
	return out
}

// holds reports whether the platform takes in a field what we say there whatever the values are: the neutral words of every
// kind of the topic.
func (t PlatformTemplate) holds(f PlatformField) bool {
	return !slices.ContainsFunc(topics[t.Topic], func(k Kind) bool {
		spec, _ := SpecOf(k)
		return !f.Type.holds(f.value(spec, platformLines[k], spec.Title, nil))
	})
}

// lintLine names what is wrong with a kind's line: its own words must fit by themselves, whatever the variables hold.
func lintLine(s Spec, l platformLine) []string {
	var out []string
	bad := func(format string, args ...any) { out = append(out, string(s.Kind)+": "+fmt.Sprintf(format, args...)) }
	for what, text := range map[string]string{"line": l.Line, "neutral line": l.Neutral, "title": s.Title} {
		switch {
		case linkForm.MatchString(text):
			bad("its %s holds a link", what)
		case len(findSensitive(text)) > 0:
			bad("its %s names a sensitive programme", what)
		case longDigits.MatchString(text):
			bad("its %s holds a personal number", what)
		}
	}
	if !FieldPhrase.holds(l.Phrase) {
		bad("its phrase is not one to five Han")
	}
	for _, text := range []string{l.Neutral, s.Title} {
		if !FieldThing.holds(text) || !FieldKeyword.holds(text) {
			bad("its title or neutral line is too long or not plain")
		}
	}
	if variableForm.MatchString(l.Neutral) {
		bad("its neutral line has a variable")
	}
	for _, m := range variableForm.FindAllStringSubmatch(l.Line, -1) {
		switch {
		case slices.Contains(personWords, m[1]):
			bad("${%s} would carry a person's own data", m[1])
		case !slices.ContainsFunc(s.Params, func(p Param) bool { return p.Name == m[1] && p.Type != TypeCode }):
			bad("${%s} is no variable of the kind, or a code", m[1])
		}
	}
	return out
}
