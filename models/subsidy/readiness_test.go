package subsidy_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models/subsidy"
)

var (
	noon    = time.Date(2021, 12, 20, 4, 0, 0, 0, time.UTC)
	luoyang = subsidy.Bank{Code: "313LY", Name: "洛阳银行", Phone: "0379-60001314"}
)

// standing is somebody whom money reaches; change takes something away.
func standing(change ...func(*subsidy.Standing)) subsidy.Standing {
	s := subsidy.Standing{Person: "p1", District: "410303", IsHead: true, HouseholdRef: "h1", Alive: true, HasPhone: true, PayeeKnown: true, InSystem: true,
		PhoneOnFile: true, Card: &subsidy.CardStanding{BankCode: "313LY", Money: subsidy.MoneyActive, AccountTail: "1234", ChangedAt: noon.AddDate(-1, 0, 0)},
		CardsAsOf: noon.Add(-time.Minute), PaymentsAsOf: noon.Add(-2 * time.Minute)}
	for _, f := range change {
		f(&s)
	}
	return s
}

func noCard(s *subsidy.Standing) { s.Card = nil }

func money(state subsidy.MoneyState) func(*subsidy.Standing) {
	return func(s *subsidy.Standing) { s.Card.Money = state }
}

// replaced gives the person a former card that ended on a day.
func replaced(at time.Time) func(*subsidy.Standing) {
	return func(s *subsidy.Standing) {
		s.Ended = []subsidy.CardStanding{{BankCode: "103", AccountTail: "9999", Money: subsidy.MoneyClosed, ChangedAt: at}}
	}
}

func TestR05_ReadinessNamesTheFirstThingMissing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change  []func(*subsidy.Standing)
		verdict subsidy.Verdict
		code    string
		next    string
	}{
		"R5 all is well":                       {nil, subsidy.Ready, "", ""},
		"R5 no card":                           {[]func(*subsidy.Standing){noCard}, subsidy.NotReady, "NO_CARD", "apply"},
		"R5 new card, money not activated":     {[]func(*subsidy.Standing){replaced(noon), money(subsidy.MoneyInactive)}, subsidy.NotReady, "NEW_CARD_NOT_ACTIVATED", "activate_financial"},
		"nobody has said anything of cards":    {[]func(*subsidy.Standing){noCard, func(s *subsidy.Standing) { s.CardsAsOf = time.Time{} }}, subsidy.VerdictUnknown, "CARD_UNKNOWN", "ask"},
		"R25 applied for":                      {[]func(*subsidy.Standing){noCard, func(s *subsidy.Standing) { s.Applying = true }}, subsidy.NotReady, "CARD_APPLIED", "wait_for_card"},
		"R25 being made":                       {[]func(*subsidy.Standing){func(s *subsidy.Standing) { s.Card.Making = true }}, subsidy.NotReady, "CARD_IN_PRODUCTION", "wait_for_card"},
		"R25 waits at its outlet":              {[]func(*subsidy.Standing){func(s *subsidy.Standing) { s.Card.Waiting = true }}, subsidy.NotReady, "CARD_NOT_COLLECTED", "collect"},
		"R25 collected, not active":            {[]func(*subsidy.Standing){money(subsidy.MoneyInactive)}, subsidy.NotReady, "MONEY_ACCOUNT_INACTIVE", "activate_financial"},
		"R5 not in the system":                 {[]func(*subsidy.Standing){func(s *subsidy.Standing) { s.InSystem = false }}, subsidy.NotReady, "NOT_IN_SYSTEM", "join_system"},
		"R5 not in the system and no card":     {[]func(*subsidy.Standing){noCard, func(s *subsidy.Standing) { s.InSystem = false }}, subsidy.NotReady, "NOT_IN_SYSTEM", "join_system"},
		"the source has not said":              {[]func(*subsidy.Standing){func(s *subsidy.Standing) { s.PayeeKnown = false }}, subsidy.VerdictUnknown, "IN_SYSTEM_UNKNOWN", "ask"},
		"not said, and no card":                {[]func(*subsidy.Standing){noCard, func(s *subsidy.Standing) { s.PayeeKnown = false }}, subsidy.NotReady, "NO_CARD", "apply"},
		"R5 lost at the bank":                  {[]func(*subsidy.Standing){money(subsidy.MoneyLost)}, subsidy.NotReady, "MONEY_ACCOUNT_LOST", "ask_bank"},
		"R5 restricted by the bank":            {[]func(*subsidy.Standing){money(subsidy.MoneyRestricted)}, subsidy.NotReady, "MONEY_ACCOUNT_RESTRICTED", "ask_bank"},
		"R5 closed":                            {[]func(*subsidy.Standing){money(subsidy.MoneyClosed)}, subsidy.NotReady, "MONEY_ACCOUNT_CLOSED", "ask_bank"},
		"R5 never opened":                      {[]func(*subsidy.Standing){money(subsidy.MoneyNotOpened)}, subsidy.NotReady, "MONEY_ACCOUNT_UNOPENED", "ask_bank"},
		"the bank has not said":                {[]func(*subsidy.Standing){money(subsidy.MoneyUnknown)}, subsidy.VerdictUnknown, "MONEY_ACCOUNT_UNKNOWN", "ask_bank"},
		"a word of the bank we do not know":    {[]func(*subsidy.Standing){money("melted")}, subsidy.VerdictUnknown, "MONEY_ACCOUNT_UNKNOWN", "ask_bank"},
		"R5 social account inactive is advice": {[]func(*subsidy.Standing){func(s *subsidy.Standing) { s.Card.SocialInactive = true }}, subsidy.Ready, "", ""},
		"no phone is advice":                   {[]func(*subsidy.Standing){func(s *subsidy.Standing) { s.HasPhone, s.PhoneOnFile = false, false }}, subsidy.Ready, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := subsidy.ReadinessOf(standing(c.change...), luoyang, subsidy.Place{Name: "王城路便民服务中心"})
			require.Equal(t, c.verdict, r.Verdict)
			require.Equal(t, c.code, r.Code)
			require.Equal(t, noon.Add(-2*time.Minute), r.AsOf, "the oldest fact")
			var order []string
			for _, check := range r.Checks {
				order = append(order, check.Check)
				require.NotEmpty(t, check.Name)
				require.NotContains(t, check.Next.Text, "%")
				if check.Code != "" {
					require.NotEmpty(t, check.Said)
					require.Contains(t, check.Next.Text, "12333", "R48")
				}
				if check.Code == c.code && c.code != "" {
					require.Equal(t, c.next, check.Next.Code)
				}
			}
			require.Equal(t, []string{"in_system", "card_issued", "card_collected", "money_account", "phone_on_file", "social_account"}, order)
		})
	}
}

func TestR30_ReadinessNamesTheBankAndTheOutlet(t *testing.T) {
	t.Parallel()
	text := func(r subsidy.Readiness, check string) string {
		for _, c := range r.Checks {
			if c.Check == check {
				return c.Next.Text
			}
		}
		return ""
	}
	r := subsidy.ReadinessOf(standing(money(subsidy.MoneyInactive)), luoyang, subsidy.Place{})
	require.Contains(t, text(r, "money_account"), "洛阳银行社保卡窗口")
	r = subsidy.ReadinessOf(standing(money(subsidy.MoneyInactive)), subsidy.Bank{}, subsidy.Place{})
	require.Contains(t, text(r, "money_account"), "卡面银行社保卡窗口")
	r = subsidy.ReadinessOf(standing(func(s *subsidy.Standing) { s.Card.Waiting = true }), luoyang, subsidy.Place{Name: "王城路便民服务中心"})
	require.Contains(t, text(r, "card_collected"), "王城路便民服务中心")
}
