package bench

import (
	"context"
	"encoding/hex"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"onecard/models"
)

// The bare write is one statement that is durable when it answers: a row with the columns and the indexes of an audit entry, and
// the row of a job beside it. The bare look is one covering read of what the panel shows, and then one such row alone. Neither
// knows who asks, or whether he may; nothing is signed, opened or masked.
const (
	bareAudit = `INSERT INTO bench_audit (id, at, actor_kind, actor_id, channel, level, subject_id, call_id, action, object, object_id, result, detail, digest)
		VALUES ($1,$2,'agent',$3,'phone_12333','phone',$3,$3,'hotline.person.seen','calls',$3,'done','{}',$4)`
	bareOutbox = `WITH entry AS (` + bareAudit + `) INSERT INTO bench_outbox (id, kind, state, due_at) VALUES ($5::uuid, 'job', 'available', $2)`
	bareSight  = `SELECT name_sealed, id_number_sealed, phone_sealed, district, card_id::text, number_mask, bank_code, social, financial, holding, changed_at
		FROM bench_sights WHERE person_id = $1`
)

// seedBareLooks makes the tables of the bare look from the product's own.
func (w *world) seedBareLooks(ctx context.Context) error {
	for _, s := range []string{
		"CREATE TABLE bench_audit (LIKE audit_entries INCLUDING DEFAULTS INCLUDING INDEXES)",
		"CREATE TABLE bench_outbox (id uuid NOT NULL PRIMARY KEY, kind text NOT NULL, state text NOT NULL, due_at timestamptz NOT NULL)",
		"CREATE INDEX bench_outbox_due ON bench_outbox (due_at) WHERE state = 'available'",
		`CREATE TABLE bench_sights AS SELECT p.id AS person_id, p.name_sealed, p.id_number_sealed, p.phone_sealed, p.district, c.id AS card_id, c.number_mask,
			c.bank_code, c.social, c.financial, c.holding, c.changed_at FROM persons p JOIN cards c ON c.person_id = p.id`,
		`CREATE INDEX bench_sights_covering ON bench_sights (person_id) INCLUDE (name_sealed, id_number_sealed, phone_sealed, district, card_id, number_mask,
			bank_code, social, financial, holding, changed_at)`,
		"VACUUM (ANALYZE) bench_sights", "VACUUM (ANALYZE) persons", "VACUUM (ANALYZE) cards", "VACUUM (ANALYZE) calls", "VACUUM (ANALYZE) staff",
		"VACUUM (ANALYZE) staff_sessions", "VACUUM (ANALYZE) call_lock_keys",
	} {
		if _, err := w.db.Exec(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// serveWrites is one durable statement a request.
func serveWrites(ctx context.Context, e *gin.Engine) (*pgxpool.Pool, error) {
	pool, err := barePool(ctx)
	if err != nil {
		return nil, err
	}
	digest := make([]byte, 32)
	e.GET("/write", func(c *gin.Context) {
		if _, err := pool.Exec(c, bareOutbox, string(models.NewID()), time.Now(), c.Query("p"), digest, string(models.NewID())); err != nil {
			c.Status(http.StatusInternalServerError)
			return
		}
		c.Data(http.StatusOK, "application/json", []byte(`{"state":"done"}`))
	})
	return pool, nil
}

// serveLooks is one covering read and one durable row a request.
func serveLooks(ctx context.Context, e *gin.Engine) (*pgxpool.Pool, error) {
	pool, err := barePool(ctx)
	if err != nil {
		return nil, err
	}
	digest := make([]byte, 32)
	e.GET("/look", func(c *gin.Context) {
		rows, err := pool.Query(c, bareSight, c.Query("p"))
		if err == nil {
			var body []byte
			if body, err = encodeSight(rows); err == nil {
				if _, err = pool.Exec(c, bareAudit, string(models.NewID()), time.Now(), c.Query("p"), digest); err == nil {
					c.Data(http.StatusOK, "application/json", body)
					return
				}
			}
		}
		c.Status(http.StatusInternalServerError)
	})
	return pool, nil
}

// encodeSight writes the panel by hand.
func encodeSight(rows pgx.Rows) ([]byte, error) {
	defer rows.Close()
	out := append(make([]byte, 0, 1024), `{"cards":[`...)
	var name, id, phone []byte
	var district string
	for n := 0; rows.Next(); n++ {
		var card, mask, bank, social, financial, holding string
		var changed time.Time
		if err := rows.Scan(&name, &id, &phone, &district, &card, &mask, &bank, &social, &financial, &holding, &changed); err != nil {
			return nil, err
		}
		if n > 0 {
			out = append(out, ',')
		}
		out = append(append(append(append(out, `{"card_id":"`...), card...), `","state":"`...), social...)
		out = append(changed.AppendFormat(append(out, `","changed_at":"`...), time.RFC3339), `"}`...)
	}
	out = append(hex.AppendEncode(append(out, `],"name":"`...), name), `","id_number":"`...)
	out = hex.AppendEncode(append(hex.AppendEncode(out, id), `","phone":"`...), phone)
	return append(append(append(out, `","district":"`...), district...), `"}`...), rows.Err()
}
