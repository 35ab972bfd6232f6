package store

import (
	"context"

	"onecard/models"
	"onecard/models/notice"
)

// CampaignWaits implements notice.CampaignStore.
func (s *Campaigns) CampaignWaits(ctx context.Context, id models.ID, limit int) (int, error) {
	var n int
	err := s.w(ctx).Raw("SELECT count(*) FROM (SELECT 1 FROM deliveries WHERE campaign_id = ? AND state = 'queued' LIMIT ?) AS waiting", string(id), limit).Scan(&n).Error
	return n, translate(err)
}

// CampaignInFlight implements notice.CampaignStore.
func (s *Campaigns) CampaignInFlight(ctx context.Context, id models.ID) (bool, error) {
	var open bool
	err := s.w(ctx).Raw("SELECT EXISTS (SELECT 1 FROM deliveries WHERE campaign_id = ? AND state IN ('queued', 'held', 'submitting'))", string(id)).Scan(&open).Error
	return open, translate(err)
}

// HoldCampaign implements notice.CampaignStore.
func (s *Campaigns) HoldCampaign(ctx context.Context, id models.ID, limit int) (int, error) {
	_, n, err := s.moveSome(ctx, "state = 'held', reason = ?", []any{notice.ReasonCampaignPaused}, "state = 'queued'", nil, id, limit)
	return n, err
}

// ReleaseCampaign implements notice.CampaignStore.
func (s *Campaigns) ReleaseCampaign(ctx context.Context, id models.ID, limit int) (int, error) {
	_, n, err := s.moveSome(ctx, "state = 'queued', reason = ''", nil, "state = 'held' AND reason = ?", []any{notice.ReasonCampaignPaused}, id, limit)
	return n, err
}

// DropCampaign implements notice.CampaignStore.
func (s *Campaigns) DropCampaign(ctx context.Context, id models.ID, limit int) (int, error) {
	now, err := s.Now(ctx)
	if err != nil {
		return 0, err
	}
	notices, n, err := s.moveSome(ctx, "state = 'suppressed', reason = ?, fallback = '', settled_at = ?", []any{notice.ReasonCampaignCancelled, now},
		"state IN ('queued', 'held')", nil, id, limit)
	if err != nil || n == 0 {
		return n, err
	}
	return n, translate(s.w(ctx).Exec(`UPDATE notices SET replaced_at = ? WHERE id IN ? AND replaced_at IS NULL
		AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.notice_id = notices.id AND d.reason <> ?)`, now, notices, notice.ReasonCampaignCancelled).Error)
}

// moveSome moves some deliveries of a campaign; what is being claimed at this moment is passed over.
func (s *Campaigns) moveSome(ctx context.Context, set string, values []any, from string, is []any, id models.ID, limit int) ([]string, int, error) {
	few := "SELECT id FROM deliveries WHERE campaign_id = ? AND " + from + " LIMIT ?"
	if s.driver == Postgres {
		few += " FOR UPDATE SKIP LOCKED"
	}
	vars := append([]any{string(id)}, is...)
	vars = append(append(vars, limit), values...)
	var notices []string
	err := s.w(ctx).Raw("WITH few AS MATERIALIZED ("+few+") UPDATE deliveries SET "+set+" WHERE id IN (SELECT id FROM few) AND "+from+" RETURNING notice_id",
		append(vars, is...)...).Scan(&notices).Error
	return notices, len(notices), translate(err)
}

// CampaignCounts implements notice.CampaignStore; the index holds all that it reads.
func (s *Campaigns) CampaignCounts(ctx context.Context, id models.ID) ([]notice.CampaignCount, error) {
	var out []notice.CampaignCount
	err := s.q(ctx).Raw("SELECT state, reason, count(*) AS count FROM deliveries WHERE campaign_id = ? GROUP BY state, reason ORDER BY state, reason", string(id)).Scan(&out).Error
	return out, translate(err)
}
