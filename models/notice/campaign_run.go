package notice

import (
	"context"
	"errors"
	"slices"
	"time"

	"onecard/models"
)

const (
	lookAtOnce  = 5000                // people of whom one commit asks whether they are of the rule
	tellAtOnce  = 500                 // people told in one commit
	lookAhead   = 30 * time.Second    // so far ahead messages are queued: what stands in the queue is soon paused
	draftsFor   = 30 * 24 * time.Hour // [choice] whom nobody approves to be told is not kept on a list for ever
	waitsAtMost = 1000                // more than this, and more than lookAhead's, is not queued while the vendor takes less
)

// Run does what is due about every campaign, one commit for each, and reports whether there is more at once. Whoever dies
// in between leaves a campaign as its last commit says; a person is told once, by the cause of her notice.
func (s *Campaigns) Run(ctx context.Context) (more bool, err error) {
	ids, err := s.Store.OpenCampaigns(ctx)
	if err != nil {
		return false, err
	}
	stale, err := s.Store.StaleDrafts(ctx, s.Clock.Now().Add(-draftsFor))
	if err != nil {
		return false, err
	}
	for _, id := range stale {
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	var errs []error
	for _, id := range ids {
		err := s.Store.InTx(ctx, func(ctx context.Context) error {
			c, err := s.Store.Campaign(ctx, id)
			if err != nil {
				return err
			}
			again, err := s.step(ctx, c)
			more = more || again
			return err
		})
		if err != nil && !errors.Is(err, models.ErrConflict) {
			errs = append(errs, err)
		}
	}
	err = errors.Join(errs...)
	return more && err == nil, err
}

// system is who moves a campaign when its time has come.
var system = models.Actor{Kind: models.SystemActor}

func (s *Campaigns) step(ctx context.Context, c Campaign) (more bool, err error) {
	now := s.Clock.Now()
	switch {
	case c.State == CampaignDraft && c.CreatedAt.Before(now.Add(-draftsFor)):
		return true, s.cancel(ctx, system, c, ReasonCampaignNotApproved)
	case c.State == CampaignDraft && !c.Gathered:
		return s.gather(ctx, c)
	case c.State == CampaignApproved && !c.StartAt.After(now):
		return true, s.move(ctx, system, c, onCampaignStart, "started")
	case c.State == CampaignPaused:
		n, err := s.Store.HoldCampaign(ctx, c.ID, moveAtOnce)
		return n == moveAtOnce, err
	case c.State == CampaignCancelled:
		return s.drop(ctx, c)
	case c.State == CampaignRunning:
		return s.tell(ctx, c)
	}
	return false, nil
}

func (s *Campaigns) gather(ctx context.Context, c Campaign) (bool, error) {
	n, last, err := s.Store.Gather(ctx, c, lookAtOnce)
	if err != nil {
		return false, err
	}
	c.Planned, c.After, c.Gathered = c.Planned+n, last, last == ""
	return !c.Gathered, s.Store.SaveCampaign(ctx, c, CampaignDraft)
}

func (s *Campaigns) drop(ctx context.Context, c Campaign) (bool, error) {
	n, err := s.Store.DropCampaign(ctx, c.ID, moveAtOnce)
	if err != nil || n > 0 {
		return n == moveAtOnce, err
	}
	return false, s.close(ctx, c)
}

// close writes that nothing of an ended campaign is on its way any more.
func (s *Campaigns) close(ctx context.Context, c Campaign) error {
	open, err := s.Store.CampaignInFlight(ctx, c.ID)
	if err != nil || open {
		return err
	}
	c.ClosedAt = s.Clock.Now()
	if c.State == CampaignRunning {
		return s.move(ctx, system, c, onCampaignFinish, "done")
	}
	return s.Store.SaveCampaign(ctx, c, c.State)
}

// next is when the next person of a campaign may be told.
func (s *Campaigns) next(c Campaign, now time.Time) time.Time {
	due := c.NextDue
	if due.Before(now) {
		due = now
	}
	if due.Before(c.StartAt) { // paused before it began
		due = c.StartAt
	}
	return afterQuiet(due, s.QuietFrom, s.QuietTo)
}

// tell queues the messages of the next people, so many as are due within lookAhead.
func (s *Campaigns) tell(ctx context.Context, c Campaign) (bool, error) {
	if n, err := s.Store.ReleaseCampaign(ctx, c.ID, moveAtOnce); err != nil || n > 0 {
		return n > 0, err
	}
	now := s.Clock.Now()
	due := s.next(c, now)
	room := int(now.Add(lookAhead).Sub(due)/c.every()) + 1
	if due.After(now.Add(lookAhead)) {
		return false, nil
	}
	most := max(2*int(lookAhead/c.every()), waitsAtMost)
	if n, err := s.Store.CampaignWaits(ctx, c.ID, most); err != nil || n >= most {
		return false, err // the vendor takes less than was hoped for
	}
	limit := min(room, tellAtOnce)
	people, err := s.Store.NextPeople(ctx, c, limit)
	if err != nil {
		return false, err
	}
	if len(people) == 0 {
		return false, s.close(ctx, c)
	}
	drafts := make([]Draft, 0, len(people))
	for _, p := range people {
		if c.After = p.ID; !p.Fits || c.lateAt(due) {
			c.Skipped++
			continue
		}
		drafts = append(drafts, c.draft(p.ID, due))
		due = due.Add(c.every())
	}
	c.Queued, c.NextDue = c.Queued+len(drafts), due
	if err := s.Store.AddNotices(ctx, drafts); err != nil {
		return false, err
	}
	return len(people) == limit, s.Store.SaveCampaign(ctx, c, CampaignRunning)
}
