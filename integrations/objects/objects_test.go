package objects

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/configs"
	"onecard/models/card"
)

const (
	oneKey   = "0190a5b0-0000-7000-8000-0000000000aa"
	otherKey = "0190a5b0-0000-7000-8000-0000000000bb"
)

// conform is what every Place promises.
func conform(t *testing.T, open func(t *testing.T) Place) {
	t.Run("what was put comes back", func(t *testing.T) {
		t.Parallel()
		p := open(t)
		require.NoError(t, p.Put(t.Context(), oneKey, []byte("first")))
		require.NoError(t, p.Put(t.Context(), otherKey, bytes.Repeat([]byte{0, 255}, 1<<20)))
		got, err := p.Get(t.Context(), oneKey)
		require.NoError(t, err)
		require.Equal(t, "first", string(got))
		require.NoError(t, p.Put(t.Context(), oneKey, []byte("second")), "a repeat replaces")
		got, err = p.Get(t.Context(), oneKey)
		require.NoError(t, err)
		require.Equal(t, "second", string(got))
		got, err = p.Get(t.Context(), otherKey)
		require.NoError(t, err)
		require.Len(t, got, 2<<20)
	})
	t.Run("what is gone is gone, twice", func(t *testing.T) {
		t.Parallel()
		p := open(t)
		_, err := p.Get(t.Context(), oneKey)
		require.ErrorIs(t, err, card.ErrNoObject)
		require.NoError(t, p.Delete(t.Context(), oneKey))
		require.NoError(t, p.Put(t.Context(), oneKey, []byte("x")))
		require.NoError(t, p.Delete(t.Context(), oneKey))
		require.NoError(t, p.Delete(t.Context(), oneKey))
		_, err = p.Get(t.Context(), oneKey)
		require.ErrorIs(t, err, card.ErrNoObject)
	})
	t.Run("no key leads elsewhere", func(t *testing.T) {
		t.Parallel()
		p := open(t)
		for _, key := range []string{"", "short", "../../../../etc/passwd", "0190a5b0/../../000", "ABCDEFABCDEF", strings.Repeat("a", 65), "0190a5b0\x000000"} {
			require.ErrorIs(t, p.Put(t.Context(), key, []byte("x")), ErrKey, key)
			_, err := p.Get(t.Context(), key)
			require.ErrorIs(t, err, ErrKey)
			require.ErrorIs(t, p.Delete(t.Context(), key), ErrKey)
		}
	})
	t.Run("readers see all or nothing", func(t *testing.T) {
		t.Parallel()
		p := open(t)
		whole := [][]byte{bytes.Repeat([]byte("a"), 300_000), bytes.Repeat([]byte("b"), 200_000)}
		require.NoError(t, p.Put(t.Context(), oneKey, whole[0]))
		var wg sync.WaitGroup
		for i := range 4 {
			wg.Go(func() {
				for range 10 {
					if err := p.Put(context.Background(), oneKey, whole[i%2]); err != nil {
						t.Error(err)
					}
				}
			})
		}
		for range 50 {
			got, err := p.Get(t.Context(), oneKey)
			require.NoError(t, err)
			require.True(t, bytes.Equal(got, whole[0]) || bytes.Equal(got, whole[1]))
		}
		wg.Wait()
	})
	t.Run("all are listed, page by page", func(t *testing.T) {
		t.Parallel()
		p := open(t)
		empty, err := p.List(t.Context(), "", 10)
		require.NoError(t, err)
		require.Empty(t, empty)
		put := map[string]bool{}
		for i := range 7 {
			key := fmt.Sprintf("0190a5b0-0000-7000-8000-00000000%02x%02x", i, i*40%256)
			put[key] = true
			require.NoError(t, p.Put(t.Context(), key, []byte("x")))
		}
		got, after := map[string]bool{}, ""
		for range 5 {
			page, err := p.List(t.Context(), after, 2)
			require.NoError(t, err)
			require.LessOrEqual(t, len(page), 2)
			for _, o := range page {
				require.False(t, got[o.Key], "listed twice")
				require.False(t, o.StoredAt.IsZero())
				got[o.Key], after = true, o.Key
			}
		}
		require.Equal(t, put, got)
		require.NoError(t, p.Probe(t.Context()))
	})
	t.Run("a caller who left gets nothing done", func(t *testing.T) {
		t.Parallel()
		p := open(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		require.ErrorIs(t, p.Put(ctx, oneKey, []byte("x")), context.Canceled)
		_, err := p.List(ctx, "", 1)
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorIs(t, p.Probe(ctx), context.Canceled)
		_, err = p.Get(t.Context(), oneKey)
		require.ErrorIs(t, err, card.ErrNoObject)
	})
}

func TestFolderConforms(t *testing.T) {
	t.Parallel()
	conform(t, func(t *testing.T) Place {
		f, err := OpenFolder(filepath.Join(t.TempDir(), "objects"))
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, f.Close()) })
		return f
	})
}

// boundSealer flips every bit and binds the result to its place: enough to see that nothing is stored in the clear.
type boundSealer struct{ broken bool }

func (s boundSealer) Seal(_ context.Context, table, column, row string, plain []byte) ([]byte, error) {
	if s.broken {
		return nil, errors.New("no key")
	}
	out := []byte(table + "." + column + "." + row + "|")
	for _, b := range plain {
		out = append(out, ^b)
	}
	return out, nil
}

func (s boundSealer) Unseal(_ context.Context, table, column, row string, sealed []byte) ([]byte, error) {
	rest, ok := bytes.CutPrefix(sealed, []byte(table+"."+column+"."+row+"|"))
	if !ok {
		return nil, errors.New("does not open")
	}
	out := make([]byte, len(rest))
	for i, b := range rest {
		out[i] = ^b
	}
	return out, nil
}

func open(t *testing.T, s Sealer) (*Objects, string) {
	t.Helper()
	cfg := configs.Dev(t.TempDir())
	o, err := Open(cfg, s)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, o.Close()) })
	return o, cfg.ObjectsFolder()
}

func TestTheFolderHoldsSealedBytesOnly(t *testing.T) {
	t.Parallel()
	o, dir := open(t, boundSealer{})
	secret := []byte("\xff\xd8\xff the face of a person")
	require.NoError(t, o.Put(t.Context(), oneKey, secret))
	files := 0
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files++
		data, err := os.ReadFile(path)
		require.NotContains(t, string(data), "the face of a person")
		info, infoErr := d.Info()
		require.NoError(t, infoErr)
		require.Equal(t, fs.FileMode(0o600), info.Mode().Perm())
		return err
	}))
	require.Equal(t, 1, files)
	got, err := o.Get(t.Context(), oneKey)
	require.NoError(t, err)
	require.Equal(t, secret, got)
}

func TestAMovedOrChangedObjectDoesNotOpen(t *testing.T) {
	t.Parallel()
	o, dir := open(t, boundSealer{})
	require.NoError(t, o.Put(t.Context(), oneKey, []byte("one")))
	require.NoError(t, o.Put(t.Context(), otherKey, []byte("other")))
	require.NoError(t, os.Rename(filepath.Join(dir, "aa", oneKey), filepath.Join(dir, "bb", otherKey)))
	_, err := o.Get(t.Context(), otherKey)
	require.ErrorIs(t, err, card.ErrObjectChanged)
	require.NoError(t, os.Truncate(filepath.Join(dir, "bb", otherKey), 0))
	_, err = o.Get(t.Context(), otherKey)
	require.ErrorIs(t, err, card.ErrObjectChanged)
}

func TestNothingIsStoredWhereNothingCanBeSealed(t *testing.T) {
	t.Parallel()
	o, dir := open(t, boundSealer{broken: true})
	require.Error(t, o.Put(t.Context(), oneKey, []byte("one")))
	require.Error(t, o.Put(t.Context(), oneKey, nil))
	_, err := os.Stat(filepath.Join(dir, "aa", oneKey))
	require.ErrorIs(t, err, fs.ErrNotExist)
}

func TestALinkDoesNotLeadOutOfTheFolder(t *testing.T) {
	t.Parallel()
	outside, dir := t.TempDir(), filepath.Join(t.TempDir(), "objects")
	f, err := OpenFolder(dir)
	require.NoError(t, err)
	defer func() { _ = f.Close() }()
	require.NoError(t, os.WriteFile(filepath.Join(outside, oneKey), []byte("not ours"), 0o600))
	require.NoError(t, os.Symlink(outside, filepath.Join(dir, "aa")))
	_, err = f.Get(t.Context(), oneKey)
	require.Error(t, err)
	require.Error(t, f.Put(t.Context(), oneKey, []byte("x")))
	left, err := os.ReadDir(filepath.Join(dir, halfWritten))
	require.NoError(t, err)
	require.Empty(t, left, "a failed put leaves nothing half written")
}

func TestWhatADeadProcessLeftIsClearedAway(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "objects")
	require.NoError(t, os.MkdirAll(filepath.Join(dir, halfWritten), 0o700))
	old, young := filepath.Join(dir, halfWritten, "old"), filepath.Join(dir, halfWritten, "young")
	require.NoError(t, os.WriteFile(old, []byte("x"), 0o600))
	require.NoError(t, os.WriteFile(young, []byte("x"), 0o600))
	past := time.Now().Add(-2 * forgottenIn)
	require.NoError(t, os.Chtimes(old, past, past))
	f, err := OpenFolder(dir)
	require.NoError(t, err)
	defer func() { _ = f.Close() }()
	require.NoFileExists(t, old)
	require.FileExists(t, young, "another replica may be writing it")
}

func TestOpenNamesTheSettingThatIsWrong(t *testing.T) {
	t.Parallel()
	cfg := configs.Dev(t.TempDir())
	for _, kind := range []string{"tape", ""} {
		cfg.Objects.Kind = kind
		_, err := Open(cfg, boundSealer{})
		require.ErrorContains(t, err, "objects.kind")
	}
	cfg.Objects.Kind, cfg.Objects.S3.URL = "s3", "nowhere"
	_, err := Open(cfg, boundSealer{})
	require.ErrorContains(t, err, "objects.s3.url")
	cfg.Objects.Kind, cfg.Objects.Folder = "folder", filepath.Join(os.DevNull, "x")
	_, err = Open(cfg, boundSealer{})
	require.ErrorContains(t, err, "objects.folder")
}
