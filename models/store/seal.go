package store

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
)

// A sealed cell is version(1) | key id(4) | nonce(12) | ciphertext | tag(16). Its additional data is
// table.column.row id, so that a cell copied to another row, column or table does not open.
const (
	cellVersion = 1
	cellHead    = 1 + 4
	cellNonce   = 12
)

// ErrCell is a cell that does not open: cut, moved or changed.
var ErrCell = errors.New("the sealed cell does not open")

// Seal encrypts one cell with the newest data key, as the table was within the last half minute. Empty plaintext stays nil: an absent value is not a secret.
func (db *DB) Seal(ctx context.Context, table, column, rowID string, plaintext []byte) ([]byte, error) {
	if len(plaintext) == 0 {
		return nil, nil
	}
	id, aead := db.keys.sealing()
	if aead == nil || db.keys.old(db.steady()) {
		if err := db.loadKeys(ctx); err != nil {
			return nil, err
		}
		if id, aead = db.keys.sealing(); aead == nil {
			return nil, errNoDataKey
		}
	}
	cell := make([]byte, cellHead+cellNonce, cellHead+cellNonce+len(plaintext)+aead.Overhead())
	cell[0] = cellVersion
	binary.BigEndian.PutUint32(cell[1:], id)
	if _, err := rand.Read(cell[cellHead:]); err != nil {
		return nil, err
	}
	return aead.Seal(cell, cell[cellHead:], plaintext, cellPlace(table, column, rowID)), nil
}

// Unseal opens what Seal made for the same place. A key made by another replica is read when it is first met.
func (db *DB) Unseal(ctx context.Context, table, column, rowID string, cell []byte) ([]byte, error) {
	if len(cell) == 0 {
		return nil, nil
	}
	if len(cell) < cellHead+cellNonce || cell[0] != cellVersion {
		return nil, fmt.Errorf("%s.%s: %w", table, column, ErrCell)
	}
	id := binary.BigEndian.Uint32(cell[1:])
	aead, ok := db.keys.get(id)
	if !ok {
		if err := db.loadKeys(ctx); err != nil {
			return nil, err
		}
		if aead, ok = db.keys.get(id); !ok {
			return nil, fmt.Errorf("%s.%s: data key %d is missing: %w", table, column, id, ErrCell)
		}
	}
	plain, err := aead.Open(nil, cell[cellHead:cellHead+cellNonce], cell[cellHead+cellNonce:], cellPlace(table, column, rowID))
	if err != nil {
		return nil, fmt.Errorf("%s.%s: %w", table, column, ErrCell)
	}
	return plain, nil
}

func cellPlace(table, column, rowID string) []byte { return []byte(table + "." + column + "." + rowID) }
