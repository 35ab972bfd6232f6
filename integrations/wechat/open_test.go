package wechat_test

import (
	"go/parser"
	"go/token"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/configs"
	"onecard/integrations/wechat"
	"onecard/models"
)

func TestOpenMakesEveryAppInTheSettings(t *testing.T) {
	t.Parallel()
	r := start(t)
	cfg := settings(r.url)
	cfg.Apps = []configs.WechatApp{
		{Name: "one", Kind: "mini", AppID: miniID, Secret: configs.NewSecret(miniSecret), RealPerson: true},
		{Name: "two", Kind: "mini", AppID: "wxsecond", Secret: configs.NewSecret("another")},
		{Name: "oa", Kind: "oa", AppID: oaID, Secret: configs.NewSecret(oaSecret)},
	}
	apps, err := wechat.Open(cfg, "https://card.test/v1/authorizations/wechat_oa/return", r.deps())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, apps.Close()) })
	require.Len(t, apps.Logins, 3)
	require.Len(t, apps.Phones, 2)
	require.Len(t, apps.Faces, 1)
	require.Equal(t, models.WechatOA, apps.Logins[2].Platform())
	code, err := r.LoginCode(miniID, "wang")
	require.NoError(t, err)
	_, err = apps.Logins[0].Exchange(t.Context(), code)
	require.NoError(t, err)

	cfg.Apps[1].Secret = configs.Secret{}
	_, err = wechat.Open(cfg, "https://card.test/return", r.deps())
	require.ErrorContains(t, err, "two")
}

// The SDK's root package sets up a logger in init, and its callback server takes the mode of encryption from the
// caller and logs what it decrypts: neither is used here.
func TestOnlyTheSafeHalfOfTheSDKIsImported(t *testing.T) {
	t.Parallel()
	files, err := os.ReadDir(".")
	require.NoError(t, err)
	parsed := 0
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), f.Name(), nil, parser.ImportsOnly)
		require.NoError(t, err)
		parsed++
		for _, i := range tree.Imports {
			path := strings.Trim(i.Path.Value, `"`)
			require.NotEqual(t, "github.com/silenceper/wechat/v2", path, f.Name())
			require.NotContains(t, path, "silenceper/wechat/v2/officialaccount/server", f.Name())
			require.NotContains(t, path, "silenceper/wechat/v2/pay", f.Name())
		}
	}
	require.Positive(t, parsed)
}
