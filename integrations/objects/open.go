// Package objects keeps uploaded pictures outside the database, sealed: whoever reads the folder or the bucket without
// the database's keys reads nothing.
package objects

import (
	"context"
	"errors"

	"onecard/configs"
	"onecard/models/card"
)

// Sealer seals bytes for one place, so that they do not open at another. models/store is one.
type Sealer interface {
	Seal(ctx context.Context, table, column, rowID string, plaintext []byte) ([]byte, error)
	Unseal(ctx context.Context, table, column, rowID string, sealed []byte) ([]byte, error)
}

// Place is where sealed bytes lie; it never sees what they say. Put is durable once it returns nil and shows readers
// all or nothing; Get answers card.ErrNoObject for an unknown key; Delete of an unknown key is no error; List goes on
// after a key, in an order of the place's own. What is not known because the place does not answer is
// card.ErrObjectsDown.
type Place interface {
	Put(ctx context.Context, key string, sealed []byte) error
	Get(ctx context.Context, key string) ([]byte, error)
	Delete(ctx context.Context, key string) error
	List(ctx context.Context, after string, limit int) ([]card.StoredObject, error)
	Probe(ctx context.Context) error
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
		place, err := OpenBucket(cfg.Objects.S3)
		if err != nil {
			return nil, err
		}
		return &Objects{place, sealer}, nil
	}
	return nil, errors.New("objects.kind: must be folder or s3")
}

// The place of a cell begins with the key, which is the upload's id.
const sealedTable, sealedColumn = "uploads", "object"

// Put seals data and stores it under key.
func (o *Objects) Put(ctx context.Context, key string, data []byte) error {
	if err := checkKey(key); err != nil {
		return err
	}
	sealed, err := o.seal(ctx, key, data)
	if err != nil {
		return err
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
	return o.unseal(ctx, key, sealed)
}

// Delete removes what lies under key.
func (o *Objects) Delete(ctx context.Context, key string) error {
	if err := checkKey(key); err != nil {
		return err
	}
	return o.place.Delete(ctx, key)
}

// List lists what lies there under keys of ours; whatever else somebody put there is not shown, and so never deleted.
func (o *Objects) List(ctx context.Context, after string, limit int) ([]card.StoredObject, error) {
	if after != "" {
		if err := checkKey(after); err != nil {
			return nil, err
		}
	}
	return o.place.List(ctx, after, limit)
}

// Probe tells whether the place answers.
func (o *Objects) Probe(ctx context.Context) error { return o.place.Probe(ctx) }

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
