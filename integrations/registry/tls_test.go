package registry

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/configs"
	"onecard/models/card"
)

// certificate makes a self-signed certificate for 127.0.0.1 and writes it and its key down.
func certificate(t *testing.T, dir, name string) (certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	form := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
	der, err := x509.CreateCertificate(rand.Reader, form, form, &key.PublicKey, key)
	require.NoError(t, err)
	raw, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	certFile, keyFile = filepath.Join(dir, name+".pem"), filepath.Join(dir, name+".key")
	require.NoError(t, os.WriteFile(certFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	require.NoError(t, os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: raw}), 0o600))
	return certFile, keyFile
}

func TestClientCertificate(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	dir := t.TempDir()
	theirCert, theirKey := certificate(t, dir, "registry")
	ourCert, ourKey := certificate(t, dir, "one-card")
	pair, err := tls.LoadX509KeyPair(theirCert, theirKey)
	require.NoError(t, err)
	ours, err := os.ReadFile(ourCert)
	require.NoError(t, err)
	pool := x509.NewCertPool()
	require.True(t, pool.AppendCertsFromPEM(ours))
	server := httptest.NewUnstartedServer(g.other.Handler())
	server.TLS = &tls.Config{MinVersion: tls.VersionTLS12, MaxVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair},
		ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool}
	server.StartTLS()
	t.Cleanup(server.Close)

	cfg := configs.CardsSource{Source: g.source("cards", cardsSecret)}
	cfg.URL, cfg.CAFile, cfg.CertFile, cfg.KeyFile = server.URL+"/registry/cards", theirCert, ourCert, ourKey
	known, err := NewCards(cfg, Options{Clock: g.clock}, g, g)
	require.NoError(t, err)
	require.NoError(t, known.Health(t.Context()))

	cfg.CertFile, cfg.KeyFile = "", ""
	stranger, err := NewCards(cfg, Options{Clock: g.clock}, g, g)
	require.NoError(t, err)
	loss := g.about(card.CommandLoss, "wang", 1)
	_, err = stranger.Carry(t.Context(), loss, nil)
	require.ErrorIs(t, err, card.ErrNotSent, "the handshake failed before anything was said")
	cfg.CAFile = ""
	unknowing, err := NewCards(cfg, Options{Clock: g.clock}, g, g)
	require.NoError(t, err)
	_, err = unknowing.Carry(t.Context(), loss, nil)
	require.ErrorIs(t, err, card.ErrNotSent, "a source whose certificate nobody vouches for is told nothing")
	require.Zero(t, g.effects(loss))
}
