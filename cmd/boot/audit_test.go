package boot

import (
	"bytes"
	"io"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/configs"
	"onecard/models"
	"onecard/models/audit"
)

func TestR57_SealsThatNothingOutsideWasComparedWithAreNoProofInProduction(t *testing.T) {
	t.Parallel()
	cfg := configs.Dev(t.TempDir())
	require.NoError(t, Migrate(t.Context(), cfg, "", io.Discard))
	production := cfg
	production.Mode = configs.ModeProduction
	verify := func(cfg configs.Config, withoutCopies bool) (string, error) {
		var out bytes.Buffer
		err := VerifyAudit(t.Context(), cfg, withoutCopies, &out)
		return out.String(), err
	}
	_, err := verify(production, false)
	require.NoError(t, err, "before the first seal there is nothing to copy")

	a, err := openForOperator(t.Context(), cfg)
	require.NoError(t, err)
	require.NoError(t, a.db.RecordAudit(t.Context(), audit.Of(models.System(), a.clock.Now(), "card.loss.reported", "loss_reports", "r1", "done")))
	_, err = a.db.SealAudit(t.Context())
	require.NoError(t, err)
	require.NoError(t, a.Close())
	said, err := verify(production, false)
	require.NoError(t, err)
	require.Contains(t, said, "1 seals over 1 entries checked, 0 entries not sealed yet; 1 copies outside the database compared")

	require.NoError(t, os.Remove(a.sealFile()))
	said, err = verify(production, false)
	require.ErrorIs(t, err, ErrAuditNoCopies)
	require.Contains(t, said, "; 0 copies")
	_, err = verify(production, true)
	require.NoError(t, err)
	_, err = verify(cfg, false)
	require.NoError(t, err, "a demo city is thrown away with its copies")
}
