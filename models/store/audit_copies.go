package store

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
)

// SealCopies keeps seals where the database's owner cannot reach: without them, someone who holds the database
// could cut off its end unseen.
type SealCopies interface {
	// Last is the number of the newest copy; zero when there is none.
	Last(ctx context.Context) (int64, error)
	// Append keeps one more copy, durably; the numbers come in order.
	Append(ctx context.Context, s AuditSeal) error
}

// copySeals brings the copies up to date. An error leaves the rest for the next call.
func (db *DB) copySeals(ctx context.Context) error {
	if db.copies == nil {
		return nil
	}
	last, err := db.copies.Last(ctx)
	if err != nil {
		return fmt.Errorf("copy audit seals: %w", err)
	}
	for {
		seals, err := db.sealsAfter(ctx, last)
		if err != nil || len(seals) == 0 {
			return err
		}
		for _, s := range seals {
			if err = db.copies.Append(ctx, s); err != nil {
				return fmt.Errorf("copy audit seal %d: %w", s.N, err)
			}
			last = s.N
		}
	}
}

const sealPage = 1000

func (db *DB) sealsAfter(ctx context.Context, n int64) ([]AuditSeal, error) {
	var seals []AuditSeal
	err := db.q(ctx).Where("n > ?", n).Order("n").Limit(sealPage).Find(&seals).Error
	return seals, translate(err)
}

// SealFile keeps copies as lines of JSON in a file, each synced before it counts. Several processes may share one file:
// each writes the copies that no other has written.
type SealFile struct {
	path string

	mu    sync.Mutex
	last  int64
	whole int64 // bytes of complete lines; what was read counts while the file has no more and no less
}

// NewSealFile names the file; it is made when the first copy comes.
func NewSealFile(path string) *SealFile { return &SealFile{path: path} }

// Last reads the file, again only when another process has written to it.
func (f *SealFile) Last(ctx context.Context) (int64, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.newest(ctx)
}

func (f *SealFile) newest(ctx context.Context) (int64, error) {
	switch info, err := os.Stat(f.path); {
	case errors.Is(err, fs.ErrNotExist):
		f.last, f.whole = 0, 0
		return 0, nil
	case err != nil:
		return 0, err
	case info.Size() == f.whole:
		return f.last, nil
	}
	seals, err := f.all(ctx)
	if err != nil {
		return 0, err
	}
	f.last = 0
	if len(seals) > 0 {
		f.last = seals[len(seals)-1].N
	}
	return f.last, nil
}

// All reads every copy, for VerifyAudit.
func (f *SealFile) All(ctx context.Context) ([]AuditSeal, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.all(ctx)
}

func (f *SealFile) all(ctx context.Context) ([]AuditSeal, error) {
	file, err := os.Open(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var seals []AuditSeal
	f.whole = 0
	lines := bufio.NewReader(file)
	for ctx.Err() == nil {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return seals, nil // a last line cut short by a crash never counted
		}
		if err != nil {
			return nil, err
		}
		var s AuditSeal
		if json.Unmarshal(line, &s) != nil {
			return nil, fmt.Errorf("%s, line %d: not a seal", f.path, len(seals)+1)
		}
		seals = append(seals, s)
		f.whole += int64(len(line))
	}
	return nil, ctx.Err()
}

// Append writes one line behind the last whole one and syncs it. A seal that another process has copied is left alone.
func (f *SealFile) Append(ctx context.Context, s AuditSeal) (err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	file, err := os.OpenFile(f.path, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if err := lockFile(file); err != nil {
		return err
	}
	last, err := f.newest(ctx)
	if err != nil || s.N <= last {
		return err
	}
	line, err := json.Marshal(s)
	if err != nil {
		return err
	}
	line = append(line, '\n')
	if _, err := file.WriteAt(line, f.whole); err != nil {
		return err
	}
	if err := errors.Join(file.Truncate(f.whole+int64(len(line))), file.Sync()); err != nil {
		return err
	}
	f.last, f.whole = s.N, f.whole+int64(len(line))
	return nil
}
