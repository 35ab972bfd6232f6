package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/card"
	"onecard/models/citizen"
	"onecard/models/store"
	"onecard/models/subsidy"
)

// desk is the explainer on the street of payday.
type desk struct {
	*payday
	*subsidy.Explainer
	facts *store.Explanations
	on    bool
}

func (d *desk) StaleAfter(context.Context, time.Time) (time.Duration, error) {
	return 24 * time.Hour, nil
}
func (d *desk) PreviewOn(context.Context, string, time.Time) (bool, error) { return d.on, nil }
func (d *desk) MembersSee(context.Context, string, time.Time) (string, error) {
	return subsidy.MembersSeeNotice, nil
}

func (d *desk) OpenEnquiry(ctx context.Context, cause, kind string, person models.ID, object, objectID string) (string, error) {
	if err := d.db.OpenCase(ctx, cause, kind, person, object, objectID); err != nil {
		return "", err
	}
	e, err := d.db.Enquiries().EnquiryByCause(ctx, cause)
	return e.Number, err
}

// streetBanks know the two banks of the street.
type streetBanks struct{}

func (streetBanks) CardBank(ctx context.Context, code string, at time.Time) (subsidy.Bank, error) {
	name, err := faceBanks{}.BankName(ctx, code, at)
	if errors.Is(err, models.ErrNotFound) {
		return subsidy.Bank{}, nil
	}
	return subsidy.Bank{Code: code, Name: name, Phone: "0379-60001314"}, err
}
func (streetBanks) BankPlaces(context.Context, string, string, int) ([]subsidy.Place, error) {
	return nil, nil
}
func (streetBanks) PlaceByRef(context.Context, string) (subsidy.Place, error) {
	return subsidy.Place{}, nil
}

func eachDesk(t *testing.T, fn func(t *testing.T, d *desk)) {
	t.Helper()
	eachPayday(t, func(t *testing.T, p *payday) {
		d := &desk{payday: p, facts: p.db.Explanations(), on: true}
		d.Explainer = &subsidy.Explainer{Standings: d.facts, Offices: d.facts, Declarations: d.facts, Stories: d.facts, Catalogue: p.Service, Banks: streetBanks{}, Household: d,
			Policy: d, Cases: d, Previews: d.facts, Told: p.db, Gate: tableGate{p.clock}, Clock: p.clock, HistoryFrom: start.Add(-time.Hour)}
		d.moveIn(citizen.PersonFact{Ref: "wang", District: "410303", Version: 2}, citizen.PersonFact{Ref: "zhao", District: "410303", HouseholdRef: "home", IsHead: true, Version: 2},
			citizen.PersonFact{Ref: "zhao-wife", District: "410303", HouseholdRef: "home", Version: 2})
		d.hold("wang", card.FinancialActive, "1234", 1)
		d.pay(subsidy.Payee{PersonRef: "wang", InSystem: true, Version: 1, ChangedAt: start}, subsidy.Payee{PersonRef: "zhao", InSystem: true, Version: 1, ChangedAt: start},
			subsidy.Payee{PersonRef: "zhao-wife", InSystem: true, Version: 1, ChangedAt: start})
		fn(t, d)
	})
}

// hold gives a person a collected card in the mirror.
func (d *desk) hold(ref models.PersonRef, money card.FinancialState, tail string, version int64, change ...func(*card.Fact)) {
	d.t.Helper()
	f := card.Fact{Ref: models.CardRef("card-" + string(ref)), PersonRef: ref, BankCode: "313LY", AccountTail: tail, Social: card.SocialNormal, Financial: money,
		Holding: card.Collected, Version: version, ChangedAt: d.payday.clock.Now()}
	for _, c := range change {
		c(&f)
	}
	_, err := d.db.Cards().MirrorCards(d.t.Context(), []card.Fact{f}, d.payday.clock.Now())
	require.NoError(d.t, err)
}

func (d *desk) pay(list ...subsidy.Payee) {
	d.t.Helper()
	orphans, err := d.store.SavePayees(d.t.Context(), list)
	require.NoError(d.t, err)
	require.Empty(d.t, orphans)
}

func (d *desk) declare(list ...subsidy.Declaration) {
	d.t.Helper()
	orphans, err := d.ApplyDeclarations(d.t.Context(), list)
	require.NoError(d.t, err)
	require.Empty(d.t, orphans)
}

func (d *desk) why(ref models.PersonRef, programme, period string) subsidy.Explanation {
	d.t.Helper()
	e, err := d.Explanation(d.t.Context(), d.actor(ref), subsidy.ExplainQuery{Programme: programme, Period: period})
	require.NoError(d.t, err)
	return e
}

func declared(ref string, who models.PersonRef, state subsidy.DeclarationState, version int64) subsidy.Declaration {
	return subsidy.Declaration{Ref: ref, PersonRef: who, Programme: "P41", Period: "2022年", District: "410303", Township: "410303001", State: state, Version: version, ChangedAt: start}
}

func TestOfficesFallBackToFinanceAndThenTo12333(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		office := func() string { return d.why("wang", "P41", "2030年").Office.Name }
		require.Equal(t, subsidy.OfficeHotline, d.why("wang", "P41", "").Office.Kind())
		add := func(list ...subsidy.Office) { require.NoError(t, d.ApplyOffices(t.Context(), list)) }
		add(subsidy.Office{Ref: "f", District: "410303", Name: "西工区财政局", Phone: "1", Version: 1, ChangedAt: start}, subsidy.Office{Ref: "x", Programme: "P41", District: "410305", Name: "涧西区人社局", Phone: "2", Version: 1, ChangedAt: start})
		require.Equal(t, "西工区财政局", office())
		add(subsidy.Office{Ref: "o", Programme: "P41", District: "410303", Name: "西工区人社局", Phone: "3", Version: 2, ChangedAt: start},
			subsidy.Office{Ref: "t", Programme: "P41", District: "410303", Township: "410303001", Name: "王城路街道", Phone: "4", Version: 1, ChangedAt: start})
		require.Equal(t, "西工区人社局", office(), "whose township is not known, the district")
		d.declare(declared("d1", "wang", subsidy.DeclaredYes, 1))
		require.Equal(t, "王城路街道", d.why("wang", "P41", "2022年").Office.Name)
		add(subsidy.Office{Ref: "o", Programme: "P41", District: "410303", Name: "旧名", Version: 1, ChangedAt: start})
		require.Equal(t, "西工区人社局", office(), "an older version changes nothing")
	})
}

func TestDeclarationsOfStrangersWaitAndOlderOnesChangeNothing(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		orphans, err := d.ApplyDeclarations(t.Context(), []subsidy.Declaration{declared("d1", "nobody", subsidy.Declared, 1), declared("d2", "wang", subsidy.Objected, 2), declared("d2", "wang", subsidy.Declared, 1)})
		require.NoError(t, err)
		require.Equal(t, []string{"d1"}, orphans)
		require.Equal(t, subsidy.CauseObjected, d.why("wang", "P41", "2022年").Cause)
		d.declare(declared("d2", "wang", subsidy.Declared, 1))
		require.Equal(t, subsidy.CauseObjected, d.why("wang", "P41", "").Cause, "the newest period anything is known of")
		d.declare(declared("d2", "wang", subsidy.DeclaredYes, 3))
		require.Equal(t, subsidy.CauseTownship, d.why("wang", "P41", "2022年").Cause)
		d.arrive(d.paid("wang", "b0", func(l *subsidy.Line) { l.Period = "2021年" }))
		d.declare(func() subsidy.Declaration { n := declared("d3", "zhao", subsidy.DeclaredYes, 1); return n }())
		d.arrive(d.paid("zhao", "b1", func(l *subsidy.Line) { l.Period = "2022年" }))
		require.Equal(t, subsidy.CauseCannotTell, d.why("wang", "P41", "2022年").Cause, "the neighbours were paid, she was not: nobody can tell")
	})
}

func TestAnExplanationReadsOnlyWhatIsHers(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		d.arrive(d.paid("wang", "b1"))
		require.Equal(t, subsidy.CauseArrived, d.why("wang", "P41", "").Cause)
		require.NotEqual(t, subsidy.CauseArrived, d.why("zhao", "P41", "").Cause)
		_, err := d.Explanation(t.Context(), d.actor("zhao"), subsidy.ExplainQuery{Arrival: "2021-12~b1~1"})
		require.ErrorIs(t, err, subsidy.ErrArrivalNotFound)
		// R3: a payment of zhao's that went to wang. Wang is told nothing of it, zhao that it is being looked at.
		d.arrive(d.paid("wang", "b2", func(l *subsidy.Line) { l.BeneficiaryRef, l.Programme, l.Version = "zhao", "P28", 6 }))
		require.Equal(t, subsidy.CauseCannotTell, d.why("wang", "P28", "").Cause)
		held := d.why("zhao", "P28", "")
		require.Equal(t, subsidy.CauseHeld, held.Cause)
		require.Empty(t, held.Payment, "it is another's payment")
		d.arrive(d.paid("zhao", "b3", of("P28"), func(l *subsidy.Line) { l.Key.LedgerMonth, l.Period = "2021-11", "2021年11月" }))
		require.Equal(t, subsidy.CauseHeld, d.why("zhao", "P28", "").Cause, "the newest is asked about, also where it is held")
		_, err = d.Explanation(t.Context(), d.actor("wang"), subsidy.ExplainQuery{Arrival: "2021-12~b2~1"})
		require.ErrorIs(t, err, subsidy.ErrArrivalNotFound)
		// Nor of one that is now a stranger's.
		never := d.why("wang", "P02", "")
		d.arrive(d.paid("wang", "b4", of("P02")))
		require.Equal(t, subsidy.CauseArrived, d.why("wang", "P02", "").Cause)
		d.arrive(d.paid("stranger", "b4", of("P02"), v(6)))
		gone := d.why("wang", "P02", "")
		require.Equal(t, never.Cause, gone.Cause)
		require.Equal(t, never.Sentence, gone.Sentence)
		_, err = d.Explanation(t.Context(), d.actor("wang"), subsidy.ExplainQuery{Arrival: "2021-12~b4~1"})
		require.ErrorIs(t, err, subsidy.ErrArrivalNotFound)
	})
}

func TestR55_R04_AMemberLearnsOfTheHeadsPaymentOnlyWhereItsNameIsNoSecret(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		land := listed("P02", 2, "耕地地力保护补贴", subsidy.SensitivityNormal)
		land.PayeeKind, land.Version = subsidy.ToHousehold, 2
		relief := listed("P26", 26, "城乡居民最低生活保障", subsidy.SensitivityMedium)
		relief.PayeeKind, relief.Version = subsidy.ToHousehold, 2
		d.list(land, relief)
		require.Equal(t, subsidy.CauseHouseholdToHead, d.why("zhao-wife", "P02", "").Cause)
		d.arrive(d.paid("zhao", "b1", household, of("P02")), d.paid("zhao", "b2", household))
		require.Equal(t, subsidy.CausePaidToHead, d.why("zhao-wife", "P02", "").Cause)
		e := d.why("zhao-wife", "P26", "")
		require.Equal(t, subsidy.CauseHouseholdToHead, e.Cause, "whether a sensitive one was paid is the head's alone")
		require.NotContains(t, e.Sentence, "最低生活")
		require.Equal(t, subsidy.CauseArrived, d.why("zhao", "P26", "").Cause)

		// High: by its code only after a fresh check, and never its code or name in the answer.
		_, err := d.Explanation(t.Context(), d.actor("wang"), subsidy.ExplainQuery{Programme: "P23"})
		require.Error(t, err)
		e, err = d.Explanation(t.Context(), d.fresh("wang"), subsidy.ExplainQuery{Programme: "P23"})
		require.NoError(t, err)
		require.Empty(t, e.Code)
		require.NotContains(t, e.Sentence, "艾滋")
	})
}

func TestR55_NobodyLearnsFromAnExplanationThatAnotherOfTheHomeIsOnAList(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		relief := listed("P26", 26, "城乡居民最低生活保障", subsidy.SensitivityMedium)
		land := listed("P02", 2, "耕地地力保护补贴", subsidy.SensitivityNormal)
		relief.PayeeKind, relief.Version, land.PayeeKind, land.Version = subsidy.ToHousehold, 2, subsidy.ToHousehold, 2
		d.list(relief, land)
		d.moveIn(citizen.PersonFact{Ref: "zhao-son", District: "410303", HouseholdRef: "home", Version: 2})
		for _, code := range []string{"P23", "P41", "P26", "P02"} {
			place := declared("d-"+code, "zhao-son", subsidy.DeclaredYes, 1)
			place.Programme, place.Period = code, "2022年"
			d.declare(place)
		}
		for _, code := range []string{"P23", "P41", "P26"} { // a person's own item, and a sensitive one
			e, err := d.Explanation(t.Context(), d.fresh("zhao-wife"), subsidy.ExplainQuery{Programme: code})
			require.NoError(t, err)
			require.Empty(t, e.Period, code)
			require.NotEqual(t, subsidy.CauseHeadChanged, e.Cause, code)
		}
		require.Equal(t, subsidy.CauseHeadChanged, d.why("zhao", "P26", "").Cause, "the head, whom the household's money goes to")
		require.Equal(t, "2022年", d.why("zhao-wife", "P02", "").Period, "no secret")
	})
}

func TestR04_WhoseHomeHasTwoHeadsIsToldOfNeither(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		farm := listed("P02", 2, "耕地地力保护补贴", subsidy.SensitivityNormal)
		farm.PayeeKind, farm.Version = subsidy.ToHousehold, 2
		d.list(farm)
		d.arrive(d.paid("zhao", "b1", land))
		require.Equal(t, subsidy.CausePaidToHead, d.why("zhao-wife", "P02", "").Cause)
		d.moveIn(citizen.PersonFact{Ref: "zhao-son", District: "410303", HouseholdRef: "home", IsHead: true, Version: 2})
		require.Equal(t, subsidy.CauseHouseholdToHead, d.why("zhao-wife", "P02", "").Cause)
	})
}

func TestAnEnquiryIsOpenedOnceAMonthWhereNobodyCanTell(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		q := subsidy.ExplainQuery{Programme: "P28"}
		first, err := d.Enquire(t.Context(), d.actor("wang"), q)
		require.NoError(t, err)
		require.True(t, models.ValidReceiptNumber(first))
		again, err := d.Enquire(t.Context(), d.actor("wang"), q)
		require.NoError(t, err)
		require.Equal(t, first, again)
		again, err = d.Enquire(t.Context(), d.actor("wang"), subsidy.ExplainQuery{Programme: "P28", Period: "随便写的"})
		require.NoError(t, err)
		require.Equal(t, first, again, "a period that somebody made up opens no other")
		d.arrive(d.paid("wang", "b1", of("P28")))
		_, err = d.Enquire(t.Context(), d.actor("wang"), q)
		require.ErrorIs(t, err, subsidy.ErrExplained)
	})
}
