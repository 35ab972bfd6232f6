// Package objects keeps uploaded pictures outside the database, sealed: whoever reads the folder or the bucket without
// the database's keys reads nothing.
package objects

import (
	"context"
	"errors"
	"fmt"

	"onecard/configs"
	"onecard/models/card"
)

// Sealer seals bytes for one place, so that they do not open at another. models/store is one.
type Sealer interface {
	Seal(ctx context.Context, table, column, rowID string, plaintext []byte) ([]byte, error)
	Unseal(ctx context.Context, table, column, rowID string, sealed []byte) ([]byte, error)
}

// Place is where sealed bytes lie; it never sees what they say. Put is durable once it returns nil and shows readers
// all or nothing; Get answers card.ErrNoObject for an unknown key; Delete of an unknown key is no error.
type Place interface {
	Put(ctx context.Context, key string, sealed []byte) error
	Get(ctx context.Context, key string) ([]byte, error)
	Delete(ctx context.Context, key string) error
	Close() error
}

// ErrKey is a key in a form that no upload has.
var ErrKey = errors.New("objects: a key is 8 to 64 lower-case hexadecimal digits and dashes")

// Objects seals what it puts into its place and opens what it gets.
type Objects struct {
	place  Place
	sealer Sealer
}

var _ card.Objects = (*Objects)(nil)

// Open opens the place that the settings name.
func Open(cfg configs.Config, sealer Sealer) (*Objects, error) {
	switch cfg.Objects.Kind {
	case "folder":
		place, err := OpenFolder(cfg.ObjectsFolder())
		if err != nil {
			return nil, err
		}
		return &Objects{place, sealer}, nil
	case "s3":
		return nil, errors.New("objects.kind: s3 is not part of this release: set it to folder")
	}
	return nil, errors.New("objects.kind: must be folder or s3")
}

// The additional data of the seal is the key, which is the upload's id: an object moved to another key does not open.
const sealedTable, sealedColumn = "uploads", "object"

// Put seals data and stores it under key.
func (o *Objects) Put(ctx context.Context, key string, data []byte) error {
	if err := checkKey(key); err != nil {
		return err
	}
	if len(data) == 0 {
		return errors.New("objects: nothing to store")
	}
	sealed, err := o.sealer.Seal(ctx, sealedTable, sealedColumn, key, data)
	if err != nil {
		return fmt.Errorf("objects: seal: %w", err)
	}
	return o.place.Put(ctx, key, sealed)
}

// Get reads and opens what lies under key; card.ErrNoObject where there is nothing.
func (o *Objects) Get(ctx context.Context, key string) ([]byte, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	sealed, err := o.place.Get(ctx, key)
	if err != nil {
		return nil, err
	}
	if len(sealed) == 0 {
		return nil, card.ErrObjectChanged
	}
	data, err := o.sealer.Unseal(ctx, sealedTable, sealedColumn, key, sealed)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", card.ErrObjectChanged, err)
	}
	return data, nil
}

// Delete removes what lies under key.
func (o *Objects) Delete(ctx context.Context, key string) error {
	if err := checkKey(key); err != nil {
		return err
	}
	return o.place.Delete(ctx, key)
}

// Close lets the place go.
func (o *Objects) Close() error { return o.place.Close() }

func checkKey(key string) error {
	if len(key) < 8 || len(key) > 64 {
		return ErrKey
	}
	for _, c := range []byte(key) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') && c != '-' {
			return ErrKey
		}
	}
	return nil
}
