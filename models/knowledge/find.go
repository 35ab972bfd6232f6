package knowledge

import (
	"context"
	"fmt"
	"unicode/utf8"

	"onecard/models"
)

// LongestQuery is how many characters of a search are looked at.
const LongestQuery = 60

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

// Find lists the citizens' articles that answer a search, best first, or all of them without one (R11, R48). Anybody may
// ask. What was searched for is kept nowhere: people type names and numbers into such fields.
func (s *Service) Find(ctx context.Context, in FindInput) (Found, error) {
	return s.find(ctx, in, ForAll)
}

func (s *Service) find(ctx context.Context, in FindInput, who ...Audience) (Found, error) {
	if utf8.RuneCountInString(in.Query) > LongestQuery {
		in.Query = string([]rune(in.Query)[:LongestQuery])
	}
	p, err := s.look(ctx)
	if err != nil {
		return Found{}, err
	}
	all := rank(p.inForce(models.DateOf(s.Clock.Now()), who...), in.Query)
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

// Article is one of the citizens' by its id; ErrArticleNotFound.
func (s *Service) Article(ctx context.Context, id string) (Article, error) {
	return s.article(ctx, id, ForAll)
}

func (s *Service) article(ctx context.Context, id string, who ...Audience) (Article, error) {
	p, err := s.look(ctx)
	if err != nil {
		return Article{}, err
	}
	for _, e := range p.inForce(models.DateOf(s.Clock.Now()), who...) {
		if e.ID == id {
			return e.Article, nil
		}
	}
	return Article{}, ErrArticleNotFound
}
