package laws_test

import (
	"go/ast"
	"go/token"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// R48: whatever is refused, by whatever door, says where to go on. The catalogue of the API holds what operations declare;
// this holds every refusal that is written down at all, declared or not.
func TestR48_EveryRefusalWrittenDownSaysWhereToGo(t *testing.T) {
	t.Parallel()
	found := 0
	for _, s := range sources(t) {
		if s.test || !within(s.dir, "models", "api", "integrations", "cmd/boot") || within(s.dir, "integrations/sandbox") || strings.HasSuffix(s.dir, "test") {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) != 3 || !named(call.Fun, "NewError") {
				return true
			}
			message, whole := words(call.Args[2])
			if message == "" {
				return true // put together elsewhere: from a sentence that is itself found here
			}
			found++
			if whole {
				require.True(t, strings.Contains(message, "12333") || strings.Contains(message, "网点"), "%s: %s", s.fset.Position(call.Pos()), message)
			}
			return true
		})
	}
	require.Greater(t, found, 120, "hardly a refusal was found")
}

// named reports whether a function is called name, of whatever package.
func named(fun ast.Expr, name string) bool {
	switch f := fun.(type) {
	case *ast.Ident:
		return f.Name == name
	case *ast.SelectorExpr:
		return f.Sel.Name == name
	}
	return false
}

// words is the text of an expression; whole is false where a part of it is a value.
func words(e ast.Expr) (text string, whole bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		s, err := strconv.Unquote(e.Value)
		return s, err == nil
	case *ast.BinaryExpr:
		if e.Op == token.ADD {
			x, first := words(e.X)
			y, second := words(e.Y)
			return x + y, first && second
		}
	}
	return "", false
}
