package store_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/citizen"
	"onecard/models/notice"
	"onecard/models/store"
	"onecard/models/store/storetest"
	"onecard/models/subsidy"
)

// payday is the subsidy capability on a real store, with the people of a small street and a short catalogue.
type payday struct {
	*subsidy.Service
	t     *testing.T
	db    *store.DB
	store *store.Subsidies
	clock *models.ManualClock
	log   *bytes.Buffer
	ids   map[models.PersonRef]models.ID
}

// faceBanks names banks as policy would, with the successor of one that was taken over in 2022.
type faceBanks struct{}

func (faceBanks) BankName(_ context.Context, code string, at time.Time) (string, error) {
	switch {
	case code == "313LY" && at.Year() > 2021:
		return "中原银行(卡面:洛阳银行)", nil
	case code == "313LY":
		return "洛阳银行", nil
	case code == "103":
		return "农业银行", nil
	}
	return "", models.ErrNotFound
}

// eachPayday runs fn on every database, each with a clock of its own.
func eachPayday(t *testing.T, fn func(t *testing.T, p *payday)) {
	t.Helper()
	for name, open := range map[string]func(*testing.T, ...storetest.Option) *store.DB{"sqlite": storetest.OpenSQLite, "postgres": storetest.OpenPostgres} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clock := models.NewManualClock(start)
			fn(t, newPayday(t, open(t, storetest.WithClock(clock)), clock))
		})
	}
}

func newPayday(t *testing.T, db *store.DB, clock *models.ManualClock) *payday {
	t.Helper()
	p := &payday{t: t, db: db, store: db.Subsidies(), clock: clock, log: &bytes.Buffer{}, ids: map[models.PersonRef]models.ID{}}
	p.Service = &subsidy.Service{Store: p.store, Gate: tableGate{clock}, Banks: faceBanks{}, Clock: clock, HistoryFrom: start.Add(-time.Hour),
		Log: slog.New(slog.NewJSONHandler(p.log, nil))}
	p.moveIn(
		citizen.PersonFact{Ref: "wang"},
		citizen.PersonFact{Ref: "zhao", HouseholdRef: "home", IsHead: true},
		citizen.PersonFact{Ref: "zhao-wife", HouseholdRef: "home"},
	)
	p.list(
		listed("P02", 2, "耕地地力保护补贴", subsidy.SensitivityNormal), listed("P23", 23, "艾滋病患者生活定量补助", subsidy.SensitivityHigh),
		listed("P26", 26, "城乡居民最低生活保障", subsidy.SensitivityMedium), listed("P28", 28, "高龄津贴", subsidy.SensitivityNormal),
		listed("P41", 41, "就业补助", subsidy.SensitivityNormal), listed("L410303-01", 0, "廉租住房补贴", subsidy.SensitivityNormal),
	)
	return p
}

func listed(code string, number int, name string, class subsidy.Sensitivity) subsidy.Programme {
	return subsidy.Programme{Code: code, Edition: 1, Number: number, Name: name, ShortName: name, SMSName: name, Department: "民政局", Sensitivity: class,
		OfficialLink: "https://list.registry.example/items/" + code, PublishedOn: "2019-01-01", ValidFrom: "2019-01-01",
		Onboarded: map[string]models.Date{"410303": "2021-01-01", "410325": "2021-09-01"}, Version: 1, ChangedAt: start.AddDate(-2, 0, 0)}
}

// moveIn makes people known.
func (p *payday) moveIn(people ...citizen.PersonFact) {
	p.t.Helper()
	for i := range people {
		people[i].LivingStatus, people[i].ChangedAt = citizen.Alive, start
		people[i].Version = max(people[i].Version, 1)
	}
	refs := make([]models.PersonRef, len(people))
	for i, f := range people {
		refs[i] = f.Ref
	}
	require.NoError(p.t, p.inTx(func(ctx context.Context) error { // as the feed does it
		if _, err := p.db.Persons().ApplyPersons(ctx, people, p.clock.Now()); err != nil {
			return err
		}
		return p.FollowMerges(ctx, refs)
	}))
	for _, f := range people {
		known, err := p.store.PayeesByRef(p.t.Context(), []models.PersonRef{f.Ref})
		require.NoError(p.t, err)
		if p.ids[f.Ref] == "" {
			p.ids[f.Ref] = known[f.Ref].ID
		}
	}
}

func (p *payday) list(programmes ...subsidy.Programme) {
	p.t.Helper()
	require.NoError(p.t, p.inTx(func(ctx context.Context) error { return p.ApplyProgrammes(ctx, programmes) }))
}

func (p *payday) inTx(fn func(ctx context.Context) error) error { return p.db.InTx(p.t.Context(), fn) }

// arrive applies one page of lines and returns those not taken.
func (p *payday) arrive(lines ...subsidy.Line) []string {
	p.t.Helper()
	var orphans []string
	require.NoError(p.t, p.inTx(func(ctx context.Context) (err error) {
		orphans, err = p.ApplyLines(ctx, lines)
		return err
	}))
	return orphans
}

// paid is a payment of programme P41 to a person's own card, credited a minute ago; change makes it another one.
func (p *payday) paid(to models.PersonRef, batch string, change ...func(*subsidy.Line)) subsidy.Line {
	now := p.clock.Now()
	l := subsidy.Line{PayeeRef: to, BeneficiaryRef: to, Payment: subsidy.Payment{
		Key: subsidy.Key{LedgerMonth: "2021-12", BatchID: batch, Line: 1}, Programme: "P41", Edition: 1, District: "410303",
		PayeeKind: subsidy.ToIndividual, AmountFen: 33_800, Period: "2021年12月", State: subsidy.Credited, PlannedAt: now.AddDate(0, 0, -12),
		ApprovedAt: now.AddDate(0, 0, -2), SentAt: now.Add(-20 * time.Hour), CreditedAt: now.Add(-time.Minute), CreditNo: "20211220" + batch,
		PayingBank: "103", AccountBank: "313LY", AccountTail: "1234", Version: 5, ChangedAt: now.Add(-time.Minute),
	}}
	for _, f := range change {
		f(&l)
	}
	return l
}

// sent takes the bank's answer off a line.
func sent(l *subsidy.Line) {
	l.State, l.CreditedAt, l.CreditNo, l.Version = subsidy.Sent, time.Time{}, "", 4
}

// returnedFor makes the line one that the bank sent back.
func returnedFor(reason string) func(*subsidy.Line) {
	return func(l *subsidy.Line) {
		l.State, l.ReturnedAt, l.ReturnReason, l.CreditedAt, l.CreditNo = subsidy.Returned, l.CreditedAt, reason, time.Time{}, ""
	}
}

func of(code string) func(*subsidy.Line) { return func(l *subsidy.Line) { l.Programme = code } }

// household makes the line zhao's household's.
func household(l *subsidy.Line) {
	l.Programme, l.PayeeKind, l.HouseholdRef, l.BeneficiaryRef = "P26", subsidy.ToHousehold, "home", "zhao"
}

func (p *payday) actor(ref models.PersonRef) models.Actor {
	id := p.ids[ref]
	return models.Actor{Kind: models.CitizenActor, ID: id, Subject: id, Channel: models.WechatMini, Level: models.LevelReal}
}

func (p *payday) fresh(ref models.PersonRef) models.Actor {
	a := p.actor(ref)
	a.CheckedAt = p.clock.Now().Add(-time.Minute)
	return a
}

func (p *payday) shown(ref models.PersonRef, year int) subsidy.Arrivals {
	p.t.Helper()
	page, err := p.Arrivals(p.t.Context(), p.actor(ref), subsidy.ListQuery{Year: year, Limit: 20})
	require.NoError(p.t, err)
	return page
}

func (p *payday) notices(ref models.PersonRef) []notice.Notice {
	p.t.Helper()
	list, err := p.db.Notices().NoticesOf(p.t.Context(), p.ids[ref], "", 50)
	require.NoError(p.t, err)
	return list
}

func (p *payday) cause(n notice.Notice) (cause string) {
	p.t.Helper()
	require.NoError(p.t, p.db.SQL().QueryRowContext(p.t.Context(), "SELECT cause FROM notices WHERE id = '"+string(n.ID)+"'").Scan(&cause))
	return cause
}

// text is what a notice says.
func text(t *testing.T, n notice.Notice) string {
	t.Helper()
	spec, ok := notice.SpecOf(n.Kind)
	require.True(t, ok)
	return spec.Render(n.Params)
}

func (p *payday) holds() map[string]subsidy.Hold {
	p.t.Helper()
	held, err := p.store.HeldPayments(p.t.Context(), 100)
	require.NoError(p.t, err)
	out := map[string]subsidy.Hold{}
	for _, h := range held {
		out[h.Key.BatchID] = h.Hold
	}
	return out
}

// audited lists the actions recorded about a payment.
func (p *payday) audited(k subsidy.Key) string {
	p.t.Helper()
	list, err := p.db.AuditOf(p.t.Context(), "payments", k.String())
	require.NoError(p.t, err)
	var actions []string
	for _, e := range list {
		actions = append(actions, e.Action)
	}
	return strings.Join(actions, " ")
}
