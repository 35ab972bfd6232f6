package boot

import (
	"context"
	"errors"
	"time"

	"onecard/integrations/redis"
	"onecard/models"
	"onecard/models/card"
	"onecard/models/citizen"
	"onecard/models/hotline"
	"onecard/models/notice"
	"onecard/models/policy"
	"onecard/models/store"
)

// doors finds out whose token it is; each audience has its own.
type doors struct {
	citizens *citizen.Service
	agents   *hotline.Service
}

func (d doors) Citizen(ctx context.Context, token string) (models.Actor, error) {
	return d.citizens.Authenticate(ctx, token)
}

func (d doors) Agent(ctx context.Context, token string) (models.Actor, []hotline.Permission, error) {
	return d.agents.Admit(ctx, token)
}

func (d doors) NotPermitted(ctx context.Context, by models.Actor, may hotline.Permission, operation string) error {
	return d.agents.NotPermitted(ctx, by, may, operation)
}

// cardStore adds the wake-up, which leaves only after the commit.
type cardStore struct {
	*store.Cards
	bells *redis.WakeUps
	cases *hotline.Service
	told  *citizen.Service
}

// SettleCase closes a case in the decision's own transaction.
func (s cardStore) SettleCase(ctx context.Context, cause string) error {
	return s.cases.SettleCase(ctx, cause)
}

// AddNotice tells the guardians of a child too, or instead, as they chose.
func (s cardStore) AddNotice(ctx context.Context, d notice.Draft) error {
	drafts, err := s.told.Told(ctx, d)
	if err != nil {
		return err
	}
	return s.AddNotices(ctx, drafts)
}

func (s cardStore) Wake(ctx context.Context, topic string) {
	s.AfterCommit(ctx, func() { s.bells.Wake(topic) })
}

// callCodes sends and compares the codes that callers key in: they count with all others of a phone (R61).
type callCodes struct{ a *App }

func (c callCodes) SendCallCode(ctx context.Context, by models.Actor, call, person models.ID) (time.Time, error) {
	return c.a.Citizens.SendCallCode(ctx, by, call, person)
}

func (c callCodes) TryCallCode(ctx context.Context, call models.ID, digits string) (bool, error) {
	return c.a.Citizens.TryCallCode(ctx, call, digits)
}

// banks shows policy's dated list of banks to those who must name one.
type banks struct{ policy *policy.Service }

func (b banks) BankOn(ctx context.Context, code string, at time.Time) (card.Bank, error) {
	shown, err := b.policy.BankOn(ctx, code, at)
	if errors.Is(err, policy.ErrBankUnknown) {
		return card.Bank{}, models.ErrNotFound.Because(err)
	}
	return card.Bank{Code: shown.Code, Name: shown.Name, Phone: shown.Phone}, err
}

func (b banks) BankToSay(ctx context.Context, code string, at time.Time) (name, phone string, err error) {
	shown, err := b.BankOn(ctx, code, at)
	return shown.Name, shown.Phone, err
}

func (b banks) BankName(ctx context.Context, code string, at time.Time) (string, error) {
	shown, err := b.BankOn(ctx, code, at)
	return shown.Name, err
}

type outlets struct{ policy *policy.Service }

func (o outlets) OutletByRef(ctx context.Context, ref string) (card.Outlet, error) {
	if ref == "" {
		return card.Outlet{}, models.ErrNotFound
	}
	found, err := o.policy.OutletByRef(ctx, ref)
	return card.Outlet{Name: found.Name, Address: found.Address, Phone: found.Phone, Hours: found.Hours,
		Closed: !found.Open || !found.HandsOutCards()}, err // to the one who must collect a card both are the same
}

// freshCards brings a caller's cards up to date; the capability is made after the hotline is.
type freshCards struct{ app *App }

func (f freshCards) Freshen(ctx context.Context, person models.ID) { f.app.Cards.Freshen(ctx, person) }

// guides shows policy's guides to the hotline, as short as a text message.
type guides struct{ policy *policy.Service }

func (g guides) GuideText(ctx context.Context, ask hotline.GuideAsk) (hotline.GuideText, error) {
	found, err := g.policy.Guide(ctx, policy.GuideInput{
		Act: policy.WindowAct(ask.Act), By: policy.Comer(ask.By), Holder: policy.HolderKind(ask.Holder), District: ask.District, Bank: ask.Bank, Outlet: ask.Outlet,
	})
	chosen := ask.Outlet != ""
	return hotline.GuideText{
		SentenceID: found.Sentence.ID, Act: found.Short(), Papers: found.ShortPapers(), Place: found.ShortPlace(chosen), Phone: found.ShortPhone(chosen),
		Fee: found.ShortFee(),
	}, err
}

// outletBook shows the windows to the hotline, as short as a text message.
type outletBook struct{ policy *policy.Service }

func (b outletBook) OutletsText(ctx context.Context, ask hotline.OutletsAsk, most int) (hotline.OutletsText, error) {
	act := policy.WindowAct(ask.Act)
	guide, err := b.policy.Guide(ctx, policy.GuideInput{Act: act, By: policy.BySelf, Holder: policy.HolderMainland, District: ask.District, Bank: ask.Bank})
	if err != nil {
		return hotline.OutletsText{}, err
	}
	found, err := b.policy.FindOutlets(ctx, policy.FindOutletsInput{District: ask.District, Service: act, Bank: ask.Bank, Name: ask.Near, Limit: most})
	out := hotline.OutletsText{Act: guide.Short()}
	for _, o := range found.Items {
		out.Outlets = append(out.Outlets, hotline.OutletLine{Name: o.Name, Phone: o.Phone})
	}
	return out, err
}

type cardPolicy struct{ policy *policy.Service }

func (p cardPolicy) LossKind(ctx context.Context, channel models.Channel, at time.Time) (card.LossKind, error) {
	kind, err := p.policy.LossKind(ctx, channel, at)
	return card.LossKind(kind), err
}

func (p cardPolicy) ReleaseAfterPhoneLoss(ctx context.Context, at time.Time) (string, error) {
	return p.policy.ReleaseAfterPhoneLoss(ctx, at)
}

func (p cardPolicy) PhotoRules(ctx context.Context, at time.Time) (card.PhotoRules, error) {
	now, err := p.policy.PhotoAt(ctx, at)
	return card.PhotoRules{
		LeastBytes: now.LeastBytes, MostBytes: now.MostBytes, LeastGround: now.LeastGround, InfantYears: now.InfantYears,
		InfantRelief: card.InfantRelief(now.InfantRelief),
	}, err
}

func (p cardPolicy) ApplicationTerms(ctx context.Context, at time.Time) (card.ApplicationTerms, error) {
	now, err := p.policy.ApplicationTermsAt(ctx, at)
	out := card.ApplicationTerms{StageDays: map[card.ApplicationState]int{}, CollectDays: now.CollectDays, Corrections: now.Corrections}
	for stage, days := range now.StageDays {
		out.StageDays[card.ApplicationState(stage)] = days
	}
	return out, err
}

func (p cardPolicy) Workday(ctx context.Context, day models.Date) (bool, error) {
	d, err := p.policy.DayOn(ctx, day)
	return d.Kind == policy.Workday, err
}

func (p cardPolicy) ReplacementRules(ctx context.Context, at time.Time) (card.ReplacementRules, error) {
	now, err := p.policy.ReplacementAt(ctx, at)
	out := card.ReplacementRules{Online: map[card.ReplacementReason]bool{}, UnpaidDays: now.UnpaidDays, ActivateDays: now.ActivateDays,
		Papers: now.Papers, MinorPapers: now.MinorPapers}
	for reason, online := range now.Online {
		out.Online[card.ReplacementReason(reason)] = online
	}
	return out, err
}

// uploaded hands uploaded pictures to the registry's client, which is made before the capability that keeps them.
type uploaded struct{ app *App }

func (p uploaded) Picture(ctx context.Context, upload models.ID) ([]byte, error) {
	return p.app.Cards.Picture(ctx, upload)
}

// UsePicture and DropPicture are for household books, which the citizens' side proves a guardian by.
func (p uploaded) UsePicture(ctx context.Context, person models.ID, purpose string, id, relation models.ID) error {
	return p.app.Cards.UsePicture(ctx, person, purpose, id, relation)
}

func (p uploaded) DropPicture(ctx context.Context, id, relation models.ID) error {
	return p.app.Cards.DropPicture(ctx, id, relation)
}

// minorPayments asks about payments to a child; the capability is made after cards are.
type minorPayments struct{ app *App }

func (m minorPayments) PaidForMinors(ctx context.Context, person models.ID) (bool, error) {
	return m.app.Subsidies.PaidForMinors(ctx, person)
}
