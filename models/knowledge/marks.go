package knowledge

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// The marks of an answer, and all there are: a line that begins with "- " is an item of a list, **words** are strong,
// [words](address) is a link, {key} is a figure of policy. Everything else is text, whatever it looks like: a client
// gets spans and never HTML.

// Span is a piece of a line.
type Span struct {
	Text   string
	Strong bool
	Link   string // a page of ours, or an https address of a listed host
}

// Block is one line.
type Block struct {
	Item  bool // of a list
	Spans []Span
}

var (
	markForm   = regexp.MustCompile(`\*\*([^*\n]{1,200})\*\*|\[([^\[\]\n]{1,60})\]\(([^()\s]{1,300})\)`)
	figureForm = regexp.MustCompile(`\{([a-z0-9_.]{1,64})\}`)
	bareLink   = regexp.MustCompile(`(?i)https?:/|www\.`)
)

// Blocks takes an answer apart. A link that is not allowed to stand there is shown as its words.
func (s *Service) Blocks(a Article) []Block { return blocks(a.Answer, s.Hosts) }

func blocks(answer string, hosts []string) []Block {
	var out []Block
	for line := range strings.SplitSeq(answer, "\n") {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		item := strings.HasPrefix(line, "- ")
		out = append(out, Block{item, spans(strings.TrimSpace(strings.TrimPrefix(line, "- ")), hosts)})
	}
	return out
}

func spans(line string, hosts []string) []Span {
	var out []Span
	at := 0
	text := func(s string) {
		if s != "" {
			out = append(out, Span{Text: s})
		}
	}
	for _, m := range markForm.FindAllStringSubmatchIndex(line, -1) {
		text(line[at:m[0]])
		at = m[1]
		if m[2] >= 0 {
			out = append(out, Span{Text: line[m[2]:m[3]], Strong: true})
			continue
		}
		one := Span{Text: line[m[4]:m[5]]}
		if target := line[m[6]:m[7]]; mayLink(target, hosts) {
			one.Link = target
		}
		out = append(out, one)
	}
	text(line[at:])
	return out
}

// Plain is an answer without its marks: to be read, spoken, or sent as a message.
func Plain(answer string) string {
	lines := []string{}
	for _, b := range blocks(answer, nil) {
		line := ""
		if b.Item {
			line = "· "
		}
		for _, sp := range b.Spans {
			line += sp.Text
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// links are the addresses an answer names.
func links(answer string) []string {
	var out []string
	for _, m := range markForm.FindAllStringSubmatch(answer, -1) {
		if m[3] != "" {
			out = append(out, m[3])
		}
	}
	return out
}

// mayLink allows pages of ours and listed hosts.
func mayLink(target string, hosts []string) bool {
	u, err := url.Parse(target)
	if err != nil || u.User != nil || strings.ContainsAny(target, "\\\"'<>") {
		return false
	}
	if u.Scheme == "" && u.Host == "" {
		return strings.HasPrefix(target, "/m/") && !strings.Contains(target, "..") && !strings.Contains(target, "//")
	}
	return u.Scheme == "https" && u.Port() == "" && slices.Contains(hosts, u.Hostname())
}

// figures are the keys of policy an article names.
func figures(text string) []string {
	var out []string
	for _, m := range figureForm.FindAllStringSubmatch(text, -1) {
		if !slices.Contains(out, m[1]) {
			out = append(out, m[1])
		}
	}
	return out
}

// withFigures writes what policy says now in the place of each key.
func withFigures(text string, words map[string]string) string {
	return figureForm.ReplaceAllStringFunc(text, func(m string) string {
		if w, ok := words[m[1:len(m)-1]]; ok {
			return w
		}
		return m
	})
}
