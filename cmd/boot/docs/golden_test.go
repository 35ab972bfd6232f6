// Package docs_test writes the documents that are made from the code, docs/errors.md, docs/texts.md and docs/flows.md,
// and fails when one of them is not what the code says. `make golden` writes them anew.
package docs_test

import (
	"flag"
	"os"
	"path/filepath"
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
	require.Equal(t, want, string(have), "docs/%s is old: make golden, and read the difference", name)
}
