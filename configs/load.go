package configs

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/v2"
)

// Finding is one thing wrong with the settings: which key, what is wrong, and what to do. It never repeats a value.
type Finding struct{ Key, Problem string }

// Findings is every thing wrong, told at once.
type Findings []Finding

func (f Findings) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d settings need a change:", len(f))
	for _, one := range f {
		fmt.Fprintf(&b, "\n  %s: %s", one.Key, one.Problem)
	}
	return b.String()
}

func (f *Findings) add(key, format string, args ...any) {
	*f = append(*f, Finding{key, fmt.Sprintf(format, args...)})
}

func (f Findings) err() error {
	if len(f) == 0 {
		return nil
	}
	return f
}

// FileVariable names the settings file when the command line does not.
const FileVariable = envPrefix + "CONFIG"

// Load lays the YAML file at path (none when empty; then FileVariable's) and the environment over base, and checks the
// result. Unknown keys are refused, in the file and in the environment; ONECARD_TEST_*, ONECARD_DEMO_* and
// ONECARD_BENCH_* belong to the tests, the demo and the bench and are no settings. The error is Findings: everything wrong, at once.
func Load(base Config, path string, environ []string) (Config, error) {
	c, found := base, Findings{}
	walk(reflect.ValueOf(&c).Elem(), "", envPrefix, func(leaf) {}, func(l list) { l.value.Set(copied(l.value)) })
	env := ours(environ)
	if path == "" {
		path = env[FileVariable]
	}
	delete(env, FileVariable)
	if path != "" {
		k := koanf.New("\x00")
		if err := k.Load(file.Provider(path), yaml.Parser()); err != nil {
			found.add(path, "cannot be read: %s", fileProblem(err))
		} else {
			fromFile(reflect.ValueOf(&c).Elem(), "", k.Raw(), &found)
		}
	}
	fromEnvironment(&c, env, &found)
	var invalid Findings
	if err := c.Validate(); errors.As(err, &invalid) {
		found = append(found, invalid...)
	}
	return c, found.err()
}

// fileProblem keeps the line number of a YAML error and drops the text, which may be a secret.
func fileProblem(err error) string {
	var at *os.PathError
	if errors.As(err, &at) {
		return at.Err.Error()
	}
	_, rest, found := strings.Cut(err.Error(), "line ")
	line, _, _ := strings.Cut(rest, ":")
	if _, bad := strconv.Atoi(line); !found || bad != nil {
		return "it is not YAML, or names a key twice"
	}
	return "it is not YAML, or names a key twice, near line " + line
}

// reserved tells variables that are no settings: they say where tests, demo and bench find their servers.
func reserved(name string) bool {
	return slices.ContainsFunc([]string{"TEST_", "DEMO_", "BENCH_"}, func(of string) bool { return strings.HasPrefix(name, envPrefix+of) })
}

// ours picks the variables that are settings.
func ours(environ []string) map[string]string {
	env := map[string]string{}
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		if strings.HasPrefix(name, envPrefix) && !reserved(name) {
			env[name] = value
		}
	}
	return env
}

// fromFile lays what the file says over v.
func fromFile(v reflect.Value, key string, said map[string]any, found *Findings) {
	known := map[string]bool{}
	for _, f := range fieldsOf(v) {
		name, at := f.name, f.value
		known[name] = true
		value, ok := said[name]
		if !ok || value == nil {
			continue
		}
		k := join(key, name)
		switch {
		case isList(at.Type()):
			entries, ok := value.([]any)
			if !ok {
				found.add(k, "is a list; begin each entry with a dash")
				continue
			}
			at.Set(reflect.MakeSlice(at.Type(), len(entries), len(entries)))
			for n, entry := range entries {
				section(at.Index(n), join(k, strconv.Itoa(n)), entry, found)
			}
		case at.Kind() == reflect.Struct && !at.Addr().Type().Implements(unmarshaler):
			section(at, k, value, found)
		default:
			text, ok := scalar(value)
			if !ok {
				found.add(k, "is one value, not a section")
			} else if fix := (leaf{value: at}).set(text); fix != "" {
				found.add(k, "%s", fix)
			}
		}
	}
	for _, name := range sortedKeys(said) {
		if !known[name] {
			found.add(join(key, name), "is no setting; remove it, or look up its name in docs/configuration.md")
		}
	}
}

func section(at reflect.Value, key string, value any, found *Findings) {
	said, ok := value.(map[string]any)
	if !ok {
		found.add(key, "is a section; write its settings below it, indented")
		return
	}
	fromFile(at, key, said, found)
}

// scalar is the text of one value of the file; a list of words becomes one text with commas.
func scalar(value any) (string, bool) {
	switch v := value.(type) {
	case map[string]any:
		return "", false
	case []any:
		words := make([]string, len(v))
		for i, one := range v {
			words[i] = fmt.Sprint(one)
		}
		return strings.Join(words, ","), true
	default:
		return fmt.Sprint(v), true
	}
}

// fromEnvironment lays the environment over c. Entries of a list may be added one after another, without a gap.
func fromEnvironment(c *Config, env map[string]string, found *Findings) {
	for grown := true; grown; {
		grown = false
		walk(reflect.ValueOf(c).Elem(), "", envPrefix, func(leaf) {}, func(l list) {
			next := l.env + strconv.Itoa(l.value.Len()) + "_"
			for name := range env {
				if !grown && strings.HasPrefix(name, next) {
					l.value.Set(reflect.Append(copied(l.value), reflect.Zero(l.value.Type().Elem())))
					grown = true
				}
			}
		})
	}
	for _, l := range leavesOf(c) {
		text, direct := env[l.env]
		delete(env, l.env)
		if l.secret() {
			if path, ok := env[l.env+"_FILE"]; ok {
				delete(env, l.env+"_FILE")
				if direct {
					found.add(l.env, "is set beside %s_FILE; keep one of them", l.env)
					continue
				}
				content, err := os.ReadFile(path)
				if err != nil {
					found.add(l.env+"_FILE", "names a file that cannot be read")
					continue
				}
				text, direct = strings.TrimRight(string(content), "\r\n"), true
			}
		}
		if direct {
			if fix := l.set(text); fix != "" {
				found.add(l.env, "%s", fix)
			}
		}
	}
	for _, name := range sortedKeys(env) {
		found.add(name, "is no setting; remove it, or look up its name in docs/configuration.md (entries of lists are numbered from 0 without a gap)")
	}
}

// copied is a list of its own, so that nothing is ever written into the defaults it came from.
func copied(v reflect.Value) reflect.Value {
	return reflect.AppendSlice(reflect.MakeSlice(v.Type(), 0, v.Len()+1), v)
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
