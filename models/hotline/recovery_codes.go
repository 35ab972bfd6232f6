package hotline

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"strings"

	"onecard/models"
)

// A recovery code stands for the TOTP code once, when the telephone with the program is lost: 80 random bits, so its hash
// needs no cost. Ten are shown together, once, and a new set voids the old one.
const (
	recoveryCodes  = 10
	recoveryBytes  = 10
	recoveryLength = 16 // letters of base32, written in fours
)

// newRecoveryCodes makes a set to show and what is kept of it.
func newRecoveryCodes(of models.ID) (shown []string, hashes [][]byte, err error) {
	for range recoveryCodes {
		b := make([]byte, recoveryBytes)
		if _, err := rand.Read(b); err != nil {
			return nil, nil, err
		}
		text := base32.StdEncoding.EncodeToString(b)
		shown = append(shown, text[:4]+"-"+text[4:8]+"-"+text[8:12]+"-"+text[12:])
		hashes = append(hashes, hashRecoveryCode(of, text))
	}
	return shown, hashes, nil
}

// readRecoveryCode takes a code as people type it; false for whatever has another form, a TOTP code for one.
func readRecoveryCode(of models.ID, typed string) (hash []byte, ok bool) {
	text := strings.ToUpper(strings.NewReplacer("-", "", " ", "").Replace(typed))
	if len(text) != recoveryLength || strings.Trim(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") != "" {
		return nil, false
	}
	return hashRecoveryCode(of, text), true
}

func hashRecoveryCode(of models.ID, text string) []byte {
	sum := sha256.Sum256([]byte("recovery:" + string(of) + ":" + text))
	return sum[:]
}

// RenewRecoveryCodes gives a new set for both factors, proved just now; the codes before are void. It is audited. The
// refusals of a log-in, and they count together with those. A repeat is refused: its code is spent.
func (s *Service) RenewRecoveryCodes(ctx context.Context, by models.Actor, password, code string) ([]string, error) {
	m, p, err := s.proveAgain(ctx, by, password, code)
	if err != nil {
		return nil, err
	}
	shown, hashes, err := newRecoveryCodes(m.ID)
	if err != nil {
		return nil, err
	}
	err = s.spending(ctx, m, func(ctx context.Context) error {
		if _, err := s.spend(ctx, by, m, p); err != nil {
			return err
		}
		if err := s.Factors.ReplaceRecoveryCodes(ctx, m.ID, hashes); err != nil {
			return err
		}
		return s.record(ctx, by, "hotline.recovery_codes.renewed", "staff", string(m.ID), "done")
	})
	if err != nil {
		return nil, err
	}
	return shown, nil
}
