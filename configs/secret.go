package configs

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"log/slog"
	"strings"
)

// Secret is a setting nobody may print. It shows as "set" or "unset" wherever it is printed, logged or marshalled.
type Secret struct{ value string }

// NewSecret wraps s.
func NewSecret(s string) Secret { return Secret{s} }

// Reveal gives the secret itself. Every call site is a place a reviewer looks at.
func (s Secret) Reveal() string { return s.value }

// IsSet reports whether there is a secret.
func (s Secret) IsSet() bool { return s.value != "" }

// String says only whether there is a secret.
func (s Secret) String() string { return setOrUnset(s.IsSet()) }

// GoString says the same under %#v.
func (s Secret) GoString() string { return s.String() }

// LogValue says the same in logs.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText says the same in JSON, YAML and text.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText takes the secret from a file or the environment.
func (s *Secret) UnmarshalText(text []byte) error {
	s.value = string(text)
	return nil
}

// Key is a secret of exactly 32 bytes, written in base64 or hex.
type Key struct {
	bytes [32]byte
	set   bool
}

var errKeyForm = errors.New("is not 32 bytes in base64 or hex; make one with: openssl rand -base64 32")

// NewKey is the key made of these 32 bytes.
func NewKey(b [32]byte) Key { return Key{b, true} }

// Bytes gives the key itself. Every call site is a place a reviewer looks at.
func (k Key) Bytes() []byte {
	if !k.set {
		return nil
	}
	return append([]byte(nil), k.bytes[:]...)
}

// IsSet reports whether there is a key.
func (k Key) IsSet() bool { return k.set }

// String says only whether there is a key.
func (k Key) String() string { return setOrUnset(k.set) }

// GoString says the same under %#v.
func (k Key) GoString() string { return k.String() }

// LogValue says the same in logs.
func (k Key) LogValue() slog.Value { return slog.StringValue(k.String()) }

// MarshalText says the same in JSON, YAML and text.
func (k Key) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads base64 (either alphabet, padding optional) or hex; an empty text is no key.
func (k *Key) UnmarshalText(text []byte) error {
	s := strings.TrimSpace(string(text))
	if s == "" {
		*k = Key{}
		return nil
	}
	raw, err := hex.DecodeString(s)
	if err != nil || len(raw) != 32 {
		std := strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(s, "="))
		raw, err = base64.RawStdEncoding.DecodeString(std)
	}
	if err != nil || len(raw) != 32 {
		return errKeyForm
	}
	copy(k.bytes[:], raw)
	k.set = true
	return nil
}

// weak reports a key that was typed rather than drawn: 32 random bytes have about 30 different values,
// and fewer than 16 never happens by chance.
func (k Key) weak() bool {
	seen := map[byte]bool{}
	for _, b := range k.bytes {
		seen[b] = true
	}
	return len(seen) < 16
}

// devKey is a key everybody can read in this file; production refuses it.
func devKey(purpose string) Key { return NewKey(sha256.Sum256([]byte("onecard dev key: " + purpose))) }

func setOrUnset(set bool) string {
	if set {
		return "set"
	}
	return "unset"
}
