package docs_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
)

// file is one parsed file of ours, without tests and without the pretend platforms.
type file struct {
	dir  string
	tree *ast.File
}

// billColumns name the columns of vendors' tables, which nobody is shown.
var billColumns = []string{"integrations/wechatpay/bill.go", "integrations/alipay/pay_bill.go"}

func parsed(t *testing.T, folders ...string) []file {
	t.Helper()
	var out []file
	for _, folder := range folders {
		err := filepath.WalkDir(filepath.Join(root, folder), func(name string, d fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
				return err
			}
			rel, err := filepath.Rel(root, name)
			if at := filepath.ToSlash(rel); err != nil || strings.HasPrefix(at, "integrations/sandbox/") || strings.HasPrefix(at, "integrations/sms/smstest/") || slices.Contains(billColumns, at) {
				return err
			}
			tree, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
			if err != nil {
				return err
			}
			out = append(out, file{path.Dir(filepath.ToSlash(rel)), tree})
			return nil
		})
		require.NoError(t, err)
	}
	require.NotEmpty(t, out)
	return out
}

// phrase is a piece of Chinese in the code.
type phrase struct{ dir, decl, key, text string }

// notShown are declarations whose Chinese nobody reads on a screen, or that have a table of their own.
var notShown = []string{
	"api.newHuma", "api.refusedKeys", "notice.sensitiveWords", "notice.personWords", "notice.linkForm", "notice.paramForms", "notice.specs",
	"notice.bankHint", "notice.longest", "notice.Day", "notice.Moment", "policy.Document",
	"notice.bankParam", "notice.hotlineParam", "notice.timeParam", "notice.dateParam", "notice.codeParam", "notice.reasonParam",
	"query.reasons", "cardstest.persons", // words of the other side, and a name in its tests
	"notice.replyWords", "notice.ReadReply", "notice.narrow", // what people write to us
	"hotline.writtenDigits", // what is looked for in notes
}

// notFields are fields of tables for developers: the document of the API, of the policies and of the settings.
var notFields = []string{"Summary", "Doc", "Description"}

func phrases(f file) []phrase {
	var out []phrase
	for _, d := range f.tree.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			out = append(out, within(f.dir, d.Name.Name, d.Body)...)
		case *ast.GenDecl:
			for _, s := range d.Specs {
				spec, ok := s.(*ast.ValueSpec)
				if !ok {
					continue
				}
				for i, v := range spec.Values {
					out = append(out, within(f.dir, spec.Names[min(i, len(spec.Names)-1)].Name, v)...)
				}
			}
		}
	}
	return out
}

// within finds the pieces in one declaration. The key is the nearest thing that names a piece: the key of its entry, the
// case it belongs to, or the code of an error.
func within(dir, decl string, root ast.Node) []phrase {
	if slices.Contains(notShown, path.Base(dir)+"."+decl) {
		return nil
	}
	var out []phrase
	var walk func(n ast.Node, key string)
	walk = func(n ast.Node, key string) {
		ast.Inspect(n, func(child ast.Node) bool {
			switch c := child.(type) {
			case *ast.KeyValueExpr:
				name := text(c.Key)
				if slices.Contains(notFields, name) {
					return false
				}
				if _, isList := c.Value.(*ast.CompositeLit); !isList && key != "" && (name == "Text" || name == "Message") {
					name = key
				}
				walk(c.Value, name)
				return false
			case *ast.CaseClause:
				var names []string
				for _, e := range c.List {
					names = append(names, text(e))
				}
				for _, s := range c.Body {
					walk(s, strings.Trim(strings.Join(names, " "), " "))
				}
				return false
			case *ast.CompositeLit:
				if named := codeOf(c); named != "" && named != key {
					for _, e := range c.Elts {
						walk(e, named)
					}
					return false
				}
			case *ast.CallExpr:
				if len(c.Args) == 3 && text(c.Fun) == "models.NewError" {
					walk(c.Args[2], text(c.Args[1]))
					return false
				}
				if text(c.Fun) == "regexp.MustCompile" {
					return false
				}
			case *ast.Field:
				return c.Tag == nil
			case *ast.BinaryExpr:
				if s := joined(c); c.Op == token.ADD && strings.IndexFunc(s, isHan) >= 0 {
					out = append(out, phrase{dir, decl, key, s})
					return false
				}
			case *ast.BasicLit:
				if s, ok := literal(c); ok && strings.IndexFunc(s, isHan) >= 0 {
					out = append(out, phrase{dir, decl, key, s})
				}
			}
			return true
		})
	}
	if root != nil {
		walk(root, "")
	}
	return out
}

// joined is a sentence put together from pieces, with the name of each value in braces.
func joined(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BinaryExpr:
		return joined(e.X) + joined(e.Y)
	case *ast.BasicLit:
		if s, ok := literal(e); ok {
			return s
		}
	case *ast.CallExpr:
		return "{" + text(e.Fun) + "}"
	}
	return "{" + text(e) + "}"
}

func isHan(r rune) bool { return unicode.Is(unicode.Han, r) }

// codeOf is the Code, Kind or Purpose that a composite literal carries.
func codeOf(c *ast.CompositeLit) string {
	for _, e := range c.Elts {
		kv, ok := e.(*ast.KeyValueExpr)
		if ok && slices.Contains([]string{"Code", "Kind", "Purpose"}, text(kv.Key)) {
			return text(kv.Value)
		}
	}
	return ""
}

// text writes a simple expression as its reader would name it.
func text(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return text(e.X) + "." + e.Sel.Name
	case *ast.BasicLit:
		if s, ok := literal(e); ok {
			return s
		}
		return e.Value
	}
	return ""
}
