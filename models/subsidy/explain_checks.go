package subsidy

import (
	"slices"
	"time"
)

// The states of one check of an explanation.
const (
	CheckPassed  = "passed"
	CheckFailed  = "failed"
	CheckUnknown = "unknown" // the source has not said
	CheckSkipped = "skipped" // does not bear on this payment
)

// asked is a check's answer: a cause where it failed, and the fact that it looked at.
type asked struct {
	state  string
	cause  Cause
	source string
	since  time.Time
	asOf   time.Time
}

func skipped() asked { return asked{state: CheckSkipped} }

func passed[T any](d Dated[T]) asked {
	return asked{state: CheckPassed, source: d.Source, since: d.Since, asOf: d.AsOf}
}

func unknown[T any](d Dated[T]) asked {
	return asked{state: CheckUnknown, source: d.Source, asOf: d.AsOf}
}

func failed[T any](d Dated[T], cause Cause) asked {
	return asked{CheckFailed, cause, d.Source, d.Since, d.AsOf}
}

// explainChecks are asked in this order; the first that fails is the answer. A check that a payment at the bank has
// overtaken is skipped: what has arrived has arrived, whatever became of the card since.
var explainChecks = []struct {
	check, name string
	ask         func(f Facts) asked
}{
	{"in_system", "已进入补贴“一卡通”发放系统", askInSystem},
	{"card_issued", "已有社会保障卡", askIssued},
	{"card_collected", "社会保障卡已领取", askCollected},
	{"accounts_active", "银行账户可以收款", askMoney},
	{"card_since_list", "名单确定后没有挂失或换卡", askSinceList},
	{"household", "这项补贴发给本人", askHousehold},
	{"batch_sent", "这一批已送银行", askSent},
	{"not_returned", "银行没有退回", askReturned},
	{"this_card", "发到现在的卡", askEarlierCard},
	{"new_card", "新卡的银行账户已激活", askNewCard},
	{"on_the_list", "已在申报名单上", askDeclared},
	{"land_record", "地块登记的领取人一致", askLand},
	{"head", "户主信息没有变化", askHead},
	{"township_sent", "本乡镇(街道)已开始发放", askTownship},
	{"bank_word", "收款账户可用", askBankWord},
	{"not_held", "没有需要核对的问题", askHeld},
	{"arrived", "到账", askArrived},
}

func askInSystem(f Facts) asked {
	switch {
	case f.settled() || f.othersCard():
		return skipped()
	case !f.InSystem.Known:
		return unknown(f.InSystem)
	case !f.InSystem.Value:
		return failed(f.InSystem, CauseNotInSystem)
	}
	return passed(f.InSystem)
}

func askIssued(f Facts) asked {
	c := f.Card.Value
	switch {
	case f.settled() || f.othersCard():
		return skipped()
	case !f.Card.Known:
		return unknown(f.Card)
	case !c.Has && c.Applying:
		return failed(f.Card, CauseCardInProduction)
	case !c.Has:
		return failed(f.Card, CauseNoCard)
	case c.Making:
		return failed(f.Card, CauseCardInProduction)
	}
	return passed(f.Card)
}

func askCollected(f Facts) asked {
	switch {
	case f.settled() || f.othersCard():
		return skipped()
	case !f.Card.Known:
		return unknown(f.Card)
	case f.Card.Value.Waiting:
		return failed(f.Card, CauseCardNotCollected)
	}
	return passed(f.Card)
}

func askMoney(f Facts) asked {
	if f.settled() || f.othersCard() {
		return skipped()
	}
	if !f.Card.Known {
		return unknown(f.Card)
	}
	switch f.Card.Value.Money {
	case MoneyActive:
		return passed(f.Card)
	case MoneyInactive:
		if f.newInactive() { // asked below, with its own words
			return skipped()
		}
		return failed(f.Card, CauseMoneyInactive)
	case MoneyNotOpened:
		return failed(f.Card, CauseMoneyUnopened)
	case MoneyLost:
		if f.afterList(f.Card.Since) {
			return skipped()
		}
		return failed(f.Card, CauseMoneyLost)
	case MoneyClosed:
		return failed(f.Card, CauseAccountClosed)
	case MoneyRestricted:
		return failed(f.Card, CauseAccountRestricted)
	}
	return unknown(f.Card)
}

func askSinceList(f Facts) asked {
	switch {
	case f.Former.Known && f.Former.Value.Any && f.afterList(f.Former.Since):
		return failed(f.Former, CauseReplacedSinceList)
	case f.Card.Known && f.Card.Value.Money == MoneyLost && f.afterList(f.Card.Since):
		return failed(f.Card, CauseLostSinceList)
	case !f.Line.Known || f.Line.Value.ListFixed.IsZero():
		return skipped()
	}
	return passed(f.Line)
}

func askHousehold(f Facts) asked {
	switch {
	case !f.Household:
		return skipped()
	case !f.IsHead.Known:
		return unknown(f.IsHead)
	case !f.othersCard() || f.Head.Known && !f.Head.Value.Alive || f.HeadOnIt.Known && f.HeadOnIt.Value:
		return passed(f.IsHead)
	case f.Head.Known && f.Head.Value.Paid:
		return failed(f.Head, CausePaidToHead)
	}
	return failed(f.IsHead, CauseHouseholdToHead)
}

func askSent(f Facts) asked {
	l := f.Line.Value
	switch {
	case !f.Line.Known || l.Held || l.OldChannel:
		return skipped()
	case !f.postingOver() && (l.State == Publicised || l.State == Planned && f.Declared.Known && f.Declared.Value.State == DeclaredPosted):
		return failed(f.Line, CauseInPosting)
	case f.newInactive() && l.upcoming(): // she can still mend it: asked below
		return skipped()
	case l.Repeats && (l.upcoming() || l.State == Sent):
		return failed(f.Line, CauseReissue)
	case l.upcoming():
		return failed(f.Line, CauseBatchNotSent)
	case l.State == Sent:
		return failed(f.Line, CauseSentToBank)
	}
	return passed(f.Line)
}

func askReturned(f Facts) asked {
	l := f.Line.Value
	switch {
	case !f.Line.Known || l.Held || l.OldChannel:
		return skipped()
	case l.State == Reissued:
		return failed(f.Line, CauseReissue)
	case l.State != Returned:
		return passed(f.Line)
	case l.ReturnReason == "ACCOUNT_DORMANT", l.ReturnReason == "ACCOUNT_CLOSED", l.ReturnReason == "WRONG_BANK" && l.BankMerged,
		l.ReturnReason == "ACCOUNT_INACTIVE" && f.newInactive(): // asked below, each with its own words
		return skipped()
	}
	return failed(f.Line, CauseReturned)
}

func askEarlierCard(f Facts) asked {
	l := f.Line.Value
	switch {
	case f.Line.Known && l.OldChannel:
		return failed(f.Line, CauseOldChannel)
	case !f.Line.Known && f.oldPeriod():
		return failed(f.Onboarded, CauseOldChannel)
	case !f.Line.Known || l.Held || l.State != Credited:
		return skipped()
	case f.toFormerCard():
		return failed(f.Line, CauseEarlierCard)
	}
	return passed(f.Line)
}

// toFormerCard reports whether a credit surely went to the account of a card that ended.
func (f Facts) toFormerCard() bool {
	tail := f.Line.Value.AccountTail
	return tail != "" && f.Former.Known && slices.Contains(f.Former.Value.AccountTails, tail) &&
		(!f.Card.Known || f.Card.Value.AccountTail != tail)
}

// oldPeriod reports whether the period was over before the district paid the programme through the card.
func (f Facts) oldPeriod() bool {
	ends, ok := periodEnds(f.Period)
	return ok && f.Onboarded.Known && f.Onboarded.Value != "" && ends < f.Onboarded.Value
}

func askNewCard(f Facts) asked {
	switch {
	case f.othersCard() || f.Line.Known && (f.Line.Value.Held || f.settled() && f.Line.Value.State != Returned):
		return skipped()
	case !f.Former.Known || !f.Former.Value.Any:
		return skipped()
	case f.newInactive():
		return failed(f.Card, CauseNewCard)
	}
	return passed(f.Card)
}

func askDeclared(f Facts) asked {
	switch {
	case f.Line.Known:
		return skipped()
	case f.Declared.Known:
		return f.ownPlace()
	case f.Household && (f.Head.Known && !f.Head.Value.Alive || f.HeadOnIt.Known && f.HeadOnIt.Value):
		return skipped() // asked below
	case !f.List.Known || !f.List.Value:
		return unknown(f.List)
	}
	return failed(f.List, CauseNotDeclared)
}

func (f Facts) ownPlace() asked {
	switch f.Declared.Value.State {
	case Declared:
		return failed(f.Declared, CauseUnderReview)
	case DeclaredPosted:
		if f.postingOver() { // what came of it the source has not said
			return unknown(f.Declared)
		}
		return failed(f.Declared, CauseInPosting)
	case Objected:
		return failed(f.Declared, CauseObjected)
	case DeclaredNo:
		return failed(f.Declared, CauseRejected)
	case DeclaredYes:
		return passed(f.Declared)
	}
	return unknown(f.Declared)
}

func askLand(f Facts) asked {
	switch {
	case f.Line.Known || !f.Declared.Known:
		return skipped()
	case f.Declared.Value.OtherHolder:
		return failed(f.Declared, CauseLandRecord)
	}
	return passed(f.Declared)
}

func askHead(f Facts) asked {
	switch {
	case f.Line.Known || !f.Household:
		return skipped()
	case f.Head.Known && !f.Head.Value.Alive:
		return failed(f.Head, CauseHeadDeceased)
	case f.HeadOnIt.Known && f.HeadOnIt.Value:
		return failed(f.HeadOnIt, CauseHeadChanged)
	case !f.Head.Known:
		return unknown(f.Head)
	}
	return passed(f.Head)
}

func askTownship(f Facts) asked {
	switch {
	case f.Line.Known || !f.Declared.Known || f.Declared.Value.State != DeclaredYes:
		return skipped()
	case !f.TownPaid.Known:
		return unknown(f.TownPaid)
	case !f.TownPaid.Value:
		return failed(f.TownPaid, CauseTownship)
	}
	return passed(f.TownPaid)
}

func askBankWord(f Facts) asked {
	l := f.Line.Value
	if !f.Line.Known || l.Held || l.State != Returned {
		return skipped()
	}
	switch {
	case l.ReturnReason == "ACCOUNT_DORMANT":
		return failed(f.Line, CauseAccountDormant)
	case l.ReturnReason == "ACCOUNT_CLOSED":
		return failed(f.Line, CauseAccountClosed)
	case l.BankMerged:
		return failed(f.Line, CauseBankMerged)
	}
	return passed(f.Line)
}

func askHeld(f Facts) asked {
	switch {
	case !f.Line.Known:
		return skipped()
	case f.Line.Value.Withdrawn:
		return failed(f.Line, CauseWithdrawn)
	case f.Line.Value.Held:
		return failed(f.Line, CauseHeld)
	}
	return passed(f.Line)
}

func askArrived(f Facts) asked {
	switch {
	case !f.Line.Known:
		return skipped()
	case f.Line.Value.State == Credited:
		return failed(f.Line, CauseArrived)
	case f.Line.Value.State == Recovering, f.Line.Value.State == Recovered:
		return failed(f.Line, CauseRecovered)
	}
	return unknown(f.Line)
}
