package policy

import (
	"context"
	"slices"
	"time"

	"onecard/models"
)

// NotBuilt are the acts that no operation of ours does yet. Clients are told where else one is done; `here` counts from
// the day its operation is there.
var NotBuilt = []models.Act{models.ActReplaceDeleg, models.ActExport}

// PublicPolicy is what a client needs to know before anybody logs in: which act is done where, at which level.
type PublicPolicy struct {
	Acts           []PublicAct
	ReplacementFee models.Fen
	PriorityGroups bool // R22: ask others than the five groups to go online
	Priority       Priority
}

// PublicAct is one act on one channel.
type PublicAct struct {
	Act          models.Act
	Level        models.Level
	Mode         models.Mode
	HandOverName string // hand_over only
	HandOverLink string
	Banner       string // an act that the channel did and does not do now
}

// Public is policy as it stands, for one channel and one district (empty: the whole city). Anyone may ask.
func (s *Service) Public(ctx context.Context, channel models.Channel, district string) (PublicPolicy, error) {
	now := s.clock.Now()
	var out PublicPolicy
	for _, a := range models.Acts {
		one, err := s.publicAct(ctx, a.Act, channel, now)
		if err != nil {
			return PublicPolicy{}, err
		}
		if one.Mode != models.ModeHere || !slices.Contains(NotBuilt, a.Act) {
			out.Acts = append(out.Acts, one)
		}
	}
	var err error
	if out.ReplacementFee, err = s.ReplacementFee(ctx, district, now); err != nil {
		return PublicPolicy{}, err
	}
	out.Priority, err = s.PriorityOf(ctx, district)
	out.PriorityGroups = out.Priority.On()
	return out, err
}

func (s *Service) publicAct(ctx context.Context, act models.Act, channel models.Channel, t time.Time) (PublicAct, error) {
	one := PublicAct{Act: act}
	var err error
	if one.Level, err = s.LevelOf(ctx, act, t); err != nil {
		return one, err
	}
	if one.Mode, err = s.Mode(ctx, act, channel, t); err != nil {
		return one, err
	}
	one.Banner = stoppedBanner(act, channel, one.Mode)
	if one.Mode != models.ModeHandOver {
		return one, nil
	}
	owner, err := s.At(ctx, HandOverKey(act), Everywhere, t)
	one.HandOverName, one.HandOverLink, _ = splitOwner(owner)
	return one, err
}
