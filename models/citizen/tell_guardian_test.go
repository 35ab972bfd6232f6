package citizen

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models/notice"
)

// Every step of a child's card that is told at all has a form for the guardian, who ordered it and perhaps paid. A new kind
// that models/card drafts is in it by being drafted.
func TestR23_EveryNoticeOfAChildsCardHasAFormForTheGuardian(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../card/*.go")
	require.NoError(t, err)
	kinds, drafted := noticeKinds(t), map[notice.Kind]bool{}
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		ast.Inspect(parsed(t, path), func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok {
				if pkg, ok := sel.X.(*ast.Ident); ok && pkg.Name == "notice" && kinds[sel.Sel.Name] != "" {
					drafted[kinds[sel.Sel.Name]] = true
				}
			}
			return true
		})
	}
	require.True(t, drafted[notice.ApplicationAccepted] && drafted[notice.ReplacementActivate] && drafted[notice.LossEffective])
	require.Greater(t, len(drafted), 25)
	for kind := range drafted {
		spec, _ := notice.SpecOf(kind)
		hers, ok := forGuardian(notice.Draft{Kind: kind, Params: map[string]string{}})
		require.True(t, ok, "%s is told to nobody's guardian", kind)
		want := notice.GuardianProgress
		switch {
		case kind == notice.LossEffective, kind == notice.LossElsewhere:
			want = notice.GuardianLoss
		case spec.Lane == notice.LaneLoss:
			want = notice.GuardianLossStep
		}
		require.Equal(t, want, hers.Kind, kind)
	}
}

// noticeKinds are the kinds by the names of their constants.
func noticeKinds(t *testing.T) map[string]notice.Kind {
	t.Helper()
	kinds := map[string]notice.Kind{}
	ast.Inspect(parsed(t, "../notice/kinds.go"), func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok || v.Type == nil || len(v.Values) != 1 {
			return true
		}
		if typ, ok := v.Type.(*ast.Ident); ok && typ.Name == "Kind" {
			word, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
			require.NoError(t, err)
			kinds[v.Names[0].Name] = notice.Kind(word)
		}
		return true
	})
	return kinds
}

func parsed(t *testing.T, path string) *ast.File {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	require.NoError(t, err)
	return file
}
