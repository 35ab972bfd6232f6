package card

import (
	"slices"
	"strings"
)

// Defect is one thing that the registry wants put right. Text and Wanted are its own words.
type Defect struct {
	Code   string `json:"code"`
	Text   string `json:"text,omitempty"`
	Wanted string `json:"wanted,omitempty"`
}

// DefectShown is a defect as its applicant reads it (R69).
type DefectShown struct {
	Code  string
	Field string // of the form, where it can be put right there; empty: at a window
	Text  string // what is wrong
	Todo  string // what to do
}

// defectWords put the registry's defect codes into words, and name the field of the form.
var defectWords = map[string]DefectShown{
	"PHOTO_UNCLEAR":        {Field: "uploads.photo", Text: "照片不清晰", Todo: "请换一张清晰的白底证件照重新上传。"},
	"PHOTO_BACKGROUND":     {Field: "uploads.photo", Text: "照片背景不是白色", Todo: "请换一张白底证件照重新上传。"},
	"PHOTO_NOT_PERSON":     {Field: "uploads.photo", Text: "照片与本人不符", Todo: "请上传本人近期的白底证件照。"},
	"ID_FRONT_UNCLEAR":     {Field: "uploads.id_front", Text: "身份证人像面不清晰或不完整", Todo: "请把四角拍全、避开反光,重新上传人像面。"},
	"ID_BACK_UNCLEAR":      {Field: "uploads.id_back", Text: "身份证国徽面不清晰或不完整", Todo: "请把四角拍全、避开反光,重新上传国徽面。"},
	"ID_EXPIRED":           {Field: "uploads.id_back", Text: "身份证已过有效期", Todo: "请上传有效期内的身份证国徽面;还没有新证的请先到公安机关换领。"},
	"ID_NOT_PERSON":        {Field: "uploads.id_front", Text: "身份证与登记信息不符", Todo: "请上传本人身份证人像面;登记信息有误的请带身份证到社保卡服务网点更正。"},
	"BANK_NOT_AVAILABLE":   {Field: "bank_code", Text: "所选银行不能办理", Todo: "请另选一家社保卡合作银行。"},
	"OUTLET_NOT_AVAILABLE": {Field: "outlet_ref", Text: "所选领卡网点不再服务", Todo: "请另选一个领卡网点。"},
	"INFORMATION_DIFFERS":  {Text: "登记信息与证件不一致", Todo: "请带身份证原件到社保卡服务网点更正登记信息,或拨打12333咨询。"},
}

// defectsMost is more than a form can have wrong.
const defectsMost = 40

// foreignWordsMost bounds what is shown of the registry's own words.
const foreignWordsMost = 120

// Shown puts a defect into words. A code we do not know keeps the registry's words; without any it is sent to a window.
func (d Defect) Shown() DefectShown {
	if w, ok := defectWords[d.Code]; ok {
		w.Code = d.Code
		return w
	}
	out := DefectShown{Code: d.Code, Text: cut(d.Text), Todo: "请带身份证原件到社保卡服务网点办理,或拨打12333咨询。"}
	if out.Text == "" {
		out.Text = "有一项内容需要补正"
	}
	if wanted := cut(d.Wanted); wanted != "" {
		out.Todo = "需要:" + wanted + "。" + out.Todo
	}
	return out
}

func cut(s string) string {
	r := []rune(strings.TrimSpace(s))
	return string(r[:min(len(r), foreignWordsMost)])
}

// DefectsShown are all defects of a returned application at once, in the registry's order.
func (a Application) DefectsShown() []DefectShown {
	if a.State != ApplicationReturned {
		return nil
	}
	out := make([]DefectShown, len(a.Defects))
	for i, d := range a.Defects {
		out[i] = d.Shown()
	}
	return out
}

// sentBack takes the defects of a return. What a later return names though it was there to be seen the first time is
// counted (R69): its code was not named, and nothing has changed in its field since.
func (a Application) sentBack(defects []Defect) Application {
	defects = defects[:min(len(defects), defectsMost)]
	for _, d := range defects {
		named := slices.ContainsFunc(a.Defects, func(o Defect) bool { return o.Code == d.Code })
		if field := d.Shown().Field; len(a.Defects) > 0 && !named && (field == "" || !slices.Contains(a.Corrected, field)) {
			a.LateDefects++
		}
	}
	a.Defects, a.Corrected = defects, nil
	return a
}

// defectCodes are the codes of a return, for the audit. What we do not know may be anybody's words: it is only counted.
func defectCodes(a Application) string {
	codes := make([]string, len(a.Defects))
	for i, d := range a.Defects {
		codes[i] = "OTHER"
		if _, known := defectWords[d.Code]; known {
			codes[i] = d.Code
		}
	}
	return strings.Join(codes, ",")
}
