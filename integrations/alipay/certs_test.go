package alipay_test

import (
	"crypto/md5"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/integrations/alipay"
	sandbox "onecard/integrations/sandbox/alipay"
)

func publicOf(t *testing.T, k *rsa.PrivateKey) string {
	t.Helper()
	s, err := sandbox.PublicKeyText(&k.PublicKey)
	require.NoError(t, err)
	return s
}

func privateText(k *rsa.PrivateKey) string { return sandbox.PrivateKeyText(k) }

func faceOf(t *testing.T, m *alipay.MiniProgram) *alipay.FaceCheck {
	t.Helper()
	f, err := m.FaceCheck("https://card.test/m/")
	require.NoError(t, err)
	return f
}

// platform is a pretend Alipay that names its certificate in each answer.
func platform(t *testing.T, r rig, sn string) http.Handler {
	t.Helper()
	p, err := sandbox.New(sandbox.Options{People: town, Key: r.keys.Platform, CertSN: sn, Apps: []sandbox.App{{ID: miniID, PublicKey: &r.keys.App.PublicKey, AESKey: contentKey}}})
	require.NoError(t, err)
	return p.Handler()
}

type certFiles struct{ app, root, platform, garbage, platformSN string }

// writeCerts makes a root and two certificates of the test's own.
func writeCerts(t *testing.T, keys sandbox.Keys) certFiles {
	t.Helper()
	dir := t.TempDir()
	root := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test root"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	write := func(name string, key *rsa.PrivateKey, serial int64) (string, string) {
		c := *root
		if serial > 1 {
			c.SerialNumber, c.Subject, c.IsCA = big.NewInt(serial), pkix.Name{CommonName: name}, false
		}
		der, err := x509.CreateCertificate(rand.Reader, &c, root, &key.PublicKey, keys.Platform)
		require.NoError(t, err)
		parsed, err := x509.ParseCertificate(der)
		require.NoError(t, err)
		path := filepath.Join(dir, name+".crt")
		require.NoError(t, os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
		sum := md5.Sum([]byte(parsed.Issuer.String() + parsed.SerialNumber.String())) // the vendor's rule for alipay_cert_sn
		return path, hex.EncodeToString(sum[:])
	}
	var out certFiles
	out.root, _ = write("root", keys.Platform, 1)
	out.app, _ = write("app", keys.App, 2)
	out.platform, out.platformSN = write("platform", keys.Platform, 3)
	out.garbage = filepath.Join(dir, "garbage.crt")
	require.NoError(t, os.WriteFile(out.garbage, []byte("not a certificate"), 0o600))
	return out
}
