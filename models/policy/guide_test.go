package policy

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
)

func clockOf(t *testing.T, s string) time.Duration {
	t.Helper()
	at, err := time.Parse("15:04", s)
	require.NoError(t, err)
	return time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute
}

func (r rig) guide(t *testing.T, in GuideInput) Guide {
	t.Helper()
	g, err := r.Guide(t.Context(), in)
	require.NoError(t, err)
	return g
}

func labels(g Guide) (out []string) {
	for _, p := range g.Papers {
		out = append(out, p.Label)
	}
	return out
}

func TestR37_ReleaseAsksForTheOriginalsOfBothWhereItIsDelegated(t *testing.T) {
	t.Parallel()
	r := placed(t)
	own := r.guide(t, GuideInput{Act: WindowRelease})
	require.Equal(t, []string{"本人居民身份证原件"}, labels(own))
	require.Equal(t, PossibleYes, own.Possible)
	require.Contains(t, own.Sentence.Text, "社保账户解挂:请本人带本人居民身份证原件,到社保卡服务网点")
	require.Equal(t, "guide.release.self.yes.1", own.Sentence.ID)
	both := r.guide(t, GuideInput{Act: WindowRelease, By: ByDelegate})
	require.Equal(t, []string{"持卡人居民身份证原件", "代办人居民身份证原件"}, labels(both))
	require.Contains(t, both.Sentence.Text, "请代办人带持卡人居民身份证原件、代办人居民身份证原件")
}

func TestR39_TheFinancialAccountIsTheHoldersAloneAtTheBankOnTheCard(t *testing.T) {
	t.Parallel()
	for _, act := range []WindowAct{WindowActivateFinancial, WindowFinancialLoss, WindowFinancialRelease} {
		r := placed(t)
		unknown := r.guide(t, GuideInput{Act: act, District: "410303"})
		require.True(t, unknown.OnlyBank)
		require.Empty(t, unknown.Outlets, "no bank, no window: not any bank's")
		require.Contains(t, unknown.Sentence.Text, "卡面上印的银行")

		own := r.guide(t, GuideInput{Act: act, District: "410303", Bank: "103"})
		require.Equal(t, []string{"o2"}, refs(FoundOutlets{Items: own.Outlets}))
		require.Equal(t, "95599", own.Bank.Phone)
		require.Contains(t, own.Sentence.Text, "到中国农业银行社保卡窗口办理")

		other := r.guide(t, GuideInput{Act: act, By: ByDelegate, Bank: "103"})
		require.Equal(t, PossibleNo, other.Possible)
		require.Empty(t, other.Papers)
		require.Contains(t, other.Sentence.Text, "只能由本人到中国农业银行社保卡窗口办理,不能代办")

		r.clock.Set(afterMerger)
		taken := r.guide(t, GuideInput{Act: act, Bank: "313LY"})
		require.Equal(t, []string{"o3", "o4"}, refs(FoundOutlets{Items: taken.Outlets}), "R30: the successor's too")
		require.Equal(t, "中原银行(卡面:洛阳银行)", taken.Bank.Name)
		_, err := r.Guide(t.Context(), GuideInput{Act: act, Bank: "999"})
		require.ErrorIs(t, err, ErrBankUnknown)
		_, err = r.Guide(t.Context(), GuideInput{Act: act, Bank: "103", Outlet: "o4"})
		require.ErrorIs(t, err, ErrOutletNotFor, "another bank's window")
		_, err = r.Guide(t.Context(), GuideInput{Act: act, Outlet: "o1"})
		require.ErrorIs(t, err, ErrOutletNotFor, "a window of the bureau")
	}
}

func TestR29_TheSocialSecurityAccountIsActivatedAtHospitalsAndPharmaciesToo(t *testing.T) {
	t.Parallel()
	r := placed(t)
	g := r.guide(t, GuideInput{Act: WindowActivateSocial, District: "410303"})
	require.Equal(t, []string{"社会保障卡"}, labels(g))
	require.Contains(t, refs(FoundOutlets{Items: g.Outlets}), "o6")
	require.Contains(t, g.Sentence.Text, "定点医院、药店")
	require.Contains(t, g.Sentence.Text, "银行账户须另到卡面银行激活")
	require.NotContains(t, g.Sentence.Text, "123456", "an initial PIN is not for slips that go from hand to hand")
}

func TestR45_ADelegatesPapersForAReplacementAreNotThoseOfARelease(t *testing.T) {
	t.Parallel()
	r := placed(t)
	g := r.guide(t, GuideInput{Act: WindowReplace, By: ByDelegate})
	require.Equal(t, []string{"持卡人居民身份证复印件", "代办人居民身份证原件", "代办人居民身份证复印件", "授权委托书"}, labels(g))
	require.Equal(t, models.Fen(1600), g.Fee)
	require.Contains(t, g.Sentence.Text, "工本费每张16.00元")
	require.Zero(t, r.guide(t, GuideInput{Act: WindowApply}).Fee, "R20")
}

func TestR50_PapersAreCalledAfterWhatProvesTheHolder(t *testing.T) {
	t.Parallel()
	r := placed(t)
	for holder, document := range documentOf {
		g := r.guide(t, GuideInput{Act: WindowRelease, Holder: holder})
		require.Equal(t, "本人"+document+"原件", labels(g)[0])
	}
	child := r.guide(t, GuideInput{Act: WindowApply, Holder: HolderMinor, By: ByGuardian})
	require.Equal(t, []string{"持卡人居民户口簿原件", "持卡人近期正面免冠白底证件照", "监护人居民身份证原件", "监护关系证明"}, labels(child), "R23")
}

func TestPapersAreDatedDataWithTheirHistory(t *testing.T) {
	t.Parallel()
	r := placed(t)
	key := PapersKey(WindowRelease, ByDelegate)
	_, err := r.Set(t.Context(), models.System(), SetInput{
		Key: key, Value: "own_id,delegate_id,authority", Basis: "洛人社〔2022〕8号", SetBy: "test", From: r.clock.Now().Add(24 * time.Hour),
	})
	require.NoError(t, err)
	before := r.guide(t, GuideInput{Act: WindowRelease, By: ByDelegate})
	require.Len(t, before.Papers, 2)
	require.True(t, before.Basis.Default)
	r.clock.Advance(25 * time.Hour)
	after := r.guide(t, GuideInput{Act: WindowRelease, By: ByDelegate})
	require.Len(t, after.Papers, 3)
	require.Equal(t, "洛人社〔2022〕8号", after.Basis.Document)
	r.decide(t, key, "ask", InDistrict("410302"))
	asked := r.guide(t, GuideInput{Act: WindowRelease, By: ByDelegate, District: "410302"})
	require.Equal(t, PossibleAsk, asked.Possible)
	require.Contains(t, asked.Sentence.Text, "请先拨打12333问清")
	require.Len(t, r.guide(t, GuideInput{Act: WindowRelease, By: ByDelegate, District: "410303"}).Papers, 3, "another district's word")

	h, err := r.History(t.Context(), key)
	require.NoError(t, err)
	require.Equal(t, "own_id,delegate_id", h.Default)
	require.Equal(t, "own_id,delegate_id,authority", h.Value)
	require.Len(t, h.Rows, 2)
	require.Equal(t, "ask", h.Rows[0].Value, "the latest first")
	for _, private := range []string{"codes.per_day", "level.loss", "no.such"} {
		_, err = r.History(t.Context(), private)
		require.ErrorIs(t, err, ErrHistoryUnknown, private)
	}
	for _, bad := range []string{"", "own_id,", "own_id,own_id", "passport", "ask,own_id", "none,own_id"} {
		_, err = r.Set(t.Context(), models.System(), SetInput{Key: key, Value: bad, Basis: "b", SetBy: "test"})
		require.ErrorIs(t, err, ErrSettingRefused, bad)
	}
}

// Every act, whoever comes and whatever proves the holder: a sentence that names what it is about, says where to go and
// whom to ring (R48), has an id of its own, and promises nothing where nothing is laid down.
func TestR48_EveryGuideIsCompleteAndSaysWhomToRing(t *testing.T) {
	t.Parallel()
	r := placed(t)
	seen := map[string]string{}
	for _, act := range WindowActs() {
		for _, by := range comers {
			for holder := range documentOf {
				g := r.guide(t, GuideInput{Act: act, By: by, Holder: holder, District: "410303", Bank: "103"})
				text := g.Sentence.Text
				require.True(t, strings.HasPrefix(text, g.Title), text)
				require.Contains(t, text, "12333")
				require.NotContains(t, text, "{", text)
				require.NotContains(t, text, "冻结")
				require.Equal(t, g.Possible == PossibleYes, len(g.Papers) > 0, text)
				for _, p := range g.Papers {
					require.NotContains(t, p.Label, "{")
				}
				if id := g.Sentence.ID; holder == HolderMainland {
					require.Empty(t, seen[id], "one id, one sentence")
					seen[id] = text
				}
			}
		}
	}
	require.Len(t, seen, len(WindowActs())*len(comers))
	_, err := r.Guide(t.Context(), GuideInput{Act: "marry"})
	require.ErrorIs(t, err, ErrGuideUnknown)
}

func TestAGuideForAnOutletNamesItOrWhoTookItOver(t *testing.T) {
	t.Parallel()
	r := placed(t)
	g := r.guide(t, GuideInput{Act: WindowRelease, Outlet: "o7"})
	require.Equal(t, []string{"o1"}, refs(FoundOutlets{Items: g.Outlets}))
	require.Contains(t, g.Sentence.Text, "到西工区人社局大厅办理")
	_, err := r.Guide(t.Context(), GuideInput{Act: WindowApply, Outlet: "o6"})
	require.ErrorIs(t, err, ErrOutletNotFor)
	_, err = r.Guide(t.Context(), GuideInput{Act: WindowApply, Outlet: "o99"})
	require.ErrorIs(t, err, ErrOutletUnknown)
}

func TestR22_PriorityGroupsAreAskedForOnlyWhileTheSwitchIsOn(t *testing.T) {
	t.Parallel()
	r := placed(t)
	require.False(t, r.guide(t, GuideInput{Act: WindowRelease, District: "410303"}).Priority.On(), "off: nothing")
	r.decide(t, PriorityGroups, "true", InDistrict("410303"))
	require.False(t, r.guide(t, GuideInput{Act: WindowRelease, District: "410302"}).Priority.On())
	p := r.guide(t, GuideInput{Act: WindowRelease, District: "410303"}).Priority
	require.True(t, p.On())
	require.Len(t, p.Groups, 6)
	first := 0
	for _, g := range p.Groups {
		require.Contains(t, g.Advice, "12333")
		if g.First {
			first++
			require.Contains(t, g.Advice, "优先办理")
		}
	}
	require.Equal(t, 5, first)
	require.Contains(t, p.Groups[5].Advice, "微信、支付宝", "who is in no hurry is asked to go online")
	window := r.guide(t, GuideInput{Act: WindowCollect, District: "410303"}).Priority
	require.Contains(t, window.Groups[5].Advice, "须到窗口办理", "but not for what is done at windows only")
	require.Contains(t, priorityNow.Groups[5].Advice, "申领、挂失", "the first page's words stay as they are")
	r.decide(t, PriorityGroups, "false", InDistrict("410303"))
	require.Empty(t, r.guide(t, GuideInput{Act: WindowRelease, District: "410303"}).Priority.Groups)
}

func TestAGuideTellsWhatTheChannelDoesWithTheAct(t *testing.T) {
	t.Parallel()
	r := placed(t)
	require.Equal(t, models.ModeHere, r.guide(t, GuideInput{Act: WindowLoss, Channel: models.WechatMini}).Online.Mode)
	require.Empty(t, r.guide(t, GuideInput{Act: WindowFinancialLoss, Channel: models.WechatMini}).Online.Act, "R39: never ours")
	r.decide(t, "act.loss.wechat_mini", "window_only", Everywhere)
	require.Equal(t, models.ModeWindowOnly, r.guide(t, GuideInput{Act: WindowLoss, Channel: models.WechatMini}).Online.Mode)
	for _, act := range actGuides {
		g := r.guide(t, GuideInput{Act: act.act, Channel: models.AlipayMini})
		if slices.Contains(NotBuilt, act.online) {
			require.Empty(t, g.Online.Act, "%s: no operation does it yet", act.act)
		}
	}
}

// drawn remembers the sheets it was given.
type drawn struct {
	sheets []Sheet
	err    error
}

func (d *drawn) PrintGuide(_ context.Context, s Sheet) ([]byte, error) {
	d.sheets = append(d.sheets, s)
	return []byte("%PDF"), d.err
}

func TestR37_TheSheetSaysAllAtOnceAndNamesNobody(t *testing.T) {
	t.Parallel()
	r := placed(t)
	d := &drawn{}
	r.Sheets = d
	r.decide(t, PriorityGroups, "true", Everywhere)
	_, err := r.PrintGuide(t.Context(), GuideInput{Act: WindowRelease, By: ByDelegate, District: "410303"})
	require.NoError(t, err)
	s := d.sheets[0]
	require.Contains(t, s.Facts, [2]string{"办理人", "代办人"})
	require.Contains(t, s.Facts, [2]string{"咨询电话", "12333"})
	require.Equal(t, [][2]string{{"持卡人居民身份证原件", "须在有效期内。"}, {"代办人居民身份证原件", "须在有效期内。"}}, s.Papers)
	require.Equal(t, priorityNow.Banner, s.Notes[0])
	require.Contains(t, strings.Join(s.Notes, "\n"), "网点:农业银行西工支行,地址:")
	r.clock.Advance(time.Hour)
	_, err = r.PrintGuide(t.Context(), GuideInput{Act: WindowRelease, By: ByDelegate, District: "410303"})
	require.NoError(t, err)
	require.Equal(t, s, d.sheets[1], "an hour later it is the same")
	d.err = ErrNoGlyph
	_, err = r.PrintGuide(t.Context(), GuideInput{Act: WindowRelease})
	require.ErrorIs(t, err, ErrGuideNotPrinted)
	_, err = r.PrintGuide(t.Context(), GuideInput{Act: "marry"})
	require.ErrorIs(t, err, ErrGuideUnknown)
}

// What goes into a text message is short enough to stand there whole, for every act and comer.
func TestR19_EveryGuideFitsATextMessage(t *testing.T) {
	t.Parallel()
	r := placed(t)
	for _, act := range WindowActs() {
		for _, by := range comers {
			for holder := range documentOf {
				g := r.guide(t, GuideInput{Act: act, By: by, Holder: holder, Bank: "103"})
				require.LessOrEqual(t, len([]rune(g.Short())), 12, act)
				require.NotEmpty(t, g.Short())
				require.LessOrEqual(t, len([]rune(g.ShortPapers())), 35, act)
				require.NotContains(t, g.ShortPapers(), "{")
				require.NotEmpty(t, g.ShortPlace(false))
				require.LessOrEqual(t, len([]rune(g.ShortFee())), 10)
				if g.OnlyBank {
					require.Equal(t, "95599", g.ShortPhone(false))
				}
			}
		}
	}
	chosen := r.guide(t, GuideInput{Act: WindowRelease, Outlet: "o2"})
	require.Equal(t, "农业银行西工支行", chosen.ShortPlace(true))
	require.Equal(t, "0379-60000002", chosen.ShortPhone(true))
	require.Equal(t, "工本费16元", r.guide(t, GuideInput{Act: WindowReplace}).ShortFee())
	script := chosen.Script()
	require.Equal(t, chosen.Sentence.Text, script[0])
	require.Contains(t, script[1], "农业银行西工支行")
}
