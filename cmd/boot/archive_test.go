package boot_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot"
	"onecard/models"
)

type archivist map[string]error

func (a archivist) ConfirmArchived(_ context.Context, by models.Actor, receipt, basis string) error {
	if by.Kind == models.CitizenActor || basis != "清单1" {
		return errors.New("by whom, on what")
	}
	err, known := a[receipt]
	if !known {
		return models.ErrNotFound
	}
	return err
}

func (a archivist) ConfirmReplacementArchived(ctx context.Context, by models.Actor, receipt, basis string) error {
	return a.ConfirmArchived(ctx, by, "R"+receipt, basis)
}

func TestTheArchiveCommandNamesWhatItDidNotNote(t *testing.T) {
	t.Parallel()
	keeper := archivist{"1": nil, "2": models.ErrConflict, "3": nil, "9": models.ErrUnavailable, "R4": nil}
	run := func(in string, args ...string) (string, error) {
		var out strings.Builder
		err := boot.ArchiveCommand(t.Context(), keeper, args, strings.NewReader(in), &out)
		return out.String(), err
	}
	said, err := run("1\n\n 3 \n", "confirm", "--basis", "清单1")
	require.NoError(t, err)
	require.Equal(t, "2 noted as archived, 0 not\n", said)
	said, err = run("1\n2\n4\n", "confirm", "--basis", "清单1")
	require.ErrorIs(t, err, boot.ErrNotArchived)
	require.Equal(t, "2  it is still under way\n4  none of the applications has this receipt\n1 noted as archived, 2 not\n", said)
	said, err = run("4\n1\n", "confirm", "--of", "replacements", "--basis", "清单1")
	require.ErrorIs(t, err, boot.ErrNotArchived)
	require.Equal(t, "1  none of the replacements has this receipt\n1 noted as archived, 1 not\n", said, "the two are numbered apart")
	_, err = run("9\n", "confirm", "--basis", "清单1")
	require.ErrorIs(t, err, models.ErrUnavailable)
	for _, args := range [][]string{nil, {"confirm"}, {"confirm", "--basis", " "}, {"confirm", "--basis", "x", "1"}, {"confirm", "--basis", "x", "--of", "losses"}, {"list"}} {
		_, err := run("", args...)
		require.ErrorIs(t, err, boot.ErrUsage)
	}
}
