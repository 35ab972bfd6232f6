package store

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
)

// Grant gives the service's PostgreSQL role what it needs and no more: rows of every table, but in the audit trail
// only reading and adding (R57). The role that migrates owns the tables and must be another one, because an owner
// can switch triggers off. To be run after each migrate; running it again changes nothing.
func (db *DB) Grant(ctx context.Context, role string) error {
	if db.driver != Postgres {
		return errors.New("only PostgreSQL has roles")
	}
	name := pgx.Identifier{role}.Sanitize()
	return db.InTx(ctx, func(ctx context.Context) error {
		for _, statement := range []string{
			"GRANT USAGE ON SCHEMA public TO ",
			"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ",
			"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO ",
			"GRANT EXECUTE ON FUNCTION make_payments_partition(text), begin_payments_partition(text), end_payments_partition(text), know_payments_partition(text) TO ",
			"REVOKE UPDATE, DELETE, TRUNCATE ON audit_entries, audit_seals FROM ",
			"REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON goose_db_version, river_migration FROM ",
		} {
			if err := db.w(ctx).Exec(statement + name).Error; err != nil {
				return translate(err)
			}
		}
		return nil
	})
}
