package store_test

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/store"
	"onecard/models/store/storetest"
)

func TestR57_TheServiceRoleCannotTouchTheAuditTrail(t *testing.T) {
	t.Parallel()
	if !strings.Contains(os.Getenv(storetest.EnvPostgres), "://") {
		t.Skipf("%s is not a URL", storetest.EnvPostgres)
	}
	dsn := storetest.ClonePostgres(t)
	ownerCfg := storetest.Config()
	ownerCfg.Driver, ownerCfg.DSN = store.Postgres, dsn
	owner, err := store.Open(t.Context(), ownerCfg)
	require.NoError(t, err)
	defer owner.Close()

	role := "onecard_role_" + strings.ReplaceAll(string(models.NewID()), "-", "")
	run := func(db *store.DB, statement string) error {
		_, err := db.SQL().ExecContext(context.WithoutCancel(t.Context()), statement)
		return err
	}
	require.NoError(t, run(owner, fmt.Sprintf("CREATE ROLE %s LOGIN PASSWORD 'for-this-test'", role)))
	defer func() {
		require.NoError(t, run(owner, "DROP OWNED BY "+role))
		require.NoError(t, run(owner, "DROP ROLE "+role))
	}()
	require.NoError(t, owner.Grant(t.Context(), role))

	u, err := url.Parse(dsn)
	require.NoError(t, err)
	u.User = url.UserPassword(role, "for-this-test")
	cfg := storetest.Config()
	cfg.Driver, cfg.DSN = store.Postgres, u.String()
	service, err := store.Open(t.Context(), cfg)
	require.NoError(t, err)
	defer service.Close()

	require.NoError(t, service.CheckSchema(t.Context()))
	require.NoError(t, service.InTx(t.Context(), func(ctx context.Context) error {
		_, err := service.NextNumber(ctx, "loss", models.DateOf(start))
		require.NoError(t, err)
		require.NoError(t, service.Enqueue(ctx, pingJob{ID: "1"}))
		return service.RecordAudit(ctx, decision(1))
	}))
	sealAll(t, service)
	for _, statement := range []string{
		"UPDATE audit_entries SET result = 'x'", "DELETE FROM audit_entries", "TRUNCATE audit_entries",
		"UPDATE audit_seals SET n = 9", "DELETE FROM audit_seals", "TRUNCATE audit_seals",
		"ALTER TABLE audit_entries DISABLE TRIGGER ALL", "DROP TRIGGER audit_entries_insert_only ON audit_entries",
		"DROP TABLE audit_entries", "DELETE FROM goose_db_version",
	} {
		require.ErrorContains(t, run(service, statement), "42501", statement)
	}
}
