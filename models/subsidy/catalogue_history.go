package subsidy

import (
	"context"
	"slices"
	"strconv"
	"time"
)

// Edition is one version of an item and what it changed against the one before.
type Edition struct {
	Programme
	Changes []Change // none in the first version
}

// Change is one field that a version changed, in words.
type Change struct {
	Field  string // as the catalogue calls it
	Label  string
	Before string
	After  string
}

// ProgrammeHistory lists the versions of one item, oldest first, each with its differences (R9).
func (s *Service) ProgrammeHistory(ctx context.Context, code string) ([]Edition, time.Time, error) {
	all, asOf, err := s.catalogue(ctx)
	if err != nil {
		return nil, time.Time{}, err
	}
	var out []Edition
	for _, p := range all {
		if p.Code == code {
			out = append(out, Edition{Programme: p})
		}
	}
	if len(out) == 0 {
		return nil, time.Time{}, ErrProgrammeNotFound
	}
	slices.SortFunc(out, func(a, b Edition) int { return a.Edition - b.Edition })
	for i := 1; i < len(out); i++ {
		out[i].Changes = changes(out[i-1].Programme, out[i].Programme)
	}
	return out, asOf, nil
}

// changes compares what the public sees of two versions; that the older one ended is no change of the item.
func changes(before, after Programme) []Change {
	var out []Change
	for _, f := range []struct {
		field, label string
		of           func(Programme) string
	}{
		{"number", "清单序号", func(p Programme) string { return numbered(p.Number) }},
		{"name", "项目名称", func(p Programme) string { return p.Name }},
		{"short_name", "简称", func(p Programme) string { return p.ShortName }},
		{"sms_name", "短信中的名称", Programme.NeutralName},
		{"domain", "所属领域", Programme.DomainLabel},
		{"department", "主管部门", func(p Programme) string { return p.Department }},
		{"payee_kind", "发放对象", Programme.PayeeKindLabel},
		{"cadence", "发放周期", Programme.CadenceLabel},
		{"district", "适用地区", func(p Programme) string { return p.District }},
		{"sensitivity", "名称显示方式", Programme.ClassLabel},
		{"policy_document", "政策依据", func(p Programme) string { return p.PolicyDoc }},
		{"official_link", "官方链接", func(p Programme) string { return p.OfficialLink }},
	} {
		if was, is := f.of(before), f.of(after); was != is {
			out = append(out, Change{f.field, f.label, was, is})
		}
	}
	return out
}

func numbered(n int) string {
	if n == 0 {
		return "清单以外的地方项目"
	}
	return strconv.Itoa(n)
}

var domainLabels = map[string]string{
	"agriculture": "农业", "water": "水利和移民", "revitalisation": "乡村振兴", "education": "教育", "housing": "住房", "transport": "交通运输",
	"environment": "生态环境", "forestry": "林业", "emergency": "应急救灾", "civil_affairs": "民政", "disabled": "残疾人", "health": "卫生健康",
	"employment": "就业", "veterans": "退役军人",
}

// DomainLabel is the field of policy in words; a code that nobody has put into words yet stands for itself.
func (p Programme) DomainLabel() string { return labelOf(domainLabels, p.Domain) }

var payeeKindLabels = map[string]string{ToIndividual: "个人", ToHousehold: "家庭(发给户主)", "either": "个人或家庭"}

// PayeeKindLabel says who is paid.
func (p Programme) PayeeKindLabel() string { return labelOf(payeeKindLabels, p.PayeeKind) }

var cadenceLabels = map[string]string{
	"monthly": "按月", "quarterly": "按季度", "termly": "按学期", "yearly": "按年", "once": "一次性",
}

// CadenceLabel says how often it is paid.
func (p Programme) CadenceLabel() string { return labelOf(cadenceLabels, p.Cadence) }

var classLabels = map[Sensitivity]string{
	SensitivityNormal: "显示名称", SensitivityMedium: "短信和家庭列表中不显示名称", SensitivityHigh: "仅本人核验身份后显示名称",
}

// ClassLabel says where the name may be shown (R55).
func (p Programme) ClassLabel() string { return classLabels[p.Class()] }

func labelOf(labels map[string]string, code string) string {
	if l, ok := labels[code]; ok {
		return l
	}
	return code
}
