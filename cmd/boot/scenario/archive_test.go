package scenario

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot"
	"onecard/cmd/boot/boottest"
)

// From the card in hand to the deletion: exported, compared with the archive's own list, kept for a month, gone.
func TestPicturesGoToTheArchiveAndThenFromHere(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	li := r.Fresh("alipay_mini", "li")
	li.Consent("id_images")
	li.Consent("bank_data")
	receipt := li.Post("/v1/applications", form(t, li)).Is(http.StatusCreated).Text("receipt")
	r.Work()
	r.Happens("produce", "li", map[string]any{"stage": "collected"})

	archive := func(args ...string) (string, error) {
		var out strings.Builder
		err := boot.OpenArchive(t.Context(), r.Config(), func(k boot.Archivist) error { return boot.ArchiveCommand(t.Context(), k, args, &out) })
		return out.String(), err
	}
	folder := filepath.Join(t.TempDir(), "transfer")
	said, err := archive("export", "--to", folder)
	require.NoError(t, err)
	require.Contains(t, said, "1 applications and replacements exported, 0 not")
	pictures, err := filepath.Glob(filepath.Join(folder, "applications", receipt, "*.jpg"))
	require.NoError(t, err)
	require.Len(t, pictures, 3)
	for _, p := range pictures {
		data, err := os.ReadFile(p)
		require.NoError(t, err)
		require.Equal(t, "\xff\xd8\xff", string(data[:3]), "open, as the archive needs it")
	}
	list := filepath.Join(folder, "manifest.csv")
	whole, err := os.ReadFile(list)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(list, []byte(strings.Join(strings.SplitAfter(string(whole), "\n")[:3], "")), 0o600))
	said, err = archive("confirm", "--basis", "移交清单1", "--manifest", list)
	require.ErrorIs(t, err, boot.ErrNotArchived, "a picture got lost on the way")
	require.Contains(t, said, "not in the list")
	require.Empty(t, r.Decisions("card.application.archived"))

	require.NoError(t, os.WriteFile(list, whole, 0o600))
	said, err = archive("confirm", "--basis", "移交清单1", "--manifest", list)
	require.NoError(t, err)
	require.Equal(t, "1 noted as archived, 3 pictures compared\n", said)
	require.Len(t, r.Decisions("card.application.archived"), 1)
	require.Len(t, r.Decisions("card.application.exported"), 1)
	left := func() (n int) {
		require.NoError(t, r.DB().QueryRowContext(t.Context(), "SELECT count(*) FROM uploads").Scan(&n))
		return n
	}
	r.Later(29 * 24 * time.Hour)
	require.Equal(t, 3, left())
	r.Later(2 * 24 * time.Hour)
	require.Zero(t, left())
	require.Len(t, r.Decisions("card.upload.dropped"), 3)
}
