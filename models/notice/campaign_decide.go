package notice

import (
	"context"
	"slices"

	"onecard/models"
)

// moveAtOnce is how many messages of a campaign one commit moves.
const moveAtOnce = 2000

// ApproveCampaignInput is the second person's word.
type ApproveCampaignInput struct {
	Approve bool // false: it is cancelled
	Planned int  // people, as that person saw it
}

// Approve lets a draft begin at its time, or ends it. ErrCampaignSecond for who drafted it, ErrCampaignUnready while its
// people are picked or where there is nobody, ErrCampaignChanged where the list has grown since it was looked at,
// ErrCampaignLate where the day that its text names would have come.
func (s *Campaigns) Approve(ctx context.Context, by models.Actor, id models.ID, in ApproveCampaignInput) (CampaignView, error) {
	return s.act(ctx, by, id, func(ctx context.Context, c Campaign) error {
		switch {
		case c.State != CampaignDraft:
			return ErrCampaignState
		case by.ID == "" || c.CreatedBy == by.ID:
			return ErrCampaignSecond
		case !in.Approve:
			return s.cancel(ctx, by, c, "declined")
		case !c.Gathered || c.Planned == 0:
			return ErrCampaignUnready
		case c.Planned != in.Planned:
			return ErrCampaignChanged
		case c.lateAt(s.next(c, s.Clock.Now())):
			return ErrCampaignLate
		}
		c.ApprovedBy, c.ApprovedAt, c.After = by.ID, s.Clock.Now(), ""
		return s.move(ctx, by, c, onCampaignApprove, "approved")
	})
}

// Pause keeps back whatever was not handed over. What a vendor is being handed at this moment goes.
func (s *Campaigns) Pause(ctx context.Context, by models.Actor, id models.ID, reason string) (CampaignView, error) {
	if !slices.Contains(CampaignReasons, reason) {
		return CampaignView{}, wrongReason()
	}
	return s.act(ctx, by, id, func(ctx context.Context, c Campaign) error {
		c.EndReason = reason
		if err := s.move(ctx, by, c, onCampaignPause, "paused"); err != nil {
			return err
		}
		_, err := s.Store.HoldCampaign(ctx, c.ID, moveAtOnce)
		return err
	})
}

// Resume goes on where Pause stopped it. What expired meanwhile is not sent. ErrCampaignLate where the day that its text
// names has come.
func (s *Campaigns) Resume(ctx context.Context, by models.Actor, id models.ID) (CampaignView, error) {
	return s.act(ctx, by, id, func(ctx context.Context, c Campaign) error {
		if c.State == CampaignPaused && c.lateAt(s.next(c, s.Clock.Now())) {
			return ErrCampaignLate
		}
		c.EndReason = ""
		return s.move(ctx, by, c, onCampaignResume, "resumed")
	})
}

// Cancel ends it for good: the rest is told nothing, and what was not handed over is withheld with a reason.
func (s *Campaigns) Cancel(ctx context.Context, by models.Actor, id models.ID, reason string) (CampaignView, error) {
	if !slices.Contains(CampaignReasons, reason) {
		return CampaignView{}, wrongReason()
	}
	return s.act(ctx, by, id, func(ctx context.Context, c Campaign) error { return s.cancel(ctx, by, c, reason) })
}

func (s *Campaigns) cancel(ctx context.Context, by models.Actor, c Campaign, reason string) error {
	c.EndReason = reason
	if err := s.move(ctx, by, c, onCampaignCancel, "cancelled"); err != nil {
		return err
	}
	_, err := s.Store.DropCampaign(ctx, c.ID, moveAtOnce)
	return err
}

// move changes the state, with its audit row.
func (s *Campaigns) move(ctx context.Context, by models.Actor, c Campaign, on CampaignEvent, what string) error {
	to, err := CampaignFlow.Next(c.State, on)
	if err != nil {
		return ErrCampaignState.Because(err)
	}
	from := c.State
	c.State = to
	if err := s.Store.SaveCampaign(ctx, c, from); err != nil {
		return err
	}
	return s.record(ctx, by, c, what)
}

func wrongReason() error {
	return models.InvalidInput(models.FieldError{Field: "reason", Code: "UNKNOWN", Message: "请从列出的原因中选择。"})
}
