package policy

import (
	"fmt"
	"slices"
	"strings"

	"onecard/models"
)

// Document writes docs/policies.md: every setting once, the acts as one table.
func Document() string {
	var b strings.Builder
	b.WriteString(`# Policies

Generated from ` + "`models/policy/catalogue.go`" + `; do not edit. What the bureau decides without a release:
` + "`onecard policy list`, `onecard policy set KEY VALUE [--scope district:410303|bank:103] [--from 2022-01-01] --basis \"文件名称\"`" + `.
At the console one policy manager proposes with a preview of the texts and another one approves (` + "`/agent/v1/policy-proposals`" + `, docs/adr/0047).
Every decision is a row that is never changed, with its basis, from a date on; its audit entry is committed with it. It counts within seconds.
The row for a district or a bank counts before the row for the whole city (` + "`*`" + `). Production does not start before the settings marked **must be named** have been decided.

| key | value | default | scope | rule | meaning |
| --- | --- | --- | --- | --- | --- |
`)
	for _, s := range settings {
		if !slices.Contains([]string{"act", "level", "hand_over", "papers"}, family(s.Key)) {
			fmt.Fprintf(&b, "| `%s` | %s | `%s` | %s | %s | %s |\n", s.Key, written(s), s.Default, scopes(s), s.Rule, meaning(s))
		}
	}
	documentPapers(&b)
	b.WriteString(`
## Acts

` + "`act.<act>.<channel>`" + ` is what a channel does with an act: ` + "`here`, `hand_over` (named in `hand_over.<act>` as name, blank, https link) or `window_only`" + `.
A dash is a channel on which nobody can ever set ` + "`here`" + `. ` + "`level.<act>`" + ` is how surely a citizen must be known; it cannot be set below its floor.
An act marked † has no operation yet: ` + "`here`" + ` counts once it has one, and until then clients are not told of the act.

| act | rule | level (floor) |`)
	for _, c := range channels {
		fmt.Fprintf(&b, " %s |", c)
	}
	b.WriteString("\n| --- | --- | --- |" + strings.Repeat(" --- |", len(channels)) + "\n")
	for _, a := range models.Acts {
		mark := ""
		if slices.Contains(NotBuilt, a.Act) {
			mark = " †"
		}
		fmt.Fprintf(&b, "| `%s`%s | %s | %s (%s) |", a.Act, mark, actRules[a.Act], a.Default, a.Floor)
		for _, c := range channels {
			s := byKey[ModeKey(a.Act, c)]
			fmt.Fprintf(&b, " %s%s |", s.Default, map[bool]string{true: " –"}[s.check(string(models.ModeHere)) != ""])
		}
		b.WriteString("\n")
	}
	return b.String()
}

func family(key string) string { f, _, _ := strings.Cut(key, "."); return f }

func written(s Setting) string {
	if s.Type == Word {
		return "`" + strings.Join(s.OneOf, "`, `") + "`"
	}
	return string(s.Type)
}

func scopes(s Setting) string {
	out := "`*`"
	for _, k := range s.Scopes {
		out += ", " + string(k)
	}
	return out
}

func meaning(s Setting) string {
	if s.MustName {
		return s.Doc + " (**must be named**)"
	}
	return s.Doc
}

// documentPapers writes what to bring as one table: acts of windows down, who comes across.
func documentPapers(b *strings.Builder) {
	b.WriteString(`
## Papers

` + "`papers.<act>.<who comes>`" + ` is what to bring to a window (` + "`/v1/guides/{act}`" + `), out of the codes below with commas between; ` + "`none`" + `: who comes like this cannot have it done;
` + "`ask`" + `: the rules do not say, 12333 tells. By district; the acts of the card-face bank by bank.

| act | rule | words |`)
	for _, by := range comers {
		fmt.Fprintf(b, " %s |", by)
	}
	b.WriteString("\n| --- | --- | --- |" + strings.Repeat(" --- |", len(comers)) + "\n")
	for _, g := range actGuides {
		fmt.Fprintf(b, "| `%s` | %s | %s |", g.act, g.rule, g.title)
		for _, by := range comers {
			fmt.Fprintf(b, " `%s` |", byKey[PapersKey(g.act, by)].Default)
		}
		b.WriteString("\n")
	}
	b.WriteString("\n| code | words | hint |\n| --- | --- | --- |\n")
	for _, p := range paperWords {
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", p.Code, p.Label, p.Hint)
	}
}
