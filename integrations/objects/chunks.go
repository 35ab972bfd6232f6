package objects

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"

	"onecard/models/card"
)

// A sealed object is magic(4) | salt(16) | chunk …, a chunk is length(4) | sealed cell of 64 KiB of the picture, the last
// one of less or as much. The place of a cell is the object's key, its salt, the chunk's number and, for the last one,
// that it is the last: a chunk that was cut off, moved, doubled or taken from another object, or from another sealing
// of the same one, does not open.
const (
	chunkSize  = 64 << 10
	saltSize   = 16
	mostSealed = 32 << 20 // more than any picture we take in: what is longer was not stored by us
)

var magic = []byte("ocs2")

var errForm = errors.New("objects: not in the form in which we store")

func chunkPlace(key string, salt []byte, n int, last bool) string {
	place := key + "/" + hex.EncodeToString(salt) + "/" + strconv.Itoa(n)
	if last {
		place += "/last"
	}
	return place
}

// seal brings a picture into the form in which it leaves us.
func (o *Objects) seal(ctx context.Context, key string, data []byte) ([]byte, error) {
	if len(data) == 0 {
		return nil, errors.New("objects: nothing to store")
	}
	salt := make([]byte, saltSize)
	if _, err := rand.Read(salt); err != nil {
		return nil, err
	}
	out := append(bytes.Clone(magic), salt...)
	for n := 0; len(data) > 0; n++ {
		chunk := data[:min(chunkSize, len(data))]
		data = data[len(chunk):]
		cell, err := o.sealer.Seal(ctx, sealedTable, sealedColumn, chunkPlace(key, salt, n, len(data) == 0), chunk)
		if err != nil {
			return nil, fmt.Errorf("objects: seal: %w", err)
		}
		out = binary.BigEndian.AppendUint32(out, uint32(len(cell)))
		out = append(out, cell...)
	}
	return out, nil
}

// unseal opens what seal made for the same key; card.ErrObjectChanged for anything else.
func (o *Objects) unseal(ctx context.Context, key string, sealed []byte) ([]byte, error) {
	salt, cells, err := cellsOf(sealed)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", card.ErrObjectChanged, err)
	}
	data := make([]byte, 0, len(sealed))
	for n, cell := range cells {
		place := key // an object of the first releases is one cell
		if salt != nil {
			place = chunkPlace(key, salt, n, n == len(cells)-1)
		}
		chunk, err := o.sealer.Unseal(ctx, sealedTable, sealedColumn, place, cell)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", card.ErrObjectChanged, err)
		}
		data = append(data, chunk...)
	}
	return data, nil
}

// cellsOf takes a stored object apart; salt is nil for one of the first releases.
func cellsOf(sealed []byte) (salt []byte, cells [][]byte, err error) {
	if len(sealed) == 0 {
		return nil, nil, errForm
	}
	rest, ok := bytes.CutPrefix(sealed, magic)
	if !ok {
		return nil, [][]byte{sealed}, nil
	}
	if len(rest) < saltSize {
		return nil, nil, errForm
	}
	salt, rest = rest[:saltSize], rest[saltSize:]
	for len(rest) > 0 {
		if len(rest) < 4 {
			return nil, nil, errForm
		}
		n := int64(binary.BigEndian.Uint32(rest))
		if rest = rest[4:]; n == 0 || n > int64(len(rest)) {
			return nil, nil, errForm
		}
		cells, rest = append(cells, rest[:n]), rest[n:]
	}
	if len(cells) == 0 {
		return nil, nil, errForm
	}
	return salt, cells, nil
}

// Reseal seals an object anew when one of its cells is sealed under a key that old names, and tells whether it did. An
// object that is gone needs nothing.
func (o *Objects) Reseal(ctx context.Context, key string, old func(cell []byte) bool) (bool, error) {
	if err := checkKey(key); err != nil {
		return false, err
	}
	sealed, err := o.place.Get(ctx, key)
	if errors.Is(err, card.ErrNoObject) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	_, cells, err := cellsOf(sealed)
	if err != nil {
		return false, fmt.Errorf("%w: %w", card.ErrObjectChanged, err)
	}
	stale := false
	for _, cell := range cells {
		stale = stale || old(cell)
	}
	if !stale {
		return false, nil
	}
	data, err := o.unseal(ctx, key, sealed)
	if err != nil {
		return false, err
	}
	return true, o.Put(ctx, key, data)
}
