package docs_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/api"
	"onecard/models/citizen"
	"onecard/models/knowledge"
	"onecard/models/notice"
)

const textsHead = `# Texts

Generated; do not edit. Every Chinese sentence that a citizen or an agent may read, with its code, so that the bureau can
read them all in one sitting. The words of the pretend platforms, and the columns of a vendor's bill, are not ours and are not here.

冻结 stands in none of them: it is a court's or a bank's act. After a loss the social-security account is 已挂失, as a state 已停用.
`

func TestTextsAreWrittenDown(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString(textsHead)
	seen := map[string]bool{}
	writeNotices(&b, seen)
	writePlatforms(&b, seen)
	writeDocuments(&b, seen)
	writeArticles(t, &b)
	writeRefusals(t, &b, seen)
	writeScreens(t, &b, seen)
	require.NotContains(t, strings.TrimPrefix(b.String(), textsHead), "冻结")
	golden(t, "texts.md", b.String())
}

// writeNotices lists the SMS templates: what is filed with the carrier, without the signature.
func writeNotices(b *strings.Builder, seen map[string]bool) {
	b.WriteString("\n## SMS and inbox\n\nThe signature 【" + notice.SignName + "】 comes before each; the length counts it, with every variable at its longest (R60).\n\n")
	b.WriteString("| kind | setting of its code | lane | kept for | if the fate is unknown | longest | inbox title | text |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n")
	for _, s := range notice.Templates() {
		again := "not sent again"
		if s.Resend {
			again = "sent again, same id"
		}
		longest := s.Text
		for _, p := range s.Params {
			longest = strings.ReplaceAll(longest, "${"+p.Name+"}", strings.Repeat("字", p.Max))
		}
		n := notice.Length(notice.Signed(longest))
		fmt.Fprintf(b, "| `%s` | `%s` | %s | %s | %s | %d, in %d | %s | %s |\n",
			s.Kind, "sms.aliyun.templates."+string(s.Kind), s.Lane, life(s.Life), again, n, notice.Parts(n), s.Title, cell(s.Text))
		seen[s.Text], seen[s.Title] = true, true
	}
	b.WriteString("\nWhere a value is missing or does not fit, a neutral word stands in its place:\n\n| kind | variable | holds | most | neutral word |\n| --- | --- | --- | --- | --- |\n")
	for _, s := range notice.Templates() {
		for _, p := range s.Params {
			fmt.Fprintf(b, "| `%s` | `%s` | %s | %d | %s |\n", s.Kind, p.Name, p.Type, p.Max, p.Fallback)
		}
	}
}

// writePlatforms lists what is filed at WeChat and Alipay: one template for each topic, and what it says of each kind.
func writePlatforms(b *strings.Builder, seen map[string]bool) {
	b.WriteString("\n## Messages on platforms\n\nOne template for each topic and app; choose the keywords in the platform's library by type and label, and write its id into " +
		"`wechat.apps.N.templates.<topic>` or `alipay.apps.N.templates.<topic>`. Alipay's keys are keyword1, keyword2 …\n\n| topic | fields (WeChat's keys) |\n| --- | --- |\n")
	for _, t := range notice.PlatformTemplates(notice.WechatMini) {
		fields := make([]string, len(t.Fields))
		for i, f := range t.Fields {
			fields[i] = fmt.Sprintf("`%s` %s (%s)", f.Key, f.Label, f.From)
			seen[f.Label] = true
		}
		fmt.Fprintf(b, "| `%s` | %s |\n", t.Topic, strings.Join(fields, ", "))
	}
	b.WriteString("\nA line that does not fit its field with its variables gives way to the neutral one.\n\n| kind | topic | status | line | neutral line |\n| --- | --- | --- | --- | --- |\n")
	for _, s := range notice.Templates() {
		phrase, line, neutral, ok := notice.PlatformWords(s.Kind)
		if !ok {
			continue
		}
		fmt.Fprintf(b, "| `%s` | `%s` | %s | %s | %s |\n", s.Kind, s.Kind.Topic(), phrase, line, neutral)
		seen[phrase], seen[line], seen[neutral] = true, true, true
	}
}

func life(d time.Duration) string {
	if d%time.Hour == 0 {
		return fmt.Sprintf("%d h", d/time.Hour)
	}
	return fmt.Sprintf("%d min", d/time.Minute)
}

func writeDocuments(b *strings.Builder, seen map[string]bool) {
	b.WriteString("\n## Notices of processing and consents\n\nA changed text is a new version, and an old consent does not cover it (R53).\n\n")
	b.WriteString("| purpose | version | basis | title | text |\n| --- | --- | --- | --- | --- |\n")
	for _, d := range citizen.Documents {
		fmt.Fprintf(b, "| `%s` | %s | `%s` | %s | %s |\n", d.Purpose, d.Version, d.Basis, d.Title, cell(d.Text))
		seen[d.Text], seen[d.Title] = true, true
	}
}

// writeArticles lists the questions and answers, which no code holds: they are data.
func writeArticles(t *testing.T, b *strings.Builder) {
	t.Helper()
	all, err := knowledge.Shipped()
	require.NoError(t, err)
	b.WriteString("\n## Questions and answers\n\nPublic, in this order where nothing is searched for. {key} stands for what policy says on the day. These are the first\nversions; what editors publish since is in the database (docs/adr/0047).\n\n")
	articleLines(b, all)
	desk, err := knowledge.ShippedForStaff()
	require.NoError(t, err)
	b.WriteString("\n## For the desk\n\nAgents read them beside a call; citizens never do.\n\n")
	articleLines(b, desk)
}

func articleLines(b *strings.Builder, all []knowledge.Article) {
	b.WriteString("| id | rules | valid from | reviewed | question | answer | keywords |\n| --- | --- | --- | --- | --- | --- | --- |\n")
	for _, a := range all {
		fmt.Fprintf(b, "| `%s` | %s | %s | %s | %s | %s | %s |\n", a.ID, strings.Join(a.Rules, " "), a.ValidFrom, a.ReviewedOn,
			cell(a.Question), cell(a.Answer), strings.Join(a.Keywords, " "))
	}
}

func writeRefusals(t *testing.T, b *strings.Builder, seen map[string]bool) {
	t.Helper()
	all, err := api.Catalogue()
	require.NoError(t, err)
	b.WriteString("\n## Refusals\n\nStatus and operations of each code are in [errors.md](errors.md).\n\n| code | sentence |\n| --- | --- |\n")
	for _, e := range all {
		fmt.Fprintf(b, "| `%s` | %s |\n", e.Code, cell(e.Message))
		seen[e.Message] = true
	}
}

// writeScreens lists every other piece of Chinese in the code, by the declaration it stands in: labels, next steps,
// advice, sentences made of pieces ({name} stands for a value). Nothing is left out by forgetting it.
func writeScreens(t *testing.T, b *strings.Builder, seen map[string]bool) {
	t.Helper()
	var found []phrase
	for _, f := range parsed(t, "models", "api", "integrations") {
		found = append(found, phrases(f)...)
	}
	require.Greater(t, len(found), 100, "hardly a sentence was found")
	slices.SortStableFunc(found, func(x, y phrase) int { return strings.Compare(x.dir, y.dir) })
	b.WriteString("\n## Words on screens, and pieces of sentences\n")
	dir, written := "", map[phrase]bool{}
	for _, p := range found {
		if seen[p.text] || written[p] {
			continue
		}
		written[p] = true
		if p.dir != dir {
			dir = p.dir
			fmt.Fprintf(b, "\n### `%s`\n\n| where | which | text |\n| --- | --- | --- |\n", dir)
		}
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", p.decl, code(p.key), cell(p.text))
	}
}

func code(s string) string {
	if s == "" {
		return ""
	}
	return "`" + s + "`"
}
