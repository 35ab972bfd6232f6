package configs

import (
	"fmt"
	"reflect"
	"strings"
)

// Document writes docs/configuration.md: every key, its name in the environment, its default, and what dev has instead.
func Document() string {
	base, dev := Default(), Dev(".data")
	for _, c := range []*Config{&base, &dev} { // one empty entry of each list, so that its settings are listed
		walk(reflect.ValueOf(c).Elem(), "", envPrefix, func(leaf) {}, func(l list) {
			l.value.Set(reflect.MakeSlice(l.value.Type(), 1, 1))
		})
	}
	var b strings.Builder
	b.WriteString(documentHead)
	inDev := leavesOf(&dev)
	for i, l := range leavesOf(&base) {
		env, doc := l.env, l.doc
		if l.secret() {
			env += "`<br>`" + l.env + "_FILE"
		}
		if l.oneOf != nil {
			doc += " (" + strings.Join(l.oneOf, ", ") + ")"
		}
		fmt.Fprintf(&b, "| `%s` | `%s` | %s | %s | %s |\n", l.key, env, shown(l), differing(l, inDev[i]), doc)
	}
	return b.String()
}

const documentHead = `# Settings

Generated from ` + "`configs`" + `; do not edit. Defaults come first, then the YAML file named by ` + "`--config` or `ONECARD_CONFIG`" + `, then the environment.
An unknown key is refused, in the file and in the environment; only ` + "`ONECARD_TEST_*`, `ONECARD_DEMO_*` and `ONECARD_BENCH_*`" + ` are left to the tests, the demo and the bench.
A secret may be read from a file: its name with ` + "`_FILE`" + ` holds the path. A list of words is separated by commas.
Lists of apps and of index keys are numbered from 0 without a gap; the table shows entry 0. The environment changes or adds entries to those of the file.
` + "`onecard dev`" + ` starts from the column "dev"; an outside address that is empty there is the desk's.

| key | environment | default | dev | meaning |
| --- | --- | --- | --- | --- |
`

func shown(l leaf) string {
	if l.secret() {
		return ""
	}
	if s := fmt.Sprint(l.value.Interface()); s != "" && s != "[]" {
		return "`" + s + "`"
	}
	return ""
}

func differing(l, dev leaf) string {
	switch a, b := shown(l), shown(dev); {
	case l.secret() && !l.value.IsZero() != !dev.value.IsZero():
		return "set"
	case a == b:
		return ""
	case b == "":
		return "empty"
	default:
		return b
	}
}
