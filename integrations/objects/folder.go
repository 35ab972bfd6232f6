package objects

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"onecard/models/card"
)

// Folder keeps objects as files below one folder, which every replica sees. It opens names through os.Root only, so
// that no key and no link leads out of it.
type Folder struct{ root *os.Root }

const (
	halfWritten = "tmp"          // files on their way to their name
	forgottenIn = 24 * time.Hour // a half-written file so old belongs to a process that died
)

// OpenFolder opens a folder, making it where it is missing, and clears away what a dead process left half written.
func OpenFolder(path string) (*Folder, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("objects.folder: %w", err)
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, fmt.Errorf("objects.folder: %w", err)
	}
	f := &Folder{root}
	if err := f.clear(time.Now().Add(-forgottenIn)); err != nil {
		_ = root.Close()
		return nil, fmt.Errorf("objects.folder: %w", err)
	}
	return f, nil
}

func (f *Folder) clear(before time.Time) error {
	if err := f.root.MkdirAll(halfWritten, 0o700); err != nil {
		return err
	}
	entries, err := fs.ReadDir(f.root.FS(), halfWritten)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil && info.ModTime().Before(before) {
			_ = f.root.Remove(halfWritten + "/" + e.Name())
		}
	}
	return nil
}

// place spreads files over 256 folders by the end of the key: ids begin with the time and would all meet in one.
func place(key string) (dir, name string) {
	dir = key[len(key)-2:]
	return dir, dir + "/" + key
}

// Put writes under a temporary name, brings the bytes to the disk, then gives them their name.
func (f *Folder) Put(ctx context.Context, key string, sealed []byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := checkKey(key); err != nil {
		return err
	}
	var random [12]byte
	_, _ = rand.Read(random[:])
	temporary := halfWritten + "/" + hex.EncodeToString(random[:])
	dir, name := place(key)
	err := f.write(temporary, sealed)
	if err == nil {
		err = f.root.MkdirAll(dir, 0o700)
	}
	if err == nil {
		err = f.root.Rename(temporary, name)
	}
	if err != nil {
		_ = f.root.Remove(temporary)
		return fmt.Errorf("objects: put: %w", errors.Join(card.ErrObjectsDown, err))
	}
	for _, d := range []string{dir, "."} { // the name, and the folder if it is new
		if err := f.syncDir(d); err != nil {
			return fmt.Errorf("objects: put: %w", errors.Join(card.ErrObjectsDown, err))
		}
	}
	return nil
}

func (f *Folder) write(name string, data []byte) error {
	file, err := f.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

func (f *Folder) syncDir(name string) error {
	dir, err := f.root.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// Get reads a file; card.ErrNoObject where there is none.
func (f *Folder) Get(ctx context.Context, key string) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := checkKey(key); err != nil {
		return nil, err
	}
	_, name := place(key)
	data, err := f.root.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, card.ErrNoObject
	}
	if err != nil {
		return nil, fmt.Errorf("objects: get: %w", errors.Join(card.ErrObjectsDown, err))
	}
	return data, nil
}

// Delete removes a file; one that is gone already is no error.
func (f *Folder) Delete(ctx context.Context, key string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := checkKey(key); err != nil {
		return err
	}
	dir, name := place(key)
	err := f.root.Remove(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = f.syncDir(dir)
	}
	if err != nil {
		return fmt.Errorf("objects: delete: %w", errors.Join(card.ErrObjectsDown, err))
	}
	return nil
}

// List goes through the folders in order, so that a page never reads more names than one folder has beyond its own.
func (f *Folder) List(ctx context.Context, after string, limit int) ([]card.StoredObject, error) {
	from := ""
	if after != "" {
		_, from = place(after)
	}
	var out []card.StoredObject
	for n := range 256 {
		dir := hex.EncodeToString([]byte{byte(n)})
		if from != "" && dir < from[:2] {
			continue
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		entries, err := fs.ReadDir(f.root.FS(), dir)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("objects: list: %w", errors.Join(card.ErrObjectsDown, err))
		}
		for _, e := range entries { // sorted by name
			if checkKey(e.Name()) != nil || dir+"/"+e.Name() <= from {
				continue
			}
			info, err := e.Info()
			if errors.Is(err, fs.ErrNotExist) {
				continue // deleted since
			}
			if err != nil {
				return nil, fmt.Errorf("objects: list: %w", errors.Join(card.ErrObjectsDown, err))
			}
			if out = append(out, card.StoredObject{Key: e.Name(), StoredAt: info.ModTime()}); len(out) == limit {
				return out, nil
			}
		}
	}
	return out, nil
}

// Probe tells whether the folder is there.
func (f *Folder) Probe(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if _, err := f.root.Stat(halfWritten); err != nil {
		return fmt.Errorf("objects: %w", errors.Join(card.ErrObjectsDown, err))
	}
	return nil
}

// Close lets the folder go.
func (f *Folder) Close() error { return f.root.Close() }
