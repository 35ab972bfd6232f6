package card

import (
	"context"
	"errors"
	"time"

	"onecard/models"
)

// What Objects and Picture say.
var (
	ErrNoObject      = errors.New("objects: no such object")
	ErrObjectChanged = errors.New("objects: the object is not what was stored")
	ErrObjectsDown   = errors.New("objects: the store does not answer")
)

// StoredObject is an object as the store lists it.
type StoredObject struct {
	Key      string
	StoredAt time.Time
}

// Objects keeps the pictures, sealed under their key. What it returns is what was put, or an error.
type Objects interface {
	// Put stores data under key, durably once it returns nil; a reader sees all of it or nothing.
	Put(ctx context.Context, key string, data []byte) error
	// Get returns what Put stored; ErrNoObject where there is none.
	Get(ctx context.Context, key string) ([]byte, error)
	// Delete removes an object; one that is not there is no error.
	Delete(ctx context.Context, key string) error
	// List lists objects, whoever stored them, in an order of the store's own; after is the last key of the page before.
	List(ctx context.Context, after string, limit int) ([]StoredObject, error)
}

// Uploads are the rows of the pictures.
type Uploads interface {
	AddUpload(ctx context.Context, u Upload) error
	Upload(ctx context.Context, id models.ID) (Upload, error) // models.ErrNotFound
	// UnusedUploads counts the pictures of a person that wait for an application.
	UnusedUploads(ctx context.Context, person models.ID) (int64, error)
	// UseUpload marks an unused picture of u's person and purpose as used; models.ErrConflict when it is not (any more).
	UseUpload(ctx context.Context, u Upload, usedBy models.ID) error
	// ForgetUpload gives a picture that was used for something over to the sweep that drops it; models.ErrConflict when
	// it is not used for that (any more).
	ForgetUpload(ctx context.Context, id, usedBy models.ID) error
	// StaleUploads lists pictures made before a time that nobody used, those whose dropping was interrupted first.
	StaleUploads(ctx context.Context, before time.Time, limit int) ([]Upload, error)
	// KnownUploads says which of these pictures have a row.
	KnownUploads(ctx context.Context, ids []models.ID) (map[models.ID]bool, error)
	// DropUpload deletes a row that was claimed for dropping.
	DropUpload(ctx context.Context, id models.ID) error
}

// Consents says whether the use of data stands on a consent in force (R53); purposes are those of models/citizen.
type Consents interface {
	RequireConsent(ctx context.Context, by models.Actor, purpose string) error
}

// CardBanks refuses a bank that issues no cards in an area on the day of at, with a named Invalid error (R16).
type CardBanks interface {
	CheckCardBank(ctx context.Context, code, area string, at time.Time) error
}
