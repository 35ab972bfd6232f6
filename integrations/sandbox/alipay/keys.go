package alipay

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// Keys are the two RSA pairs the pretend world needs: the platform's and the one all demo apps sign with. They are
// made on the machine that uses them and never shipped.
type Keys struct{ Platform, App *rsa.PrivateKey }

// KeysIn reads the pairs kept in dir, making them at the first start; an empty dir gives pairs that live as long as
// the process.
func KeysIn(dir string) (Keys, error) {
	if dir == "" {
		return processKeys()
	}
	var k Keys
	var err error
	if k.Platform, err = keyIn(dir, "alipay-platform.key"); err != nil {
		return Keys{}, err
	}
	k.App, err = keyIn(dir, "alipay-app.key")
	return k, err
}

// processKeys makes both pairs once, at the same time: it is the dearest thing the sandbox does.
var processKeys = sync.OnceValues(func() (Keys, error) {
	var k Keys
	var otherErr error
	var wg sync.WaitGroup
	wg.Go(func() { k.App, otherErr = rsa.GenerateKey(rand.Reader, 2048) })
	var err error
	k.Platform, err = rsa.GenerateKey(rand.Reader, 2048)
	wg.Wait()
	return k, errors.Join(err, otherErr)
})

func keyIn(dir, name string) (*rsa.PrivateKey, error) {
	path := filepath.Join(dir, name)
	text, err := os.ReadFile(path)
	if err == nil {
		return parsePrivateKey(string(text))
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	fresh, err := processKeys()
	if err != nil {
		return nil, err
	}
	key := fresh.Platform
	if name == "alipay-app.key" {
		key = fresh.App
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	err = writeWhole(dir, path, PrivateKeyText(key)+"\n")
	if errors.Is(err, fs.ErrExist) { // another process was first
		return keyIn(dir, name)
	}
	return key, err
}

// writeWhole makes a file that was not there. It appears with all it holds: who reads it, or comes after a crash, never
// finds half a key.
func writeWhole(dir, path, text string) error {
	f, err := os.CreateTemp(dir, "new-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }()
	if _, err = f.WriteString(text); err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Link(f.Name(), path)
}

func parsePrivateKey(text string) (*rsa.PrivateKey, error) {
	der, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil {
		return nil, fmt.Errorf("alipay sandbox: unreadable key file: %w", err)
	}
	return x509.ParsePKCS1PrivateKey(der)
}

// PrivateKeyText is a key as the vendor's tool prints it: PKCS#1 in base64, without header lines.
func PrivateKeyText(k *rsa.PrivateKey) string {
	return base64.StdEncoding.EncodeToString(x509.MarshalPKCS1PrivateKey(k))
}

// PublicKeyText is a public key as the vendor's console shows it: PKIX in base64, without header lines.
func PublicKeyText(k *rsa.PublicKey) (string, error) {
	der, err := x509.MarshalPKIXPublicKey(k)
	return base64.StdEncoding.EncodeToString(der), err
}
