package laws_test

import (
	"go/ast"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A text nobody sends would still have to be filed with the carrier, and its code set before production starts.
func TestEveryKindOfNoticeIsSentBySomebody(t *testing.T) {
	t.Parallel()
	kinds, sent := map[string]bool{}, map[string]bool{}
	for _, s := range sources(t) {
		if s.path == "models/notice/kinds.go" {
			kindsIn(s.file, kinds)
		}
		if s.dir == "models/notice" && !s.test {
			draftsIn(s.file, sent)
		}
		if s.test || s.dir == "models/notice" || strings.HasSuffix(s.dir, "test") || within(s.dir, "cmd/boot/bench", "cmd/boot/walk") {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok {
				if pkg, ok := sel.X.(*ast.Ident); ok && pkg.Name == "notice" {
					sent[sel.Sel.Name] = true
				}
			}
			return true
		})
	}
	require.Greater(t, len(kinds), 20)
	for kind := range kinds {
		require.True(t, sent[kind], "notice.%s is drafted by nothing", kind)
	}
}

// draftsIn finds the kinds that the room of notices drafts itself.
func draftsIn(file *ast.File, into map[string]bool) {
	ast.Inspect(file, func(n ast.Node) bool {
		draft, ok := n.(*ast.CompositeLit)
		if !ok {
			return true
		}
		if name, ok := draft.Type.(*ast.Ident); !ok || name.Name != "Draft" {
			return true
		}
		for _, e := range draft.Elts {
			if pair, ok := e.(*ast.KeyValueExpr); ok {
				if kind, ok := pair.Value.(*ast.Ident); ok {
					into[kind.Name] = true
				}
			}
		}
		return true
	})
}

func kindsIn(file *ast.File, into map[string]bool) {
	for _, d := range file.Decls {
		group, ok := d.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, s := range group.Specs {
			if v, ok := s.(*ast.ValueSpec); ok && v.Type != nil && len(v.Values) == 1 {
				if name, ok := v.Type.(*ast.Ident); ok && name.Name == "Kind" {
					into[v.Names[0].Name] = true
				}
			}
		}
	}
}
