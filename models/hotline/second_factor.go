package hotline

import (
	"crypto/rand"
	"encoding/base32"
	"net/url"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
)

// TOTP as authenticator programs have it: SHA-1, six digits, 30 seconds; one step either way for clocks that differ.
const (
	stepSeconds = 30
	stepSkew    = 1
	totpIssuer  = "洛阳社保卡12333"
)

var totpOptions = hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1}

// noSuchSecret makes an unknown login do the same work as a known one.
const noSuchSecret = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// newTOTPSecret is 160 random bits in base32.
func newTOTPSecret() (string, error) {
	b := make([]byte, 20)
	if _, err := rand.Read(b); err != nil {
		return "", err
	}
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b), nil
}

// matchStep is the step whose code this is. The library keeps no memory: the caller compares the step with the last
// one used, or a code looked at over a shoulder would open a second session.
func matchStep(secret, code string, now time.Time) (int64, bool) {
	current := now.Unix() / stepSeconds
	found, ok := int64(0), false
	for d := int64(-stepSkew); d <= stepSkew; d++ {
		fits, err := hotp.ValidateCustom(code, uint64(current+d), secret, totpOptions)
		if err == nil && fits {
			found, ok = current+d, true
		}
	}
	return found, ok
}

// enrolmentURI is what an authenticator program scans.
func enrolmentURI(login, secret string) string {
	v := url.Values{"secret": {secret}, "issuer": {totpIssuer}, "algorithm": {"SHA1"}, "digits": {"6"}, "period": {"30"}}
	return "otpauth://totp/" + url.PathEscape(totpIssuer+":"+login) + "?" + strings.ReplaceAll(v.Encode(), "+", "%20")
}
