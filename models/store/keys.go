package store

import (
	"context"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
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
	// Names are the keys it holds, the one that wraps first.
	Names() []string
}

// DataKeyLife is how long a data key seals; afterwards it only opens.
const DataKeyLife = 90 * 24 * time.Hour

// localWrapper wraps with a key from the settings, and opens with that and the one before it.
type localWrapper struct {
	names []string
	aeads []cipher.AEAD
}

func newLocalWrapper(keks ...[]byte) *localWrapper {
	w := &localWrapper{}
	for _, kek := range keks {
		if len(kek) == 0 {
			continue
		}
		aead, err := newSM4GCM(derive(kek, "wrap")[:16])
		if err != nil {
			panic(err) // sixteen bytes are always a key
		}
		w.aeads, w.names = append(w.aeads, aead), append(w.names, "local-"+hex.EncodeToString(derive(kek, "name")[:4]))
	}
	return w
}

func (w *localWrapper) Names() []string { return w.names }

func (w *localWrapper) Wrap(_ context.Context, plain []byte) ([]byte, string, error) {
	nonce := make([]byte, w.aeads[0].NonceSize())
	if _, err := rand.Read(nonce); err != nil {
		return nil, "", err
	}
	return w.aeads[0].Seal(nonce, nonce, plain, []byte(w.names[0])), w.names[0], nil
}

func (w *localWrapper) Unwrap(_ context.Context, by string, wrapped []byte) ([]byte, error) {
	i := slices.Index(w.names, by)
	if i < 0 {
		return nil, fmt.Errorf("%w: the data key is wrapped by %s, and we hold %s", ErrKeyMissing, by, strings.Join(w.names, " and "))
	}
	n := w.aeads[i].NonceSize()
	if len(wrapped) < n {
		return nil, errors.New("the wrapped data key is too short")
	}
	return w.aeads[i].Open(nil, wrapped[:n], wrapped[n:], []byte(by))
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

	readAt atomic.Pointer[time.Time] // when the table was last read
	floor  atomic.Int64              // look-up keys below are over
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

// old reports that the table was not read for a while: another process may have made a key.
func (k *keyring) old(now time.Time) bool {
	at := k.readAt.Load()
	return at == nil || now.Sub(*at) > keysFreshFor
}
