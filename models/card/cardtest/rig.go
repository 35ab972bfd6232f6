package cardtest

import (
	"context"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"onecard/models"
	"onecard/models/card"
)

// Start is the instant at which the tests' city stands (design 3).
var Start = time.Date(2021, 12, 20, 2, 0, 0, 0, time.UTC)

// Errors that Gate and Calls answer with; the codes are those of models/policy and models/hotline.
var (
	ErrRecheck      = models.NewError(models.Forbidden, "RECHECK_REQUIRED", "请重新进行实人核验,或到社保卡服务网点办理。")
	ErrNotOnChannel = models.NewError(models.Forbidden, "ACTION_NOT_ON_CHANNEL", "请到社保卡服务网点办理,或拨打12333。")
	ErrVerification = models.NewError(models.Forbidden, "VERIFICATION_REQUIRED", "请先核验来电人身份,或请来电人到网点办理。")
)

// Gate is the default table of acts and levels, with acts switched off by hand.
type Gate struct {
	Clock models.Clock
	Off   map[models.Act]error
}

// Allow asks switch and level.
func (g *Gate) Allow(_ context.Context, by models.Actor, act models.Act) error {
	if err := g.Off[act]; err != nil {
		return err
	}
	for _, a := range models.Acts {
		if a.Act == act && by.Kind == models.CitizenActor && by.LevelAt(g.Clock.Now()) < a.Default {
			return ErrRecheck
		}
	}
	return nil
}

// AllowTakeBack asks the level only.
func (g *Gate) AllowTakeBack(ctx context.Context, by models.Actor, act models.Act) error {
	return (&Gate{Clock: g.Clock}).Allow(ctx, by, act)
}

// Calls knows callers by the call.
type Calls map[models.ID]string

// MayReportLoss is the strength of the call.
func (c Calls) MayReportLoss(_ context.Context, by models.Actor) (string, error) {
	if s, ok := c[by.CallID]; ok {
		return s, nil
	}
	return "", ErrVerification
}

// RelativeMaySpeak knows the strengths of calls back.
func (c Calls) RelativeMaySpeak(_ context.Context, by models.Actor, reached string) error {
	if reached == card.HolderCame || reached == card.HolderCalled && strings.HasSuffix(c[by.CallID], "_call_back") {
		return nil
	}
	return ErrVerification
}

// PromiseAfterLoss promises nothing.
func (c Calls) PromiseAfterLoss(context.Context, models.ID, models.ID, models.ID) error { return nil }

// Settings answers what policy says.
type Settings struct {
	AfterPhone string
	Kind       card.LossKind
}

// LossKind is policy `loss.kind.<channel>`.
func (s *Settings) LossKind(context.Context, models.Channel, time.Time) (card.LossKind, error) {
	return s.Kind, nil
}

// ReleaseAfterPhoneLoss is R38's setting.
func (s *Settings) ReleaseAfterPhoneLoss(context.Context, time.Time) (string, error) {
	return s.AfterPhone, nil
}

// PhotoRules are the defaults.
func (s *Settings) PhotoRules(context.Context, time.Time) (card.PhotoRules, error) {
	return card.DefaultPhotoRules(), nil
}

// ApplicationTerms promises nothing.
func (s *Settings) ApplicationTerms(context.Context, time.Time) (card.ApplicationTerms, error) {
	return card.ApplicationTerms{Corrections: 1}, nil
}

// Workday is every day.
func (s *Settings) Workday(context.Context, models.Date) (bool, error) { return true, nil }

// Banks knows one bank.
type Banks struct{}

// BankOn names it.
func (Banks) BankOn(_ context.Context, code string, _ time.Time) (card.Bank, error) {
	if code != "103" {
		return card.Bank{}, models.ErrNotFound
	}
	return card.Bank{Code: code, Name: "农业银行", Phone: "95599"}, nil
}

// Outlets knows one outlet.
type Outlets struct{}

// OutletByRef names it.
func (Outlets) OutletByRef(_ context.Context, ref string) (card.Outlet, error) {
	if ref != "OUT-1" {
		return card.Outlet{}, models.ErrNotFound
	}
	return card.Outlet{Name: "西工区人社服务大厅", Address: "凯旋路1号", Phone: "0379-12345678"}, nil
}

// Bindings tells when accounts were bound; those not named, long ago.
type Bindings map[models.ID]time.Time

// BoundAt reads it.
func (b Bindings) BoundAt(_ context.Context, account models.ID) (time.Time, error) {
	if at, ok := b[account]; ok {
		return at, nil
	}
	return Start.AddDate(-1, 0, 0), nil
}

// Meter counts what an operator sees.
type Meter struct{ Alarms, Settled, Unreadable atomic.Int64 }

// LossAlarmed counts.
func (m *Meter) LossAlarmed() { m.Alarms.Add(1) }

// PictureUnreadable counts.
func (m *Meter) PictureUnreadable() { m.Unreadable.Add(1) }

// ApplicationReturned is no figure of losses.
func (m *Meter) ApplicationReturned(int) {}

// CommandSettled counts.
func (m *Meter) CommandSettled(card.CommandKind, card.CommandState, time.Duration) { m.Settled.Add(1) }

// Rig is the capability with everything around it.
type Rig struct {
	*card.Service
	Clock    *models.ManualClock
	Store    *Watched
	Registry *Registry
	Gate     *Gate
	Calls    Calls
	Policy   *Settings
	Bindings Bindings
	Meter    *Meter
	fed      map[models.CardRef]int // how many events of a card were taken
}

// NewRig builds the capability on a store and a registry.
func NewRig(clock *models.ManualClock, s card.Store, g *Registry) *Rig {
	r := &Rig{
		Clock: clock, Store: Watch(s), Registry: g, Gate: &Gate{Clock: clock, Off: map[models.Act]error{}}, Calls: Calls{},
		Policy: &Settings{AfterPhone: "same", Kind: card.LossAsRegistry}, Bindings: Bindings{}, Meter: &Meter{}, fed: map[models.CardRef]int{},
	}
	r.Service = card.New(card.Ports{
		Store: r.Store, Registry: g, Gate: r.Gate, Calls: r.Calls, Policy: r.Policy, Banks: Banks{}, Outlets: Outlets{},
		Bindings: r.Bindings, Clock: clock, Log: slog.New(slog.DiscardHandler), Watch: r.Meter,
	}, card.DefaultSettings())
	return r
}

// Citizen is a person on her own phone, just checked.
func (r *Rig) Citizen(person models.ID) models.Actor {
	return models.Actor{Kind: models.CitizenActor, ID: person, Subject: person, Channel: models.WechatMini, AccountID: person,
		Level: models.LevelReal, CheckedAt: r.Clock.Now()}
}

// Agent is an agent in a call with a verified person.
func (r *Rig) Agent(person models.ID) models.Actor {
	call := models.NewID()
	r.Calls[call] = "full"
	return models.Actor{Kind: models.AgentActor, ID: models.NewID(), Subject: person, Channel: models.Phone12333, CallID: call, Level: models.LevelPhone}
}

// Feed takes the events that the registry has announced and we have not seen, card by card in order.
func (r *Rig) Feed(ctx context.Context) error {
	for _, ref := range r.Registry.order {
		if _, err := r.FeedCard(ctx, ref, 1<<30, 0); err != nil {
			return err
		}
	}
	return nil
}

// FeedCard takes at most n new events of one card as one page, after the last few repeated once more. It tells how many
// are still to come.
func (r *Rig) FeedCard(ctx context.Context, ref models.CardRef, n, repeat int) (left int, err error) {
	var events []card.Fact
	r.Registry.mu.Lock()
	for _, f := range r.Registry.Events {
		if f.Ref == ref {
			events = append(events, f)
		}
	}
	r.Registry.mu.Unlock()
	from := r.fed[ref]
	to := min(len(events), from+n)
	page := events[max(0, from-repeat):to]
	if len(page) == 0 {
		return len(events) - to, nil
	}
	if err = r.Store.InTx(ctx, func(ctx context.Context) error {
		_, err := r.ApplyFacts(ctx, page)
		return err
	}); err == nil {
		r.fed[ref] = to
	}
	return len(events) - to, err
}
