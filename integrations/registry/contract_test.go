package registry

import (
	"encoding/hex"
	"net/http"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/emmansun/gmsm/sm3"
	"github.com/knadh/koanf/parsers/yaml"
	"github.com/stretchr/testify/require"

	sandbox "onecard/integrations/sandbox/registry"
)

func document(t *testing.T) map[string]any {
	t.Helper()
	raw, err := os.ReadFile("../../docs/registry-openapi.yaml")
	require.NoError(t, err)
	doc, err := yaml.Parser().Unmarshal(raw)
	require.NoError(t, err)
	return doc
}

func at(t *testing.T, v any, path ...string) map[string]any {
	t.Helper()
	for _, p := range path {
		m, ok := v.(map[string]any)
		require.True(t, ok, p)
		v = m[p]
	}
	m, ok := v.(map[string]any)
	require.True(t, ok, strings.Join(path, "."))
	return m
}

// names are the JSON names of a struct, embedded structs included.
func names(typ reflect.Type) []string {
	var out []string
	for i := range typ.NumField() {
		f := typ.Field(i)
		if f.Anonymous {
			out = append(out, names(f.Type)...)
			continue
		}
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// The document, the pretend registry and our reader agree about every name.
func TestTheContractIsWhatBothSidesSpeak(t *testing.T) {
	t.Parallel()
	schemas := at(t, document(t), "components", "schemas")
	prose, err := os.ReadFile("../../docs/registry-contract.md")
	require.NoError(t, err)
	for name, sides := range map[string]struct{ theirs, ours any }{
		"Person":            {sandbox.Person{}, wirePerson{}},
		"Card":              {sandbox.Card{}, wireCard{}},
		"Loss":              {sandbox.Loss{}, wireLoss{}},
		"LossEnd":           {sandbox.LossEnd{}, wireLossEnd{}},
		"Application":       {sandbox.Application{}, wireApplication{}},
		"AZ03":              {sandbox.AZ03{}, wireAZ03{}},
		"Outlet":            {sandbox.Outlet{}, wireOutlet{}},
		"Opening":           {sandbox.Opening{}, wireOpening{}},
		"Bank":              {sandbox.Bank{}, wireBank{}},
		"Period":            {sandbox.Period{}, wirePeriod{}},
		"Programme":         {sandbox.Programme{}, wireProgramme{}},
		"Payee":             {sandbox.Payee{}, wirePayee{}},
		"Office":            {sandbox.Office{}, wireOffice{}},
		"Declaration":       {sandbox.Declaration{}, wireDeclaration{}},
		"Batch":             {sandbox.Batch{}, wireBatch{}},
		"PaymentLine":       {sandbox.PaymentLine{}, wireLine{}},
		"LineKey":           {sandbox.LineKey{}, wireLineKey{}},
		"Command":           {sandbox.CommandRequest{}, wireCommand{}},
		"Submission":        {sandbox.ApplicationDetail{}, wireSubmission{}},
		"CommandAnswer":     {sandbox.CommandAnswer{}, wireAnswer{}},
		"Figure":            {sandbox.Figure{}, wireFigure{}},
		"Figures":           {sandbox.FiguresAnswer{}, wireFigures{}},
		"FigureQuestion":    {sandbox.FigureQuestion{}, wireFigureQuestion{}},
		"LineMarksQuestion": {sandbox.LineMarksQuestion{}, wireLineMarksQuestion{}},
		"LineMark":          {sandbox.LineMark{}, wireLineMark{}},
		"LineMarks":         {sandbox.LineMarks{}, wireLineMarks{}},
	} {
		var documented []string
		for field := range at(t, schemas, name, "properties") {
			documented = append(documented, field)
			require.Contains(t, string(prose), field, "%s.%s is missing in the contract's text", name, field)
		}
		slices.Sort(documented)
		require.Equal(t, names(reflect.TypeOf(sides.theirs)), documented, "%s: document and pretend registry", name)
		require.Subset(t, documented, names(reflect.TypeOf(sides.ours)), "%s: our reader", name)
	}
}

func TestTheDocumentsReferencesLead(t *testing.T) {
	t.Parallel()
	doc := document(t)
	seen := 0
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			if ref, ok := v["$ref"].(string); ok {
				at(t, doc, strings.Split(strings.TrimPrefix(ref, "#/"), "/")...)
				seen++
			}
			for _, child := range v {
				walk(child)
			}
		case []any:
			for _, child := range v {
				walk(child)
			}
		}
	}
	walk(doc)
	require.Greater(t, seen, 100)
}

func TestTheDocumentNamesEveryCall(t *testing.T) {
	t.Parallel()
	paths := at(t, document(t), "paths")
	var got []string
	for path, methods := range paths {
		for method := range methods.(map[string]any) {
			got = append(got, strings.ToUpper(method)+" "+path)
		}
	}
	slices.Sort(got)
	require.Equal(t, []string{
		"GET /cards/v1/commands/{request_id}", "GET /cards/v1/feed", "GET /cards/v1/health", "GET /cards/v1/persons/{ref}",
		"GET /cards/v1/persons/{ref}/cards", "GET /cards/v1/snapshot",
		"GET /payments/v1/batches/{id}/lines", "GET /payments/v1/feed",
		"GET /payments/v1/health", "GET /payments/v1/snapshot",
		"POST /cards/v1/commands", "POST /cards/v1/persons/match", "POST /payments/v1/figures", "POST /payments/v1/figures/lines", "PUT /cards/v1/attachments/{sha256}",
	}, got)
}

// The worked example of the contract: whoever computes the same two signatures speaks it.
func TestTheExampleOfTheContract(t *testing.T) {
	t.Parallel()
	prose, err := os.ReadFile("../../docs/registry-contract.md")
	require.NoError(t, err)
	k := keys{"one-card", []byte(cardsSecret)}
	empty, body := sm3.Sum(nil), sm3.Sum([]byte("{}"))
	request := k.mac(http.MethodGet, "/registry/cards/v1/feed", "cursor=&limit=200", "1639962000", "0123456789abcdef", hex.EncodeToString(empty[:]))
	answer := k.mac("answer", "0123456789abcdef", "200", "1639962000", hex.EncodeToString(body[:]))
	require.Contains(t, string(prose), "X-Registry-Signature: "+hex.EncodeToString(request)+"\n")
	require.Contains(t, string(prose), "X-Registry-Content-SM3: "+hex.EncodeToString(body[:])+"\nX-Registry-Signature: "+hex.EncodeToString(answer)+"\n")
}
