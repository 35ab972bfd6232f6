package redis

import (
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"errors"
	"sync/atomic"

	"github.com/emmansun/gmsm/sm3"
	"github.com/emmansun/gmsm/sm4"

	"onecard/models"
)

var errNotSealed = errors.New("redis: the ready answer does not open")

// sealer seals ready answers with SM4-GCM, each civil day under a key of its own: nonces are random, and a key must
// not seal without end. An answer lives minutes, so nobody misses yesterday's key.
type sealer struct {
	secret []byte
	clock  models.Clock
	today  atomic.Pointer[daySeal]
}

type daySeal struct {
	from, to int64 // Unix seconds of the day's beginning and end
	aead     cipher.AEAD
}

func newSealer(secret []byte, clock models.Clock) *sealer {
	return &sealer{secret: secret, clock: clock}
}

func (s *sealer) aead() cipher.AEAD {
	now := s.clock.Now()
	if held := s.today.Load(); held != nil && held.from <= now.Unix() && now.Unix() < held.to {
		return held.aead
	}
	day := models.DateOf(now)
	mac := hmac.New(sm3.New, s.secret)
	_, _ = mac.Write([]byte("onecard/ready answers/" + string(day)))
	block, err := sm4.NewCipher(mac.Sum(nil)[:16])
	if err != nil {
		panic(err) // sixteen bytes are always a key
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(err) // SM4 has blocks of sixteen bytes
	}
	begin := day.Start()
	s.today.Store(&daySeal{begin.Unix(), begin.AddDate(0, 0, 1).Unix(), aead})
	return aead
}

// close seals a body for one place.
func (s *sealer) close(place string, body []byte) []byte {
	aead := s.aead()
	out := make([]byte, aead.NonceSize(), aead.NonceSize()+len(body)+aead.Overhead())
	_, _ = rand.Read(out) // never fails
	return aead.Seal(out, out, body, []byte(place))
}

// open gives back what was sealed for the same place. It is done in one piece of memory, which is the caller's: sealed
// text and place are copied into it, and the body takes their room.
func (s *sealer) open(place, sealed string) ([]byte, error) {
	aead := s.aead()
	n := aead.NonceSize()
	if len(sealed) < n {
		return nil, errNotSealed
	}
	room := append(append(make([]byte, 0, len(sealed)+len(place)), sealed...), place...)
	return aead.Open(room[n:n], room[:n:n], room[n:len(sealed)], room[len(sealed):])
}
