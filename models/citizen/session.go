package citizen

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"time"

	"onecard/models"
)

// SessionKind separates a log-in on one's own phone from R67's log-in on anyone's.
type SessionKind string

// The kinds of session.
const (
	OwnSession      SessionKind = "own"
	BorrowedSession SessionKind = "borrowed" // no platform account behind it, fifteen minutes, counts as the holder
)

// Lives of sessions and of their copies.
const (
	SessionLife     = 30 * 24 * time.Hour
	BorrowedLife    = 15 * time.Minute
	SessionCopyLife = 60 * time.Second // so a revocation counts even where the copy could not be dropped
	seenEvery       = 10 * time.Minute // last_seen is coarse on purpose
)

// Session is one log-in. The row alone decides; a copy of it may answer for a minute. It holds only the hash of the
// secret and no personal data.
type Session struct {
	ID         models.ID
	Kind       SessionKind
	Handle     string
	SecretHash string
	AccountID  models.ID // empty for a borrowed session: nothing is bound or sent to that phone's account
	PersonID   models.ID // empty before binding
	Channel    models.Channel
	Level      models.Level
	CheckedAt  time.Time // the last real-person check in this session
	Device     string    // what the device called itself; shown in the person's own list
	MadeAt     time.Time
	SeenAt     time.Time
	ExpiresAt  time.Time
	EndedAt    time.Time
	EndedWhy   EndReason
	Version    int
}

// EndReason says why a session ended before its time.
type EndReason string

// The reasons.
const (
	LoggedOut      EndReason = "logged_out"
	EndedByHolder  EndReason = "ended_by_holder" // from another device
	EndedByUnbind  EndReason = "unbound"
	EndedByMerge   EndReason = "merged"
	EndedByDeath   EndReason = "deceased"
	EndedByRelogin EndReason = "replaced" // too many at once: the oldest goes
)

// Live reports whether the session counts at t.
func (s Session) Live(t time.Time) bool { return s.EndedAt.IsZero() && t.Before(s.ExpiresAt) }

// Actor is who acts through the session.
func (s Session) Actor() models.Actor {
	return models.Actor{
		Kind: models.CitizenActor, ID: s.PersonID, Subject: s.PersonID, Channel: s.Channel,
		SessionID: s.ID, AccountID: s.AccountID, Level: s.Level, CheckedAt: s.CheckedAt,
	}
}

// Token is what the client carries: oc1.<handle>.<secret>. It is shown once and never stored.
type Token string

const tokenPrefix = "oc1"

// String hides the secret, so that a token never reaches a log by accident.
func (t Token) String() string { return tokenPrefix + ".***" }

// GoString hides the secret under %#v.
func (t Token) GoString() string { return t.String() }

// Reveal gives the token as the client must send it.
func (t Token) Reveal() string { return string(t) }

// newSecret makes a 256-bit secret and the hash by which it is found again. The secret is random, so a plain hash is
// as strong as the secret.
func newSecret() (secret, hash string) {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails: crypto/rand ends the program instead
	secret = base64.RawURLEncoding.EncodeToString(b)
	return secret, hashSecret(secret)
}

func hashSecret(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	var text [2 * sha256.Size]byte
	hex.Encode(text[:], sum[:])
	return string(text[:])
}

// newHandle makes 128 random bits that name a person's or an account's ready data and mean nothing elsewhere.
func newHandle() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}

func newToken(handle, secret string) Token { return Token(tokenPrefix + "." + handle + "." + secret) }

// parseToken gives the handle and the hash of the secret, or false for anything that is not a token of ours.
func parseToken(raw string) (handle, hash string, ok bool) {
	rest, found := strings.CutPrefix(raw, tokenPrefix+".")
	if !found || len(rest) > 128 {
		return "", "", false
	}
	handle, secret, found := strings.Cut(rest, ".")
	if !found || len(handle) != 32 || len(secret) != 43 || !hexDigits.spells(handle) || !base64Digits.spells(secret) {
		return "", "", false
	}
	return handle, hashSecret(secret), true
}

var (
	hexDigits    = letters("0123456789abcdefABCDEF")
	base64Digits = letters("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_")
)

// alphabet says which bytes are letters of it; a token is looked at with every request.
type alphabet [256]bool

func letters(of string) (a alphabet) {
	for _, b := range []byte(of) {
		a[b] = true
	}
	return a
}

func (a *alphabet) spells(s string) bool {
	for i := range len(s) {
		if !a[s[i]] {
			return false
		}
	}
	return true
}
