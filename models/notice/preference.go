package notice

import (
	"cmp"
	"context"
	"slices"
	"time"

	"onecard/models"
	"onecard/models/audit"
)

// Preference is one wish of a person: whether she wants notices of a topic over a channel. About is herself, or the child
// whose matters she is told as guardian. What nobody wished for is wanted.
type Preference struct {
	PersonID  models.ID
	About     models.ID
	Topic     Topic
	Channel   Channel
	Wanted    bool
	ChangedAt time.Time
}

// ReasonSwitchedOff stands in the row of a delivery that was withheld because she switched its channel off.
const ReasonSwitchedOff = "switched_off"

// MayBeOff reports whether a citizen may switch the topic off on a channel: platforms always, but for codes, which go
// there never; the SMS where no safety hangs on it (R12, R62).
func (t Topic) MayBeOff(c Channel) bool {
	return t != TopicCodes && slices.Contains(Topics, t) && c.Known() && (c != SMS || t.Switchable())
}

// childTopics are the topics in which a guardian is told of a child's matters.
var childTopics = []Topic{TopicLoss, TopicDependants}

// told reports whether a topic is told about oneself, or about a child.
func (t Topic) told(child bool) bool {
	if child {
		return slices.Contains(childTopics, t)
	}
	return slices.Contains(Topics, t) && t != TopicDependants
}

// PreferenceStore keeps wishes in SQL. Every method joins the transaction of ctx, or commits by itself.
type PreferenceStore interface {
	PreferencesOf(ctx context.Context, person models.ID) ([]Preference, error)
	// SetPreference writes a wish; of callers who wish the same at once one changes it. false: it stood so already.
	SetPreference(ctx context.Context, p Preference) (changed bool, err error)
	// WithholdQueued ends what still waits to be sent of these kinds, to this person about that one, over this channel,
	// and has no other way after it; the rest ends at its turn. It gives how many.
	WithholdQueued(ctx context.Context, p Preference, kinds []Kind) (int, error)
	// AccountsOf lists a person's accounts at platforms.
	AccountsOf(ctx context.Context, person models.ID) ([]PlatformAccount, error)
	SubscriptionsOf(ctx context.Context, account models.ID) ([]Subscription, error)
}

// StopBook shows and lifts the stops of one number.
type StopBook interface {
	// StopsOf lists the stops of a number that count.
	StopsOf(ctx context.Context, phone models.Phone) ([]SMSStop, error)
	Lift(ctx context.Context, phone models.Phone, reason StopReason, vendor string, at time.Time) (models.ID, error)
}

// SMSStop is one reason why a number gets no text messages, and since when.
type SMSStop struct {
	Reason StopReason
	Since  time.Time
}

// Child is a dependant whose matters a guardian is told.
type Child struct {
	Dependant models.ID // of the guardianship: what clients name the child by
	Person    models.ID
	Name      models.Name
}

// Children finds the children a person is guardian of now.
type Children interface {
	ChildrenOf(ctx context.Context, guardian models.ID) ([]Child, error)
}

// LadderSettings is the policy of channels by topic.
type LadderSettings interface {
	Ladder(ctx context.Context, t Topic, at time.Time) (Ladder, error)
}

// Notices queues a notice in the transaction of ctx; one of a known cause is queued already.
type Notices interface {
	AddNotice(ctx context.Context, d Draft) error
}

// Preferences are the use cases of what a citizen wants to be told, and how.
type Preferences struct {
	Store     PreferenceStore
	Stops     StopBook
	Phones    Phones
	Children  Children
	Ladders   LadderSettings
	Decisions Decisions
	Notices   Notices
	Gate      Gate
	Clock     models.Clock
	Apps      []SubscriptionApp
}

// Change is one switch that a citizen turns.
type Change struct {
	Topic   Topic
	Channel Channel
	Wanted  bool
}

// ChangesMost is how many switches are turned at once, with room.
const ChangesMost = 50

// holder lets only herself pass: not a helper, not an agent, not who sits at a borrowed phone (R12, R67).
func (p *Preferences) holder(ctx context.Context, by models.Actor) error {
	if by.Kind == models.CitizenActor && by.AccountID == "" {
		return ErrPreferenceBorrowed
	}
	if err := p.Gate.Allow(ctx, by, models.ActCardRead); err != nil {
		return err
	}
	if !by.ForSelf() {
		return models.ErrForbidden
	}
	return nil
}

// SetPreferences turns switches, about the actor herself or about the child of one of her guardianships. What is switched
// off is not sent any more, what waits for its turn included; what was handed over is out of our hands. All of it commits
// with one audit row, or nothing. ErrPreferenceBorrowed, ErrPreferenceChild for a guardianship that is not hers or does not
// count, ErrPreferenceUnknown, ErrPreferenceLocked for what cannot be switched off.
func (p *Preferences) SetPreferences(ctx context.Context, by models.Actor, dependant models.ID, changes []Change) (PreferenceView, error) {
	if err := p.holder(ctx, by); err != nil {
		return PreferenceView{}, err
	}
	about, err := p.about(ctx, by, dependant)
	if err != nil {
		return PreferenceView{}, err
	}
	if err := checkChanges(changes, dependant != ""); err != nil {
		return PreferenceView{}, err
	}
	// In one order, so that two requests never wait in a ring.
	changes = slices.SortedFunc(slices.Values(changes), func(a, b Change) int {
		return cmp.Or(cmp.Compare(a.Topic, b.Topic), cmp.Compare(a.Channel, b.Channel))
	})
	now := p.Clock.Now()
	err = p.Decisions.InTx(ctx, func(ctx context.Context) error {
		prior, err := p.Decisions.Remember(ctx, by, "notice_preferences", string(by.ID))
		if err != nil || prior != "" {
			return err
		}
		have, err := p.Store.PreferencesOf(ctx, by.ID)
		if err != nil {
			return err
		}
		entry := audit.Of(by, now, "notice.preferences.changed", "notice_preferences", string(by.ID), "done").About(about)
		changed, textsOff := false, false
		for _, c := range changes {
			wish := Preference{PersonID: by.ID, About: about, Topic: c.Topic, Channel: c.Channel, Wanted: c.Wanted, ChangedAt: now}
			if wanted(have, about, c.Topic, c.Channel) == c.Wanted {
				continue
			}
			did, err := p.set(ctx, wish)
			if err != nil {
				return err
			}
			if !did {
				continue
			}
			textsOff = textsOff || c.Channel == SMS && !c.Wanted
			changed, entry = true, entry.Noting(string(c.Topic)+"."+string(c.Channel), onOff(c.Wanted))
		}
		if !changed {
			return nil
		}
		if textsOff {
			if err := p.tellTextsOff(ctx, by, now); err != nil {
				return err
			}
		}
		return p.Decisions.RecordAudit(ctx, entry)
	})
	if err != nil {
		return PreferenceView{}, err
	}
	return p.view(ctx, by)
}

// tellTextsOff tells the phone that text messages were switched off, once a day: a hand that is not hers could silence it.
func (p *Preferences) tellTextsOff(ctx context.Context, by models.Actor, now time.Time) error {
	return p.Notices.AddNotice(ctx, Draft{
		Cause: "texts_off:" + string(by.ID) + ":" + string(models.DateOf(now)), Kind: TextsOff, PersonID: by.ID, At: now,
		Params: map[string]string{"time": Moment(now), "platform": PlatformWord(by.Channel)},
	})
}

func (p *Preferences) set(ctx context.Context, wish Preference) (bool, error) {
	changed, err := p.Store.SetPreference(ctx, wish)
	if err != nil || !changed || wish.Wanted {
		return changed, err
	}
	_, err = p.Store.WithholdQueued(ctx, wish, wish.Topic.Kinds())
	return true, err
}

// about is whose matters a wish is about: the actor's own, or the child's of one of her guardianships.
func (p *Preferences) about(ctx context.Context, by models.Actor, dependant models.ID) (models.ID, error) {
	if dependant == "" {
		return by.ID, nil
	}
	children, err := p.Children.ChildrenOf(ctx, by.ID)
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(children, func(c Child) bool { return c.Dependant == dependant })
	if i < 0 {
		return "", ErrPreferenceChild
	}
	return children[i].Person, nil
}

func checkChanges(changes []Change, child bool) error {
	if len(changes) == 0 || len(changes) > ChangesMost {
		return ErrPreferenceUnknown
	}
	for i, c := range changes {
		twice := slices.ContainsFunc(changes[:i], func(o Change) bool { return o.Topic == c.Topic && o.Channel == c.Channel })
		if twice || !c.Topic.told(child) || !c.Channel.Known() {
			return ErrPreferenceUnknown
		}
		if !c.Wanted && !c.Topic.MayBeOff(c.Channel) {
			return ErrPreferenceLocked
		}
	}
	return nil
}

func wanted(have []Preference, about models.ID, t Topic, c Channel) bool {
	i := slices.IndexFunc(have, func(p Preference) bool { return p.About == about && p.Topic == t && p.Channel == c })
	return i < 0 || have[i].Wanted
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

// LiftStop lets text messages go again to the actor's own number, which somebody had stopped by a reply. It is our own
// stop that ends; what a carrier blocks by itself is out of our hands. Where nothing is stopped nothing changes.
// ErrPreferenceBorrowed, ErrPreferenceNoPhone.
func (p *Preferences) LiftStop(ctx context.Context, by models.Actor) (PreferenceView, error) {
	if err := p.holder(ctx, by); err != nil {
		return PreferenceView{}, err
	}
	phone, err := p.phone(ctx, by.ID)
	if err != nil {
		return PreferenceView{}, err
	}
	if phone.IsZero() {
		return PreferenceView{}, ErrPreferenceNoPhone
	}
	now := p.Clock.Now()
	err = p.Decisions.InTx(ctx, func(ctx context.Context) error {
		id, err := p.Stops.Lift(ctx, phone, StopAsked, "", now)
		if err != nil || id == "" {
			return err
		}
		return p.Decisions.RecordAudit(ctx, audit.Of(by, now, "notice.sms.lifted", "sms_stops", string(id), "done").Noting("reason", string(StopAsked)))
	})
	if err != nil {
		return PreferenceView{}, err
	}
	return p.view(ctx, by)
}

func (p *Preferences) phone(ctx context.Context, person models.ID) (models.Phone, error) {
	phones, err := p.Phones.RegistryPhones(ctx, []models.ID{person})
	return phones[person], err
}
