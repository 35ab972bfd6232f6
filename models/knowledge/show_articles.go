package knowledge

import (
	"context"
	"errors"
	"slices"

	"onecard/models"
)

// FindForStaff is Find over the desk's articles too. What nothing was found for is counted in pieces of two characters,
// never kept: see countGaps.
func (s *Service) FindForStaff(ctx context.Context, by models.Actor, in FindInput, who ...Audience) (Found, error) {
	if _, err := s.Staff.Reader(ctx, by); err != nil {
		return Found{}, err
	}
	if len(who) == 0 {
		who = []Audience{ForAll, ForStaff}
	}
	out, err := s.find(ctx, in, who...)
	if err == nil && len(out.Items) == 0 && in.After == "" && len(who) > 1 {
		s.countGaps(ctx, in.Query)
	}
	return out, err
}

// Shown is an article with its history.
type Shown struct {
	Article // as it is read today; empty id: it is not read
	Today   models.Date
	History []Version // the newest first
	Votes   map[int]Votes
}

// ShowArticle is one article as the staff see it: what was published to all of them, drafts to editors.
// ErrVersionNotFound.
func (s *Service) ShowArticle(ctx context.Context, by models.Actor, id string) (Shown, error) {
	m, err := s.Staff.Reader(ctx, by)
	if err != nil {
		return Shown{}, err
	}
	history, err := s.Store.Versions(ctx, id)
	if err != nil {
		return Shown{}, err
	}
	if !m.Edits {
		history = slices.DeleteFunc(history, func(v Version) bool { return v.CountsFrom == "" })
	}
	if len(history) == 0 {
		return Shown{}, ErrVersionNotFound
	}
	out := Shown{History: history, Today: models.DateOf(s.Clock.Now())}
	if out.Votes, err = s.Store.Votes(ctx, id); err != nil {
		return Shown{}, err
	}
	out.Article, err = s.article(ctx, id, ForAll, ForStaff)
	if ErrArticleNotFound.Is(err) {
		err = nil
	}
	return out, err
}

// ListVersions is what editors work on: versions of one state, the longest untouched first. With overdue, the published
// ones that should have been read over by today.
func (s *Service) ListVersions(ctx context.Context, by models.Actor, state State, overdue bool, after Place, limit int) (list []Version, more bool, err error) {
	if _, err := s.Staff.Editor(ctx, by); err != nil {
		return nil, false, err
	}
	today := models.DateOf(s.Clock.Now())
	for len(list) <= limit {
		found, err := s.Store.InState(ctx, state, after, limit+1)
		if err != nil {
			return nil, false, err
		}
		for _, v := range found {
			if !overdue || v.Overdue(today) {
				list = append(list, v)
			}
		}
		if len(found) <= limit {
			break
		}
		last := found[len(found)-1]
		after = Place{last.EditedAt, last.ID, last.Version}
	}
	if more = len(list) > limit; more {
		list = list[:limit]
	}
	return list, more, nil
}

// Vote notes whether an agent found a published version useful in a call; the last word of each counts.
func (s *Service) Vote(ctx context.Context, by models.Actor, article string, n int, useful bool) error {
	m, err := s.Staff.Reader(ctx, by)
	if err != nil {
		return err
	}
	v, err := s.Store.Version(ctx, article, n)
	if errors.Is(err, models.ErrNotFound) || err == nil && v.CountsFrom == "" {
		return ErrVersionNotFound
	}
	if err != nil {
		return err
	}
	return s.Store.InTx(ctx, func(ctx context.Context) error {
		prior, err := s.Store.Remember(ctx, by, "article_votes", article)
		if err != nil || prior != "" {
			return err
		}
		if err := s.Store.Vote(ctx, article, n, m.ID, useful, s.Clock.Now()); err != nil {
			return err
		}
		return s.record(ctx, by, v, "voted", "useful", map[bool]string{true: "yes", false: "no"}[useful])
	})
}
