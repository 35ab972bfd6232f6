package configs

import (
	"encoding"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// envPrefix begins the name of every setting in the environment.
const envPrefix = "ONECARD_"

// leaf is one setting: its key in the file, its name in the environment, and the place it is kept.
type leaf struct {
	key   string
	env   string
	doc   string
	oneOf []string
	value reflect.Value
}

// secret reports whether the setting may come from a file of its own (…_FILE) and may never be printed.
func (l leaf) secret() bool {
	switch l.value.Interface().(type) {
	case Secret, Key:
		return true
	}
	return false
}

// list is one list of entries that each have settings of their own.
type list struct {
	key   string
	env   string
	value reflect.Value
}

var unmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()

// walk visits every leaf and every list below v, entries of lists included, in the order of the struct.
func walk(v reflect.Value, key, env string, onLeaf func(leaf), onList func(list)) {
	for _, f := range fieldsOf(v) {
		name, at := f.name, f.value
		k, e := join(key, name), env+strings.ToUpper(name)
		switch {
		case at.Kind() == reflect.Struct && !at.Addr().Type().Implements(unmarshaler):
			walk(at, k, e+"_", onLeaf, onList)
		case isList(at.Type()):
			onList(list{k, e + "_", at})
			for n := range at.Len() {
				walk(at.Index(n), join(k, strconv.Itoa(n)), e+"_"+strconv.Itoa(n)+"_", onLeaf, onList)
			}
		default:
			l := leaf{key: k, env: e, doc: f.tag.Get("doc"), value: at}
			if words := f.tag.Get("one_of"); words != "" {
				l.oneOf = strings.Split(words, ",")
			}
			onLeaf(l)
		}
	}
}

// field is one named part of a section.
type field struct {
	name  string
	tag   reflect.StructTag
	value reflect.Value
}

// fieldsOf lists the parts of a section; those of an embedded one are its own.
func fieldsOf(v reflect.Value) []field {
	var out []field
	for i := range v.NumField() {
		if f := v.Type().Field(i); f.Anonymous {
			out = append(out, fieldsOf(v.Field(i))...)
		} else {
			out = append(out, field{f.Tag.Get("koanf"), f.Tag, v.Field(i)})
		}
	}
	return out
}

func isList(t reflect.Type) bool {
	return t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Struct
}

func join(key, name string) string {
	if key == "" {
		return name
	}
	return key + "." + name
}

// leavesOf lists every setting of c as it stands.
func leavesOf(c *Config) []leaf {
	var out []leaf
	walk(reflect.ValueOf(c).Elem(), "", envPrefix, func(l leaf) { out = append(out, l) }, func(list) {})
	return out
}

// set reads one setting from its text. What it returns is the fix, and never repeats the text.
func (l leaf) set(text string) (fix string) {
	if u, ok := l.value.Addr().Interface().(encoding.TextUnmarshaler); ok {
		if err := u.UnmarshalText([]byte(text)); err != nil {
			return err.Error()
		}
		return ""
	}
	if l.value.Type() == reflect.TypeFor[time.Duration]() {
		d, err := time.ParseDuration(text)
		if err != nil {
			return "is not a time span; write it like 300ms, 5s or 2m"
		}
		l.value.SetInt(int64(d))
		return ""
	}
	switch l.value.Kind() {
	case reflect.String:
		l.value.SetString(text)
	case reflect.Bool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return "is neither true nor false"
		}
		l.value.SetBool(b)
	case reflect.Int, reflect.Int64:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return "is not a whole number"
		}
		l.value.SetInt(n)
	case reflect.Slice:
		words := []string{}
		for w := range strings.SplitSeq(text, ",") {
			if w = strings.TrimSpace(w); w != "" {
				words = append(words, w)
			}
		}
		l.value.Set(reflect.ValueOf(words))
	default:
		panic("configs: no way to read a " + l.value.Type().String())
	}
	return ""
}
