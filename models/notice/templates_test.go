package notice

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
)

func TestR60_LengthCountsTheSignatureAndPartsFollow(t *testing.T) {
	t.Parallel()
	require.Equal(t, 6, Length(Signature))
	for n, parts := range map[int]int{7: 1, 70: 1, 71: 2, 134: 2, 135: 3, 150: 3, 201: 3, 202: 4} {
		text := Signed(strings.Repeat("字", n-6))
		require.Equal(t, n, Length(text))
		require.Equal(t, parts, Parts(n), "%d characters", n)
	}
	for text, n := range map[string]int{"": 0, "a1 ,": 4, "好": 1, "😀": 2, "好😀": 3, "❤️": 2, "☀": 2, "𠅤": 2, "←": 1} {
		require.Equal(t, n, Length(text), "%q", text)
	}
}

func TestTemplatesAreFitToFile(t *testing.T) {
	t.Parallel()
	require.Empty(t, LintSignature(SignName))
	kinds := map[Kind]bool{}
	for _, s := range Templates() {
		require.Empty(t, Lint(s))
		require.NotEmpty(t, s.Kind.Topic(), "%s can be switched, limited and laddered by nobody", s.Kind)
		require.False(t, kinds[s.Kind], "%s stands twice", s.Kind)
		kinds[s.Kind] = true
		for _, p := range s.Params {
			require.True(t, p.Type == TypeCode || len(findSensitive(p.Fallback)) == 0)
		}
	}
	require.Greater(t, len(kinds), 20)
}

func TestLintFindsEachPlantedViolation(t *testing.T) {
	t.Parallel()
	clean := Spec{
		Kind: "planted", Title: "标题", Life: time.Hour,
		Text: "您的卡已到${outlet},请拨打12333。", Params: []Param{{"outlet", TypeOutlet, 10, "网点"}},
	}
	require.Empty(t, Lint(clean))
	for want, plant := range map[string]func(*Spec){
		"link":                func(s *Spec) { s.Text += "详见http://t.cn/x" },
		"holds a link":        func(s *Spec) { s.Text += "请登录luoyang.gov.cn查看" },
		"sensitive":           func(s *Spec) { s.Text += "艾滋病患者生活定量补助" },
		"personal number":     func(s *Spec) { s.Text += "410303198001010015" },
		"emoji":               func(s *Spec) { s.Text += "😀" },
		"brackets":            func(s *Spec) { s.Text = "【洛阳】" + s.Text },
		"way forward":         func(s *Spec) { s.Text = "您的卡已到${outlet}。" },
		"no title":            func(s *Spec) { s.Title = "" },
		"more than 5":         func(s *Spec) { s.Params = make([]Param, 6) },
		"free text":           func(s *Spec) { s.Params[0].Type = "text" },
		"own data":            func(s *Spec) { s.Text, s.Params[0].Name = "${name}12333", "name" },
		"sound length":        func(s *Spec) { s.Params[0].Max = 36 },
		"neutral word":        func(s *Spec) { s.Params[0].Fallback = "" },
		"not used":            func(s *Spec) { s.Text = "请拨打12333。" },
		"not declared":        func(s *Spec) { s.Params = nil },
		"twice":               func(s *Spec) { s.Text += "${outlet}" },
		"alone":               func(s *Spec) { s.Params[0].Type = TypeCode },
		"more than 2 parts":   func(s *Spec) { s.Text += strings.Repeat("长", 120) },
		"travel only in kind": func(s *Spec) { s.Secret = true },
		"tells a name":        func(s *Spec) { s.Text += "姓名见卡面" },
		"variable guardian would carry": func(s *Spec) {
			s.Text, s.Params = "${guardian}12333", []Param{{"guardian", TypeWord, 10, "监护人"}}
		},
		"its title holds a link":                 func(s *Spec) { s.Title = "见www.luoyang.gov.cn" },
		"title holds a link, a sensitive":        func(s *Spec) { s.Title = "低保到账" },
		"its neutral word":                       func(s *Spec) { s.Params[0].Fallback = "t.cn" },
		"neutral word holds a link, a sensitive": func(s *Spec) { s.Params[0].Fallback = "低保户" },
	} {
		s := clean
		s.Params = append([]Param(nil), clean.Params...)
		plant(&s)
		require.Contains(t, strings.Join(Lint(s), "\n"), want)
	}
}

func TestLintFindsWhatKeepsASignatureFromBeingFiled(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"人": "2 to 12", strings.Repeat("社", 13): "2 to 12", "洛阳·人社": "special signs", "【洛阳人社】": "special signs", "洛阳低保": "sensitive", "13800138000": "a number", "": "2 to 12",
	} {
		require.Contains(t, strings.Join(LintSignature(name), "\n"), want, name)
	}
}

func TestR40_LossTextsSayFirstWhatHappenedAndThatTheBankAccountIsNotStopped(t *testing.T) {
	t.Parallel()
	params := map[string]string{"bank": "农业银行", "bank_phone": "95599", "time": "12月20日10时05分"}
	const hint = "银行账户没有停用,请马上拨打农业银行95599询问临时挂失,并带身份证到该行社保卡窗口办理。"

	require.True(t, strings.HasPrefix(render(t, LossEffective, params), "社保账户已挂失。"+hint))
	require.Contains(t, render(t, LossElsewhere, map[string]string{"bank": "农业银行", "bank_phone": "95599", "channel": "社保卡窗口"}), hint)
	for _, s := range Templates() {
		require.NotContains(t, s.Text, "冻结")
	}
}

func TestR55_ArrivalHoldsNoSensitiveNameWhateverTheDraftSays(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"艾滋病患者生活定量补助", "孤儿基本生活保障", "城乡居民最低生活保障", "困难残疾人生活补贴", "雨露计划"} {
		text := render(t, Arrival, map[string]string{"programme": name, "amount": "338.00", "date": "2021年12月5日", "tail": "1234"})
		require.NotContains(t, text, name)
		require.Contains(t, text, "一项补贴338.00元")
	}
	text := render(t, Arrival, map[string]string{"programme": "住房补贴", "amount": "338.00", "date": "2021年11月8日", "tail": "1234"})
	require.Equal(t, "您好,住房补贴338.00元已于2021年11月8日存入您的社会保障卡银行账户(尾号1234),如有疑问请拨打12333。", text)
	require.Equal(t, 1, Parts(Length(Signed(text))))
}

func TestUnfitValuesBecomeNeutralWords(t *testing.T) {
	t.Parallel()
	for _, v := range []string{"", "http://t.cn", "13800001234", "410303198001010015", strings.Repeat("银", 40), "http:abc", "链接", "农业银行${code}", "卡号6217001234567890"} {
		text := render(t, ApplicationCollected, map[string]string{"bank": v})
		require.Contains(t, text, "到发卡银行社保卡窗口一次办理", "%q", v)
	}
	require.Contains(t, render(t, LossEffective, map[string]string{"bank": "农业银行", "bank_phone": "13800001234"}), "农业银行客服电话")
	for _, v := range []string{"95599", "0379-65920000", "4006695599", "400-669-5599"} {
		require.Contains(t, render(t, LossEffective, map[string]string{"bank_phone": v}), v)
	}
	require.Contains(t, render(t, LossEffective, map[string]string{"bank": "中原银行(卡面:洛阳银行)"}), "中原银行(卡面:洛阳银行)")
}

func TestR21_AFiscalReceiptIsNamedByItsNumberAlone(t *testing.T) {
	t.Parallel()
	require.Contains(t, render(t, FeeReceipt, map[string]string{"number": "0000000001"}), "票据号码0000000001。")
	for _, v := range []string{"", "410303198001010015", "13800001234", "12345678", "王建国", "000000000a"} {
		require.Contains(t, render(t, FeeReceipt, map[string]string{"number": v}), "票据号码见缴费记录。", "%q", v)
	}
}

func TestDraftsThatCannotBeMeantAreRefused(t *testing.T) {
	t.Parallel()
	now := time.Date(2021, 12, 20, 2, 5, 0, 0, time.UTC)
	good := Draft{Cause: "loss:1:effective", Kind: LossEffective, PersonID: models.NewID()}
	got, err := good.Checked(now)
	require.NoError(t, err)
	require.Equal(t, now, got.At)
	require.Equal(t, now.Add(72*time.Hour), got.Expires)
	for name, spoil := range map[string]func(*Draft){
		"kind":               func(d *Draft) { d.Kind = "gossip" },
		"cause":              func(d *Draft) { d.Cause = "王 三" },
		"nobody":             func(d *Draft) { d.PersonID = "" },
		"old without row":    func(d *Draft) { d.To = ToOldPhone },
		"undeclared":         func(d *Draft) { d.Params = map[string]string{"name": "王三"} },
		"secret not wanted":  func(d *Draft) { d.Secret = NewSecret("123456") },
		"secret is missing":  func(d *Draft) { d.Kind = Code },
		"code in the params": func(d *Draft) { d.Kind, d.Secret, d.Params = Code, NewSecret("1"), map[string]string{"code": "123456"} },
	} {
		d := good
		spoil(&d)
		_, err := d.Checked(now)
		require.Error(t, err, name)
		require.NotContains(t, err.Error(), "王")
	}
}

func TestSecretsDoNotPrint(t *testing.T) {
	t.Parallel()
	s := NewSecret("862413")
	js, err := json.Marshal(Draft{Secret: s})
	require.NoError(t, err)
	for _, out := range []string{s.String(), fmt.Sprintf("%v %+v %#v %s", s, Draft{Secret: s}, s, s), s.LogValue().String(), string(js)} {
		require.NotContains(t, out, "862413")
	}
	require.Equal(t, "862413", s.Reveal())
}

func TestMomentsAndDaysAreLocal(t *testing.T) {
	t.Parallel()
	require.Equal(t, "12月21日07时30分", Moment(time.Date(2021, 12, 20, 23, 30, 0, 0, time.UTC)))
	require.Equal(t, "2021年11月8日", Day("2021-11-08"))
	require.Empty(t, Day(""))
	require.Empty(t, Moment(time.Time{}))
}

func render(t *testing.T, k Kind, params map[string]string) string {
	t.Helper()
	d, err := Draft{Cause: "test:1", Kind: k, PersonID: models.NewID(), Params: params}.Checked(time.Now())
	require.NoError(t, err)
	spec, _ := SpecOf(k)
	return spec.Render(d.Params)
}
