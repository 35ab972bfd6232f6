package policy

import (
	"context"
	"slices"
	"time"

	"onecard/models"
)

// Allow says whether by may do act now: first what the channel does with the act, then how surely by is known. Nobody
// but the system passes without both. An agent's knowledge of the caller is the hotline's to judge (R58), so for agents
// only the mode counts.
//
// Who acts for another may only what her capacity allows, before anything else is asked.
//
// Errors: models.ErrHelperMayNot, models.ErrGuardianMayNot; ErrNotOnChannel, ErrHandedOver with the owner's name and link, the act's own refusal (R35, R45, R46);
// ErrLoginRequired, ErrBindingRequired, ErrRecheckRequired.
func (s *Service) Allow(ctx context.Context, by models.Actor, act models.Act) error {
	return s.allow(ctx, by, act, true)
}

// AllowTakeBack is Allow for a citizen who takes back what was begun by an act: what her channel does with the act by now
// does not count, for nobody is kept in an order because the way into it was closed since.
func (s *Service) AllowTakeBack(ctx context.Context, by models.Actor, act models.Act) error {
	return s.allow(ctx, by, act, by.Kind != models.CitizenActor)
}

func (s *Service) allow(ctx context.Context, by models.Actor, act models.Act, byMode bool) error {
	if by.Kind == models.SystemActor {
		return nil
	}
	if act == models.ActReplace && by.As == models.AsGuardian {
		act = models.ActReplaceMinor // a guardian's replacement is the child's (R46)
	}
	if err := allowFor(by, act); err != nil {
		return err
	}
	now := s.clock.Now()
	channel := by.Channel
	if by.Kind == models.AgentActor {
		channel = models.Phone12333
	} else if !slices.Contains(models.CitizenChannels, channel) {
		if by.Level == models.LevelGuest {
			return ErrLoginRequired
		}
		return ErrNotOnChannel
	}
	if byMode {
		if err := s.allowMode(ctx, act, channel, now); err != nil {
			return err
		}
	}
	if by.Kind == models.AgentActor {
		return nil
	}
	return s.allowLevel(ctx, by, act, now)
}

// mayFor is the whole table of what is done for another. Powers are per act, never one flag: a guardian applies for a
// first card, and whether she replaces one is act.replace_minor's to say (R46).
var mayFor = map[models.Capacity][]models.Act{
	models.AsGuardian: {models.ActCardRead, models.ActProgressRead, models.ActLoss, models.ActApply, models.ActArrivals, models.ActArrivalHigh,
		models.ActReplaceMinor, models.ActPay},
	models.AsHelper: {models.ActCardRead, models.ActProgressRead, models.ActLoss, models.ActArrivals},
}

// allowFor holds a citizen who acts for somebody else against the table. One without a capacity has no power at all.
func allowFor(by models.Actor, act models.Act) error {
	if by.Kind != models.CitizenActor || by.ID == by.Subject {
		return nil
	}
	switch {
	case slices.Contains(mayFor[by.As], act), act == models.ActReplaceDeleg && by.As != models.AsHelper: // R45's own setting decides
		return nil
	case by.As == models.AsHelper:
		return models.ErrHelperMayNot
	}
	return models.ErrGuardianMayNot
}

// Mode is what a channel does with an act at t. A mode nobody knows is window_only: what is unclear is not done.
func (s *Service) Mode(ctx context.Context, act models.Act, channel models.Channel, t time.Time) (models.Mode, error) {
	if _, ok := byKey[ModeKey(act, channel)]; !ok {
		return models.ModeWindowOnly, nil
	}
	word, err := s.At(ctx, ModeKey(act, channel), Everywhere, t)
	mode := models.Mode(word)
	if mode == models.ModeHere && slices.Contains(s.AtWindow, act) {
		mode = models.ModeWindowOnly
	}
	return mode, err
}

func (s *Service) allowMode(ctx context.Context, act models.Act, channel models.Channel, t time.Time) error {
	mode, err := s.Mode(ctx, act, channel, t)
	switch {
	case err != nil:
		return err
	case mode == models.ModeHere:
		return nil
	case mode == models.ModeHandOver:
		owner, err := s.At(ctx, HandOverKey(act), Everywhere, t)
		if err != nil {
			return err
		}
		if name, link, ok := splitOwner(owner); ok {
			return ErrHandedOver.With("hand_over_name", name).With("hand_over_link", link)
		}
	}
	return windowOnly(act, channel)
}

// windowOnly is the act's own refusal; on the phone there is one for all (R31, R36).
func windowOnly(act models.Act, channel models.Channel) *models.Error {
	if channel == models.Phone12333 {
		return ErrNotOnChannel
	}
	switch act {
	case models.ActApply:
		return ErrApplyAtWindow
	case models.ActReplace:
		return ErrReplaceAtWindow
	case models.ActRelease:
		return ErrReleaseAtOutlet
	case models.ActReplaceDeleg:
		return ErrDelegateAtWindow
	case models.ActReplaceMinor:
		return ErrMinorAtWindow
	}
	return ErrNotOnChannel
}

// LevelOf is the level an act asks for at t; never below its floor.
func (s *Service) LevelOf(ctx context.Context, act models.Act, t time.Time) (models.Level, error) {
	declared, ok := byKey[LevelKey(act)]
	if !ok {
		return models.LevelFresh, nil
	}
	word, err := s.At(ctx, declared.Key, Everywhere, t)
	if err != nil {
		return models.LevelFresh, err
	}
	level, _ := models.ParseLevel(word)
	return max(level, declared.Floor), nil
}

func (s *Service) allowLevel(ctx context.Context, by models.Actor, act models.Act, t time.Time) error {
	need, err := s.LevelOf(ctx, act, t)
	if err != nil {
		return err
	}
	switch have := by.LevelAt(t); {
	case have >= need:
		return nil
	case have == models.LevelGuest:
		return ErrLoginRequired
	case have == models.LevelPlatform:
		return ErrBindingRequired
	default:
		return ErrRecheckRequired
	}
}
