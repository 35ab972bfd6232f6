package scenario

import (
	"bytes"
	"encoding/json"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot/boottest"
	"onecard/configs"
	"onecard/models"
)

// operation is one line of the running program's own document.
type operation struct {
	method, path string
	query        []string
	media        string
	fields       []string
}

func operations(t *testing.T, r *boottest.Rig) []operation {
	t.Helper()
	var doc struct {
		Paths map[string]map[string]struct {
			Parameters  []struct{ Name, In string }
			RequestBody struct {
				Content map[string]struct {
					Schema struct {
						Ref string `json:"$ref"`
					}
				}
			}
		}
		Components struct {
			Schemas map[string]struct{ Properties map[string]json.RawMessage }
		}
	}
	require.NoError(t, json.Unmarshal(r.Nobody().Get("/openapi.json").Is(http.StatusOK).Raw, &doc))
	var out []operation
	for path, methods := range doc.Paths {
		for method, o := range methods {
			op := operation{method: strings.ToUpper(method), path: path}
			for _, p := range o.Parameters {
				if p.In == "query" {
					op.query = append(op.query, p.Name)
				}
			}
			for media, c := range o.RequestBody.Content {
				op.media = media
				for name := range doc.Components.Schemas[c.Schema.Ref[strings.LastIndex(c.Schema.Ref, "/")+1:]].Properties {
					op.fields = append(op.fields, name)
				}
			}
			sort.Strings(op.fields)
			out = append(out, op)
		}
	}
	slices.SortFunc(out, func(a, b operation) int { return strings.Compare(a.path+a.method, b.path+b.method) })
	require.Greater(t, len(out), 50)
	return out
}

// rubbish are bodies no client should send.
func rubbish(rng *rand.Rand, fields []string) map[string][]byte {
	out := map[string][]byte{
		"nothing": {}, "not JSON": []byte("{{{"), "half": []byte(`{"card_id":"`), "a list": []byte(`[1,2,3]`), "a number": []byte(`1e999999`), "null": []byte(`null`),
		"two values": []byte(`{}{}`), "invalid UTF-8": []byte("{\"device\":\"\xff\xfe\xc0\x80\"}"), "NUL bytes": []byte("\x00\x00\x00\x00"),
		"escaped NUL": []byte(`{"name":"\u0000","code":"\u0000","login":"\u0000"}`), "half a surrogate": []byte(`{"name":"\ud800"}`),
		"unknown": []byte(`{"surely_not_a_field":1}`), "twice": []byte(`{"code":"1","code":"2"}`), "a PIN": []byte(`{"pin":"123456"}`),
		"deep": []byte(`{"code":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + `}`), "huge": bytes.Repeat([]byte(`{"a":"`+strings.Repeat("x", 1000)), 100),
		"huge number": []byte(`{"year":` + strings.Repeat("9", 4000) + `}`),
	}
	values := []string{
		`null`, `true`, `-1`, `1e308`, `9223372036854775808`, `""`, `" "`, `[]`, `{}`, `"\u0000"`, `"\u202e\ufeff"`, `"` + strings.Repeat("长", 3000) + `"`,
		`"' OR 1=1 --"`, `"../../etc/passwd"`, `"%00"`, `"00000000-0000-0000-0000-000000000000"`, `{"$ne":null}`, `["a","b"]`, `"410303198001010014"`, `"\ud83d\ude00"`,
	}
	for _, kind := range []string{"wrong 1", "wrong 2", "wrong 3", "wrong 4", "wrong 5", "wrong 6"} {
		parts := make([]string, len(fields))
		for i, f := range fields {
			parts[i] = `"` + f + `":` + values[rng.IntN(len(values))]
		}
		out[kind] = []byte("{" + strings.Join(parts, ",") + "}")
	}
	return out
}

var badPathValues = []string{
	"00000000-0000-0000-0000-000000000000", "x", "%00", "%ff%fe", "..%2f..%2fetc", "-1", strings.Repeat("a", 3000), "%E2%80%AE", "1%27%20OR%201=1--",
}

var badQueryValues = []string{"-1", "0", "99999999999999999999", "", "%00", "%ff", "abc", "1e3", strings.Repeat("9", 2000), "%E5%9C%B0", "2021&limit=5"}

// Every operation of the document, as every audience, with rubbish in body, path and query: never a 5xx, always a
// problem with a code, and nothing is decided by it.
func TestEveryOperationAnswersRubbishWithAProblem(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t, boottest.With(func(c *configs.Config) {
		c.HTTP.Limits = configs.Limits{Reads: 1e6, Writes: 1e6, GuestReads: 1e6, GuestWrites: 1e6}
	}))
	wang, agent := r.Fresh("wechat_mini", "wang"), r.Agent()
	// Drawn anew each run; the seed is printed so that a failure can be drawn again.
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 1))
	callers := []struct{ who, token string }{{"nobody", ""}, {"citizen", wang.Token}, {"agent", agent.Token}}
	n := 0
	for _, op := range operations(t, r) {
		switch {
		case op.method == http.MethodDelete && strings.HasSuffix(op.path, "/current"):
			continue // they would end the sessions that the sweep needs, and take no input
		case strings.HasPrefix(op.path, "/m/"), strings.HasPrefix(op.path, "/console"):
			continue // the clients' pages, which may not be installed
		case op.path == "/agent/v1/events":
			continue // a stream has no end to read
		}
		for _, caller := range callers {
			who := caller.who
			if who == "agent" != strings.HasPrefix(op.path, "/agent/") && who != "nobody" {
				continue
			}
			c := r.Nobody()
			c.Token = caller.token
			for _, path := range fill(op, rng) {
				bodies := map[string][]byte{"none": nil}
				if op.method != http.MethodGet {
					bodies = rubbish(rng, op.fields)
				}
				for _, kind := range slices.Sorted(maps.Keys(bodies)) {
					body := bodies[kind]
					n++
					media := "application/json"
					if op.media != "" && rng.IntN(4) > 0 {
						media = op.media
					}
					judge(t, op, who, kind, c.Send(op.method, path, body, "Content-Type", media))
				}
			}
		}
	}
	t.Logf("%d requests", n)
	require.Greater(t, n, 1000)
	require.Empty(t, r.Decisions("card.loss.reported"))
	require.Empty(t, r.Decisions("card.release.requested"))
}

// fill puts good and bad values into an operation's path and query.
func fill(op operation, rng *rand.Rand) []string {
	put := func(value string) string {
		parts := strings.Split(op.path, "/")
		for i, p := range parts {
			if strings.HasPrefix(p, "{") {
				parts[i] = value
			}
		}
		return strings.Join(parts, "/")
	}
	one := put(string(models.NewID()))
	if op.method != http.MethodGet {
		return []string{one, put(badPathValues[rng.IntN(len(badPathValues))])}
	}
	out := []string{one + "?surely_not_a_parameter=1", one + "?%zz=%"}
	for _, q := range op.query {
		for _, v := range badQueryValues {
			out = append(out, one+"?"+q+"="+v)
		}
	}
	if one != op.path {
		for _, v := range badPathValues {
			out = append(out, put(v))
		}
	}
	return out
}

func judge(t *testing.T, op operation, who, kind string, got boottest.Reply) {
	t.Helper()
	if got.Status < 400 {
		return // rubbish that happens to be good: an empty filter, an optional field
	}
	where := op.method + " " + op.path + " as " + who + ": " + kind
	if got.Status >= 500 {
		t.Errorf("%s: %d %s", where, got.Status, got.Raw)
		return
	}
	if got.Header.Get("Content-Type") != "application/problem+json" || got.Text("code") == "" || got.Text("request_id") == "" {
		t.Errorf("%s: %d is no problem with a code: %.200s", where, got.Status, got.Raw)
	}
	if strings.Contains(string(got.Raw), "surely_not_a_field") || strings.Contains(string(got.Raw), "410303198001010014") {
		t.Errorf("%s: the answer repeats what was sent", where)
	}
}
