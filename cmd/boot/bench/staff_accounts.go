package bench

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // what authenticator programs use
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/argon2"

	"onecard/models"
	"onecard/models/hotline"
)

// Public on purpose: the database of a bench is dropped behind it.
const (
	staffPassword = "Bench-12333-only"
	staffSecret   = "MF2WI2LUN5ZGIZLTNNXW4YLEON2GC3TE" //nolint:gosec // public on purpose
)

// seedStaff adds members of staff who have enrolled: one password and one second factor for all.
func (w *world) seedStaff(ctx context.Context, n int) (err error) {
	db, _, err := w.ours(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	salt := make([]byte, 16)
	_, _ = rand.Read(salt)
	b64 := base64.RawStdEncoding
	hash := fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=1$%s$%s", argon2.Version, hashKiB, hashPasses, b64.EncodeToString(salt),
		b64.EncodeToString(argon2.IDKey([]byte(staffPassword), salt, hashPasses, hashKiB, 1, 32)))
	name, err := models.ParseName("席一")
	if err != nil {
		return err
	}
	now := time.Now()
	return db.InTx(ctx, func(ctx context.Context) error {
		for i := range n {
			err := db.Staff().CreateStaff(ctx, hotline.Staff{
				ID: models.NewID(), Login: fmt.Sprintf("staff-%d", i), Name: name, Roles: []hotline.Role{hotline.RoleAgent}, PasswordHash: hash, TOTPSecret: staffSecret,
				CreatedAt: now, PasswordAt: now, Version: 1,
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// logInAs logs the next member in.
func (s *storm) logInAs(ctx context.Context, client *http.Client, base, password string) (int, error) {
	return logIn(ctx, client, base, fmt.Sprintf("staff-%d", s.next.Add(1)%staffOnFile), password)
}

func logIn(ctx context.Context, client *http.Client, base, login, password string) (int, error) {
	body, err := json.Marshal(map[string]string{"login": login, "password": password, "code": totpAt(time.Now())})
	if err != nil {
		return 0, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/agent/v1/sessions", strings.NewReader(string(body)))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	defer func() { _ = res.Body.Close() }()
	_, err = io.Copy(io.Discard, res.Body)
	return res.StatusCode, err
}

// totpAt is what the second factor shows (RFC 6238).
func totpAt(now time.Time) string {
	key, _ := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(staffSecret)
	h := hmac.New(sha1.New, key)
	_, _ = h.Write(binary.BigEndian.AppendUint64(nil, uint64(now.Unix())/30))
	sum := h.Sum(nil)
	at := sum[len(sum)-1] & 15
	return fmt.Sprintf("%06d", (binary.BigEndian.Uint32(sum[at:])&0x7fffffff)%1_000_000)
}

// oddAnswers counts answers to a log-in that are none of those it may have.
type oddAnswers struct{ all, odd, busy, in atomic.Int64 }

func (o *oddAnswers) count(status int) {
	o.all.Add(1)
	switch status {
	case http.StatusCreated:
		o.in.Add(1)
	case http.StatusUnauthorized, http.StatusLocked:
	case http.StatusServiceUnavailable:
		o.busy.Add(1)
	default:
		o.odd.Add(1)
	}
}

func (o *oddAnswers) fact() Fact {
	return Fact{
		Name: "answers to the storm that are none of its own", Value: float64(o.odd.Load()),
		Unit: fmt.Sprintf("of %d: %d let in, %d sent away as too many", o.all.Load(), o.in.Load(), o.busy.Load()), OK: o.odd.Load() == 0 && o.in.Load() > 0,
	}
}
