package notice

import (
	"context"
	"time"

	"onecard/models"
	"onecard/models/audit"
)

// CampaignStore keeps campaigns, their people, and what belongs to them in the queue.
type CampaignStore interface {
	InTx(ctx context.Context, fn func(ctx context.Context) error) error
	Remember(ctx context.Context, by models.Actor, table, id string) (prior string, err error)
	RecordAudit(ctx context.Context, e audit.Entry) error
	AddNotices(ctx context.Context, drafts []Draft) error

	AddCampaign(ctx context.Context, c Campaign) error
	Campaign(ctx context.Context, id models.ID) (Campaign, error) // in a transaction the row is locked; models.ErrNotFound
	// Campaigns lists them, the newest first, before the given id; of one district only, where it is named.
	Campaigns(ctx context.Context, district string, before models.ID, limit int) ([]Campaign, error)
	SaveCampaign(ctx context.Context, c Campaign, from CampaignState) error // guarded by from: models.ErrConflict
	OpenCampaigns(ctx context.Context) ([]models.ID, error)                 // those about which there is something to do

	StaleDrafts(ctx context.Context, before time.Time) ([]models.ID, error) // drafts made before an instant

	// AddPeople puts people of the rule on the list, each once, and gives how many were new.
	AddPeople(ctx context.Context, c Campaign, people []models.ID) (int, error)
	// Gather looks at the next so many people after c.After and puts those of the rule on the list. It gives how many were
	// new and the last that was looked at, empty at the end.
	Gather(ctx context.Context, c Campaign, look int) (added int, last models.ID, err error)
	// NextPeople lists people of the list after c.After, and whether the rule still holds of each.
	NextPeople(ctx context.Context, c Campaign, limit int) ([]CampaignPerson, error)
	// CampaignWaits counts what of it is queued, at most limit.
	CampaignWaits(ctx context.Context, id models.ID, limit int) (int, error)
	// CampaignInFlight reports whether something of it is queued, held or being handed over.
	CampaignInFlight(ctx context.Context, id models.ID) (bool, error)
	// HoldCampaign, ReleaseCampaign and DropCampaign move what of it is queued, or held by HoldCampaign, at most limit at
	// once, and give how many. What is dropped and went to nobody is not in the inbox any more.
	HoldCampaign(ctx context.Context, id models.ID, limit int) (int, error)
	ReleaseCampaign(ctx context.Context, id models.ID, limit int) (int, error)
	DropCampaign(ctx context.Context, id models.ID, limit int) (int, error)
	CampaignCounts(ctx context.Context, id models.ID) ([]CampaignCount, error)
}

// CampaignPerson is one of the list.
type CampaignPerson struct {
	ID   models.ID
	Fits bool
}

// CampaignCount is how many messages of a campaign came to the same.
type CampaignCount struct {
	State  State
	Reason string
	Count  int
}

// CampaignStaff is a member of staff who may draft, approve and stop campaigns.
type CampaignStaff struct {
	ID       models.ID
	District string // empty: the whole city
}

// CampaignPorts are what campaigns need of others.
type CampaignPorts struct {
	Store              CampaignStore
	Staff              func(ctx context.Context, by models.Actor) (CampaignStaff, error) // who has not the role is refused, and that is audited
	MostRate           func(ctx context.Context, at time.Time) (int, error)              // people a minute, of one campaign
	Clock              models.Clock
	QuietFrom, QuietTo int
}

// Campaigns are the use cases of staff, and the work on campaigns.
type Campaigns struct{ CampaignPorts }

// NewCampaigns joins them to their ports.
func NewCampaigns(p CampaignPorts) *Campaigns { return &Campaigns{p} }
