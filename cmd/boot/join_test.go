package boot

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/configs"
	"onecard/models"
	"onecard/models/citizen"
	"onecard/models/notice"
)

func TestEveryTextHasASettingForTheCodeItIsFiledUnder(t *testing.T) {
	t.Parallel()
	kinds := map[string]bool{}
	for _, s := range notice.Templates() {
		kinds[string(s.Kind)] = true
	}
	codes := configs.DemoTemplates().ByKind()
	for kind := range kinds {
		require.NotEmpty(t, codes[kind], "configs.Templates has no %s", kind)
	}
	require.Len(t, codes, len(kinds), "configs.Templates has a kind that is sent no more")
	require.Len(t, filedNumbers(), len(kinds), "the second carrier has each under a number of its own")
}

func TestReceiptsComeFromTheAddressesSetForThem(t *testing.T) {
	t.Parallel()
	cfg := configs.Dev(t.TempDir())
	cfg.SMS.Aliyun.CallbackSources = []string{"100.64.0.0/10"}
	receipts, err := (&App{cfg: cfg, clock: models.SystemClock{}}).smsCallback()
	require.NoError(t, err)
	token := cfg.SMS.Aliyun.CallbackToken.Reveal()
	_, err = receipts.Receipts(token, netip.MustParseAddr("100.64.0.9"), []byte("[]"))
	require.NoError(t, err)
	_, err = receipts.Receipts(token, netip.MustParseAddr("9.9.9.9"), []byte("[]"))
	require.ErrorIs(t, err, notice.ErrCallback)
}

func TestEveryAlipayAppWithTheRightChecksFaces(t *testing.T) {
	t.Parallel()
	ours, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	public, err := x509.MarshalPKIXPublicKey(&ours.PublicKey)
	require.NoError(t, err)
	private, err := x509.MarshalPKCS8PrivateKey(ours)
	require.NoError(t, err)
	cfg := configs.Dev(t.TempDir()).AtDesk("http://127.0.0.1:1")
	cfg.HTTP.PublicURL = "http://127.0.0.1:2"
	for i := range cfg.Alipay.Apps {
		cfg.Alipay.Apps[i].RealPerson = true
		cfg.Alipay.Apps[i].PrivateKey = configs.NewSecret(base64.StdEncoding.EncodeToString(private))
		cfg.Alipay.Apps[i].PublicKey = base64.StdEncoding.EncodeToString(public)
	}
	a, p := &App{cfg: cfg, log: NewLog(cfg.Log)}, citizen.Ports{}
	require.NoError(t, a.joinAlipay(&p))
	var platforms []models.Channel
	for _, f := range p.Faces {
		platforms = append(platforms, f.Platform())
	}
	require.Equal(t, []models.Channel{models.AlipayMini, models.AlipayLife}, platforms)
}
