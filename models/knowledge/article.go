package knowledge

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"onecard/models"
)

// Article is one question with its answer. It holds facts of the policy only, nothing about a person.
type Article struct {
	ID         string      `json:"id"`
	Question   string      `json:"question"`
	Answer     string      `json:"answer"`
	Keywords   []string    `json:"keywords"` // words people use for it that question and answer may not
	Rules      []string    `json:"rules"`    // what it rests on
	ValidFrom  models.Date `json:"valid_from"`
	ReviewedOn models.Date `json:"reviewed_on"`
}

//go:embed articles.json
var shipped []byte

// Shipped are the articles this release brings, the most asked first: the order of the list without a search.
func Shipped() ([]Article, error) { return parse(shipped) }

// parse refuses a whole file for one bad article: half a help page is worse than a start that fails.
func parse(raw []byte) ([]Article, error) {
	var all []Article
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&all); err != nil {
		return nil, fmt.Errorf("articles: %w", err)
	}
	ids := map[string]bool{}
	for _, a := range all {
		if err := a.check(); err != nil {
			return nil, fmt.Errorf("article %q: %w", a.ID, err)
		}
		if ids[a.ID] {
			return nil, fmt.Errorf("article %q stands twice", a.ID)
		}
		ids[a.ID] = true
	}
	if len(all) == 0 {
		return nil, errors.New("no articles")
	}
	return all, nil
}

// check holds an article to what every answer promises, a way forward among it (R48).
func (a Article) check() error {
	switch {
	case a.ID == "" || a.Question == "" || a.Answer == "" || len(a.Keywords) == 0 || len(a.Rules) == 0:
		return errors.New("a part is missing")
	case !strings.Contains(a.Answer, "12333") && !strings.Contains(a.Answer, "网点"):
		return errors.New("no way forward (R48)")
	}
	for _, d := range []models.Date{a.ValidFrom, a.ReviewedOn} {
		if _, err := models.ParseDate(string(d)); err != nil {
			return err
		}
	}
	return nil
}
