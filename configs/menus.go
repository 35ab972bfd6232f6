package configs

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Entry is one button of the accounts' menu, as it is written down: one of a page of ours, a word that is answered, a
// phone number, or buttons below it.
type Entry struct {
	Name string  `json:"name"`
	Page string  `json:"page,omitempty"` // a path on our own site
	Word string  `json:"word,omitempty"` // one of the words that the front answers
	Sub  []Entry `json:"sub,omitempty"`
}

// Button is a button as a platform gets it.
type Button struct {
	Name string   `json:"name"`
	URL  string   `json:"url,omitempty"`
	Word string   `json:"word,omitempty"`
	Sub  []Button `json:"sub,omitempty"`
}

//go:embed menus.json
var shippedMenu []byte

// ShippedMenu is the menu that this release brings.
func ShippedMenu() []byte { return shippedMenu }

// Figures of a menu: the stricter platform's, so that one menu serves both [gk].
const (
	mostButtons    = 3
	mostBelow      = 5
	longestButton  = 4 // Han characters in the bottom line
	longestBelow   = 8
	longestPath    = 200
	longestMenuDoc = 16 << 10
)

// ReadMenu reads a menu and names everything that keeps it from being published. words are those that are answered.
func ReadMenu(raw []byte, words []string) ([]Entry, error) {
	if len(raw) > longestMenuDoc {
		return nil, errors.New("menu: the document is too long")
	}
	var menu []Entry
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&menu); err != nil {
		return nil, fmt.Errorf("menu: not a list of entries with name, page, word or sub: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("menu: something stands behind the list")
	}
	if wrong := lintMenu(menu, words); len(wrong) > 0 {
		return nil, errors.New("menu:\n  " + strings.Join(wrong, "\n  "))
	}
	return menu, nil
}

func lintMenu(menu []Entry, words []string) []string {
	var out []string
	bad := func(e Entry, format string, args ...any) { out = append(out, e.Name+": "+fmt.Sprintf(format, args...)) }
	if len(menu) == 0 || len(menu) > mostButtons {
		out = append(out, fmt.Sprintf("has %d buttons, not 1 to %d", len(menu), mostButtons))
	}
	seen := map[string]bool{}
	check := func(e Entry, longest int) {
		if n := utf8.RuneCountInString(e.Name); n == 0 || n > longest || strings.TrimSpace(e.Name) != e.Name || strings.ContainsFunc(e.Name, unicode.IsControl) {
			bad(e, "has a name that is not 1 to %d characters", longest)
		}
		if seen[e.Name] {
			bad(e, "stands twice")
		}
		seen[e.Name] = true
	}
	for _, e := range menu {
		check(e, longestButton)
		if len(e.Sub) == 0 {
			out = append(out, e.wrong(words)...)
			continue
		}
		if e.Page != "" || e.Word != "" {
			bad(e, "has buttons below it and so no page or word")
		}
		if len(e.Sub) > mostBelow {
			bad(e, "has %d buttons below it, more than %d", len(e.Sub), mostBelow)
		}
		for _, s := range e.Sub {
			check(s, longestBelow)
			if len(s.Sub) > 0 {
				bad(s, "is in the second line and has no buttons below it")
			}
			out = append(out, s.wrong(words)...)
		}
	}
	return out
}

// wrong checks where one button leads: a path of ours without a query, or a word that is answered.
func (e Entry) wrong(words []string) []string {
	switch {
	case (e.Page == "") == (e.Word == ""):
		return []string{e.Name + ": leads to a page or to a word, to one of them"}
	case e.Word != "" && !slices.Contains(words, e.Word):
		return []string{e.Name + ": its word is not answered; these are: " + strings.Join(words, ", ")}
	case e.Page != "" && !ownPage(e.Page):
		return []string{e.Name + ": its page is not a path on our own site, like /m/card"}
	}
	return nil
}

func ownPage(p string) bool {
	if len(p) > longestPath || p != "/m/" && path.Clean(p) != p || !strings.HasPrefix(p, "/m/") {
		return false
	}
	return !strings.ContainsFunc(p, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '/' || r == '-' || r == '_')
	})
}

// MenuAt puts our address before every page.
func MenuAt(origin string, menu []Entry) []Button {
	out := make([]Button, 0, len(menu))
	for _, e := range menu {
		b := Button{Name: e.Name, Word: e.Word}
		if e.Page != "" {
			b.URL = origin + e.Page
		}
		if len(e.Sub) > 0 {
			b.Sub = MenuAt(origin, e.Sub)
		}
		out = append(out, b)
	}
	return out
}

// MenuLines writes a menu line by line, for comparing and for people to read.
func MenuLines(menu []Button) []string {
	var out []string
	for i, b := range menu {
		place := fmt.Sprintf("%d ", i+1)
		out = append(out, place+b.line())
		for j, s := range b.Sub {
			out = append(out, fmt.Sprintf("%s%d %s > %s", place, j+1, b.Name, s.line()))
		}
	}
	return out
}

func (b Button) line() string {
	switch {
	case b.URL != "":
		return b.Name + " -> " + b.URL
	case b.Word != "":
		return b.Name + " => " + b.Word
	}
	return b.Name
}
