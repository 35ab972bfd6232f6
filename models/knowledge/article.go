package knowledge

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"onecard/models"
)

// Audience says who may read an article. It is the article's for ever: what was written for the desk never becomes
// public by an edit.
type Audience string

// The audiences.
const (
	ForAll   Audience = "public"   // the citizens' questions and answers
	ForStaff Audience = "internal" // what to say and do at the desk
)

// Article is one question with its answer. It holds facts of the policy only, nothing about a person.
type Article struct {
	ID         string      `json:"id"`
	Question   string      `json:"question"`
	Answer     string      `json:"answer"`   // with the few marks of marks.go
	Keywords   []string    `json:"keywords"` // words people use for it that question and answer may not
	Rules      []string    `json:"rules"`    // what it rests on
	Department string      `json:"department,omitempty"`
	ValidFrom  models.Date `json:"valid_from"`
	ValidTo    models.Date `json:"valid_to,omitempty"`
	ReviewedOn models.Date `json:"reviewed_on"`

	Audience Audience    `json:"-"` // of the file it is shipped in
	Version  int         `json:"-"`
	ReviewBy models.Date `json:"-"` // when somebody has to read it over again
}

//go:embed articles.json
var shipped []byte

//go:embed desk.json
var shippedForStaff []byte

// Shipped are the citizens' articles this release brings, the most asked first: the order of the list without a search.
func Shipped() ([]Article, error) { return parse(shipped, ForAll) }

// ShippedForStaff are the articles for the desk.
func ShippedForStaff() ([]Article, error) { return parse(shippedForStaff, ForStaff) }

func everythingShipped() ([]Article, error) {
	all, err := Shipped()
	if err != nil {
		return nil, err
	}
	desk, err := ShippedForStaff()
	if err != nil {
		return nil, err
	}
	all = append(all, desk...)
	for i, a := range all {
		if slices.ContainsFunc(all[:i], func(b Article) bool { return a.ID == b.ID }) {
			return nil, fmt.Errorf("article %q stands twice", a.ID)
		}
	}
	return all, nil
}

// parse refuses a whole file for one bad article: half a help page is worse than a start that fails.
func parse(raw []byte, audience Audience) ([]Article, error) {
	var all []Article
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&all); err != nil {
		return nil, fmt.Errorf("articles: %w", err)
	}
	ids := map[string]bool{}
	for i := range all {
		a := &all[i]
		a.Audience = audience
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

// check holds a shipped article to what every answer promises, a way forward for citizens among it (R48).
func (a Article) check() error {
	switch {
	case a.ID == "" || a.Question == "" || a.Answer == "" || len(a.Keywords) == 0 || len(a.Rules) == 0:
		return errors.New("a part is missing")
	case a.Audience == ForAll && !a.showsWay():
		return errors.New("no way forward (R48)")
	}
	for _, d := range []models.Date{a.ValidFrom, a.ReviewedOn} {
		if _, err := models.ParseDate(string(d)); err != nil {
			return err
		}
	}
	return nil
}

// showsWay reports whether the answer tells where to go on (R48).
func (a Article) showsWay() bool {
	return strings.Contains(a.Answer, "12333") || strings.Contains(a.Answer, "网点")
}

// digest names the words of a shipped article, so that a release knows which of its texts it has brought before.
func (a Article) digest() string {
	b, _ := json.Marshal(a) // strings only: it never fails
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:16])
}
