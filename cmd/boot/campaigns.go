package boot

import (
	"context"

	"onecard/models"
	"onecard/models/notice"
)

func (a *App) campaigns() *notice.Campaigns {
	return notice.NewCampaigns(notice.CampaignPorts{
		Store: a.db.Campaigns(), Staff: a.campaigner, MostRate: a.Policy.CampaignPerMinute, Clock: a.clock,
		QuietFrom: a.cfg.SMS.QuietFrom, QuietTo: a.cfg.SMS.QuietTo,
	})
}

// campaigner is the member of staff who works on campaigns. The machine's operator sees the whole city, and is nobody who
// could approve.
func (a *App) campaigner(ctx context.Context, by models.Actor) (notice.CampaignStaff, error) {
	if by.Kind == models.SystemActor {
		return notice.CampaignStaff{}, nil
	}
	m, err := a.Hotline.Campaigner(ctx, by)
	return notice.CampaignStaff{ID: m.ID, District: m.District}, err
}
