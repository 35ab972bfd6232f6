package notice

import "strings"

// Size is what a text takes: characters with the signature, and the parts that are billed (R60).
type Size struct{ Characters, Parts int }

// SizeOf measures a text that has its signature.
func SizeOf(signed string) Size {
	n := Length(signed)
	return Size{n, Parts(n)}
}

// Preview is a kind as it will be read, for whoever reads the texts over.
type Preview struct {
	Spec
	Sample  string // signed, with values of every day
	Longest string // signed, every variable at its full length
	Usual   Size   // of Sample
	Most    Size   // of Longest
	Verdict []string
}

// Previews lists every kind in the order of the catalogue. Verdict is empty where nothing keeps the text from being filed.
func Previews() []Preview {
	out := make([]Preview, len(specs))
	for i, s := range specs {
		sample, longest := Signed(s.Render(s.samples())), s.longest()
		out[i] = Preview{Spec: s, Sample: sample, Longest: longest, Usual: SizeOf(sample), Most: SizeOf(longest), Verdict: Lint(s)}
		if line, said := platformLines[s.Kind]; said {
			out[i].Verdict = append(out[i].Verdict, lintLine(s, line)...)
		}
	}
	return out
}

// sampleValues are invented values of every day. A word is shown by its neutral one.
var sampleValues = map[ParamType]string{
	TypeCode: "862413", TypeDay: "2021年12月20日", TypeMoment: "12月20日10时05分", TypeAmount: "338.00", TypeTail: "1234", TypeBank: "农业银行",
	TypeHotline: "95599", TypeProgramme: "住房补贴", TypeOutlet: "洛龙区政务服务中心", TypeReceipt: "20211220-00000042-7", TypeFiscal: "0000000001",
}

func (s Spec) samples() map[string]string {
	out := map[string]string{}
	for _, p := range s.Params {
		if v := sampleValues[p.Type]; v != "" && p.fits(v) {
			out[p.Name] = v
		}
	}
	return out
}

// fullest are values at the full length of each variable, of characters that it may hold.
func (s Spec) fullest() map[string]string {
	out := map[string]string{}
	for _, p := range s.Params {
		out[p.Name] = sampleValues[p.Type]
		if v := strings.Repeat("字", p.Max); p.fits(v) {
			out[p.Name] = v
		}
	}
	return out
}

// PlatformPreview is a topic's template at a platform, with what each of its kinds says in it.
type PlatformPreview struct {
	PlatformTemplate
	Kinds   []PlatformSample
	Verdict []string
}

// PlatformSample is what one kind says, by the keys of the fields: with values of every day, and at full length.
type PlatformSample struct {
	Kind    Kind
	Usual   map[string]string
	Fullest map[string]string
}

// PlatformPreviews lists the templates of a platform in the order of the topics.
func PlatformPreviews(c Channel) []PlatformPreview {
	var out []PlatformPreview
	for _, t := range PlatformTemplates(c) {
		p := PlatformPreview{PlatformTemplate: t, Verdict: LintPlatform(t)}
		for _, k := range topics[t.Topic] {
			s, _ := SpecOf(k)
			usual, err := PlatformFields(c, k, s.Title, s.samples())
			if err != nil {
				p.Verdict = append(p.Verdict, err.Error())
			}
			fullest, err := PlatformFields(c, k, s.Title, s.fullest())
			if err != nil {
				p.Verdict = append(p.Verdict, err.Error())
			}
			p.Kinds = append(p.Kinds, PlatformSample{k, usual, fullest})
		}
		out = append(out, p)
	}
	return out
}
