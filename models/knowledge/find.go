package knowledge

import (
	"context"
	"fmt"
	"unicode/utf8"

	"onecard/models"
)

// ErrArticleNotFound is an article that does not exist, or does not count yet.
var ErrArticleNotFound = models.NewError(models.NotFound, "FAQ_NOT_FOUND", "没有找到这篇解答,可能已经更新。请返回后重新查找,也可到社保卡服务网点咨询,或拨打12333。")

// NothingFound is what a search without an answer says instead (R48).
const NothingFound = "没有找到相关解答。请换个说法再试,也可到社保卡服务网点咨询,或拨打12333。"

// LongestQuery is how many characters of a search are looked at.
const LongestQuery = 60

// Service finds articles. It holds no state that changes.
type Service struct {
	articles []entry
	clock    models.Clock
}

// New reads the articles of this release; a bad one keeps the program from starting.
func New(clock models.Clock) (*Service, error) {
	all, err := Shipped()
	return &Service{articles: prepare(all), clock: clock}, err
}

// FindInput is a search, and where the page before ended.
type FindInput struct {
	Query string
	After string // Next of the page before
	Limit int
}

// Found is one page. Hint is set when nothing answers the search.
type Found struct {
	Items []Article
	Next  string
	Hint  string
}

// Find lists the articles that answer a search, best first, or all of them without one (R11, R48). Anybody may ask.
// What was searched for is kept nowhere: people type names and numbers into such fields.
func (s *Service) Find(_ context.Context, in FindInput) (Found, error) {
	if utf8.RuneCountInString(in.Query) > LongestQuery {
		in.Query = string([]rune(in.Query)[:LongestQuery])
	}
	all := rank(s.inForce(), in.Query)
	var out Found
	if len(all) == 0 {
		out.Hint = NothingFound
		return out, nil
	}
	var last found
	if in.After != "" {
		if _, err := fmt.Sscanf(in.After, "%d:%d", &last.score, &last.order); err != nil {
			return Found{}, models.InvalidInput(models.FieldError{Field: "cursor", Code: "FORMAT", Message: "翻页信息已失效,请重新查找。"})
		}
	}
	for _, f := range all {
		switch {
		case in.After != "" && f.before(last) <= 0:
		case len(out.Items) == in.Limit:
			out.Next = fmt.Sprintf("%d:%d", last.score, last.order)
			return out, nil
		default:
			out.Items, last = append(out.Items, f.Article), f
		}
	}
	return out, nil
}

// Article is one by its id; ErrArticleNotFound.
func (s *Service) Article(_ context.Context, id string) (Article, error) {
	for _, a := range s.inForce() {
		if a.ID == id {
			return a.Article, nil
		}
	}
	return Article{}, ErrArticleNotFound
}

// inForce are the articles that count today.
func (s *Service) inForce() []entry {
	today := models.DateOf(s.clock.Now())
	out := make([]entry, 0, len(s.articles))
	for _, a := range s.articles {
		if a.ValidFrom <= today {
			out = append(out, a)
		}
	}
	return out
}
