package api

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestStrictJSON(t *testing.T) {
	t.Parallel()
	deep := func(n int) string { return `{"a":` + strings.Repeat("[", n) + strings.Repeat("]", n) + `}` }
	many := func(n int) string {
		return `{"a":[` + strings.TrimSuffix(strings.Repeat(`{"k":1},`, n), ",") + `]}`
	}
	for name, c := range map[string]struct {
		body string
		want error
	}{
		"empty object":          {`{}`, nil},
		"blanks everywhere":     {" {\n\t\"a\" : [ 1 , {\"b\": null } ] ,\r\n \"c\":\"\\\"}\" } ", nil},
		"escaped pair":          {`{"a":"\ud842\udfb7 \u6d1b"}`, nil},
		"backslashes":           {`{"a\\":"\\u0000"}`, nil},
		"empty array":           {`{"a":[ ],"b":{ }}`, nil},
		"same key elsewhere":    {`{"a":{"a":1},"b":[{"a":1},{"a":2}]}`, nil},
		"nothing":               {``, errNotJSON},
		"blank":                 {`  `, errNotJSON},
		"cut":                   {`{"a":1`, errNotJSON},
		"two values":            {`{} {}`, errNotJSON},
		"rubbish behind":        {`{}x`, errNotJSON},
		"byte order mark":       {"\ufeff{}", errNotJSON},
		"not UTF-8":             {"{\"a\":\"\xff\"}", errNotJSON},
		"single quotes":         {`{'a':1}`, errNotJSON},
		"not a number":          {`{"a":NaN}`, errNotJSON},
		"an array":              {`[]`, errNotObject},
		"null":                  {`null`, errNotObject},
		"a text":                {`"a"`, errNotObject},
		"a key twice":           {`{"a":1,"b":2,"a":1}`, errRepeatedKey},
		"a key twice, escaped":  {`{"a":1,"\u0061":1}`, errRepeatedKey},
		"a key twice, below":    {`{"x":[{"a":1,"a":1}]}`, errRepeatedKey},
		"NUL in a text":         {`{"a":"x\u0000"}`, errBadEscape},
		"NUL in a key":          {`{"a\u0000":1}`, errBadEscape},
		"high surrogate alone":  {`{"a":"\ud842"}`, errBadEscape},
		"low surrogate alone":   {`{"a":"\udfb7"}`, errBadEscape},
		"surrogates reversed":   {`{"a":"\udfb7\ud842"}`, errBadEscape},
		"high and plain":        {`{"a":"\ud842\u0041"}`, errBadEscape},
		"as deep as allowed":    {deep(maxJSONDepth - 1), nil},
		"too deep":              {deep(maxJSONDepth), errJSONDepth},
		"very deep":             {deep(5000), errJSONDepth},
		"as many keys as there": {many(maxJSONKeys - 1), nil},
		"too many keys":         {many(maxJSONKeys), errJSONKeys},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := strictJSON([]byte(c.body))
			require.ErrorIs(t, err, c.want)
		})
	}
}

func TestStrictJSONFindsEveryKey(t *testing.T) {
	t.Parallel()
	keys, err := strictJSON([]byte(`{"a":1,"b":[{"c":{"\u0070in":2}}],"d":"x"}`))
	require.NoError(t, err)
	require.Equal(t, []string{"a", "b", "c", "pin", "d"}, keys)
}

// The walk trusts json.Valid; whatever the text, it must neither panic nor accept what Go's decoder refuses.
func FuzzStrictJSON(f *testing.F) {
	for _, seed := range []string{`{}`, `{"a":[1,{"b":"\ud842\udfb7"}]}`, `{"a":"\u0000"}`, `{"a":1,"a":2}`, `{"a":-1.5e3}`, `{"":""}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := strictJSON(b); err != nil {
			return
		}
		var m map[string]any
		require.NoError(t, json.Unmarshal(b, &m))
	})
}
