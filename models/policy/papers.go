package policy

import (
	"slices"
	"strings"
)

// HolderKind is what kind of document proves the holder, which her papers are called after (R50).
type HolderKind string

// The kinds of holders.
const (
	HolderMainland  HolderKind = "mainland" // 16 and older
	HolderMinor     HolderKind = "minor"    // under 16: the household book stands for the ID card
	HolderHKMT      HolderKind = "hk_macao_taiwan"
	HolderForeigner HolderKind = "foreigner" // foreigners, and Chinese living abroad
)

// documentOf is what proves a holder of each kind (the province's list of valid documents).
var documentOf = map[HolderKind]string{
	HolderMainland: "居民身份证", HolderMinor: "居民户口簿", HolderHKMT: "港澳台居民居住证或来往内地通行证", HolderForeigner: "外国人永久居留身份证或护照",
}

// Paper is one thing to bring.
type Paper struct {
	Code  string
	Label string
	Short string // for a text message
	Hint  string // may be empty
}

// shortOf is the same in a text message.
var shortOf = map[HolderKind]string{HolderMainland: "身份证", HolderMinor: "户口簿", HolderHKMT: "有效证件", HolderForeigner: "有效证件"}

// paperWords say each paper; {whose} is 本人 or 持卡人, {document} and {short} the holder's own document.
var paperWords = []Paper{
	{"own_id", "{whose}{document}原件", "{whose}{short}原件", "须在有效期内。"},
	{"own_id_copy", "{whose}{document}复印件", "{whose}{short}复印件", ""},
	{"delegate_id", "代办人居民身份证原件", "代办人身份证原件", "须在有效期内。"},
	{"delegate_id_copy", "代办人居民身份证复印件", "代办人身份证复印件", ""},
	{"guardian_id", "监护人居民身份证原件", "监护人身份证原件", "须在有效期内。"},
	{"kinship", "监护关系证明", "监护关系证明", "居民户口簿、出生医学证明或法院、民政出具的证明,有其一即可。"},
	{"authority", "授权委托书", "授权委托书", "写明委托事项和双方姓名、证件号码,由持卡人签名。"},
	{"card", "社会保障卡", "社保卡", "要激活或解挂的这张卡。"},
	{"old_card", "旧社会保障卡", "旧卡", "损坏、到期或信息有误换卡时交回;丢失的不用带。"},
	{"photo", "{whose}近期正面免冠白底证件照", "白底证件照", "网点可以现场拍摄的,以网点为准。"},
}

func paperCodes() []string {
	out := make([]string, len(paperWords))
	for i, p := range paperWords {
		out[i] = p.Code
	}
	return out
}

// PapersKey is the setting that says what who comes has to bring for an act.
func PapersKey(act WindowAct, by Comer) string { return "papers." + string(act) + "." + string(by) }

// paperSettings declares one setting for each act and comer.
func paperSettings() []Setting {
	var out []Setting
	for _, g := range actGuides {
		scopes := []ScopeKind{ByDistrict}
		if g.bank {
			scopes = []ScopeKind{ByBank}
		}
		for i, by := range comers {
			out = append(out, Setting{
				Key: PapersKey(g.act, by), Type: List, Default: g.papers[i], OneOf: paperCodes(), Alone: []string{papersNobody, papersAsk},
				Scopes: scopes, Rule: g.rule, Doc: "what to bring",
			})
		}
	}
	return out
}

// papersIn puts the codes of a setting into words. {whose} is nobody's but the one whose account it is: where somebody
// else comes, 本人 would be read as the comer.
func papersIn(value string, by Comer, holder HolderKind) []Paper {
	if value == papersNobody || value == papersAsk {
		return nil
	}
	whose := "本人"
	if by != BySelf {
		whose = "持卡人"
	}
	words := strings.NewReplacer("{whose}", whose, "{document}", documentOf[holder], "{short}", shortOf[holder])
	var out []Paper
	for code := range strings.SplitSeq(value, ",") {
		i := slices.IndexFunc(paperWords, func(p Paper) bool { return p.Code == code })
		if i < 0 {
			continue
		}
		p := paperWords[i]
		p.Label, p.Short = words.Replace(p.Label), words.Replace(p.Short)
		out = append(out, p)
	}
	return out
}
