// Package laws_test holds the house rules that a compiler does not: who may import whom, how long a file may be, what a
// package may be called. It reads the source inside the test, so a cached result is never an old one's.
package laws_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// source is one parsed Go file of ours.
type source struct {
	path    string // from the root, with slashes
	dir     string
	test    bool
	file    *ast.File
	fset    *token.FileSet
	imports []string
	lines   int
}

const module = "onecard"

// sources parses every Go file of the project. It fails when it finds suspiciously few: a law that reads nothing holds
// nothing.
func sources(t *testing.T) []source {
	t.Helper()
	root := filepath.Join("..", "..")
	require.FileExists(t, filepath.Join(root, "go.mod"))
	var out []source
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "node_modules" || d.Name() == "testdata"):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, ".go") || filepath.Dir(name) == root:
			return nil
		}
		content, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		s := source{path: rel, dir: path.Dir(rel), test: strings.HasSuffix(rel, "_test.go"), fset: token.NewFileSet(), lines: bytes.Count(content, []byte("\n"))}
		if s.file, err = parser.ParseFile(s.fset, name, content, parser.SkipObjectResolution|parser.ParseComments); err != nil {
			return err
		}
		for _, spec := range s.file.Imports {
			target, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			s.imports = append(s.imports, target)
		}
		out = append(out, s)
		return nil
	})
	require.NoError(t, err)
	require.Greater(t, len(out), 50, "the laws parsed hardly any file")
	return out
}

// within reports whether a package lies in one of the folders.
func within(dir string, folders ...string) bool {
	return slices.ContainsFunc(folders, func(f string) bool { return dir == f || strings.HasPrefix(dir, f+"/") })
}

// mayImport is the import table: whether a package of ours may import another of ours.
func mayImport(dir, target string, test bool) bool {
	if target == dir {
		return true // a package's own external tests
	}
	switch {
	case within(dir, "cmd/boot"):
		return true
	case dir == "cmd/onecard":
		return within(target, "cmd/boot", "configs")
	case within(dir, "integrations/sandbox"):
		return within(target, "integrations/sandbox")
	case within(dir, "integrations"):
		own := strings.Join(strings.SplitN(dir, "/", 3)[:2], "/")
		return within(target, own, "configs") || within(target, "models") && !within(target, "models/store") ||
			test && within(target, "integrations/sandbox") // an adapter is tested against the other side over real HTTP
	case dir == "api":
		return within(target, "models") && !within(target, "models/store")
	case within(dir, "models/store"):
		return within(target, "models")
	case dir == "models", dir == "models/flow", dir == "configs", within(dir, "web"), dir == "cmd/laws":
		return false
	case dir == "models/audit":
		return target == "models"
	case strings.HasSuffix(dir, "test") && path.Dir(dir) == target, strings.HasSuffix(target, "test") && path.Dir(target) == dir:
		return within(dir, "models") // a capability's world for tests, e.g. models/card/cardtest
	case within(dir, "models"):
		return slices.Contains([]string{"models", "models/flow", "models/audit", "models/notice"}, target)
	}
	return false
}

// capabilities are the rooms of the import table under models. A new one is named here and in docs/adr/0001 first.
var capabilities = []string{"citizen", "card", "subsidy", "notice", "payment", "hotline", "knowledge", "policy", "mirror"}

func TestEveryCapabilityIsNamed(t *testing.T) {
	t.Parallel()
	known := map[string]bool{"models": true, "models/flow": true, "models/audit": true}
	for _, name := range capabilities {
		known["models/"+name] = true
	}
	met := map[string]bool{}
	for _, s := range sources(t) {
		if !within(s.dir, "models") || within(s.dir, "models/store") {
			continue
		}
		room := strings.Join(strings.SplitN(s.dir, "/", 3)[:min(2, strings.Count(s.dir, "/")+1)], "/")
		met[room] = true
		if !known[room] {
			t.Errorf("%s stands in a room nobody knows", s.path)
		}
	}
	require.True(t, met["models/knowledge"] && met["models/citizen"])
}

// owners says in which folders alone a module of others may be imported. The bench has them too: its baselines are made
// of the bare modules.
var owners = []struct {
	module  string
	folders []string
}{
	{"github.com/gin-gonic/gin", []string{"api", "cmd/boot/bench"}},
	{"github.com/danielgtaylor/huma", []string{"api"}},
	{"gorm.io/", []string{"models/store", "cmd/boot/bench"}},
	{"github.com/glebarez/", []string{"models/store", "integrations/sandbox"}},
	{"github.com/jackc/pgx", []string{"models/store", "cmd/boot"}},
	{"github.com/coreos/go-oidc", []string{"integrations/oidc"}},
	{"golang.org/x/oauth2", []string{"integrations/oidc"}},
	{"github.com/pressly/goose", []string{"models/store"}},
	{"github.com/riverqueue/river", []string{"models/store", "cmd/boot"}},
	{"github.com/silenceper/wechat", []string{"integrations/wechat"}},
	{"github.com/smartwalle/", []string{"integrations/alipay"}},
	{"github.com/alibabacloud-go/", []string{"integrations/sms", "cmd/boot/bench"}},
	{"github.com/tencentcloud/", []string{"integrations/sms"}},
	{"github.com/redis/go-redis", []string{"integrations/redis", "cmd/boot/bench"}},
	{"github.com/bsm/redislock", []string{"integrations/redis"}},
	{"github.com/minio/", []string{"integrations/objects"}},
	{"github.com/signintech/gopdf", []string{"integrations/pdf"}},
	{"github.com/alicebob/miniredis", []string{"integrations/redis"}},
	{"github.com/knadh/koanf/v2", []string{"configs"}},
	{"github.com/knadh/koanf/providers", []string{"configs"}},
}

func TestImportsFollowTheTable(t *testing.T) {
	t.Parallel()
	for _, s := range sources(t) {
		for _, target := range s.imports {
			if ours, ok := strings.CutPrefix(target, module+"/"); ok {
				if !mayImport(s.dir, ours, s.test) {
					t.Errorf("%s imports %s, which design's table of rooms does not allow", s.path, ours)
				}
				continue
			}
			for _, o := range owners {
				if strings.HasPrefix(target, o.module) && !within(s.dir, o.folders...) {
					t.Errorf("%s imports %s, which belongs to %s alone", s.path, target, strings.Join(o.folders, " and "))
				}
			}
			if target == "github.com/silenceper/wechat/v2" {
				t.Errorf("%s imports the SDK's root package, which sets a global logger to debug", s.path)
			}
			if within(s.dir, "integrations/sandbox") && !s.test && !sandboxMay(target) {
				t.Errorf("%s imports %s: the pretend platforms know the standard library, gmsm and the SQL driver only", s.path, target)
			}
		}
	}
}

// sandboxMay lets the pretend platforms use the standard library, gmsm and the SQL driver: nothing that our own side
// could share with them, so that an adapter is really exercised.
func sandboxMay(target string) bool {
	first, _, _ := strings.Cut(target, "/")
	return !strings.Contains(first, ".") || strings.HasPrefix(target, "github.com/emmansun/gmsm/") || strings.HasPrefix(target, "github.com/glebarez/")
}

// TestTheImportLawBites shows the table refusing what it must refuse.
func TestTheImportLawBites(t *testing.T) {
	t.Parallel()
	for _, bad := range [][2]string{
		{"api", "models/store"}, {"api", "integrations/redis"}, {"models/card", "models/citizen"}, {"models", "models/flow"},
		{"models/card", "models/store"}, {"models/notice", "models/card"}, {"integrations/wechat", "models/store"},
		{"integrations/wechat", "integrations/redis"}, {"integrations/sandbox/wechat", "models"}, {"configs", "models"},
		{"cmd/onecard", "models/policy"}, {"somewhere/new", "models"},
		{"models/knowledge", "models/policy"}, {"models/citizen", "models/knowledge"}, {"models/knowledge", "models/store"},
	} {
		require.False(t, mayImport(bad[0], bad[1], false), "%s importing %s", bad[0], bad[1])
		require.False(t, mayImport(bad[0], bad[1], true), "%s importing %s in a test", bad[0], bad[1])
	}
	require.True(t, mayImport("integrations/wechat", "integrations/sandbox/wechat", true))
	require.False(t, mayImport("integrations/wechat", "integrations/sandbox/wechat", false))
	require.False(t, sandboxMay("github.com/silenceper/wechat/v2/miniprogram"))
}

func TestFilesStayReadable(t *testing.T) {
	t.Parallel()
	const most = 400
	for _, s := range sources(t) {
		if s.lines > most {
			t.Errorf("%s has %d lines; split it by verb, %d is the most", s.path, s.lines, most)
		}
	}
}

func TestNamesSayWhatIsInside(t *testing.T) {
	t.Parallel()
	empty := []string{"util", "utils", "common", "helper", "helpers", "base", "service", "manager", "impl", "dto", "vo", "misc", "shared"}
	for _, s := range sources(t) {
		name := strings.TrimSuffix(s.file.Name.Name, "_test")
		if slices.Contains(empty, name) {
			t.Errorf("%s: package %s says nothing about what is inside", s.path, name)
		}
		file := strings.TrimSuffix(strings.TrimSuffix(path.Base(s.path), ".go"), "_test")
		if slices.Contains([]string{"util", "utils", "helper", "helpers", "common", "misc"}, file) {
			t.Errorf("%s: the file's name says nothing about what is inside", s.path)
		}
	}
}

func TestTestsDoNotSleep(t *testing.T) {
	t.Parallel()
	for _, s := range sources(t) {
		if !s.test {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			call, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if pkg, ok := call.X.(*ast.Ident); ok && pkg.Name == "time" && call.Sel.Name == "Sleep" {
				t.Errorf("%s:%d sleeps; move the clock or wait for a signal", s.path, s.fset.Position(call.Pos()).Line)
			}
			return true
		})
	}
}

func TestEveryTestRunsBesideTheOthers(t *testing.T) {
	t.Parallel()
	for _, s := range sources(t) {
		if !s.test {
			continue
		}
		for _, d := range s.file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Recv != nil || f.Body == nil || !strings.HasPrefix(f.Name.Name, "Test") || f.Name.Name == "TestMain" || len(f.Type.Params.List) != 1 {
				continue
			}
			if !callsParallel(f.Body) {
				t.Errorf("%s: %s is not parallel", s.path, f.Name.Name)
			}
		}
	}
}

func callsParallel(body *ast.BlockStmt) bool {
	found := false
	ast.Inspect(body, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok && sel.Sel.Name == "Parallel" {
			found = true
		}
		return !found
	})
	return found
}

func TestNothingIsLeftForLater(t *testing.T) {
	t.Parallel()
	marks := []string{"TO" + "DO", "FIX" + "ME", "XX" + "X"}
	for _, s := range sources(t) {
		for _, group := range s.file.Comments {
			for _, c := range group.List {
				for _, mark := range marks {
					if strings.Contains(c.Text, mark) {
						t.Errorf("%s:%d leaves something for later", s.path, s.fset.Position(c.Pos()).Line)
					}
				}
			}
		}
	}
}
