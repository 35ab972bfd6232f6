package store_test

import (
	"bytes"
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/card"
	"onecard/models/card/phototest"
	"onecard/models/citizen"
	"onecard/models/policy"
	"onecard/models/store"
	"onecard/models/store/storetest"
)

// applyRig is first applications on a real store, with real consents and bank lists; the registry and the objects are
// replaced by hand.
type applyRig struct {
	*card.Service
	citizens *citizenRig
	policy   *policy.Service
	db       *store.DB
	clock    *models.ManualClock
	registry *cardRegistry
	objects  *memoryObjects
	people   int
}

func eachApply(t *testing.T, fn func(t *testing.T, r *applyRig)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.DB) { fn(t, newApplyRig(t, db)) })
}

func newApplyRig(t *testing.T, db *store.DB) *applyRig {
	t.Helper()
	c := newCitizenRig(t, db)
	r := &applyRig{citizens: c, db: db, clock: c.clock, registry: &cardRegistry{cards: map[models.PersonRef][]card.Fact{}}, objects: &memoryObjects{at: map[string][]byte{}}}
	r.policy = policy.New(db.Policies(), r.clock)
	for _, b := range []policy.Bank{
		{Code: "LYB", Name: "洛阳银行", ShortName: "洛阳银行", Phone: "96699", ValidFrom: "2010-01-01", ValidTo: "2022-05-25", Successor: "ZYB",
			Services: []policy.BankService{{Kind: policy.Paying, Area: "410303", From: "2015-01-01"}, {Kind: policy.CardService, Area: "410300", From: "2015-01-01", To: "2022-05-25"}}},
		{Code: "ZYB", Name: "中原银行", ShortName: "中原银行", Phone: "95186", ValidFrom: "2014-12-26",
			Services: []policy.BankService{{Kind: policy.CardService, Area: "410300", From: "2022-05-26"}}},
		{Code: "ICBC", Name: "工商银行", ShortName: "工商银行", Phone: "95588", ValidFrom: "2010-01-01",
			Services: []policy.BankService{{Kind: policy.CardService, Area: "410300", From: "2015-01-01"}}},
		{Code: "ABC", Name: "农业银行", ShortName: "农业银行", Phone: "95599", ValidFrom: "2010-01-01",
			Services: []policy.BankService{{Kind: policy.Paying, Area: "410303", From: "2015-01-01"}}},
	} {
		b.Version, b.ChangedAt = 1, start
		require.NoError(t, r.policy.ApplyBank(t.Context(), b))
	}
	for _, o := range []policy.Outlet{
		{Ref: "W-1", Name: "西工区社保卡服务网点", Kind: policy.HRSSOutlet, Address: "西工区凯旋路1号", Phone: "0379-63930001", Hours: "周一至周五 9:00-17:00", Open: true},
		{Ref: "W-9", Name: "已撤网点", Kind: policy.HRSSOutlet},
	} {
		o.District, o.Version, o.ChangedAt = "410303", 1, start
		require.NoError(t, r.policy.ApplyOutlet(t.Context(), o))
	}
	r.Service = card.New(card.Ports{
		Store: silent{db.Cards()}, Registry: r.registry, Gate: tableGate{r.clock}, Policy: photoRules{p: r.policy}, Banks: cardNames{r.policy}, Outlets: places{r.policy},
		Clock: r.clock, Log: slog.New(slog.DiscardHandler), Watch: nobodyWatches{}, Objects: r.objects, Consents: c.Service, CardBanks: r.policy,
	}, card.DefaultSettings())
	return r
}

// person is somebody born on a day, at level real, who has agreed to everything she may agree to herself.
func (r *applyRig) person(t *testing.T, birth models.Date) models.Actor {
	t.Helper()
	by := r.strange(t, birth)
	for _, p := range []citizen.Purpose{citizen.PurposeIDImages, citizen.PurposeBankData} {
		r.agree(t, by, p)
	}
	return by
}

// strange is a person who has agreed to nothing.
func (r *applyRig) strange(t *testing.T, birth models.Date) models.Actor {
	t.Helper()
	r.people++
	ref := "A-" + string(rune('a'+r.people))
	f := fact(t, ref, "李雪梅", liID, "13900000002")
	f.BirthDate = birth
	require.NoError(t, r.citizens.ApplyPersons(t.Context(), []citizen.PersonFact{f}))
	p, err := r.db.Persons().PersonByRef(t.Context(), models.PersonRef(ref))
	require.NoError(t, err)
	return models.Actor{Kind: models.CitizenActor, ID: p.ID, Subject: p.ID, Channel: models.WechatMini, SessionID: models.NewID(), Level: models.LevelReal}
}

func (r *applyRig) agree(t *testing.T, by models.Actor, p citizen.Purpose) {
	t.Helper()
	doc, ok := citizen.DocumentFor(p)
	require.True(t, ok)
	_, err := r.citizens.GiveConsent(t.Context(), by, p, doc.Version)
	require.NoError(t, err)
}

// form uploads all three pictures and fills in the rest.
func (r *applyRig) form(t *testing.T, by models.Actor) card.SubmitInput {
	t.Helper()
	in := card.SubmitInput{BankCode: "ICBC", OutletRef: "W-1", Uploads: map[card.UploadPurpose]models.ID{}}
	for _, p := range []card.UploadPurpose{card.UploadPhoto, card.UploadIDFront, card.UploadIDBack} {
		u, err := r.TakeUpload(t.Context(), by, card.TakeUploadInput{Purpose: p, Data: picture()})
		require.NoError(t, err)
		in.Uploads[p] = u.ID
	}
	return in
}

var picture = sync.OnceValue(func() []byte { return phototest.Good(600, 740).JPEG() })

// photoRules are the settings of photos as policy has them.
type photoRules struct {
	card.Policy
	p *policy.Service
}

func (r photoRules) PhotoRules(ctx context.Context, at time.Time) (card.PhotoRules, error) {
	p, err := r.p.PhotoAt(ctx, at)
	return card.PhotoRules{LeastBytes: p.LeastBytes, MostBytes: p.MostBytes, LeastGround: p.LeastGround, InfantYears: p.InfantYears,
		InfantRelief: card.InfantRelief(p.InfantRelief)}, err
}

func (r photoRules) ApplicationTerms(ctx context.Context, at time.Time) (card.ApplicationTerms, error) {
	p, err := r.p.ApplicationTermsAt(ctx, at)
	out := card.ApplicationTerms{StageDays: map[card.ApplicationState]int{}, CollectDays: p.CollectDays, Corrections: p.Corrections}
	for stage, days := range p.StageDays {
		out.StageDays[card.ApplicationState(stage)] = days
	}
	return out, err
}

func (r photoRules) Workday(ctx context.Context, day models.Date) (bool, error) {
	d, err := r.p.DayOn(ctx, day)
	return d.Kind == policy.Workday, err
}

type silent struct{ *store.Cards }

func (silent) Wake(context.Context, string) {}

func (silent) SettleCase(context.Context, string) error { return nil }

type nobodyWatches struct{}

func (nobodyWatches) LossAlarmed()       {}
func (nobodyWatches) PictureUnreadable() {}

func (nobodyWatches) ApplicationReturned(int) {}

func (nobodyWatches) CommandSettled(card.CommandKind, card.CommandState, time.Duration) {}

type cardNames struct{ p *policy.Service }

func (n cardNames) BankOn(ctx context.Context, code string, at time.Time) (card.Bank, error) {
	b, err := n.p.BankOn(ctx, code, at)
	return card.Bank{Code: b.Code, Name: b.Name, Phone: b.Phone}, err
}

type places struct{ p *policy.Service }

func (p places) OutletByRef(ctx context.Context, ref string) (card.Outlet, error) {
	o, err := p.p.OutletByRef(ctx, ref)
	return card.Outlet{Name: o.Name, Address: o.Address, Phone: o.Phone, Hours: o.Hours, Closed: !o.Open}, err
}

// cardRegistry answers what a test says and remembers what it was told.
type cardRegistry struct {
	mu     sync.Mutex
	cards  map[models.PersonRef][]card.Fact
	asked  int
	down   bool
	answer card.Answer
	told   []card.Application
	kinds  []card.CommandKind // of what it was told
	of     map[card.CommandKind]card.Answer
	lose   bool // it acts, and its answer is lost
	later  map[models.ID]card.Answer
}

func (r *cardRegistry) CardsOf(_ context.Context, ref models.PersonRef) ([]card.Fact, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked++
	if r.down {
		return nil, models.ErrUnavailable
	}
	return r.cards[ref], nil
}

func (r *cardRegistry) Carry(_ context.Context, c card.Command, a *card.Application) (card.Answer, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.down {
		return card.Answer{}, card.ErrNotSent
	}
	r.told, r.kinds = append(r.told, *a), append(r.kinds, c.Kind)
	if a, ok := r.of[c.Kind]; ok {
		return a, nil
	}
	if r.lose {
		r.later = map[models.ID]card.Answer{c.ID: r.answer}
		return card.Answer{}, context.DeadlineExceeded
	}
	return r.answer, nil
}

func (r *cardRegistry) Asked(_ context.Context, id models.ID) (card.Answer, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if a, ok := r.later[id]; ok {
		return a, nil
	}
	return card.Answer{}, card.ErrNeverHeard
}

func (r *cardRegistry) Fenced() bool { return true }

// memoryObjects fails on request, and counts what it holds.
type memoryObjects struct {
	mu         sync.Mutex
	at         map[string][]byte
	since      map[string]time.Time // when an object was put, where a test says so
	failPut    bool
	failGet    bool
	failDelete bool
}

func (o *memoryObjects) Put(_ context.Context, key string, data []byte) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.failPut {
		return context.DeadlineExceeded
	}
	o.at[key] = bytes.Clone(data)
	return nil
}

func (o *memoryObjects) Get(_ context.Context, key string) ([]byte, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.failGet {
		return nil, card.ErrObjectsDown
	}
	if data, ok := o.at[key]; ok {
		return bytes.Clone(data), nil
	}
	return nil, card.ErrNoObject
}

func (o *memoryObjects) Delete(_ context.Context, key string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.failDelete {
		return context.DeadlineExceeded
	}
	delete(o.at, key)
	return nil
}

func (o *memoryObjects) List(_ context.Context, after string, limit int) ([]card.StoredObject, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	var out []card.StoredObject
	for _, key := range slices.Sorted(maps.Keys(o.at)) {
		if key > after && len(out) < limit {
			out = append(out, card.StoredObject{Key: key, StoredAt: o.since[key]})
		}
	}
	return out, nil
}

func (o *memoryObjects) len() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.at)
}
