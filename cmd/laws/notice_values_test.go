package laws_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// A name or a number of a person prints masked until somebody reveals it, and no form of a variable can tell a name from a
// short word. So nothing is revealed where the values of a notice are made (R55).
func TestR55_NoPersonsOwnDataIsRevealedIntoANotice(t *testing.T) {
	t.Parallel()
	drafts := 0
	for _, s := range sources(t) {
		if s.test || s.dir == "models/notice" || !slices.Contains(s.imports, module+"/models/notice") {
			continue
		}
		found, bad := revealed(s.file)
		drafts += found
		for _, pos := range bad {
			require.Fail(t, "a person's own data is revealed into a notice's values", "%s", s.fset.Position(pos))
		}
	}
	require.Greater(t, drafts, 10, "hardly a draft was found")
}

// revealed counts the drafts of a file, and finds each Reveal() among the values of one: in Params, in a map of texts, or in
// what is put into a map called params.
func revealed(file *ast.File) (drafts int, bad []token.Pos) {
	look := func(e ast.Expr) {
		ast.Inspect(e, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok && named(call.Fun, "Reveal") {
				bad = append(bad, call.Pos())
			}
			return true
		})
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CompositeLit:
			if sel, ok := n.Type.(*ast.SelectorExpr); ok && sel.Sel.Name == "Draft" {
				drafts++
			}
			if m, ok := n.Type.(*ast.MapType); ok && isText(m.Key) && isText(m.Value) {
				look(n)
			}
		case *ast.KeyValueExpr:
			if key, ok := n.Key.(*ast.Ident); ok && key.Name == "Params" {
				if _, literal := n.Value.(*ast.CompositeLit); !literal { // a literal is looked at by itself
					look(n.Value)
				}
			}
		case *ast.AssignStmt:
			for i, left := range n.Lhs {
				at, ok := left.(*ast.IndexExpr)
				if name, isName := indexed(at, ok); isName && name == "params" && i < len(n.Rhs) {
					look(n.Rhs[i])
				}
			}
		}
		return true
	})
	return drafts, bad
}

func isText(e ast.Expr) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == "string"
}

func indexed(at *ast.IndexExpr, ok bool) (string, bool) {
	if !ok {
		return "", false
	}
	id, isName := at.X.(*ast.Ident)
	if !isName {
		return "", false
	}
	return id.Name, true
}

func TestTheLawOfNoticeValuesBites(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]int{
		`d := notice.Draft{Params: map[string]string{"reason": person.Name.Reveal()}}`:                             1,
		`d := notice.Draft{Params: map[string]string{"reason": short(string(p.IDNumber.Reveal()))}}`:               1,
		`d := notice.Draft{Params: valuesOf(p.Phone.Reveal())}`:                                                    1,
		`params["outlet"] = p.Name.Reveal()`:                                                                       1,
		`d := notice.Draft{Params: map[string]string{"bank": bank.Name}, Secret: notice.NewSecret(code.Reveal())}`: 0,
	} {
		file, err := parser.ParseFile(token.NewFileSet(), "planted.go", "package planted\n\nfunc f() {\n"+body+"\n}\n", parser.SkipObjectResolution)
		require.NoError(t, err)
		_, bad := revealed(file)
		require.Len(t, bad, want, body)
	}
}
