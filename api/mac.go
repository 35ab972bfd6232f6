package api

import (
	"crypto/hmac"
	"encoding/binary"

	"github.com/emmansun/gmsm/sm3"
)

// macs makes HMAC-SM3 values under the edge key. The purpose and every part are written with their length, so a value
// made for one purpose, or cut differently, never equals another.
type macs struct{ key []byte }

func (m macs) sum(purpose string, parts ...string) []byte {
	h := hmac.New(sm3.New, m.key)
	var n [8]byte
	write := func(s string) {
		binary.BigEndian.PutUint64(n[:], uint64(len(s)))
		h.Write(n[:])
		h.Write([]byte(s))
	}
	write(purpose)
	for _, p := range parts {
		write(p)
	}
	return h.Sum(nil)
}
