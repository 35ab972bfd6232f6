package boot

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/configs"
	"onecard/integrations/registry/filedrop"
	"onecard/models"
	"onecard/models/citizen"
	"onecard/models/subsidy"
)

func TestTheIngestCommandTellsOfAPaymentThatALaterFileReturns(t *testing.T) {
	t.Parallel()
	cfg := configs.Dev(t.TempDir())
	a := &App{cfg: cfg, clock: models.SystemClock{}, log: NewLog(cfg.Log), watch: newWatch()}
	require.NoError(t, a.openStores(t.Context(), options{migrate: true}))
	at := time.Date(2021, 12, 20, 2, 0, 0, 0, time.UTC)
	_, err := a.db.Persons().ApplyPersons(t.Context(), []citizen.PersonFact{{Ref: "wang", LivingStatus: citizen.Alive, Version: 1, ChangedAt: at}}, at)
	require.NoError(t, err)
	require.NoError(t, a.db.Subsidies().SaveProgrammes(t.Context(), []subsidy.Programme{{Code: "P41", Edition: 1, Name: "就业补助", SMSName: "就业补助",
		ValidFrom: "2019-01-01", Version: 1, ChangedAt: at}}))
	told := func() (n int) {
		require.NoError(t, a.db.SQL().QueryRowContext(t.Context(), "SELECT count(*) FROM notices").Scan(&n))
		return n
	}
	path := filepath.Join(t.TempDir(), "f.csv")
	bring := func(rows, figures string) string {
		require.NoError(t, os.WriteFile(path, []byte("line_no,payee_ref,amount_fen,state,sent_at,returned_at,return_reason,account_bank\n"+rows), 0o600))
		require.NoError(t, os.WriteFile(filedrop.ControlOf(path), []byte(`{"id":"F1","ledger_month":"2021-12","programme_code":"P41","district":"410303",`+figures+
			`,"announced_at":"2099-12-20T09:00:00+08:00"}`), 0o600))
		var out bytes.Buffer
		require.NoError(t, OpenIntake(t.Context(), cfg, func(in Intake) error {
			return IngestCommand(t.Context(), in, []string{path}, Terminal{Out: &out, Err: &bytes.Buffer{}})
		}))
		return out.String()
	}
	const first = "1,wang,100,sent,2021-12-20 09:00:00,,,\n"
	require.Contains(t, bring(first, `"count":1,"total_fen":100`), "applied")
	require.Zero(t, told())
	back := "1,wang,100,returned,2021-12-20 09:00:00,2021-12-20 10:00:00,ACCOUNT_INACTIVE,313LY\n2,wang,50,sent,2021-12-20 09:00:00,,,\n"
	require.Contains(t, bring(back, `"count":2,"total_fen":150,"version":2`), "applied")
	require.Equal(t, 1, told())
	require.NoError(t, a.Close())
}
