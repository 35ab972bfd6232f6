package query

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/simplifiedchinese"

	"onecard/models"
	"onecard/models/card"
)

func TestPipeAnswers(t *testing.T) {
	t.Parallel()
	whole := "00|p1|410303198001010015|王建国|19800101|1|13803790101|410303|A12345678|c1|1|04|103|6217000000001234|o1"
	for text, want := range map[string]struct {
		s      service
		code   string
		reason string
		bad    bool
	}{
		"00":                             {s: formalLoss, code: "00"},
		"01\r\n":                         {s: release, code: "01"},
		"查无此卡":                           {s: release, reason: "查无此卡"},
		whole + "\n":                     {s: basic, code: "00"},
		"查无数据\n":                         {s: basic, reason: "查无数据"},
		"0":                              {s: release, bad: true}, // a code cut in the middle is no refusal
		"":                               {s: release, bad: true},
		"02":                             {s: release, bad: true},
		"OK":                             {s: release, bad: true},
		"00|":                            {s: release, bad: true},
		"00\n00":                         {s: release, bad: true},
		"<html>登录</html>":                {s: release, bad: true},
		"00|p1":                          {s: basic, bad: true},
		whole + "|x":                     {s: basic, bad: true},
		strings.TrimSuffix(whole, "|o1"): {s: basic, bad: true},
		"00 ":                            {s: release, code: "00"},
		strings.Repeat("难", 201):         {s: release, bad: true},
		"难\x00难":                         {s: release, bad: true},
	} {
		a, err := readPipe(want.s, text)
		if want.bad {
			require.Error(t, err, "%q", text)
			continue
		}
		require.NoError(t, err, "%q", text)
		require.Equal(t, want.code, a.code, "%q", text)
		require.Equal(t, want.reason, a.reason, "%q", text)
	}
	a, err := readPipe(basic, whole)
	require.NoError(t, err)
	require.Equal(t, "A12345678", a.fields["AAZ500"])
	require.Equal(t, "o1", a.fields["ORGANID"])
}

func TestXMLAnswers(t *testing.T) {
	t.Parallel()
	const head = `<?xml version="1.0" encoding="GBK"?>`
	for text, want := range map[string]struct {
		s      service
		code   string
		reason string
		bad    bool
	}{
		"<ALL><ERR>00</ERR></ALL>":                                 {s: formalLoss, code: "00"},
		head + "\n<ALL>\n <ERR> 01 </ERR>\n</ALL>\n":               {s: release, code: "01"},
		"<ALL><ERR>此卡已注销</ERR></ALL>":                              {s: release, reason: "此卡已注销"},
		"<ALL><ERR>查无数据</ERR></ALL>":                               {s: basic, reason: "查无数据"},
		"<ALL><ERR>OK</ERR></ALL>":                                 {s: basic, bad: true}, // without its fields
		"<ALL><ERR>OK</ERR></ALL> ":                                {s: release, bad: true},
		"<ALL><ERR>00</ERR>":                                       {s: release, bad: true},
		"<ALL><ERR>00</ERR></ALL><ALL/>":                           {s: release, bad: true},
		"<ALL><ERR>00</ERR></ALL>00":                               {s: release, bad: true},
		"<ALL><ERR>00</ERR><ERR>01</ERR></ALL>":                    {s: release, bad: true},
		"<ROOT><ERR>00</ERR></ROOT>":                               {s: release, bad: true},
		"<ALL><X><ERR>00</ERR></X></ALL>":                          {s: release, bad: true},
		"<ALL><X>00</X></ALL>":                                     {s: release, bad: true},
		`<!DOCTYPE a [<!ENTITY e "00">]><ALL><ERR>&e;</ERR></ALL>`: {s: release, bad: true},
		"<ALL><ERR>&e;</ERR></ALL>":                                {s: release, bad: true},
		`<ALL a="1"><ERR>00</ERR></ALL>`:                           {s: release, bad: true},
		"":                                                         {s: release, bad: true},
	} {
		a, err := readXML(want.s, text)
		if want.bad {
			require.Error(t, err, "%q", text)
			continue
		}
		require.NoError(t, err, "%q", text)
		require.Equal(t, want.code, a.code, "%q", text)
		require.Equal(t, want.reason, a.reason, "%q", text)
	}
}

// The shape of a production record in the public code of one province (domain 2.3, S15): more fields than we read, times of
// 14 digits in local time, VALIDTAG 0 beside a card that was collected. The person is invented.
const publicAZ03 = `<ALL><ERR>OK</ERR><时间>20211220095644</时间><AAZ500>B00000019</AAZ500><AAC002>410303198001010015</AAC002><AAC003>王建国</AAC003><CARDTYPE>1</CARDTYPE>
<TRANSACTTYPE>3</TRANSACTTYPE><BHYY></BHYY><BATCHNO>1</BATCHNO><AAB301>410300</AAB301><ORGANID>41030001</ORGANID><AAE008>103</AAE008><AAE010>6217000000001234</AAE010>
<APPLYTIME>20211108083523</APPLYTIME><BANKTIME0>20211108083753</BANKTIME0><BANKFINISHTIME0>20211108083902</BANKFINISHTIME0><INSURETIME>20211108083913</INSURETIME>
<INSUREFINISHTIME>20211108083929</INSUREFINISHTIME><PROVINCETIME>20211108083942</PROVINCETIME><CITYTIME>20211108083953</CITYTIME><GETTIME>20211108084004</GETTIME>
<ZZTIME></ZZTIME><REMARKS></REMARKS><VALIDTAG>0</VALIDTAG></ALL>`

func TestR27_AProductionRecordAsAProvinceWritesIt(t *testing.T) {
	t.Parallel()
	now := time.Date(2021, 12, 20, 2, 0, 0, 0, time.UTC)
	name, id := wang(t)
	for cut, want := range map[string]card.ApplicationEvent{
		"": card.StageCollected, "GETTIME": card.StageAtOutlet, "CITYTIME": card.StageProducing, "INSURETIME": card.StageBankOpening,
		"BANKTIME0": card.StageBatched, "BATCHNO": card.ApplicationTaken,
	} {
		a, err := readXML(production, publicAZ03)
		require.NoError(t, err)
		order := []string{"GETTIME", "CITYTIME", "INSURETIME", "BANKTIME0", "BATCHNO"}
		for _, n := range order {
			if cut == "" {
				break
			}
			if a.fields[n] = ""; n == "INSURETIME" {
				a.fields["INSUREFINISHTIME"] = ""
			}
			if n == "BANKTIME0" {
				a.fields["BANKFINISHTIME0"] = ""
			}
			if n == cut {
				break
			}
		}
		f, err := a.progress(name, id, 7, now)
		require.NoError(t, err)
		require.Equal(t, want, f.Event, "without %s and what follows", cut)
		require.EqualValues(t, 7, f.Version)
		require.Equal(t, time.Date(2021, 11, 8, 0, 35, 23, 0, time.UTC), f.AppliedAt)
	}
	a, err := readXML(production, publicAZ03)
	require.NoError(t, err)
	a.fields["AAE010"], a.fields["GETTIME"], a.fields["CITYTIME"], a.fields["INSURETIME"] = "", "", "", ""
	f, err := a.progress(name, id, 7, now)
	require.NoError(t, err)
	require.Equal(t, card.StageBankFailed, f.Event, "returned without an account")
	a.fields["CITYTIME"] = "2021-11-08"
	_, err = a.progress(name, id, 7, now)
	require.ErrorIs(t, err, errForm)
}

func wang(t testing.TB) (models.Name, models.IDNumber) {
	t.Helper()
	name, err := models.ParseName("王建国")
	require.NoError(t, err)
	id, err := models.ParseIDNumber("410303198001010015", time.Date(2021, 12, 20, 0, 0, 0, 0, time.UTC))
	require.NoError(t, err)
	return name, id
}

func TestACardInItsStates(t *testing.T) {
	t.Parallel()
	name, id := wang(t)
	line := func(aaz502, status string) string {
		return "00|p1|410303198001010015|王建国|19800101|1||410303|A12345678|c1|" + aaz502 + "|" + status + "|103|6217000000001234|o1"
	}
	for states, want := range map[string]card.SocialState{
		"1|00": card.SocialNone, "1|01": card.SocialNone, "1|02": card.SocialNone, "1|03": card.SocialInactive, "1|04": card.SocialNormal, "2|05": card.SocialLoss,
		"4|06": card.SocialLossTemp, "3|04": card.SocialLocked, "0|02": card.SocialSealed, "9|09": card.SocialCancelled, "7|04": card.SocialUnknown,
	} {
		aaz502, status, _ := strings.Cut(states, "|")
		a, err := readPipe(basic, line(aaz502, status))
		require.NoError(t, err)
		s, err := a.sight(name, id, 3, time.Unix(1, 0))
		require.NoError(t, err)
		require.Equal(t, want, s.card.Social, states)
		require.Equal(t, "A*****678", s.card.NumberMask)
		require.Equal(t, "1234", s.card.AccountTail)
		require.True(t, s.person.Partial)
	}
	// Where the plastic is, and whether it took an older card's place: a status that tells nothing voids no card (R42).
	for status, want := range map[string]struct {
		at   card.Holding
		hers bool
	}{
		"00": {card.InProduction, false}, "01": {card.InProduction, false}, "02": {card.AtOutlet, false}, "03": {card.Collected, true}, "07": {card.Collected, true},
		"10": {card.InProduction, false}, "16": {card.InProduction, false}, "18": {card.InProduction, false}, "19": {card.Collected, false}, "": {card.Collected, false},
		"3": {card.Collected, false}, "99": {card.Collected, false},
	} {
		a, err := readPipe(basic, line("1", status))
		require.NoError(t, err)
		s, err := a.sight(name, id, 3, time.Unix(1, 0))
		require.NoError(t, err)
		require.Equal(t, want.at, s.card.Holding, status)
		require.Equal(t, want.hers, s.card.HandedOver, status)
		require.Equal(t, want.at != card.Collected, s.card.Social == card.SocialNone, status)
	}
	a, err := readPipe(basic, line("", ""))
	require.NoError(t, err)
	_, err = a.sight(name, id, 3, time.Unix(1, 0))
	require.ErrorIs(t, err, errForm, "a card without a state is no card that is known")
	a, err = readPipe(basic, "00|p1|410303198001010015|王建国|19800101|1||||||||| ")
	require.NoError(t, err)
	s, err := a.sight(name, id, 3, time.Unix(1, 0))
	require.NoError(t, err)
	require.Nil(t, s.card, "she has none")
}

func TestReasonsInWords(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]why{
		"系统繁忙,请稍后再试": trouble, "该卡已挂失": lostYet, "此卡未挂失,不能解挂": freeYet, "此卡已注销": "CARD_CANCELLED", "卡已作废": "CARD_VOID",
		"姓名与社会保障号码不一致": mismatch, "查无此卡": nobody, "用户名或密码错误": denied, "今日不办": unclear, "应用已锁定": "CARD_LOCKED", "此卡尚未领取": "CARD_NOT_COLLECTED",
	} {
		require.Equal(t, want, reasonOf(text), text)
	}
	require.Equal(t, "…的卡暂不办理", forLog("王建国的卡A12345678410303198001010015暂不办理", "王建国"))
}

func TestCharsets(t *testing.T) {
	t.Parallel()
	gb := charsets["gb18030"]
	for _, name := range []string{"王建国", "买买提·吐尔逊", "𠮷野", "〇"} { // supplementary planes and the dot of GB 18030
		raw, err := simplifiedchinese.GB18030.NewEncoder().Bytes([]byte(name))
		require.NoError(t, err)
		for _, ctype := range []string{"", "text/xml", "text/xml; charset=GBK", `text/xml; charset="gb2312"; x=1`, "text/plain;charset=GB18030"} {
			got, err := gb.decode(ctype, raw)
			require.NoError(t, err)
			require.Equal(t, name, got)
		}
		sent, err := gb.encode(name)
		require.NoError(t, err)
		require.Equal(t, string(raw), sent)
		_, err = charsets["utf-8"].decode("text/xml", raw)
		require.ErrorIs(t, err, errCharset, "never guessed at")
	}
	_, err := gb.decode("text/xml; charset=utf-8", []byte("王"))
	require.ErrorIs(t, err, errCharset)
	_, err = gb.decode("", []byte{0xff, 0xff})
	require.ErrorIs(t, err, errCharset)
}

func FuzzPipe(f *testing.F) {
	for _, s := range []string{"00", "01", "00|a|b", "查无数据", "\x00", "00\n01", "00|p1|410303198001010015|王建国|19800101|1|13803790101|410303|A1|c1|1|04|103|6|o1", "<a>", "０0"} {
		f.Add(s, 0)
		f.Add(s, 3)
	}
	f.Fuzz(func(t *testing.T, text string, n int) { read(t, readPipe, text, n) })
}

func FuzzXML(f *testing.F) {
	for _, s := range []string{"<ALL><ERR>00</ERR></ALL>", publicAZ03, "<ALL>", "<ALL><ERR>查无数据</ERR></ALL>", "<!DOCTYPE a>", "<a:ALL xmlns:a='x'><ERR>00</ERR></a:ALL>"} {
		f.Add(s, 0)
		f.Add(s, 1)
		f.Add(s, 3)
	}
	f.Fuzz(func(t *testing.T, text string, n int) { read(t, readXML, text, n) })
}

// read holds for whatever comes: an answer is a code of a command, a question's fields, or a reason in words; never two of
// them, never none.
func read(t *testing.T, reader func(service, string) (answer, error), text string, n int) {
	s := service(((n % 5) + 5) % 5)
	a, err := reader(s, text)
	if err != nil {
		return
	}
	require.NotEqual(t, a.code == "", a.reason == "")
	switch {
	case a.reason != "":
		require.True(t, utf8.ValidString(a.reason))
		require.Nil(t, a.fields)
	case s.command():
		require.True(t, isCode(a.code))
		require.Contains(t, text, a.code)
	default:
		for _, name := range fields[s] {
			require.Contains(t, a.fields, name)
		}
		name, id := wang(t)
		_, _ = a.sight(name, id, 1, time.Unix(1, 0))
		_, _ = a.progress(name, id, 1, time.Unix(1, 0))
	}
}
