package api

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/hotline"
	"onecard/models/policy"
)

var update = flag.Bool("update", false, "write the golden files anew (make golden)")

const frozen = "testdata/openapi.json"

// TestDocumentIsFrozen makes every change of the public contract visible in a review.
func TestDocumentIsFrozen(t *testing.T) {
	t.Parallel()
	v, err := New(Deps{})
	require.NoError(t, err)
	var doc any
	require.NoError(t, json.Unmarshal(v.Document(), &doc))
	got, err := json.MarshalIndent(doc, "", "  ")
	require.NoError(t, err)
	got = append(got, '\n')
	if *update {
		require.NoError(t, os.WriteFile(frozen, got, 0o644))
		return
	}
	want, err := os.ReadFile(frozen)
	require.NoError(t, err)
	wanted, found := strings.Split(string(want), "\n"), strings.Split(string(got), "\n")
	for i := range max(len(wanted), len(found)) {
		if i >= len(wanted) || i >= len(found) || wanted[i] != found[i] {
			t.Fatalf("the document changed at line %d of %s: if that is meant, run make golden and read the difference", i+1, frozen)
		}
	}
}

// TestRoutesAreTheDocument compares gin's table, ours, and the paths of the document, both ways.
func TestRoutesAreTheDocument(t *testing.T) {
	t.Parallel()
	r := newRig(t).withSample()
	var inGin, inTable, inDocument []string
	for _, info := range r.engine.Routes() {
		inGin = append(inGin, info.Method+" "+info.Path)
	}
	for _, o := range r.ops {
		inTable = append(inTable, o.Method+" "+ginPath(o.Path))
	}
	for path, item := range documentOf(t, r.document)["paths"].(map[string]any) {
		for method := range item.(map[string]any) {
			inDocument = append(inDocument, strings.ToUpper(method)+" "+ginPath(path))
		}
	}
	for _, list := range [][]string{inGin, inTable, inDocument} {
		slices.Sort(list)
	}
	require.NotEmpty(t, inGin)
	require.Equal(t, inGin, inTable)
	require.Equal(t, inGin, inDocument)
}

// TestDocumentIsOpenAPI31 checks what tools stumble over: the version, references that lead nowhere, operations without
// an answer or with an id twice, path parameters not declared, security schemes that do not exist.
func TestDocumentIsOpenAPI31(t *testing.T) {
	t.Parallel()
	doc := documentOf(t, newRig(t).withSample().document)
	require.Equal(t, "3.1.0", doc["openapi"])
	require.NotEmpty(t, doc["info"].(map[string]any)["title"])
	require.NotContains(t, fmt.Sprint(doc), "$schema")
	require.NotContains(t, fmt.Sprint(doc), "example.com")
	components := doc["components"].(map[string]any)
	walkJSON(doc, func(key string, value any) {
		if ref, ok := value.(string); ok && key == "$ref" {
			name, ok := strings.CutPrefix(ref, "#/components/schemas/")
			require.True(t, ok, ref)
			require.Contains(t, components["schemas"], name)
		}
	})
	ids := map[string]bool{}
	for path, item := range doc["paths"].(map[string]any) {
		for method, v := range item.(map[string]any) {
			o := v.(map[string]any)
			id := o["operationId"].(string)
			require.False(t, ids[id], "operationId twice: %s", id)
			ids[id] = true
			require.NotEmpty(t, o["summary"], id)
			require.NotEmpty(t, o["responses"], id)
			for status, answer := range o["responses"].(map[string]any) {
				require.NotEmpty(t, answer.(map[string]any)["description"], "%s %s", id, status)
			}
			for _, want := range []string{"x-audience", "x-limit", "x-body-limit", "x-problem-codes"} {
				require.Contains(t, o, want, id)
			}
			var declared []string
			parameters, _ := o["parameters"].([]any)
			for _, p := range parameters {
				if p := p.(map[string]any); p["in"] == "path" {
					require.Equal(t, true, p["required"], id)
					declared = append(declared, p["name"].(string))
				}
			}
			require.ElementsMatch(t, pathParams(path), declared, "%s %s", method, path)
			requirements, _ := o["security"].([]any)
			for _, s := range requirements {
				for name := range s.(map[string]any) {
					require.Contains(t, components["securitySchemes"], name)
				}
			}
		}
	}
}

// TestEveryOperationNamesItsRules prints the table of design 4: act, limit and body size of every operation.
func TestEveryOperationNamesItsRules(t *testing.T) {
	t.Parallel()
	v, err := New(Deps{})
	require.NoError(t, err)
	lowerCamel := regexp.MustCompile(`^[a-z][a-zA-Z0-9]*$`)
	for _, o := range v.Operations() {
		act := string(o.Act)
		if act == "" {
			act = "-"
		}
		t.Logf("%-6s %-44s %-9s act=%-16s limit=%-5s body=%d", o.Method, o.Path, o.Audience, act, o.Limit, o.BodyLimit)
		require.Regexp(t, lowerCamel, o.ID)
		require.NotEmpty(t, o.Codes)
	}
}

// TestClientsAreToldOfTheActsThatHaveAnOperation holds policy's list of acts not built yet to the table of operations.
func TestClientsAreToldOfTheActsThatHaveAnOperation(t *testing.T) {
	t.Parallel()
	v, err := New(Deps{})
	require.NoError(t, err)
	done := map[models.Act]bool{
		models.ActArrivalHigh:  true, // the higher level of the arrivals' operations, for a sensitive payment
		models.ActReplaceMinor: true, // a guardian's replacement is the replacements' own operation
		models.ActActivate:     true, // never ours (R31): clients are told at whose window or channel
	}
	for _, o := range v.Operations() {
		done[o.Act] = done[o.Act] || o.Audience == Citizen
	}
	for _, a := range models.Acts {
		require.Equal(t, !done[a.Act], slices.Contains(policy.NotBuilt, a.Act), "act %s", a.Act)
	}
}

func TestAMisnamedOperationIsFoundWhenTheServerIsBuilt(t *testing.T) {
	t.Parallel()
	good := op{Method: "GET", Path: "/v1/x", ID: "x", Summary: "x", Audience: Citizen, Limit: LimitRead}
	for name, change := range map[string]func(*op){
		"no id":              func(o *op) { o.ID = "" },
		"no audience":        func(o *op) { o.Audience = "" },
		"no limit":           func(o *op) { o.Limit = "" },
		"unlimited":          func(o *op) { o.Limit = LimitNone },
		"agent under /v1":    func(o *op) { o.Audience = Agent },
		"no permission":      func(o *op) { o.Path, o.Audience = "/agent/v1/x", Agent },
		"nobodys permission": func(o *op) { o.Path, o.Audience, o.May = "/agent/v1/x", Agent, "open_doors" },
		"citizens with one":  func(o *op) { o.May = hotline.MayTakeCalls },
		"citizen for agents": func(o *op) { o.Path = "/agent/v1/x" },
		"open callback path": func(o *op) { o.Path, o.Audience = "/callbacks/x", Public },
		"twice":              func(o *op) { o.Path = "/healthz"; o.Audience = Public },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, o := newRig(t), good
			change(&o)
			require.Panics(t, func() { r.add(o, false, false) })
		})
	}
}

func documentOf(t *testing.T, b []byte) map[string]any {
	t.Helper()
	var doc map[string]any
	require.NoError(t, json.Unmarshal(b, &doc))
	return doc
}

func walkJSON(v any, see func(key string, value any)) {
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			see(key, value)
			walkJSON(value, see)
		}
	case []any:
		for _, value := range v {
			walkJSON(value, see)
		}
	}
}
