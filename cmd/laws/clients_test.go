package laws_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	consoleSources = "../../web/console/src"
	citizenSources = "../../web/citizen/src"
)

// banned is something a client's sources never say.
type banned struct {
	name string
	form *regexp.Regexp
	only []string // the files that may
}

// forbiddenToCitizens is what the citizens' pages never say: they run on three platforms, and on other people's phones.
var forbiddenToCitizens = []banned{
	{"markup made of text", regexp.MustCompile(`v-html|innerHTML|outerHTML|insertAdjacentHTML|document\.write|rich-text`), nil},
	{"code made of text", regexp.MustCompile(`\beval\(|new Function\(`), nil},
	{"a browser's storage", regexp.MustCompile(`localStorage|indexedDB|document\.cookie|caches\.`), nil},
	{"a storage of the tab", regexp.MustCompile(`sessionStorage`), []string{"lib/tab.ts"}},
	{"an address of somebody else", regexp.MustCompile(`["'(]\s*(?:https?:)?//[a-zA-Z0-9]`), nil},
	{"a request beside the one way to the server", regexp.MustCompile(`uni\.request\(|sendBeacon|WebSocket\(`), []string{"api/client.ts"}},
	{"a file sent or fetched beside the one way", regexp.MustCompile(`\bfetch\(|XMLHttpRequest|uploadFile|downloadFile`), []string{"lib/paper.ts"}},
	{"a word of courts and banks", regexp.MustCompile(`冻结`), nil},
	{"a tap that a browser never hears from a component", regexp.MustCompile(`<ss-[^>]*@(?:tap|click)=`), nil},
	{"a call that old phones do not know", regexp.MustCompile(`\.at\(|AbortSignal\.timeout|\.replaceAll\(|structuredClone\(`), nil},
	{"a method that no mini-program can send", regexp.MustCompile(`method: 'PATCH'`), nil},
}

// forbidden is what the console's sources never say, and why.
var forbidden = []banned{
	{"markup made of text", regexp.MustCompile(`v-html|innerHTML|outerHTML|insertAdjacentHTML|document\.write`), nil},
	{"code made of text", regexp.MustCompile(`\beval\(|new Function\(`), nil},
	{"a storage that outlives the tab", regexp.MustCompile(`localStorage|indexedDB|document\.cookie|caches\.`), nil},
	{"a storage of the tab", regexp.MustCompile(`sessionStorage`), []string{"lib/session.ts"}},
	{"an address of somebody else", regexp.MustCompile(`["'(]\s*(?:https?:)?//[a-zA-Z0-9]`), nil},
	{"a request beside the one way to the server", regexp.MustCompile(`\bfetch\(|XMLHttpRequest|sendBeacon|WebSocket\(`), []string{"api/client.ts"}},
	{"a word of courts and banks", regexp.MustCompile(`冻结`), nil},
}

// svgNames is the name of a language, not an address.
var svgNames = strings.NewReplacer("http://www.w3.org/2000/svg", "")

func TestTheConsoleKeepsItsRules(t *testing.T) {
	t.Parallel()
	keepsItsRules(t, consoleSources, forbidden, 30)
}

func TestTheCitizensPagesKeepTheirRules(t *testing.T) {
	t.Parallel()
	keepsItsRules(t, citizenSources, forbiddenToCitizens, 30)
}

func keepsItsRules(t *testing.T, sources string, rules []banned, least int) {
	t.Helper()
	read := 0
	err := filepath.WalkDir(sources, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == "schema.d.ts" {
			return err
		}
		content, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(sources, name)
		if err != nil {
			return err
		}
		read++
		rel, text := filepath.ToSlash(rel), svgNames.Replace(string(content))
		for _, f := range rules {
			if hit := f.form.FindString(text); hit != "" && !slices.Contains(f.only, rel) {
				t.Errorf("%s/%s holds %s: %q", sources, rel, f.name, hit)
			}
		}
		if lines := strings.Count(text, "\n"); lines > 400 {
			t.Errorf("%s/%s has %d lines; 400 is the most", sources, rel, lines)
		}
		return nil
	})
	require.NoError(t, err)
	require.Greater(t, read, least, "the law read hardly any file")
}

// TestTheConsoleLawBites shows the law refusing what it must refuse.
func TestTheConsoleLawBites(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{
		`<p v-html="answer" />`, `localStorage.setItem('a', 'b')`, `import('https://cdn.example/x.js')`, `url("//fonts.example/a.woff2")`, `fetch('/v1/x')`, `eval('1')`, `账户已冻结`,
	} {
		hit := false
		for _, f := range forbidden {
			hit = hit || f.form.MatchString(bad)
		}
		require.True(t, hit, bad)
	}
}

// Each page has one address, one number, and a place where the router finds it.
func TestEveryPageOfTheConsoleHasItsPlace(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(filepath.Join(consoleSources, "pages.json"))
	require.NoError(t, err)
	var pages []struct{ Path, Name, Title, Key string }
	require.NoError(t, json.Unmarshal(content, &pages))
	router, err := os.ReadFile(filepath.Join(consoleSources, "router.ts"))
	require.NoError(t, err)
	paths, keys := map[string]bool{}, map[string]bool{}
	form := regexp.MustCompile(`^/[a-z][a-z-]*$`)
	for _, p := range pages {
		require.Regexp(t, form, p.Path, "the server answers one step of an address")
		require.False(t, paths[p.Path], p.Path)
		require.False(t, p.Key != "" && keys[p.Key], "two pages have the number %s", p.Key)
		paths[p.Path], keys[p.Key] = true, true
		require.Contains(t, string(router), "  "+p.Name+": () => import(", "the router does not know %s", p.Name)
	}
}

// TestTheCitizensLawBites shows the law refusing what it must refuse.
func TestTheCitizensLawBites(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{
		`<view v-html="x" />`, `<rich-text :nodes="x" />`, `localStorage.x`, `import('https://cdn.example/x.js')`, `fetch('/v1/x')`, `uni.request({})`, `eval('1')`, `账户已冻结`,
		`<ss-button label="x" @tap="go()" />`, `method: 'PATCH'`, `uni.uploadFile({})`, `list.at(-1)`, `AbortSignal.timeout(1)`,
	} {
		hit := false
		for _, f := range forbiddenToCitizens {
			hit = hit || f.form.MatchString(bad)
		}
		require.True(t, hit, bad)
	}
}

// Each page of the citizens' has its file and its title, and none is left without an address.
func TestEveryPageOfTheCitizensHasItsPlace(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(filepath.Join(citizenSources, "pages.json"))
	require.NoError(t, err)
	var list struct {
		Pages []struct {
			Path  string
			Style struct{ NavigationBarTitleText string }
		}
	}
	require.NoError(t, json.Unmarshal(content, &list))
	files, err := filepath.Glob(filepath.Join(citizenSources, "pages", "*.vue"))
	require.NoError(t, err)
	require.Len(t, files, len(list.Pages))
	require.Equal(t, "pages/home", list.Pages[0].Path)
	form := regexp.MustCompile(`^pages/[a-z][a-z-]*$`)
	for _, p := range list.Pages {
		require.Regexp(t, form, p.Path)
		require.FileExists(t, filepath.Join(citizenSources, p.Path+".vue"))
		require.NotEmpty(t, p.Style.NavigationBarTitleText, p.Path)
	}
}

// A message opens a page that the mini-programs have, unless a place has set another.
func TestMessagesOpenAPageThatIsThere(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(filepath.Join(citizenSources, "pages.json"))
	require.NoError(t, err)
	form := regexp.MustCompile(`defaultPage\s*=\s*"([^"]+)"`)
	for _, platform := range []string{"wechat", "alipay"} {
		source, err := os.ReadFile(filepath.Join("../../integrations", platform, "messages.go"))
		require.NoError(t, err)
		found := form.FindSubmatch(source)
		require.NotNil(t, found, platform)
		require.Contains(t, string(content), `"path": "`+string(found[1])+`"`, platform)
	}
}
