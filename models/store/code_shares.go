package store

import (
	"context"
	"time"

	"onecard/models"
	"onecard/models/citizen"
)

// CodeShares counts, for each app, the codes sent from one instant until before another, and those of them that were used.
func (t *Codes) CodeShares(ctx context.Context, from, until time.Time) ([]citizen.CodeShare, error) {
	var rows []struct {
		App        string
		Sent, Used int
	}
	err := t.q(ctx).Raw(`SELECT COALESCE(a.app_id, '') AS app, COUNT(*) AS sent, COUNT(c.used_at) AS used FROM one_time_codes c
		LEFT JOIN sessions s ON s.id = c.session_id LEFT JOIN platform_accounts a ON a.id = s.account_id
		WHERE c.sent_at >= ? AND c.sent_at < ? GROUP BY COALESCE(a.app_id, '') ORDER BY 1`,
		models.Instant(from), models.Instant(until)).Scan(&rows).Error
	out := make([]citizen.CodeShare, len(rows))
	for i, r := range rows {
		out[i] = citizen.CodeShare{App: r.App, Sent: r.Sent, Used: r.Used}
	}
	return out, translate(err)
}
