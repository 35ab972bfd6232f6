package configs

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func write(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "settings")
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

func TestDevNeedsNoSettings(t *testing.T) {
	t.Parallel()
	c, err := Load(Dev(".data"), "", nil)
	require.NoError(t, err)
	require.True(t, c.Sandbox.Enabled)
	require.Equal(t, filepath.Join(".data", "onecard.db"), c.SQLiteFile())
	require.Len(t, c.Keys.KEK.Bytes(), 32)
}

func TestEnvironmentLiesOverFileOverDefaults(t *testing.T) {
	t.Parallel()
	path := write(t, "http:\n  addr: 127.0.0.1:1\n  read_timeout: 7s\nregistry:\n  cards: {url: 'http://file/'}\n")
	c, err := Load(Dev(".data"), path, []string{
		"ONECARD_HTTP_ADDR=127.0.0.1:2", "ONECARD_REGISTRY_CARDS_URL=http://env/", "ONECARD_HTTP_TRUSTED_PROXIES=10.0.0.0/8, 127.0.0.1",
		"ONECARD_TEST_POSTGRES=x", "ONECARD_DEMO_REDIS=x", "ONECARD_BENCH_POSTGRES=x", "ONECARD_BENCH_REDIS=x", "PATH=/bin", "ONECARD_SANDBOX_SEED=42", "ONECARD_SANDBOX_FENCE=false",
	})
	require.NoError(t, err)
	require.Equal(t, "127.0.0.1:2", c.HTTP.Addr)
	require.Equal(t, 7*time.Second, c.HTTP.ReadTimeout)
	require.Equal(t, "http://env/", c.Registry.Cards.URL)
	require.Equal(t, []string{"10.0.0.0/8", "127.0.0.1"}, c.HTTP.TrustedProxies)
	require.EqualValues(t, 42, c.Sandbox.Seed)
	require.False(t, c.Sandbox.Fence)
	require.Equal(t, 30*time.Second, c.HTTP.WriteTimeout, "untouched defaults stay")
}

func TestFileMayBeNamedByTheEnvironment(t *testing.T) {
	t.Parallel()
	c, err := Load(Dev(".data"), "", []string{"ONECARD_CONFIG=" + write(t, "data_dir: /elsewhere\n")})
	require.NoError(t, err)
	require.Equal(t, "/elsewhere", c.DataDir)
}

func TestSecretsComeFromFiles(t *testing.T) {
	t.Parallel()
	path := write(t, "s3cret-of-a-file\n")
	c, err := Load(Dev(".data"), "", []string{"ONECARD_REGISTRY_CARDS_SECRET_FILE=" + path})
	require.NoError(t, err)
	require.Equal(t, "s3cret-of-a-file", c.Registry.Cards.Secret.Reveal())

	_, err = Load(Dev(".data"), "", []string{"ONECARD_REGISTRY_CARDS_SECRET_FILE=" + path, "ONECARD_REGISTRY_CARDS_SECRET=x"})
	require.ErrorContains(t, err, "keep one of them")
	_, err = Load(Dev(".data"), "", []string{"ONECARD_KEYS_KEK_FILE=/no/such/file"})
	require.ErrorContains(t, err, "ONECARD_KEYS_KEK_FILE: names a file that cannot be read")
	_, err = Load(Dev(".data"), "", []string{"ONECARD_HTTP_ADDR_FILE=" + path})
	require.ErrorContains(t, err, "ONECARD_HTTP_ADDR_FILE: is no setting", "only secrets have files")
}

func TestListsAreNumbered(t *testing.T) {
	t.Parallel()
	base := Dev(".data")
	c, err := Load(base, "", []string{
		"ONECARD_WECHAT_APPS_0_SECRET=other-secret",
		"ONECARD_WECHAT_APPS_2_NAME=second", "ONECARD_WECHAT_APPS_2_KIND=mini", "ONECARD_WECHAT_APPS_2_APP_ID=wx2", "ONECARD_WECHAT_APPS_2_SECRET=s",
		"ONECARD_WECHAT_APPS_3_NAME=third", "ONECARD_WECHAT_APPS_3_KIND=oa", "ONECARD_WECHAT_APPS_3_APP_ID=wx3", "ONECARD_WECHAT_APPS_3_SECRET=s",
	})
	require.NoError(t, err)
	require.Len(t, c.Wechat.Apps, 4)
	require.Equal(t, "other-secret", c.Wechat.Apps[0].Secret.Reveal())
	require.Equal(t, "mini", c.Wechat.Apps[0].Name, "the rest of the entry stays")
	require.Equal(t, "wx3", c.Wechat.Apps[3].AppID)
	require.Equal(t, "desk-wechat-mini-secret", base.Wechat.Apps[0].Secret.Reveal(), "the defaults are not written to")

	_, err = Load(base, "", []string{"ONECARD_WECHAT_APPS_5_NAME=gap"})
	require.ErrorContains(t, err, "ONECARD_WECHAT_APPS_5_NAME: is no setting")

	c, err = Load(base, write(t, "wechat:\n  apps:\n    - {name: only, kind: mini, app_id: wx9, secret: s}\n"), nil)
	require.NoError(t, err)
	require.Len(t, c.Wechat.Apps, 1, "a list in the file replaces the default one")
}

func TestEverythingWrongIsToldAtOnce(t *testing.T) {
	t.Parallel()
	path := write(t, `
mode: prod
http: {adr: x, read_timeout: soon}
wechat: {apps: none}
registry: 5
keys: {kek: tooshort-and-secret}
`)
	_, err := Load(Dev(".data"), path, []string{"ONECARD_HTPP_ADDR=x", "ONECARD_BENCHES=x", "ONECARD_DATABASE_MAX_CONNS=many"})
	var found Findings
	require.ErrorAs(t, err, &found)
	for _, want := range []string{
		"mode: must be one of dev, production", "http.adr: is no setting", "http.read_timeout: is not a time span",
		"wechat.apps: is a list", "registry: is a section", "keys.kek: is not 32 bytes", "ONECARD_HTPP_ADDR: is no setting", "ONECARD_BENCHES: is no setting",
		"ONECARD_DATABASE_MAX_CONNS: is not a whole number",
	} {
		require.ErrorContains(t, err, want)
	}
	require.NotContains(t, err.Error(), "tooshort-and-secret")
	require.NotContains(t, err.Error(), "soon")
}

func TestBrokenFileDoesNotShowItsText(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{
		"not YAML": "keys:\n  kek: 'hunter2\n", "twice": "keys: {kek: hunter2}\nkeys: {kek: hunter2}\n", "a list": "- hunter2\n", "tab": "a:\n\t- hunter2",
	} {
		_, err := Load(Dev(".data"), write(t, content), nil)
		require.Error(t, err, name)
		require.NotContains(t, err.Error(), "hunter2", name)
	}
	_, err := Load(Dev(".data"), "/no/such/file", nil)
	require.ErrorContains(t, err, "no such file")
}

func TestSecretsNeverPrint(t *testing.T) {
	t.Parallel()
	c := Dev(".data")
	c.Database.DSN = NewSecret("postgres://u:hunter2@h/d")
	c.Redis.Password = NewSecret("hunter2")
	c.Keys.KEK = NewKey([32]byte([]byte("hunter2-hunter2-hunter2-hunter2-")))
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("start", "settings", c)
	asJSON, err := json.Marshal(c)
	require.NoError(t, err)
	for _, text := range []string{log.String(), string(asJSON), fmt.Sprintf("%v %+v %#v %s", c, c, c, c.Redis.Password)} {
		require.NotContains(t, text, "hunter2")
		require.NotContains(t, text, "104 117 110 116 101 114 50", "hunter2, byte by byte")
		require.NotContains(t, text, "desk-")
	}
	require.Contains(t, log.String(), `"redis.password":"set"`)
	require.Contains(t, log.String(), `"oidc.client_secret":"unset"`)
}

func TestKeyForms(t *testing.T) {
	t.Parallel()
	raw := [32]byte([]byte("0123456789abcdefghijklmnopqrst?~"))
	for _, text := range []string{
		"30313233343536373839616263646566" + "6768696a6b6c6d6e6f707172737" + "43f7e",
		"MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3BxcnN0P34=", "MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3BxcnN0P34", " MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3BxcnN0P34=\n",
	} {
		var k Key
		require.NoError(t, k.UnmarshalText([]byte(text)), text)
		require.Equal(t, raw[:], k.Bytes())
	}
	var k Key
	require.Error(t, k.UnmarshalText([]byte("MDEy")))
	require.NoError(t, k.UnmarshalText(nil))
	require.False(t, k.IsSet())
}

func TestNamesAreUnique(t *testing.T) {
	t.Parallel()
	c := Dev(".data")
	seen := map[string]string{}
	for _, l := range leavesOf(&c) {
		require.NotEmpty(t, l.doc, l.key)
		names := []string{l.env}
		if l.secret() {
			names = append(names, l.env+"_FILE")
		}
		for _, n := range names {
			require.Empty(t, seen[n], "%s names two settings", n)
			require.False(t, reserved(n) || n == FileVariable, n)
			seen[n] = l.key
		}
	}
	require.Equal(t, "http.addr", seen["ONECARD_HTTP_ADDR"])
	require.Equal(t, "registry.cards.url", seen["ONECARD_REGISTRY_CARDS_URL"])
}
