package sms

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"net/netip"

	"onecard/models"
	"onecard/models/notice"
)

// door judges what a vendor pushes before anything reads it. The vendors sign nothing, so the address itself is the proof:
// its last part is a secret token, and the addresses it may come from can be narrowed. With the token, a forged receipt
// could call a message delivered or failed that was not, and, knowing the id of a text message that this vendor took in the
// last three days, call any number dead; a forged reply could stop any number. Neither stops what protects somebody.
type door struct {
	token   [sha256.Size]byte
	sources []netip.Prefix
	clock   models.Clock
}

// MaxReceipts is the most elements of one push that are read.
const MaxReceipts = 1000

// newDoor needs a token of at least 16 characters. Sources are addresses or networks; none means any address.
func newDoor(token string, sources []string, clock models.Clock) (door, error) {
	if len(token) < 16 {
		return door{}, errors.New("sms: the callback token needs at least 16 characters")
	}
	d := door{token: sha256.Sum256([]byte(token)), clock: clock}
	for _, s := range sources {
		p, err := network(s)
		if err != nil {
			return door{}, errors.New("sms: a source of receipts is neither an address nor a network")
		}
		d.sources = append(d.sources, p)
	}
	return d, nil
}

func network(s string) (netip.Prefix, error) {
	if at, err := netip.ParseAddr(s); err == nil {
		return at.Prefix(at.BitLen())
	}
	return netip.ParsePrefix(s)
}

func (d door) opens(token string, from netip.Addr) error {
	given := sha256.Sum256([]byte(token))
	if subtle.ConstantTimeCompare(given[:], d.token[:]) != 1 || !d.mayCome(from) {
		return notice.ErrCallback
	}
	return nil
}

func (d door) mayCome(from netip.Addr) bool {
	if len(d.sources) == 0 {
		return true
	}
	for _, p := range d.sources {
		if p.Contains(from.Unmap()) {
			return true
		}
	}
	return false
}
