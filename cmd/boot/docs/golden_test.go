// Package docs_test writes the documents that are made from the code, docs/errors.md, docs/texts.md and docs/flows.md,
// and fails when one of them is not what the code says. `make golden` writes them anew.
package docs_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the generated documents")

// root is the project's folder, seen from this package.
var root = filepath.Join("..", "..", "..")

// golden compares a document with what the code says now.
func golden(t *testing.T, name, want string) {
	t.Helper()
	path := filepath.Join(root, "docs", name)
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(want), 0o644))
	}
	have, err := os.ReadFile(path)
	require.NoError(t, err)
	if line, was, is := firstDifference(string(have), want); line > 0 {
		t.Errorf("docs/%s is old from line %d on: make golden, and read the difference\n  it says  %s\n  the code %s", name, line, was, is)
	}
}

// firstDifference is the number of the first line that differs, and both lines; zero where all are the same. These
// documents are long: a failure shows one line, git shows the rest.
func firstDifference(have, want string) (line int, was, is string) {
	olds, news := strings.Split(have, "\n"), strings.Split(want, "\n")
	for i := range max(len(olds), len(news)) {
		was, is = "", ""
		if i < len(olds) {
			was = olds[i]
		}
		if i < len(news) {
			is = news[i]
		}
		if was != is || i >= len(olds) || i >= len(news) {
			return i + 1, was, is
		}
	}
	return 0, "", ""
}

func TestAnOldDocumentIsNoticed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		have, want string
		line       int
	}{
		{"a\nb\n", "a\nb\n", 0}, {"a\nb\n", "a\nc\n", 2}, {"a\n", "a\nb\n", 2}, {"a\nb\n", "a\n", 2}, {"", "a", 1}, {"a", "a\n", 2},
	} {
		line, _, _ := firstDifference(c.have, c.want)
		require.Equal(t, c.line, line, "%q %q", c.have, c.want)
	}
}
