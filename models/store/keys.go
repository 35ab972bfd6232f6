package store

import (
	"context"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/emmansun/gmsm/sm3"
	"github.com/emmansun/gmsm/sm4"
)

// KeyWrapper keeps the key that wraps the data keys: a file or setting in dev, a KMS or HSM in production.
type KeyWrapper interface {
	// Wrap seals a data key and names the key that did it.
	Wrap(ctx context.Context, plain []byte) (wrapped []byte, by string, err error)
	// Unwrap opens what Wrap made; an error for a name it does not hold.
	Unwrap(ctx context.Context, by string, wrapped []byte) ([]byte, error)
}

// DataKeyLife is how long a data key seals; afterwards it only opens.
const DataKeyLife = 90 * 24 * time.Hour

// localWrapper wraps with a key from the settings.
type localWrapper struct {
	aead cipher.AEAD
	name string
}

func newLocalWrapper(kek []byte) *localWrapper {
	aead, err := newSM4GCM(derive(kek, "wrap")[:16])
	if err != nil {
		panic(err) // sixteen bytes are always a key
	}
	return &localWrapper{aead: aead, name: "local-" + hex.EncodeToString(derive(kek, "name")[:4])}
}

func (w *localWrapper) Wrap(_ context.Context, plain []byte) ([]byte, string, error) {
	nonce := make([]byte, w.aead.NonceSize())
	if _, err := rand.Read(nonce); err != nil {
		return nil, "", err
	}
	return w.aead.Seal(nonce, nonce, plain, []byte(w.name)), w.name, nil
}

func (w *localWrapper) Unwrap(_ context.Context, by string, wrapped []byte) ([]byte, error) {
	if by != w.name {
		return nil, fmt.Errorf("the data key is wrapped by %s, and we hold %s", by, w.name)
	}
	n := w.aead.NonceSize()
	if len(wrapped) < n {
		return nil, errors.New("the wrapped data key is too short")
	}
	return w.aead.Open(nil, wrapped[:n], wrapped[n:], []byte(w.name))
}

func newSM4GCM(key []byte) (cipher.AEAD, error) {
	block, err := sm4.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// mac is HMAC-SM3 over the parts, each led by its length so that no two lists look alike.
func mac(key []byte, parts ...[]byte) []byte {
	h := hmac.New(sm3.New, key)
	for _, p := range parts {
		n := len(p)
		_, _ = h.Write([]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})
		_, _ = h.Write(p)
	}
	return h.Sum(nil)
}

// derive makes a key for one purpose out of a key for several.
func derive(key []byte, purpose string) []byte { return mac(key, []byte("onecard/"+purpose)) }

// keyring caches the opened data keys; making an SM4 cipher costs three times a seal.
type keyring struct {
	wrapper KeyWrapper
	mu      sync.RWMutex
	byID    map[uint32]cipher.AEAD
	newest  uint32
}

func newKeyring(w KeyWrapper) *keyring { return &keyring{wrapper: w, byID: map[uint32]cipher.AEAD{}} }

func (k *keyring) get(id uint32) (cipher.AEAD, bool) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	a, ok := k.byID[id]
	return a, ok
}

func (k *keyring) sealing() (uint32, cipher.AEAD) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.newest, k.byID[k.newest]
}

func (k *keyring) add(ctx context.Context, row dataKeyRow) error {
	if _, ok := k.get(row.ID); ok {
		return nil
	}
	plain, err := k.wrapper.Unwrap(ctx, row.WrappedBy, row.WrappedKey)
	if err != nil {
		return fmt.Errorf("open data key %d: %w", row.ID, err)
	}
	aead, err := newSM4GCM(plain)
	if err != nil {
		return fmt.Errorf("data key %d: %w", row.ID, err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.byID[row.ID] = aead
	k.newest = max(k.newest, row.ID)
	return nil
}
