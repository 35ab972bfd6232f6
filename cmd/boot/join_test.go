package boot

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/configs"
	"onecard/models"
	"onecard/models/citizen"
)

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
