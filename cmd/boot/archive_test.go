package boot_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot"
	"onecard/models"
	"onecard/models/card"
)

// archivist is a card capability with two ended applications.
type archivist struct {
	before     time.Time
	unreadable []string
	fails      error
	took       card.Transfer
	differ     []card.ArchiveDifference
}

var (
	archived = []card.ArchivedPicture{
		{Of: "applications", Receipt: "20211220-00000001-0", Picture: "0190a000-0000-7000-8000-000000000001", Purpose: card.UploadPhoto, Bytes: 3, Digest: strings.Repeat("a", 64)},
		{Of: "replacements", Receipt: "20211220-00000002-8", Picture: "0190a000-0000-7000-8000-000000000002", Purpose: card.UploadIDFront, Bytes: 5, Digest: strings.Repeat("b", 64)},
	}
	contents = []string{"one", "first"}
)

func (a *archivist) ExportForArchive(_ context.Context, by models.Actor, before time.Time, put func(card.ArchivedPicture, []byte) error) (int, []string, error) {
	if by.Kind != models.SystemActor {
		return 0, nil, errors.New("by whom")
	}
	a.before = before
	for i, p := range archived {
		if err := put(p, []byte(contents[i])); err != nil {
			return i, nil, err
		}
	}
	return len(archived), a.unreadable, a.fails
}

func (a *archivist) ConfirmArchived(_ context.Context, by models.Actor, t card.Transfer) (int, []card.ArchiveDifference, error) {
	if by.Kind != models.SystemActor {
		return 0, nil, errors.New("by whom")
	}
	a.took = t
	return len(t.Pictures), a.differ, a.fails
}

func runArchive(t *testing.T, keeper boot.Archivist, args ...string) (string, error) {
	t.Helper()
	var out strings.Builder
	err := boot.ArchiveCommand(t.Context(), keeper, args, &out)
	return out.String(), err
}

func TestWhatWasExportedIsWhatMayBeConfirmed(t *testing.T) {
	t.Parallel()
	keeper, folder := &archivist{}, filepath.Join(t.TempDir(), "to")
	said, err := runArchive(t, keeper, "export", "--to", folder, "--ended-before", "2021-12-01")
	require.NoError(t, err)
	require.Contains(t, said, "2 applications and replacements exported, 0 not; manifest.csv sha256 ")
	require.Equal(t, models.Date("2021-12-01").Start(), keeper.before)
	for i, p := range archived {
		name := filepath.Join(folder, p.Of, p.Receipt, string(p.Purpose)+"-"+string(p.Picture)+".jpg")
		data, err := os.ReadFile(name)
		require.NoError(t, err)
		require.Equal(t, contents[i], string(data))
		info, err := os.Stat(name)
		require.NoError(t, err)
		require.Zero(t, info.Mode().Perm()&0o077, "nobody else reads it")
	}
	_, err = runArchive(t, keeper, "export", "--to", folder)
	require.ErrorIs(t, err, boot.ErrUsage, "into an empty folder only")

	list := filepath.Join(folder, "manifest.csv")
	said, err = runArchive(t, keeper, "confirm", "--basis", "清单1", "--manifest", list)
	require.NoError(t, err)
	require.Equal(t, "2 noted as archived, 2 pictures compared\n", said)
	require.Equal(t, []any{"清单1", archived}, []any{keeper.took.Basis, keeper.took.Pictures})
	require.Len(t, keeper.took.Digest, 64)

	keeper.differ = []card.ArchiveDifference{{Of: "applications", Receipt: "1", What: "nothing has this receipt"}, {Of: "replacements", Receipt: "2", Picture: "p", What: "not in the list"}}
	said, err = runArchive(t, keeper, "confirm", "--basis", "清单1", "--manifest", list)
	require.ErrorIs(t, err, boot.ErrNotArchived)
	require.Equal(t, "applications 1 nothing has this receipt\nreplacements 2 p not in the list\n", said)
}

func TestAnExportThatIsNotWholeHasNoList(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	_, err := runArchive(t, &archivist{fails: models.ErrUnavailable}, "export", "--to", folder)
	require.ErrorIs(t, err, models.ErrUnavailable)
	require.NoFileExists(t, filepath.Join(folder, "manifest.csv"))

	other := t.TempDir()
	said, err := runArchive(t, &archivist{unreadable: []string{"20211220-00000003-6"}}, "export", "--to", other)
	require.ErrorIs(t, err, boot.ErrNotExported)
	require.Contains(t, said, "20211220-00000003-6  a picture is not what was stored")
	require.FileExists(t, filepath.Join(other, "manifest.csv"), "of the others")
}

func TestAListThatIsNoneIsRefused(t *testing.T) {
	t.Parallel()
	const head = "of,receipt,picture,purpose,bytes,sha256\n"
	for name, text := range map[string]string{
		"empty": "", "head only": head, "no head": "applications,1,2,photo,3,aa\napplications,2,2,photo,3,aa\n", "cut off": head + "applications,1,2,photo,3\n", "more": head + "applications,1,2,photo,3,aa,x\n",
		"no number": head + "applications,1,2,photo,x,aa\n", "no receipt": head + "applications,,2,photo,3,aa\n", "half a quote": head + "\"applications,1,2,photo,3,aa\n",
	} {
		list := filepath.Join(t.TempDir(), "list.csv")
		require.NoError(t, os.WriteFile(list, []byte(text), 0o600))
		keeper := &archivist{}
		_, err := runArchive(t, keeper, "confirm", "--basis", "清单1", "--manifest", list)
		require.Error(t, err, name)
		require.Empty(t, keeper.took.Basis, name)
	}
	for _, args := range [][]string{nil, {"confirm"}, {"confirm", "--basis", "清单1"}, {"confirm", "--basis", " ", "--manifest", "x"}, {"confirm", "--basis", "x", "--manifest", "y", "1"},
		{"export"}, {"export", "--to", "x", "--ended-before", "yesterday"}, {"list"}} {
		_, err := runArchive(t, &archivist{}, args...)
		require.ErrorIs(t, err, boot.ErrUsage)
	}
}
