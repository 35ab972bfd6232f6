package subsidy_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"onecard/models"
	"onecard/models/subsidy"
)

// known is a fact of the payments source that has stood for a day.
func known[T any](v T) subsidy.Dated[T] {
	return subsidy.Dated[T]{Value: v, Known: true, Since: noon.AddDate(0, 0, -1), Source: subsidy.SourcePayments, AsOf: noon.Add(-time.Minute)}
}

// facts are those of somebody to whom nothing stands in the way, and of whom no payment and no list is known.
func facts(change ...func(*subsidy.Facts)) subsidy.Facts {
	f := subsidy.Facts{
		Now: noon, StaleAfter: 24 * time.Hour, Period: "2021年12月", Bank: luoyang,
		Programme: subsidy.Programme{Code: "P41", Name: "就业补助", ShortName: "就业补助", SMSName: "就业补助", Sensitivity: subsidy.SensitivityNormal},
		InSystem:  known(true), IsHead: known(true), Head: known(subsidy.HeadFacts{Alive: true}), Former: known(subsidy.FormerCards{}),
		Card:      known(subsidy.CardFacts{Has: true, Money: subsidy.MoneyActive, AccountTail: "1234"}),
		Onboarded: known(models.Date("2021-01-01")), List: known(false),
		Office: subsidy.Office{Ref: "of1", Programme: "P41", District: "410303", Name: "西工区人社局", Phone: "0379-63100001"},
	}
	for _, c := range change {
		c(&f)
	}
	return f
}

func line(state subsidy.State, change ...func(*subsidy.LineFacts)) func(*subsidy.Facts) {
	return func(f *subsidy.Facts) {
		l := subsidy.LineFacts{Key: subsidy.Key{LedgerMonth: "2021-12", BatchID: "b1", Line: 1}, State: state, At: noon.AddDate(0, 0, -1),
			ListFixed: noon.AddDate(0, 0, -3), AccountTail: "1234", AmountFen: 33_800}
		for _, c := range change {
			c(&l)
		}
		f.Line = known(l)
	}
}

func back(reason string) func(*subsidy.LineFacts) {
	return func(l *subsidy.LineFacts) { l.ReturnReason = reason }
}

func cardIs(money subsidy.MoneyState, days int) func(*subsidy.Facts) {
	return func(f *subsidy.Facts) { f.Card.Value.Money, f.Card.Since = money, noon.AddDate(0, 0, -days) }
}

// former gives a card that ended some days ago.
func former(days int) func(*subsidy.Facts) {
	return func(f *subsidy.Facts) {
		f.Former = known(subsidy.FormerCards{Any: true, AccountTails: []string{"9999"}})
		f.Former.Since = noon.AddDate(0, 0, -days)
	}
}

func onList(state subsidy.DeclarationState) func(*subsidy.Facts) {
	return func(f *subsidy.Facts) {
		f.List = known(true)
		f.Declared = known(subsidy.DeclaredFact{State: state, Place: "田湖镇政务公开栏", To: "2021-12-24"})
	}
}

func postedUntil(day models.Date) func(*subsidy.Facts) {
	return func(f *subsidy.Facts) { f.Declared.Value.To = day }
}

func household0(head bool) func(*subsidy.Facts) {
	return func(f *subsidy.Facts) { f.Household, f.IsHead = true, known(head) }
}

// explained is the table of every cause: the facts that lead to it, and a word its sentence holds.
var explained = []struct {
	name  string
	facts []func(*subsidy.Facts)
	cause subsidy.Cause
	word  string
}{
	{"not in the system", []func(*subsidy.Facts){func(f *subsidy.Facts) { f.InSystem = known(false) }}, subsidy.CauseNotInSystem, "系统"},
	{"no card", []func(*subsidy.Facts){func(f *subsidy.Facts) { f.Card = known(subsidy.CardFacts{}) }}, subsidy.CauseNoCard, "还没有社会保障卡"},
	{"applied for", []func(*subsidy.Facts){func(f *subsidy.Facts) { f.Card = known(subsidy.CardFacts{Applying: true}) }}, subsidy.CauseCardInProduction, "还没有制好"},
	{"being made", []func(*subsidy.Facts){func(f *subsidy.Facts) { f.Card.Value.Making = true }}, subsidy.CauseCardInProduction, "还没有制好"},
	{"not collected", []func(*subsidy.Facts){func(f *subsidy.Facts) { f.Card.Value.Waiting = true }}, subsidy.CauseCardNotCollected, "还没有领取"},
	{"money account inactive", []func(*subsidy.Facts){cardIs(subsidy.MoneyInactive, 1)}, subsidy.CauseMoneyInactive, "还没有激活"},
	{"inactive, the payment is planned", []func(*subsidy.Facts){cardIs(subsidy.MoneyInactive, 1), line(subsidy.Planned)}, subsidy.CauseMoneyInactive, "还没有激活"},
	{"never opened", []func(*subsidy.Facts){cardIs(subsidy.MoneyNotOpened, 1)}, subsidy.CauseMoneyUnopened, "开通"},
	{"lost at the bank", []func(*subsidy.Facts){cardIs(subsidy.MoneyLost, 1)}, subsidy.CauseMoneyLost, "挂失"},
	{"lost before the list", []func(*subsidy.Facts){cardIs(subsidy.MoneyLost, 9), line(subsidy.Approved)}, subsidy.CauseMoneyLost, "挂失"},
	{"lost since the list", []func(*subsidy.Facts){cardIs(subsidy.MoneyLost, 1), line(subsidy.Approved)}, subsidy.CauseLostSinceList, "名单确定后"},
	{"closed", []func(*subsidy.Facts){cardIs(subsidy.MoneyClosed, 1)}, subsidy.CauseAccountClosed, "销户"},
	{"restricted", []func(*subsidy.Facts){cardIs(subsidy.MoneyRestricted, 1)}, subsidy.CauseAccountRestricted, "限制"},
	{"replaced since the list", []func(*subsidy.Facts){former(1), line(subsidy.Approved)}, subsidy.CauseReplacedSinceList, "补换了卡"},
	{"replaced since the list, sent", []func(*subsidy.Facts){former(1), line(subsidy.Sent)}, subsidy.CauseReplacedSinceList, "补换了卡"},
	{"R4 a household's item", []func(*subsidy.Facts){household0(false)}, subsidy.CauseHouseholdToHead, "原则上发到户主"},
	{"R4 a member without a card", []func(*subsidy.Facts){household0(false), func(f *subsidy.Facts) { f.Card = known(subsidy.CardFacts{}) }}, subsidy.CauseHouseholdToHead, "户主"},
	{"R4 the head was paid", []func(*subsidy.Facts){household0(false), func(f *subsidy.Facts) { f.Head.Value.Paid = true }}, subsidy.CausePaidToHead, "2021年12月19日发到户主"},
	{"R8 posted", []func(*subsidy.Facts){line(subsidy.Publicised)}, subsidy.CauseInPosting, "公示"},
	{"R8 posted, on the list", []func(*subsidy.Facts){onList(subsidy.DeclaredPosted)}, subsidy.CauseInPosting, "田湖镇政务公开栏,到2021年12月24日"},
	{"planned while the list is posted", []func(*subsidy.Facts){line(subsidy.Planned), onList(subsidy.DeclaredPosted)}, subsidy.CauseInPosting, "公示"},
	{"the posting is over, nothing came of it yet", []func(*subsidy.Facts){onList(subsidy.DeclaredPosted), postedUntil("2021-12-19")}, subsidy.CauseCannotTell, "说不清"},
	{"the posting is over, the payment stands where it stood", []func(*subsidy.Facts){line(subsidy.Publicised), onList(subsidy.DeclaredPosted), postedUntil("2021-12-19")}, subsidy.CauseBatchNotSent, "还没有送银行"},
	{"the last day of the posting", []func(*subsidy.Facts){onList(subsidy.DeclaredPosted), postedUntil("2021-12-20")}, subsidy.CauseInPosting, "到2021年12月20日"},
	{"sent, nobody said when", []func(*subsidy.Facts){line(subsidy.Sent, func(l *subsidy.LineFacts) { l.At = time.Time{} })}, subsidy.CauseSentToBank, "已送银行"},
	{"arrived on an account that is not named", []func(*subsidy.Facts){line(subsidy.Credited, func(l *subsidy.LineFacts) { l.AccountTail = "" })}, subsidy.CauseArrived, "银行账户。"},
	{"R13 a period that goes on into the card's time", []func(*subsidy.Facts){func(f *subsidy.Facts) { f.Period, f.Onboarded = "2021年1月-12月", known(models.Date("2021-07-01")) }}, subsidy.CauseCannotTell, "说不清"},
	{"R13 years that go on into the card's time", []func(*subsidy.Facts){func(f *subsidy.Facts) { f.Period = "2020年至2023年" }}, subsidy.CauseCannotTell, "说不清"},
	{"R13 a school year that goes on", []func(*subsidy.Facts){func(f *subsidy.Facts) { f.Period = "2020年秋季学期" }}, subsidy.CauseCannotTell, "说不清"},
	{"planned", []func(*subsidy.Facts){line(subsidy.Planned)}, subsidy.CauseBatchNotSent, "还没有送银行"},
	{"approved", []func(*subsidy.Facts){line(subsidy.Approved)}, subsidy.CauseBatchNotSent, "还没有送银行"},
	{"sent", []func(*subsidy.Facts){line(subsidy.Sent)}, subsidy.CauseSentToBank, "2021年12月19日送银行"},
	{"sent, though the account is inactive now", []func(*subsidy.Facts){line(subsidy.Sent), cardIs(subsidy.MoneyInactive, 9)}, subsidy.CauseSentToBank, "送银行"},
	{"R15 returned", []func(*subsidy.Facts){line(subsidy.Returned, back("NAME_MISMATCH"))}, subsidy.CauseReturned, "姓名或证件不一致"},
	{"R15 returned, inactive", []func(*subsidy.Facts){line(subsidy.Returned, back("ACCOUNT_INACTIVE")), cardIs(subsidy.MoneyInactive, 9)}, subsidy.CauseReturned, "未激活"},
	{"R15 returned without a reason", []func(*subsidy.Facts){line(subsidy.Returned)}, subsidy.CauseReturned, "银行没有说明"},
	{"R15 reissued", []func(*subsidy.Facts){line(subsidy.Reissued)}, subsidy.CauseReissue, "正在重新发放"},
	{"R15 repeated, on its way", []func(*subsidy.Facts){line(subsidy.Approved, func(l *subsidy.LineFacts) { l.Repeats = true })}, subsidy.CauseReissue, "正在重新发放"},
	{"R15 repeated, arrived", []func(*subsidy.Facts){line(subsidy.Credited, func(l *subsidy.LineFacts) { l.Repeats = true })}, subsidy.CauseArrived, "存入"},
	{"R13 the old channel", []func(*subsidy.Facts){line(subsidy.Credited, func(l *subsidy.LineFacts) { l.OldChannel = true })}, subsidy.CauseOldChannel, "旧渠道"},
	{"R13 a period before the card", []func(*subsidy.Facts){func(f *subsidy.Facts) { f.Period = "2020年第三季度" }}, subsidy.CauseOldChannel, "旧渠道"},
	{"an earlier card", []func(*subsidy.Facts){former(30), line(subsidy.Credited, func(l *subsidy.LineFacts) { l.AccountTail = "9999" })}, subsidy.CauseEarlierCard, "以前那张卡"},
	{"new card not activated", []func(*subsidy.Facts){former(30), cardIs(subsidy.MoneyInactive, 30)}, subsidy.CauseNewCard, "新卡"},
	{"new card not activated, planned", []func(*subsidy.Facts){former(30), cardIs(subsidy.MoneyInactive, 30), line(subsidy.Approved)}, subsidy.CauseNewCard, "新卡"},
	{"new card not activated, returned", []func(*subsidy.Facts){former(30), cardIs(subsidy.MoneyInactive, 30), line(subsidy.Returned, back("ACCOUNT_INACTIVE"))}, subsidy.CauseNewCard, "新卡"},
	{"under review", []func(*subsidy.Facts){onList(subsidy.Declared)}, subsidy.CauseUnderReview, "正在审核"},
	{"objected to", []func(*subsidy.Facts){onList(subsidy.Objected)}, subsidy.CauseObjected, "异议"},
	{"rejected", []func(*subsidy.Facts){onList(subsidy.DeclaredNo)}, subsidy.CauseRejected, "没有通过"},
	{"not on the list", []func(*subsidy.Facts){func(f *subsidy.Facts) { f.List = known(true) }}, subsidy.CauseNotDeclared, "名单上没有您"},
	{"the land record is another's", []func(*subsidy.Facts){household0(true), onList(subsidy.DeclaredYes), func(f *subsidy.Facts) { f.Declared.Value.OtherHolder = true }}, subsidy.CauseLandRecord, "地块"},
	{"the head is dead", []func(*subsidy.Facts){household0(false), func(f *subsidy.Facts) { f.Head.Value.Alive, f.List = false, known(true) }}, subsidy.CauseHeadDeceased, "已去世"},
	{"the head changed", []func(*subsidy.Facts){household0(true), func(f *subsidy.Facts) { f.HeadOnIt, f.List = known(true), known(true) }}, subsidy.CauseHeadChanged, "不是现在的户主"},
	{"this township waits", []func(*subsidy.Facts){onList(subsidy.DeclaredYes), func(f *subsidy.Facts) { f.TownPaid = known(false) }}, subsidy.CauseTownship, "乡镇"},
	{"returned, dormant", []func(*subsidy.Facts){line(subsidy.Returned, back("ACCOUNT_DORMANT"))}, subsidy.CauseAccountDormant, "长期未用"},
	{"returned, closed", []func(*subsidy.Facts){line(subsidy.Returned, back("ACCOUNT_CLOSED"))}, subsidy.CauseAccountClosed, "销户"},
	{"returned, the bank was merged", []func(*subsidy.Facts){line(subsidy.Returned, back("WRONG_BANK"), func(l *subsidy.LineFacts) { l.BankMerged = true })}, subsidy.CauseBankMerged, "已并入"},
	{"held by us", []func(*subsidy.Facts){line(subsidy.Credited, func(l *subsidy.LineFacts) { l.Held = true })}, subsidy.CauseHeld, "核对"},
	{"held though not sent", []func(*subsidy.Facts){line(subsidy.Unknown, func(l *subsidy.LineFacts) { l.Held = true })}, subsidy.CauseHeld, "核对"},
	{"taken back", []func(*subsidy.Facts){line(subsidy.Credited, func(l *subsidy.LineFacts) { l.Held, l.Withdrawn = true, true })}, subsidy.CauseWithdrawn, "已撤回"},
	{"arrived", []func(*subsidy.Facts){line(subsidy.Credited)}, subsidy.CauseArrived, "338.00元"},
	{"arrived, the card was lost since", []func(*subsidy.Facts){line(subsidy.Credited), cardIs(subsidy.MoneyLost, 0), former(0)}, subsidy.CauseArrived, "存入"},
	{"arrived, not in the system any more", []func(*subsidy.Facts){line(subsidy.Credited), func(f *subsidy.Facts) { f.InSystem = known(false) }}, subsidy.CauseArrived, "存入"},
	{"being taken back", []func(*subsidy.Facts){line(subsidy.Recovering)}, subsidy.CauseRecovered, "追回"},
	{"nothing is known", nil, subsidy.CauseCannotTell, "说不清"},
	{"nobody said anything at all", []func(*subsidy.Facts){func(f *subsidy.Facts) { *f = subsidy.Facts{} }}, subsidy.CauseCannotTell, "说不清"},
	{"approved, and the neighbours were paid", []func(*subsidy.Facts){onList(subsidy.DeclaredYes), func(f *subsidy.Facts) { f.TownPaid = known(true) }}, subsidy.CauseCannotTell, "说不清"},
	{"a state of a later release", []func(*subsidy.Facts){line("teleported")}, subsidy.CauseCannotTell, "说不清"},
}

func TestEveryCauseIsExplained(t *testing.T) {
	t.Parallel()
	met := map[subsidy.Cause]bool{}
	for _, c := range explained {
		met[c.cause] = true
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			e := subsidy.Explain(facts(c.facts...))
			require.Equal(t, c.cause, e.Cause, "%s", e.Sentence)
			require.Contains(t, e.Sentence, c.word)
			require.Contains(t, e.Next.Text, "12333", "R48")
			require.NotContains(t, e.Sentence+e.Next.Text, "{", "every variable has its word")
			require.Equal(t, string(c.cause)+".1", e.SentenceID)
			require.NotEmpty(t, e.Office.Phone)
			require.Equal(t, c.cause == subsidy.CauseCannotTell, e.Enquiry, "where nothing is known, an enquiry")
			for i, check := range e.Checks {
				require.Equal(t, check.State == subsidy.CheckFailed, c.cause != subsidy.CauseCannotTell && i == len(e.Checks)-1, "the last check is the answer")
			}
		})
	}
	for _, s := range subsidy.CauseSpecs() {
		require.True(t, met[s.Cause], "no line of the table leads to %s", s.Cause)
	}
}

func TestAStaleFactIsSaidToBeStale(t *testing.T) {
	t.Parallel()
	fresh := subsidy.Explain(facts(line(subsidy.Credited)))
	require.Empty(t, fresh.Stale)
	require.Equal(t, noon.Add(-time.Minute), fresh.AsOf)
	old := subsidy.Explain(facts(cardIs(subsidy.MoneyInactive, 9), func(f *subsidy.Facts) {
		f.Card.Source, f.Card.AsOf = subsidy.SourceCards, noon.AddDate(0, 0, -2)
	}))
	require.Equal(t, []string{subsidy.SourceCards}, old.Stale)
	require.Equal(t, noon.AddDate(0, 0, -2), old.AsOf, "the oldest fact used")
	require.Contains(t, old.Sentence, "信息截至12月18日12时00分")
	never := subsidy.Explain(subsidy.Facts{Now: noon, StaleAfter: time.Hour, InSystem: subsidy.Dated[bool]{Source: subsidy.SourcePayments}})
	require.Contains(t, never.Sentence, "还没有收到过")
}

// What became of money at a bank is asked of the bank where the account is, what the card needs of the card's own.
func TestR30_AnExplanationSendsPeopleToTheBankThatKnows(t *testing.T) {
	t.Parallel()
	paidAt := func(f *subsidy.Facts) { f.PaidAt = subsidy.Bank{Code: "103", Name: "农业银行", Phone: "95599"} }
	for cause, c := range map[subsidy.Cause]struct {
		bank  string
		facts []func(*subsidy.Facts)
	}{
		subsidy.CauseEarlierCard:    {"农业银行", []func(*subsidy.Facts){former(30), line(subsidy.Credited, func(l *subsidy.LineFacts) { l.AccountTail = "9999" })}},
		subsidy.CauseReturned:       {"农业银行", []func(*subsidy.Facts){line(subsidy.Returned, back("NAME_MISMATCH"))}},
		subsidy.CauseAccountDormant: {"农业银行", []func(*subsidy.Facts){line(subsidy.Returned, back("ACCOUNT_DORMANT"))}},
		subsidy.CauseAccountClosed:  {"农业银行", []func(*subsidy.Facts){line(subsidy.Returned, back("ACCOUNT_CLOSED"))}},
		subsidy.CauseArrived:        {"农业银行", []func(*subsidy.Facts){line(subsidy.Credited)}},
		subsidy.CauseNewCard:        {"洛阳银行", []func(*subsidy.Facts){former(30), cardIs(subsidy.MoneyInactive, 30), line(subsidy.Returned, back("ACCOUNT_INACTIVE"))}},
		subsidy.CauseMoneyInactive:  {"洛阳银行", []func(*subsidy.Facts){cardIs(subsidy.MoneyInactive, 1), line(subsidy.Planned)}},
	} {
		e := subsidy.Explain(facts(append(c.facts, paidAt)...))
		require.Equal(t, cause, e.Cause)
		require.Equal(t, c.bank, e.Bank.Name, cause)
		require.Contains(t, e.Next.Text, c.bank, cause)
	}
	closed := subsidy.Explain(facts(cardIs(subsidy.MoneyClosed, 1), line(subsidy.Approved), paidAt))
	require.Equal(t, "洛阳银行", closed.Bank.Name, "the account that the next payment needs")
	unnamed := subsidy.Explain(facts(former(30), line(subsidy.Credited, func(l *subsidy.LineFacts) { l.AccountTail = "9999" })))
	require.NotContains(t, unnamed.Next.Text, "洛阳银行", "where the old account was is not guessed")
}

func TestR55_AnOfficeOrAPlaceOfItsOwnDoesNotTellTheItem(t *testing.T) {
	t.Parallel()
	secret := func(f *subsidy.Facts) {
		f.Programme = subsidy.Programme{Code: "P23", Number: 23, Name: "艾滋病患者生活定量补助", ShortName: "定量补助", SMSName: "惠民补贴", Sensitivity: subsidy.SensitivityHigh}
		f.Office = subsidy.Office{Ref: "of9", Programme: "P23", Name: "西工区疾控中心性病艾滋病防治科", Phone: "0379-9"}
	}
	e := subsidy.Explain(facts(onList(subsidy.DeclaredPosted), secret, func(f *subsidy.Facts) { f.Declared.Value.Place = "疾控中心公示栏" }))
	require.Equal(t, subsidy.Hotline, e.Office)
	require.NotContains(t, e.Sentence, "疾控")
	finance := subsidy.Office{Ref: "f", Name: "西工区财政局", Phone: "1"}
	require.Equal(t, finance, subsidy.Explain(facts(secret, func(f *subsidy.Facts) { f.Office = finance })).Office)
	e = subsidy.Explain(facts(onList(subsidy.DeclaredPosted), func(f *subsidy.Facts) {
		f.Programme = subsidy.Programme{Code: "P26", Number: 26, Name: "城乡居民最低生活保障", ShortName: "低保", Sensitivity: subsidy.SensitivityMedium}
		f.Declared.Value.Place = "村低保公示栏"
	}))
	require.NotContains(t, e.Sentence, "低保")
}

// anyDated draws a fact that may be unknown, old or dated in the future.
func anyDated[T any](t *rapid.T, name string, v *rapid.Generator[T]) subsidy.Dated[T] {
	at := func(what string) time.Time {
		return noon.Add(time.Duration(rapid.Int64Range(-1000, 10).Draw(t, name+what)) * time.Hour)
	}
	return subsidy.Dated[T]{Value: v.Draw(t, name), Known: rapid.Bool().Draw(t, name+" known"), Since: at(" since"), AsOf: at(" as of"),
		Source: rapid.SampledFrom([]string{subsidy.SourceCards, subsidy.SourcePayments, ""}).Draw(t, name+" source")}
}

func anyFacts(t *rapid.T) subsidy.Facts {
	b := rapid.Bool()
	moneys := rapid.SampledFrom([]subsidy.MoneyState{subsidy.MoneyActive, subsidy.MoneyInactive, subsidy.MoneyClosed, subsidy.MoneyLost, subsidy.MoneyNotOpened, subsidy.MoneyRestricted, subsidy.MoneyUnknown, "", "odd"})
	states := rapid.SampledFrom([]subsidy.State{subsidy.Planned, subsidy.Publicised, subsidy.Approved, subsidy.Sent, subsidy.Credited, subsidy.Returned, subsidy.Reissued, subsidy.Recovering, subsidy.Recovered, subsidy.Unknown, "odd"})
	tails := rapid.SampledFrom([]string{"", "1234", "9999"})
	// The names are of characters that stand in no sentence of ours.
	secret := rapid.StringOfN(rapid.RuneFrom([]rune("鑫淼焱垚犇")), 3, 8, -1)
	name := secret.Draw(t, "name")
	return subsidy.Facts{
		Now: noon, StaleAfter: time.Duration(rapid.Int64Range(0, 48).Draw(t, "stale")) * time.Hour,
		Programme: subsidy.Programme{Code: "P", Name: name, ShortName: secret.Draw(t, "short"), SMSName: rapid.SampledFrom([]string{"", name, name + "金", "惠民补贴"}).Draw(t, "sms"),
			Sensitivity: rapid.SampledFrom([]subsidy.Sensitivity{"", subsidy.SensitivityNormal, subsidy.SensitivityMedium, subsidy.SensitivityHigh, "odd"}).Draw(t, "class")},
		Period: rapid.SampledFrom([]string{"", "2020年", "2021年12月", "2021-02", "不详", "9999年99月"}).Draw(t, "period"), Household: b.Draw(t, "household"),
		Onboarded: anyDated(t, "onboarded", rapid.SampledFrom([]models.Date{"", "2021-01-01", "2022-01-01"})),
		InSystem:  anyDated(t, "in system", b), IsHead: anyDated(t, "is head", b), List: anyDated(t, "list", b), HeadOnIt: anyDated(t, "head on it", b), TownPaid: anyDated(t, "town", b),
		Card: anyDated(t, "card", rapid.Custom(func(t *rapid.T) subsidy.CardFacts {
			return subsidy.CardFacts{Has: b.Draw(t, "has"), Applying: b.Draw(t, "applying"), Making: b.Draw(t, "making"), Waiting: b.Draw(t, "waiting"), Money: moneys.Draw(t, "money"), AccountTail: tails.Draw(t, "tail")}
		})),
		Former: anyDated(t, "former", rapid.Custom(func(t *rapid.T) subsidy.FormerCards {
			return subsidy.FormerCards{Any: b.Draw(t, "any"), AccountTails: rapid.SliceOfN(tails, 0, 2).Draw(t, "tails")}
		})),
		Head: anyDated(t, "head", rapid.Custom(func(t *rapid.T) subsidy.HeadFacts {
			return subsidy.HeadFacts{Alive: b.Draw(t, "alive"), Paid: b.Draw(t, "paid")}
		})),
		Line: anyDated(t, "line", rapid.Custom(func(t *rapid.T) subsidy.LineFacts {
			return subsidy.LineFacts{State: states.Draw(t, "state"), Held: b.Draw(t, "held"), Withdrawn: b.Draw(t, "withdrawn"), Repeats: b.Draw(t, "repeats"), OldChannel: b.Draw(t, "old"), AccountTail: tails.Draw(t, "tail"), BankMerged: b.Draw(t, "merged"),
				ReturnReason: rapid.SampledFrom([]string{"", "ACCOUNT_INACTIVE", "ACCOUNT_DORMANT", "ACCOUNT_CLOSED", "WRONG_BANK", "NAME_MISMATCH", "ODD"}).Draw(t, "reason"),
				ListFixed:    rapid.SampledFrom([]time.Time{{}, noon.AddDate(0, 0, -3)}).Draw(t, "fixed"), AmountFen: models.Fen(rapid.Int64Range(-5, 1e10).Draw(t, "fen"))}
		})),
		Declared: anyDated(t, "declared", rapid.Custom(func(t *rapid.T) subsidy.DeclaredFact {
			return subsidy.DeclaredFact{State: rapid.SampledFrom([]subsidy.DeclarationState{subsidy.Declared, subsidy.DeclaredPosted, subsidy.Objected, subsidy.DeclaredNo, subsidy.DeclaredYes, "odd"}).Draw(t, "state"), OtherHolder: b.Draw(t, "holder")}
		})),
		Office: subsidy.Office{Ref: rapid.SampledFrom([]string{"", "of1"}).Draw(t, "office"), Name: rapid.SampledFrom([]string{"西工区民政局", name + "办公室"}).Draw(t, "office name"), Phone: "0379-1"},
	}
}

// Whatever the facts: exactly one cause, the first check that failed; nothing that the class forbids; no guess.
func TestR55_AnyFactsHaveOneAnswerThatNamesNothingForbidden(t *testing.T) {
	t.Parallel()
	specs := subsidy.CauseSpecs()
	rapid.Check(t, func(t *rapid.T) {
		f := anyFacts(t)
		e := subsidy.Explain(f)
		require.True(t, slices.ContainsFunc(specs, func(s subsidy.CauseSpec) bool { return s.Cause == e.Cause }))
		failed := 0
		for _, c := range e.Checks {
			if c.State == subsidy.CheckFailed {
				failed++
			}
		}
		require.Equal(t, e.Cause != subsidy.CauseCannotTell, failed == 1, "one cause, or none")
		require.LessOrEqual(t, failed, 1)
		all := e.Sentence + e.Next.Text + e.Office.Name
		require.NotContains(t, all, "{")
		if f.Programme.Class() != subsidy.SensitivityNormal {
			require.NotContains(t, all, f.Programme.Name)
			require.NotContains(t, all, f.Programme.ShortName)
		}
		if !f.Line.Known || f.Line.Value.State != subsidy.Credited {
			require.NotEqual(t, subsidy.CauseArrived, e.Cause, "已存入 only when the bank said so")
		}
		require.NotEmpty(t, e.Office.Phone)
		require.Equal(t, e, subsidy.Explain(f), "a function of the facts")
	})
}
