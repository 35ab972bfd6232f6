package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/notice"
	"onecard/models/subsidy"
)

func TestR3_APersonalPaymentToSomeoneElseIsNotShown(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		line := p.paid("wang", "b1", func(l *subsidy.Line) { l.BeneficiaryRef = "zhao" })
		excused := p.paid("wang", "b2", func(l *subsidy.Line) {
			l.BeneficiaryRef, l.ExceptionWhy, l.ExceptionBy = "zhao", "head_absent", "乡镇财政所" // R3 knows no exception
		})
		stranger := p.paid("wang", "b3", func(l *subsidy.Line) { l.BeneficiaryRef = "nobody-here" })
		stageless := p.paid("wang", "b4", func(l *subsidy.Line) { l.BeneficiaryRef, l.State = "zhao", subsidy.Unknown })
		unnamed := p.paid("wang", "b5", func(l *subsidy.Line) { l.BeneficiaryRef, l.PayeeKind = "zhao", "" })
		require.Empty(t, p.arrive(line, excused, stranger, stageless, unnamed))
		for _, batch := range []string{"b1", "b2", "b3", "b4", "b5"} {
			require.Equal(t, subsidy.HoldPayeeMismatch, p.holds()[batch], batch)
		}
		require.Empty(t, p.shown("wang", 2021).Items)
		require.Empty(t, p.shown("zhao", 2021).Items)
		require.Empty(t, p.notices("wang"))
		require.Empty(t, p.notices("zhao"))
		_, err := p.Arrival(t.Context(), p.fresh("wang"), line.Key.String())
		require.ErrorIs(t, err, subsidy.ErrArrivalNotFound)
		require.Equal(t, "subsidy.payment.held", p.audited(line.Key))
		require.Contains(t, p.log.String(), "PAYEE_MISMATCH")
	})
}

func TestR4_AHouseholdPaymentToAnotherThanTheHeadNeedsReasonAndApprover(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		head := p.paid("zhao", "b1", household)
		other := p.paid("zhao-wife", "b2", household)
		half := p.paid("zhao-wife", "b3", household, func(l *subsidy.Line) { l.ExceptionWhy = "head_absent" })
		allowed := p.paid("zhao-wife", "b4", household, func(l *subsidy.Line) { l.ExceptionWhy, l.ExceptionBy = "head_absent", "乡镇财政所" })
		claimed := p.paid("zhao-wife", "b5", household, func(l *subsidy.Line) { l.BeneficiaryRef = "zhao-wife" }) // named head, yet registered as a member
		require.Empty(t, p.arrive(head, other, half, allowed, claimed))
		require.Equal(t, map[string]subsidy.Hold{
			"b2": subsidy.HoldNotHead, "b3": subsidy.HoldNotHead, "b5": subsidy.HoldNotHead,
		}, p.holds(), "the anomaly list")
		require.Len(t, p.shown("zhao", 2021).Items, 1)
		require.Len(t, p.notices("zhao"), 1)
		wife := p.shown("zhao-wife", 2021).Items
		require.Len(t, wife, 1)
		require.Equal(t, allowed.Key, wife[0].Payment.Key)
		require.Len(t, p.notices("zhao-wife"), 1)
		require.Equal(t, "subsidy.payment.exception_accepted", p.audited(allowed.Key))
		require.Empty(t, p.audited(head.Key))

		// The reason comes later: the line is let go and its payee told.
		half.ExceptionBy, half.Version = "乡镇财政所", 6
		p.arrive(half)
		require.Equal(t, "subsidy.payment.held subsidy.payment.let_go subsidy.payment.exception_accepted", p.audited(half.Key))
		require.Len(t, p.shown("zhao-wife", 2021).Items, 2)
		require.Len(t, p.notices("zhao-wife"), 2)
	})
}

func TestR8_ALineWithoutStageIsHeldAndShownAsUnknown(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		line := p.paid("wang", "b1", func(l *subsidy.Line) { l.State = subsidy.Unknown })
		early := p.paid("wang", "b2", func(l *subsidy.Line) { l.CreditedAt = time.Time{} }) // credited, says the source, but when?
		p.arrive(line, early)
		require.Equal(t, map[string]subsidy.Hold{"b1": subsidy.HoldStageUnknown, "b2": subsidy.HoldStageUnknown}, p.holds())
		items := p.shown("wang", 2021).Items
		require.Len(t, items, 2, "never dropped")
		for _, it := range items {
			require.Equal(t, "阶段待确认", it.Label)
		}
		require.Empty(t, p.notices("wang"))
		d, err := p.Arrival(t.Context(), p.actor("wang"), line.Key.String())
		require.NoError(t, err)
		for _, s := range d.Timeline {
			require.NotEqual(t, subsidy.Credited, s.State, "已到账 only when the bank said so")
		}

		line = p.paid("wang", "b1", func(l *subsidy.Line) { l.Version = 6 })
		p.arrive(line)
		require.Equal(t, "已到账", p.shown("wang", 2021).Items[1].Label)
		require.Len(t, p.notices("wang"), 1)
	})
}

func TestR9_APaymentKeepsTheNameItWasPaidUnder(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		before := p.paid("wang", "b1", of("P28"))
		p.arrive(before)
		old, renamed := listed("P28", 28, "高龄津贴", subsidy.SensitivityNormal), listed("P28", 28, "高龄老人津贴", subsidy.SensitivityNormal)
		old.ValidTo, old.Version = "2021-12-31", 2
		renamed.Edition, renamed.ValidFrom, renamed.PublishedOn = 2, "2022-01-01", "2021-12-25"
		p.list(old, renamed)
		p.clock.Set(time.Date(2022, 1, 20, 2, 0, 0, 0, time.UTC))
		after := p.paid("wang", "b2", of("P28"), func(l *subsidy.Line) { l.Edition, l.Key.LedgerMonth = 2, "2022-01" })
		p.arrive(after)
		require.Equal(t, "高龄津贴", p.shown("wang", 2021).Items[0].Name)
		require.Equal(t, "高龄老人津贴", p.shown("wang", 2022).Items[0].Name)
		d, err := p.Arrival(t.Context(), p.actor("wang"), before.Key.String())
		require.NoError(t, err)
		require.Equal(t, "高龄津贴", d.Name)

		for day, name := range map[models.Date]string{"2021-12-31": "高龄津贴", "2022-01-01": "高龄老人津贴", "": "高龄老人津贴"} {
			c, err := p.Programmes(t.Context(), subsidy.CatalogueQuery{On: day, Text: "P28"})
			require.NoError(t, err)
			require.Len(t, c.Programmes, 1, "one version of an item at a time")
			require.Equal(t, name, c.Programmes[0].Name)
		}
	})
}

func TestR9_AnEditionThatWasNotEndedGivesWayToTheNext(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		next := listed("P28", 28, "高龄老人津贴", subsidy.SensitivityNormal)
		next.Edition, next.ValidFrom, next.PublishedOn = 2, "2021-12-01", "2021-11-20"
		p.list(next)
		c, err := p.Programmes(t.Context(), subsidy.CatalogueQuery{})
		require.NoError(t, err)
		require.Len(t, c.Programmes, 5)
		require.Len(t, c.Local, 1)
		require.Equal(t, models.Date("2021-11-20"), c.VersionDate)
		found, err := p.Programmes(t.Context(), subsidy.CatalogueQuery{Text: " 高龄 "})
		require.NoError(t, err)
		require.Len(t, found.Programmes, 1)
		require.Equal(t, 2, found.Programmes[0].Edition)
	})
}

func TestR10_ALocalItemOutsideTheListIsStoredAndShown(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		lines := make([]subsidy.Line, 26)
		for i := range lines {
			ref := models.PersonRef(fmt.Sprintf("tenant-%02d", i))
			home := models.PersonRef(fmt.Sprintf("flat-%02d", i))
			p.moveIn(tenant(ref, home))
			lines[i] = p.paid(ref, "b00000000000a", of("L410303-01"), func(l *subsidy.Line) {
				l.Key, l.PayeeKind, l.HouseholdRef = subsidy.Key{LedgerMonth: "2021-11", BatchID: "b00000000000a", Line: i + 1}, subsidy.ToHousehold, string(home)
				l.AmountFen, l.Period = 33_400, "2021年第三季度"
				if i == 0 {
					l.AmountFen = 35_000
				}
			})
		}
		require.Empty(t, p.arrive(lines...))
		var total models.Fen
		for _, l := range lines {
			page := p.shown(l.PayeeRef, 2021)
			require.Len(t, page.Items, 1)
			require.Equal(t, "廉租住房补贴", page.Items[0].Name)
			require.Equal(t, "2021年第三季度", page.Items[0].Payment.Period)
			total += page.Items[0].Payment.AmountFen
		}
		require.Equal(t, models.Fen(870_000), total, "26 households, ¥8,700")
		c, err := p.Programmes(t.Context(), subsidy.CatalogueQuery{})
		require.NoError(t, err)
		require.Equal(t, "廉租住房补贴", c.Local[0].Name)
	})
}

func TestR12_OneNoticePerCreditHoweverOftenTheEventComes(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		line := p.paid("wang", "b1")
		p.arrive(line, line, line)
		for range 3 {
			p.arrive(line)
		}
		touched := line
		touched.Version, touched.Period = 6, "2021年第12月" // a correction that is no new credit
		p.arrive(touched)
		list := p.notices("wang")
		require.Len(t, list, 1)
		require.Equal(t, notice.Arrival, list[0].Kind)
		require.Equal(t, "103", list[0].Scope, "the paying bank decides who sends")
		require.Equal(t, "credit:b1/1:20211220b1", p.cause(list[0]))
		require.Equal(t, "您好,就业补助338.00元已于2021年12月20日存入您的社会保障卡银行账户(尾号1234),如有疑问请拨打12333。", text(t, list[0]))

		again := touched
		again.Version, again.CreditNo = 8, "another credit/№2"
		p.arrive(again)
		require.Len(t, p.notices("wang"), 2, "another credit number is another credit, however oddly written")
	})
}

func TestR12_WhatHappenedBeforeWeCameTellsNobody(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		old := p.paid("wang", "b1", func(l *subsidy.Line) { l.ChangedAt = p.HistoryFrom.Add(-time.Microsecond) })
		p.arrive(old)
		require.Empty(t, p.notices("wang"))
		old.Version, old.ChangedAt = 6, p.clock.Now() // touched today: still no new credit
		p.arrive(old)
		require.Empty(t, p.notices("wang"))
		require.Len(t, p.shown("wang", 2021).Items, 1)
	})
}

func TestR13_AYearBeforeTheCardIsAnEmptyListWithItsReason(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		old := p.paid("wang", "b1", func(l *subsidy.Line) { l.Key.LedgerMonth, l.OldChannel = "2020-06", true })
		early := p.paid("wang", "b2", func(l *subsidy.Line) { l.Key.LedgerMonth, l.OldChannel = "2021-05", true })
		p.arrive(old, early, p.paid("wang", "b3"))
		require.Len(t, p.notices("wang"), 1, "only the one that came through the card")

		page := p.shown("wang", 2020)
		require.Empty(t, page.Items)
		require.Equal(t, subsidy.CausePaidByOldChannel, page.Cause)
		require.Contains(t, page.Note, "旧渠道")
		require.Contains(t, page.Note, "12333")

		mixed := p.shown("wang", 2021)
		require.Len(t, mixed.Items, 1, "labelled as not shown")
		require.Equal(t, subsidy.CausePaidByOldChannel, mixed.Cause)

		none := p.shown("zhao", 2021)
		require.Empty(t, none.Items)
		require.Empty(t, none.Cause)
		require.Contains(t, none.Note, "12333")

		years, _, err := p.Summary(t.Context(), p.actor("wang"), subsidy.SummaryQuery{})
		require.NoError(t, err)
		require.Len(t, years, 1)
		require.Equal(t, models.Fen(33_800), years[0].AmountFen)
		_, err = p.Arrival(t.Context(), p.actor("wang"), old.Key.String())
		require.ErrorIs(t, err, subsidy.ErrArrivalNotFound)

		for _, year := range []int{1999, 2023, -1, 1 << 40} {
			_, err := p.Arrivals(t.Context(), p.actor("wang"), subsidy.ListQuery{Year: year, Limit: 20})
			require.ErrorIs(t, err, subsidy.ErrYear)
		}
	})
}

func TestR14_CreditedWithoutSentIsHeldForReconciliation(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		line := p.paid("wang", "b1", func(l *subsidy.Line) { l.SentAt = time.Time{} })
		p.arrive(line)
		require.Equal(t, map[string]subsidy.Hold{"b1": subsidy.HoldCreditedUnsent}, p.holds())
		require.Empty(t, p.shown("wang", 2021).Items)
		require.Empty(t, p.notices("wang"))
		require.Equal(t, "subsidy.payment.held", p.audited(line.Key))

		line.SentAt, line.Version = p.clock.Now().Add(-time.Hour), 6
		p.arrive(line)
		require.Empty(t, p.holds())
		require.Equal(t, "subsidy.payment.held subsidy.payment.let_go", p.audited(line.Key))
		require.Len(t, p.notices("wang"), 1)
	})
}

func TestR15_AReturnedPaymentSaysWhatToDoAndIsLinkedToItsRepeat(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		first := p.paid("wang", "b1", sent)
		p.arrive(first)
		require.Empty(t, p.notices("wang"))
		first = p.paid("wang", "b1", returnedFor("ACCOUNT_INACTIVE"))
		p.arrive(first)
		p.arrive(first)
		list := p.notices("wang")
		require.Len(t, list, 1)
		require.Contains(t, text(t, list[0]), "洛阳银行")
		require.Contains(t, text(t, list[0]), "银行账户未激活")
		d, err := p.Arrival(t.Context(), p.actor("wang"), first.Key.String())
		require.NoError(t, err)
		require.Equal(t, "银行退回", d.Label)
		require.Equal(t, "银行账户未激活", d.Reason)
		for _, said := range []string{"洛阳银行", "各自独立的两个账户", "身份证原件", "12333"} { // R28, R30, R48
			require.Contains(t, d.Advice, said)
		}

		second := p.paid("wang", "b2", func(l *subsidy.Line) { l.ReissueOf = first.Key.String() })
		first.State, first.ReissuedAs, first.Version = subsidy.Reissued, second.Key.String(), 6
		p.arrive(first, second)
		d, err = p.Arrival(t.Context(), p.actor("wang"), first.Key.String())
		require.NoError(t, err)
		require.Equal(t, second.Key.String(), d.Payment.ReissuedAs)
		require.Equal(t, subsidy.Reissued, d.Payment.State)
		d, err = p.Arrival(t.Context(), p.actor("wang"), d.Payment.ReissuedAs)
		require.NoError(t, err)
		require.Equal(t, first.Key.String(), d.Payment.ReissueOf)
		require.Equal(t, subsidy.Credited, d.Payment.State)
		require.Len(t, p.notices("wang"), 2)
		years, _, err := p.Summary(t.Context(), p.actor("wang"), subsidy.SummaryQuery{})
		require.NoError(t, err)
		require.Equal(t, 1, years[0].Count, "the money counts once")

		p.clock.Set(time.Date(2022, 8, 1, 2, 0, 0, 0, time.UTC))
		d, err = p.Arrival(t.Context(), p.actor("wang"), second.Key.String())
		require.NoError(t, err)
		require.Equal(t, "中原银行(卡面:洛阳银行)", d.Bank, "R16: the bank to go to today")
	})
}

func TestR15_ACreditTakenBackIsToldOnceAndReplacesWhatWasNotSent(t *testing.T) {
	t.Parallel()
	eachPayday(t, func(t *testing.T, p *payday) {
		p.arrive(p.paid("wang", "b1"))
		back := p.paid("wang", "b1", returnedFor("WRONG_BANK"), func(l *subsidy.Line) { l.Version = 6 })
		p.arrive(back)
		p.arrive(back)
		list := p.notices("wang")
		require.Len(t, list, 1, "the unsent notice of the credit would now mislead")
		require.Equal(t, notice.ArrivalReversed, list[0].Kind)
		require.Contains(t, text(t, list[0]), "2021年12月20日")

		// Both in one page: the credit was never news.
		p.arrive(p.paid("zhao", "b2"), p.paid("zhao", "b2", returnedFor("WRONG_BANK"), func(l *subsidy.Line) { l.Version = 6 }))
		list = p.notices("zhao")
		require.Len(t, list, 1)
		require.Equal(t, notice.ArrivalReturned, list[0].Kind)
	})
}
