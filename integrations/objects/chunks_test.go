package objects

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models/card"
)

// rebuilt is an object made of other cells.
func rebuilt(salt []byte, cells ...[]byte) []byte {
	out := append(bytes.Clone(magic), salt...)
	for _, c := range cells {
		out = append(binary.BigEndian.AppendUint32(out, uint32(len(c))), c...)
	}
	return out
}

func TestEveryChunkKnowsItsPlace(t *testing.T) {
	t.Parallel()
	o, _ := open(t, boundSealer{})
	ctx := t.Context()
	picture := bytes.Repeat([]byte("0123456789abcdef"), 3*chunkSize/16) // three whole chunks
	sealed, err := o.seal(ctx, oneKey, picture)
	require.NoError(t, err)
	again, err := o.seal(ctx, oneKey, picture)
	require.NoError(t, err)
	other, err := o.seal(ctx, otherKey, picture)
	require.NoError(t, err)
	salt, cells, err := cellsOf(sealed)
	require.NoError(t, err)
	require.Len(t, cells, 3)
	_, second, err := cellsOf(again)
	require.NoError(t, err)
	_, stranger, err := cellsOf(other)
	require.NoError(t, err)
	got, err := o.unseal(ctx, oneKey, sealed)
	require.NoError(t, err)
	require.Equal(t, picture, got)

	for what, broken := range map[string][]byte{
		"cut after a chunk":             rebuilt(salt, cells[:2]...),
		"cut to one":                    rebuilt(salt, cells[0]),
		"without the first":             rebuilt(salt, cells[1:]...),
		"reordered":                     rebuilt(salt, cells[1], cells[0], cells[2]),
		"one twice":                     rebuilt(salt, cells[0], cells[0], cells[1], cells[2]),
		"the last twice":                rebuilt(salt, cells[0], cells[1], cells[2], cells[2]),
		"a chunk of another sealing":    rebuilt(salt, cells[0], second[1], cells[2]),
		"a chunk of another object":     rebuilt(salt, cells[0], stranger[1], cells[2]),
		"the salt of another sealing":   rebuilt(again[len(magic):len(magic)+saltSize], cells...),
		"another object":                other,
		"nothing":                       {},
		"the head alone":                rebuilt(salt),
		"an empty chunk behind":         rebuilt(salt, slices.Concat(cells, [][]byte{{}})...),
		"half a length behind":          append(bytes.Clone(sealed), 0, 0),
		"a chunk longer than the bytes": append(bytes.Clone(sealed), 0xff, 0xff, 0xff, 0xff, 1),
		"cut in the head":               sealed[:len(magic)+3],
		"another form":                  append([]byte("ocs3"), sealed[4:]...),
	} {
		_, err := o.unseal(ctx, oneKey, broken)
		require.ErrorIs(t, err, card.ErrObjectChanged, what)
	}
	for n := range len(sealed) / 1000 {
		_, err := o.unseal(ctx, oneKey, sealed[:n*1000])
		require.ErrorIs(t, err, card.ErrObjectChanged, "%d bytes", n*1000)
	}
}

func TestAnObjectOfTheFirstReleasesOpens(t *testing.T) {
	t.Parallel()
	o, dir := open(t, boundSealer{})
	cell, err := o.sealer.Seal(t.Context(), sealedTable, sealedColumn, oneKey, []byte("one cell"))
	require.NoError(t, err)
	require.NoError(t, o.Put(t.Context(), oneKey, []byte("x")))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "aa", oneKey), cell, 0o600))
	got, err := o.Get(t.Context(), oneKey)
	require.NoError(t, err)
	require.Equal(t, "one cell", string(got))
}

func TestResealingChangesWhatIsOldOnly(t *testing.T) {
	t.Parallel()
	o, dir := open(t, boundSealer{})
	require.NoError(t, o.Put(t.Context(), oneKey, []byte("a face")))
	file := filepath.Join(dir, "aa", oneKey)
	before, err := os.ReadFile(file)
	require.NoError(t, err)
	did, err := o.Reseal(t.Context(), oneKey, func([]byte) bool { return false })
	require.NoError(t, err)
	require.False(t, did)
	did, err = o.Reseal(t.Context(), oneKey, func([]byte) bool { return true })
	require.NoError(t, err)
	require.True(t, did)
	after, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NotEqual(t, before, after)
	got, err := o.Get(t.Context(), oneKey)
	require.NoError(t, err)
	require.Equal(t, "a face", string(got))
	did, err = o.Reseal(t.Context(), otherKey, func([]byte) bool { return true })
	require.NoError(t, err, "gone meanwhile")
	require.False(t, did)
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	_, err = o.Reseal(t.Context(), oneKey, func([]byte) bool { return true })
	require.ErrorIs(t, err, card.ErrObjectChanged)
}

func FuzzCells(f *testing.F) {
	f.Add([]byte(nil))
	f.Add(rebuilt(make([]byte, saltSize), []byte("a"), []byte("b")))
	f.Add(append(bytes.Clone(magic), 1))
	f.Fuzz(func(t *testing.T, sealed []byte) {
		salt, cells, err := cellsOf(sealed)
		if err != nil || salt == nil {
			return
		}
		require.Equal(t, sealed, rebuilt(salt, cells...), "taken apart and nothing lost")
	})
}
