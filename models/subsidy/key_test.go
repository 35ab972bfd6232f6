package subsidy

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func FuzzParseKey(f *testing.F) {
	for _, s := range []string{"2021-11~b00000000000a~1", "2021-12~x~999999999", "2021-13~b~1", "2021-12~b~0", "2021-12~b~01", "~~", "2021-12~b\x00~1", "2021-12~b~1\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		k, ok := ParseKey(s)
		if ok != (k != Key{}) {
			t.Fatal("a key that is none")
		}
		if ok && (k.String() != s || !k.Proper() || strings.ContainsAny(k.BatchID, "~/\x00 \n'") || k.Line < 1) {
			t.Fatalf("%q read as %+v", s, k)
		}
	})
}

// R55: what may stand in a list is the neutral name, and only where someone has classified the item.
func TestR55_NeutralNames(t *testing.T) {
	t.Parallel()
	const name, short = "艾滋病患者生活定量补助", "定量补助"
	for _, c := range []struct {
		class        Sensitivity
		sms, want    string
		onlyInDetail bool
	}{
		{SensitivityNormal, "惠民补贴", short, false},
		{SensitivityMedium, "惠民补贴", "惠民补贴", false},
		{SensitivityHigh, "惠民补贴", "惠民补贴", true},
		{SensitivityHigh, "", neutral, true},
		{SensitivityHigh, name, neutral, true},
		{SensitivityHigh, short, neutral, true},
		{SensitivityHigh, "艾滋病患者", neutral, true},
		{SensitivityMedium, "民政" + short, neutral, false},
		{"", "惠民补贴", neutral, false},
		{"public", short, neutral, false},
	} {
		p := Programme{Name: name, ShortName: short, SMSName: c.sms, Sensitivity: c.class}
		require.Equal(t, c.want, p.NeutralName(), "%q %q", c.class, c.sms)
		require.Equal(t, c.onlyInDetail, p.namedOnlyInDetail())
	}
	require.Equal(t, name, Programme{Name: name, Sensitivity: SensitivityNormal}.NeutralName())
}

// R55: an item that is sensitive by now is not named in what was paid before either; one classified mildly stays as it was.
func TestR55_AnEditionIsNeverShownMoreOpenlyThanTheNewest(t *testing.T) {
	t.Parallel()
	all := index([]Programme{
		{Code: "L1", Edition: 2, Name: "某病患者救助", ShortName: "病患救助", SMSName: "惠民补贴", Sensitivity: SensitivityHigh},
		{Code: "L1", Edition: 1, Name: "某病患者救助", ShortName: "病患救助", SMSName: "病患者", Sensitivity: SensitivityNormal},
		{Code: "L2", Edition: 1, Name: "甲", SMSName: "乙"},
		{Code: "L2", Edition: 2, Name: "甲", SMSName: "乙", Sensitivity: SensitivityNormal},
		{Code: "L3", Edition: 1, Name: "甲", Sensitivity: SensitivityNormal},
		{Code: "L3", Edition: 2, Name: "甲", SMSName: "乙"},
	})
	of := func(code string, edition int) Programme {
		pr, ok := all.of(Payment{Programme: code, Edition: edition})
		require.True(t, ok)
		return pr
	}
	require.Equal(t, "惠民补贴", of("L1", 1).NeutralName())
	require.True(t, of("L1", 1).namedOnlyInDetail())
	require.Equal(t, neutral, of("L2", 1).NeutralName(), "unclassified then")
	require.Equal(t, "甲", of("L2", 2).NeutralName(), "classified since")
	require.Equal(t, neutral, of("L3", 1).NeutralName(), "not classified any more")
}

func TestR15_TheLabelOfAReissuedLineIsTrueWhenTheMoneyHasCome(t *testing.T) {
	t.Parallel()
	require.NotContains(t, label(Payment{State: Reissued, ReissuedAs: "2021-08~B1~1"}), "正在")
	require.NotContains(t, label(Payment{State: Reissued}), "已到账")
}

// R48: every reason for which a bank sends money back says what to do and where to ask.
func TestR15_EveryReturnSaysWhatToDo(t *testing.T) {
	t.Parallel()
	for _, why := range []string{"ACCOUNT_INACTIVE", "ACCOUNT_CLOSED", "ACCOUNT_LOST", "ACCOUNT_DORMANT", "NAME_MISMATCH", "WRONG_BANK", "NO_CARD", "SOMETHING_NEW", ""} {
		p := Payment{State: Returned, ReturnReason: why}
		require.Contains(t, advice(p, "洛阳银行"), "洛阳银行", why)
		require.Contains(t, advice(p, "洛阳银行"), "12333", why)
		require.NotContains(t, advice(p, ""), "%", why)
		require.Equal(t, why != "", reason(p) != "", why)
		require.Empty(t, advice(Payment{State: Credited, ReturnReason: why}, "洛阳银行"))
	}
}

func TestAHouseholdsHeadIsWhomThePaymentNames(t *testing.T) {
	t.Parallel()
	base := Payment{PersonID: "a", BeneficiaryID: "a", HouseholdRef: "h", PayeeKind: ToHousehold}
	other := base
	other.BeneficiaryID = "b"
	for _, c := range []struct {
		p    Payment
		who  PayeePerson
		want bool
	}{
		{base, PayeePerson{IsHead: true, HouseholdRef: "h"}, true},
		{base, PayeePerson{IsHead: false, HouseholdRef: "h"}, false}, // registered as another member of that very household
		{base, PayeePerson{IsHead: false, HouseholdRef: "moved"}, true},
		{base, PayeePerson{}, true},
		{other, PayeePerson{IsHead: true, HouseholdRef: "h"}, false},
	} {
		require.Equal(t, c.want, paidToHead(c.p, c.who), "%+v %+v", c.p, c.who)
	}
}
