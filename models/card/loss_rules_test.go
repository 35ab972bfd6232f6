package card_test

import (
	"context"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/card"
	"onecard/models/card/cardtest"
	"onecard/models/notice"
)

func TestR28_ALossOnOneAccountLeavesTheOtherTile(t *testing.T) {
	t.Parallel()
	c := newCity(t)
	before, err := c.Cards(t.Context(), c.me())
	require.NoError(t, err)
	c.report()
	c.feed()
	after, err := c.Cards(t.Context(), c.me())
	require.NoError(t, err)
	require.Equal(t, "loss", after.Cards[0].Tiles[0].State)
	was, is := before.Cards[0].Tiles[1], after.Cards[0].Tiles[1]
	require.Equal(t, [3]string{was.State, was.Label, was.Advice}, [3]string{is.State, is.Label, is.Advice})
	require.Equal(t, "financial", is.Account)
}

func TestR25_ExactlyOneNextStep(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name    string
		social  card.SocialState
		money   card.FinancialState
		holding card.Holding
		want    string
	}{
		{"being made", card.SocialNone, card.FinancialNotOpened, card.InProduction, "wait_for_card"},
		{"at the outlet", card.SocialNone, card.FinancialInactive, card.AtOutlet, "collect"},
		{"neither active", card.SocialInactive, card.FinancialInactive, card.Collected, "activate_both"},
		{"money not active", card.SocialNormal, card.FinancialInactive, card.Collected, "activate_financial"},
		{"social not active", card.SocialInactive, card.FinancialActive, card.Collected, "activate_social"},
		{"all in use", card.SocialNormal, card.FinancialActive, card.Collected, "none"},
		{"lost", card.SocialLossTemp, card.FinancialActive, card.Collected, "after_loss"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c := newCity(t)
			err := c.Store.InTx(t.Context(), func(ctx context.Context) error {
				_, err := c.ApplyFacts(ctx, []card.Fact{{Ref: ref, PersonRef: "P-1", BankCode: "103", OutletRef: "OUT-1", Social: tc.social,
					Financial: tc.money, Holding: tc.holding, Version: 9, ChangedAt: cardtest.Start}})
				return err
			})
			require.NoError(t, err)
			home, err := c.Cards(t.Context(), c.me())
			require.NoError(t, err)
			require.Equal(t, tc.want, home.Next.Code)
			if tc.want == "collect" {
				require.Contains(t, home.Next.Text, "西工区人社服务大厅")
				require.Contains(t, home.Next.Text, "身份证")
			}
		})
	}
	c := newCity(t)
	stranger := c.memory.AddPerson("P-2")
	home, err := c.Cards(t.Context(), c.Citizen(stranger))
	require.NoError(t, err)
	require.Equal(t, "apply", home.Next.Code)
}

func TestR29R30_ActivationIsAPlaceToGoTo(t *testing.T) {
	t.Parallel()
	bank := card.Bank{Name: "农业银行", Phone: "95599"}
	inactive := card.Card{Social: card.SocialInactive, Financial: card.FinancialInactive}
	require.Contains(t, card.SocialTile(inactive, card.LossReport{}).Advice, "修改初始密码")
	money := card.FinancialTile(inactive, bank).Advice
	require.Contains(t, money, "农业银行")
	require.Contains(t, money, "身份证原件")
}

// No use case activates, takes a PIN or touches the financial account: what is not there cannot be called.
func TestR31_NothingActivates(t *testing.T) {
	t.Parallel()
	service := reflect.TypeFor[*card.Service]()
	require.Positive(t, service.NumMethod())
	for i := range service.NumMethod() {
		name := strings.ToLower(service.Method(i).Name)
		for _, word := range []string{"activat", "pin", "password", "unlock", "financial"} {
			require.NotContains(t, name, word)
		}
	}
	for _, kind := range []card.CommandKind{card.CommandLoss, card.CommandRelease, card.CommandApplication} {
		require.NotContains(t, kind, "activ")
	}
}

func TestR32_ALossIsEffectiveWithinTheRequest(t *testing.T) {
	t.Parallel()
	c := newCity(t)
	r := c.report()
	require.Equal(t, card.LossEffective, r.State)
	require.Equal(t, "wechat_mini", r.Source)
	require.NotEmpty(t, r.RegistryRef)
	require.True(t, models.ValidReceiptNumber(r.Receipt))
	require.Len(t, c.told(notice.LossEffective), 1)
	require.Equal(t, []string{"card.loss.reported", "card.loss.confirmed"}, c.memory.Audited())
	require.Equal(t, "loss", c.tile().State)

	for _, by := range []models.Actor{c.me(), c.Agent(c.wang)} { // through any door: the first record
		again, err := c.ReportLoss(t.Context(), by, card.ReportLossInput{CardID: c.card, Account: "social", Said: card.ByPhone{ReadBack: true}})
		require.NoError(t, err)
		require.True(t, again.Repeated)
		require.Equal(t, r.ID, again.Report.ID)
	}
	c.feed()
	require.Len(t, c.Registry.Sent, 1)
	require.Len(t, c.told(notice.LossEffective), 1)
	require.Empty(t, c.told(notice.LossElsewhere))
}

func TestR32_AlreadyLostAtTheRegistryIsEffectiveToo(t *testing.T) {
	t.Parallel()
	c := newCity(t)
	require.True(t, c.Registry.WindowLoss(ref)) // the feed has not told us yet
	r := c.report()
	require.Equal(t, card.LossEffective, r.State)
	require.Equal(t, "01", c.memory.Commands()[0].Code)
	c.feed()
	require.Len(t, c.memory.Reports(), 1)
	require.Len(t, c.memory.Notices(), 1)
}

func TestR32_OnlyForOnesOwnCardAndALiveOne(t *testing.T) {
	t.Parallel()
	c := newCity(t)
	stranger := c.memory.AddPerson("P-2")
	in := card.ReportLossInput{CardID: c.card}
	unbound := c.me()
	unbound.Subject = ""
	weak := c.me()
	weak.Level = models.LevelPlatform
	for _, tc := range []struct {
		by   models.Actor
		in   card.ReportLossInput
		want error
	}{
		{c.Citizen(stranger), in, card.ErrCardNotFound}, {unbound, in, card.ErrCardNotFound}, {weak, in, cardtest.ErrRecheck},
		{c.me(), card.ReportLossInput{CardID: models.NewID()}, card.ErrCardNotFound},
		{c.me(), card.ReportLossInput{CardID: c.card, Account: "both"}, card.ErrAccountWord},
	} {
		_, err := c.ReportLoss(t.Context(), tc.by, tc.in)
		require.ErrorIs(t, err, tc.want)
	}
	require.Empty(t, c.memory.Reports())
	require.True(t, c.Registry.Cancel(ref))
	c.feed()
	_, err := c.ReportLoss(t.Context(), c.me(), in)
	require.ErrorIs(t, err, card.ErrCardCancelled)
	require.Empty(t, c.Registry.Sent)
}

func TestR32_ARefusalIsSaidWithItsReason(t *testing.T) {
	t.Parallel()
	c := newCity(t)
	c.Registry.RefuseCode = "CARD_LOCKED"
	c.fates(cardtest.Refused)
	_, err := c.ReportLoss(t.Context(), c.me(), card.ReportLossInput{CardID: c.card})
	require.ErrorIs(t, err, card.ErrLossRefused)
	require.Contains(t, said(t, err).Message, "这张卡已被锁定")
	require.Contains(t, said(t, err).Message, "12333")
	require.Len(t, c.told(notice.LossRefused), 1)
	require.Contains(t, text(t, c.told(notice.LossRefused)[0]), "这张卡已被锁定")
	require.Equal(t, "normal", c.tile().State)
	require.Equal(t, card.LossEffective, c.report().State, "a refused one is closed: the next is a new one")
}

func TestR33_AnAgentReportsForAVerifiedCaller(t *testing.T) {
	t.Parallel()
	c := newCity(t)
	in := card.ReportLossInput{CardID: c.card}
	by := c.Agent(c.wang)
	unverified, outside := by, by
	unverified.CallID, outside.CallID = models.NewID(), ""
	_, err := c.ReportLoss(t.Context(), unverified, in)
	require.ErrorIs(t, err, cardtest.ErrVerification)
	_, err = c.ReportLoss(t.Context(), outside, in)
	require.ErrorIs(t, err, card.ErrCallNeeded)
	_, err = c.ReportLoss(t.Context(), by, in)
	require.ErrorIs(t, err, card.ErrReadBackRequired, "the sentence comes first (R40)")
	require.Empty(t, c.memory.Audited())

	in.Said.ReadBack = true
	res, err := c.ReportLoss(t.Context(), by, in)
	require.NoError(t, err)
	require.Equal(t, card.ByPhone{ReadBack: true, Speaker: "holder"}, res.Report.ByPhone)
	require.Equal(t, card.LossEffective, res.Report.State)
	require.Equal(t, "phone", res.Report.Source)
	require.Equal(t, by.CallID, res.Report.CallID)
	require.Equal(t, "full", res.Report.Strength)
	require.Equal(t, "12333电话", res.Report.SourceWord())

	c.Clock.Advance(time.Hour)
	again, err := c.ReportLoss(t.Context(), c.Agent(c.wang), in)
	require.NoError(t, err)
	require.True(t, again.Repeated)
	require.Equal(t, cardtest.Start, again.Report.ReportedAt, "when and by which channel")
	require.Equal(t, "phone", again.Report.Source)
}

func TestR33_ARelativeSpeaksOnlyWithTheHolder(t *testing.T) {
	t.Parallel()
	c := newCity(t)
	by := c.Agent(c.wang)
	said := func(speaker, reached string) card.ReportLossInput {
		return card.ReportLossInput{CardID: c.card, Said: card.ByPhone{ReadBack: true, Speaker: speaker, HolderReached: reached}}
	}
	_, err := c.ReportLoss(t.Context(), by, said("neighbour", ""))
	require.ErrorIs(t, err, card.ErrSpeakerUnknown)
	for _, reached := range []string{"", "called_back", "by_letter"} { // nobody was called back in this call
		_, err = c.ReportLoss(t.Context(), by, said(card.SpeakerRelative, reached))
		require.ErrorIs(t, err, cardtest.ErrVerification, reached)
	}
	require.Empty(t, c.memory.Audited())
	res, err := c.ReportLoss(t.Context(), by, said(card.SpeakerRelative, card.HolderCame))
	require.NoError(t, err)
	require.Equal(t, card.ByPhone{ReadBack: true, Speaker: "relative", HolderReached: "came_to_phone"}, res.Report.ByPhone)
}

func TestR34_ALossAtAWindowChangesTheTileAndIsToldOnce(t *testing.T) {
	t.Parallel()
	c := newCity(t)
	require.Equal(t, "normal", c.tile().State)
	require.True(t, c.Registry.WindowLoss(ref))
	c.feed()
	_, err := c.FeedCard(t.Context(), ref, 0, 5) // the same events once more
	require.NoError(t, err)
	require.Equal(t, "loss", c.tile().State)
	require.Len(t, c.memory.Notices(), 1)
	require.Contains(t, text(t, c.told(notice.LossElsewhere)[0]), "人社窗口")
	reports := c.memory.Reports()
	require.Len(t, reports, 1, "a loss made elsewhere has a report to release")
	require.Equal(t, "window", reports[0].Source)
	require.Equal(t, card.LossReleased, c.release(reports[0]).State)
}

func TestR34_WhatIsHistoryTellsNobody(t *testing.T) {
	t.Parallel()
	c := newCity(t)
	settings := card.DefaultSettings()
	settings.HistoryFrom = cardtest.Start.Add(time.Hour)
	c.Service = card.New(c.Ports, settings)
	require.True(t, c.Registry.WindowLoss(ref))
	c.feed()
	require.Len(t, c.memory.Reports(), 1)
	require.Empty(t, c.memory.Notices())
}

func TestR39_FinancialAccountIsTheBanks(t *testing.T) {
	t.Parallel()
	c := newCity(t)
	_, err := c.ReportLoss(t.Context(), c.me(), card.ReportLossInput{CardID: c.card, Account: "financial"})
	require.ErrorIs(t, err, card.ErrBankInPerson)
	require.Equal(t, "农业银行", said(t, err).Extra["bank_name"])
	require.Equal(t, "95599", said(t, err).Extra["bank_phone"])
	_, err = c.ReportLoss(t.Context(), c.Agent(c.wang), card.ReportLossInput{CardID: c.card, Account: "financial"})
	require.ErrorIs(t, err, card.ErrBankInPerson)
	r := c.report()
	_, err = c.ReleaseLoss(t.Context(), c.me(), r.ID, "financial")
	require.ErrorIs(t, err, card.ErrBankInPerson)
	require.Equal(t, "农业银行", said(t, err).Extra["bank_name"])
	require.Len(t, c.Registry.Sent, 1)
}

func TestR40_TheOtherAccountIsNamedFirst(t *testing.T) {
	t.Parallel()
	c := newCity(t)
	c.always(cardtest.Dropped)
	r := c.report()
	st, err := c.StatementFor(t.Context(), r)
	require.NoError(t, err)
	const other = "银行账户没有停用,请马上拨打农业银行95599询问临时挂失,并带身份证到该行社保卡窗口办理。"
	require.Equal(t, "挂失申请已收到,正在确认,以确认短信为准。"+other, st.Text)
	require.NotContains(t, st.Text, "已挂失")
	require.False(t, st.Effective)
	require.Equal(t, []string{"financial"}, st.NotAffected)

	c.always(cardtest.Answered)
	c.sweep(5 * time.Second)
	_, st, err = c.LossReport(t.Context(), c.me(), r.ID)
	require.NoError(t, err)
	require.Equal(t, "社保账户已挂失。"+other, st.Text)
	require.True(t, st.Effective)
	require.Equal(t, []string{"financial"}, st.NotAffected)
	require.Equal(t, "农业银行", st.BankName)
	require.Equal(t, "95599", st.BankPhone)
	require.True(t, strings.HasPrefix(text(t, c.told(notice.LossEffective)[0]), "社保账户已挂失。"+other))
}
