package query

import (
	"strings"
	"unicode"
)

// why is what a reason in words means: a reason code of the contract, or one of those below.
type why string

const (
	unclear  why = ""
	nobody   why = "CARD_UNKNOWN"
	mismatch why = "CARD_NOT_OF_PERSON"
	lostYet  why = "ALREADY_LOST"
	freeYet  why = "ALREADY_FREE"
	trouble  why = "SOURCE_TROUBLE" // it did not get as far as deciding, or does not know
	denied   why = "ACCESS_DENIED"  // our name or password
)

// reasons are the words by which such sources refuse, the more telling first.
var reasons = []struct {
	words []string
	means why
}{
	{[]string{"系统繁忙", "系统异常", "系统错误", "超时", "稍后", "稍候", "维护", "网络"}, trouble},
	{[]string{"用户名", "密码错误", "无权", "未授权", "没有此项服务", "参数不完整"}, denied},
	{[]string{"未挂失", "没有挂失", "无挂失", "非挂失"}, freeYet},
	{[]string{"已挂失", "已经挂失", "重复挂失"}, lostYet},
	{[]string{"作废"}, "CARD_VOID"},
	{[]string{"注销"}, "CARD_CANCELLED"},
	{[]string{"封存"}, "CARD_SEALED"},
	{[]string{"锁定"}, "CARD_LOCKED"},
	{[]string{"尚未领取", "未领卡", "未领取"}, "CARD_NOT_COLLECTED"},
	{[]string{"不一致", "不匹配", "不相符", "不符"}, mismatch},
	{[]string{"查无", "不存在", "未查询到", "没有查询到"}, nobody},
}

func reasonOf(text string) why {
	for _, r := range reasons {
		for _, w := range r.words {
			if strings.Contains(text, w) {
				return r.means
			}
		}
	}
	return unclear
}

// forLog is a reason without what could be about a person: digits, Latin letters, and the name that was asked about.
func forLog(text, name string) string {
	text = strings.ReplaceAll(text, name, "…")
	return strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) || r < unicode.MaxASCII && unicode.IsLetter(r) {
			return -1
		}
		return r
	}, text)
}
