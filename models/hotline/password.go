package hotline

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"math/big"
	"runtime"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
)

// The cost of a password: argon2id, two passes over 19 MiB. Each hash holds that memory, so only half the cores
// may be hashing at once; a flood of log-ins waits or is sent away instead of taking the machine.
const (
	passes     = 2
	memoryKiB  = 19 * 1024
	lanes      = 1
	saltBytes  = 16
	keyBytes   = 32
	longestPwd = 256
	hashWait   = 3 * time.Second
	leastKiB   = 8 * 1024 // below it a stored hash is not believed
)

// hashing is shared by every Service of the process, because the memory is.
var hashing = make(chan struct{}, max(1, runtime.NumCPU()/2))

var b64 = base64.RawStdEncoding

// checkPassword holds the password rules: length, three of four classes, not the login.
func checkPassword(login, password string) error {
	var upper, lower, digit, other int
	for _, r := range password {
		switch {
		case unicode.IsUpper(r):
			upper = 1
		case unicode.IsLower(r):
			lower = 1
		case unicode.IsDigit(r):
			digit = 1
		case unicode.IsControl(r):
			return ErrPasswordWeak
		default:
			other = 1
		}
	}
	if utf8.RuneCountInString(password) < 10 || len(password) > longestPwd || upper+lower+digit+other < 3 {
		return ErrPasswordWeak
	}
	if strings.Contains(strings.ToLower(password), login) {
		return ErrPasswordWeak
	}
	return nil
}

// hashPassword gives the PHC form of a new password. ErrLogInBusy when no core was free in time.
func hashPassword(ctx context.Context, password string) (string, error) {
	return hashAt(ctx, password, passes, memoryKiB)
}

// hashPublic does so for a password that everybody may read: it guards nothing, and the first start need not wait for it.
func hashPublic(ctx context.Context, password string) (string, error) {
	return hashAt(ctx, password, 1, leastKiB)
}

func hashAt(ctx context.Context, password string, t, m uint32) (string, error) {
	salt := make([]byte, saltBytes)
	if _, err := rand.Read(salt); err != nil {
		return "", err
	}
	key, err := derive(ctx, password, salt, t, m, lanes)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, m, t, lanes, b64.EncodeToString(salt), b64.EncodeToString(key)), nil
}

// noSuchPassword costs an unknown login the same as a known one; no password leads to it.
var noSuchPassword = fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, memoryKiB, passes, lanes,
	b64.EncodeToString(make([]byte, saltBytes)), b64.EncodeToString(make([]byte, keyBytes)))

// matchesPassword compares in constant time. An empty or too long password is hashed as well, cut short, and never matches.
func matchesPassword(ctx context.Context, encoded, password string) (bool, error) {
	salt, want, t, m, p, err := parsePHC(encoded)
	if err != nil {
		return false, err
	}
	fits := password != "" && len(password) <= longestPwd
	if len(password) > longestPwd {
		password = password[:longestPwd]
	}
	got, err := derive(ctx, password, salt, t, m, p)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(got, want) == 1 && fits, nil
}

func derive(ctx context.Context, password string, salt []byte, t, m uint32, p uint8) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, hashWait)
	defer cancel()
	select {
	case hashing <- struct{}{}:
		defer func() { <-hashing }()
	case <-ctx.Done():
		return nil, ErrLogInBusy.After(hashWait).Because(ctx.Err())
	}
	return argon2.IDKey([]byte(password), salt, t, m, p, keyBytes), nil
}

// parsePHC reads a stored hash. The figures are bounded: argon2 panics on zero, and a tampered row must not take the memory.
func parsePHC(s string) (salt, key []byte, t, m uint32, p uint8, err error) {
	bad := fmt.Errorf("hotline: stored password hash is not argon2id in PHC form")
	parts := strings.Split(s, "$")
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return nil, nil, 0, 0, 0, bad
	}
	if n, scanErr := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &m, &t, &p); scanErr != nil || n != 3 {
		return nil, nil, 0, 0, 0, bad
	}
	if t < 1 || t > 10 || p < 1 || p > 4 || m < leastKiB || m > 256*1024 {
		return nil, nil, 0, 0, 0, bad
	}
	if salt, err = b64.DecodeString(parts[4]); err != nil || len(salt) < 8 {
		return nil, nil, 0, 0, 0, bad
	}
	if key, err = b64.DecodeString(parts[5]); err != nil || len(key) != keyBytes {
		return nil, nil, 0, 0, 0, bad
	}
	return salt, key, t, m, p, nil
}

// newPassword is 20 characters of a set without look-alikes, drawn until the rules hold.
func newPassword(login string) (string, error) {
	const set = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
	for {
		out := make([]byte, 20)
		for i := range out {
			n, err := rand.Int(rand.Reader, big.NewInt(int64(len(set))))
			if err != nil {
				return "", err
			}
			out[i] = set[n.Int64()]
		}
		if checkPassword(login, string(out)) == nil {
			return string(out), nil
		}
	}
}
