package web

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

func TestAClientWithoutItsFirstPageIsNotBuilt(t *testing.T) {
	t.Parallel()
	require.Nil(t, client(fstest.MapFS{"dist/.gitignore": {}}, "dist/console"))
	require.Nil(t, client(fstest.MapFS{"dist/console/assets/a.js": {}}, "dist/console"))
	got := client(fstest.MapFS{"dist/console/index.html": {Data: []byte("<!doctype html>")}}, "dist/console")
	require.NotNil(t, got)
	page, err := got.Open("index.html")
	require.NoError(t, err)
	require.NoError(t, page.Close())
}
