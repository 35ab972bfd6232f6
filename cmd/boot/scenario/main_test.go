// Package scenario drives the whole program as the people around it do: tables of who calls what, which answer is
// wanted, and what was then sent and written down.
package scenario

import (
	"os"
	"testing"

	"onecard/cmd/boot/boottest"
)

func TestMain(m *testing.M) {
	code := boottest.Main(m)
	if binaryDir != "" {
		_ = os.RemoveAll(binaryDir)
	}
	os.Exit(code)
}
