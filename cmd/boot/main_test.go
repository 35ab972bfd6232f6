package boot

import (
	"os"
	"testing"

	"onecard/models/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(storetest.Main(m)) }
