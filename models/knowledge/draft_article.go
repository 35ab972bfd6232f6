package knowledge

import (
	"context"
	"errors"
	"slices"
	"strings"

	"onecard/models"
)

// DraftInput is a text as an editor writes it.
type DraftInput struct {
	Audience   Audience // of a new article only
	Question   string
	Answer     string
	Keywords   []string
	Rules      []string
	Department string // of a new article only; an editor of a department writes for that one
	ValidFrom  models.Date
	ValidTo    models.Date
	ReviewBy   models.Date // empty: as policy says, from publication on
}

func (in DraftInput) over(a Article) Article {
	a.Question, a.Answer = strings.TrimSpace(in.Question), strings.TrimSpace(strings.ReplaceAll(in.Answer, "\r\n", "\n"))
	a.Keywords, a.Rules = tidied(in.Keywords), tidied(in.Rules)
	a.ValidFrom, a.ValidTo, a.ReviewBy, a.ReviewedOn = in.ValidFrom, in.ValidTo, in.ReviewBy, ""
	return a
}

func tidied(words []string) []string {
	var out []string
	for _, w := range words {
		if w = strings.TrimSpace(w); w != "" {
			out = appendNew(out, w)
		}
	}
	return out
}

// NewArticle writes the first draft of an article. Nobody but editors reads it before a second person publishes.
// ErrTextRefused with all that is wrong with it.
func (s *Service) NewArticle(ctx context.Context, by models.Actor, in DraftInput) (Version, error) {
	m, err := s.Staff.Editor(ctx, by)
	if err != nil {
		return Version{}, err
	}
	a := in.over(Article{ID: string(models.NewID()), Audience: in.Audience, Department: strings.TrimSpace(in.Department), Version: 1})
	if m.Department != "" {
		a.Department = m.Department
	}
	if err := s.checked(ctx, a); err != nil {
		return Version{}, err
	}
	v := s.draftBy(a, by)
	v.Place = placeOfNew
	return s.remembered(ctx, by, v, func(ctx context.Context) error {
		_, err := s.Store.AddArticle(ctx, v)
		return err
	})
}

// placeOfNew puts an editor's articles behind those that are asked most; among themselves they stand by age.
const placeOfNew = 10_000

// NewVersion writes the next draft of an article that is there. ErrDraftOpen while another editor's is not decided.
func (s *Service) NewVersion(ctx context.Context, by models.Actor, article string, in DraftInput) (Version, error) {
	m, err := s.Staff.Editor(ctx, by)
	if err != nil {
		return Version{}, err
	}
	versions, err := s.Store.Versions(ctx, article)
	if err != nil {
		return Version{}, err
	}
	if len(versions) == 0 {
		return Version{}, ErrVersionNotFound
	}
	last := versions[0]
	if !m.edits(last.Article) {
		return Version{}, ErrNotYours
	}
	a := in.over(last.Article)
	if err := s.checked(ctx, a); err != nil {
		return Version{}, err
	}
	a.Version++
	v := s.draftBy(a, by)
	v.Place = last.Place
	return s.remembered(ctx, by, v, func(ctx context.Context) error {
		err := s.Store.AddVersion(ctx, v)
		if errors.Is(err, models.ErrConflict) { // another editor took the number
			return ErrDraftOpen
		}
		return err
	})
}

// EditInput is a draft written anew, on what the editor looked at.
type EditInput struct {
	Article string
	Version int
	Changes int // of the draft as it was looked at
	Text    DraftInput
}

// EditVersion writes a draft anew. models.ErrConflict where somebody else did so since it was looked at, ErrArticleState
// once it was submitted.
func (s *Service) EditVersion(ctx context.Context, by models.Actor, in EditInput) (Version, error) {
	return s.act(ctx, by, in.Article, in.Version, func(ctx context.Context, v Version) error {
		switch {
		case v.State != Draft:
			return ErrArticleState
		case v.Changes != in.Changes:
			return models.ErrConflict
		}
		v.Article = in.Text.over(v.Article)
		if err := s.checked(ctx, v.Article); err != nil {
			return err
		}
		if !slices.Contains(v.Editors, by.ID) {
			v.Editors = append(v.Editors, by.ID)
		}
		v.EditedAt = s.Clock.Now()
		if err := s.Store.SaveVersion(ctx, v); err != nil {
			return err
		}
		return s.record(ctx, by, v, "edited")
	})
}

func (s *Service) draftBy(a Article, by models.Actor) Version {
	now := s.Clock.Now()
	return Version{Article: a, State: Draft, Origin: Edited, Editors: []models.ID{by.ID}, CreatedAt: now, EditedAt: now, Changes: 1}
}

// checked refuses a text for all that is wrong with it.
func (s *Service) checked(ctx context.Context, a Article) error {
	wrong, err := s.wrong(ctx, a, models.DateOf(s.Clock.Now()))
	if err != nil {
		return err
	}
	if a.Audience != ForAll && a.Audience != ForStaff {
		wrong = append(wrong, models.FieldError{Field: "audience", Code: "UNKNOWN", Message: "请选择给群众看,还是只给坐席看。"})
	}
	return refused(wrong)
}

// remembered commits a new draft with its audit entry; a repeat of the request finds the first one.
func (s *Service) remembered(ctx context.Context, by models.Actor, v Version, add func(ctx context.Context) error) (Version, error) {
	err := s.Store.InTx(ctx, func(ctx context.Context) error {
		prior, err := s.Store.Remember(ctx, by, "article_versions", v.ID+"/"+itoa(v.Version))
		if err != nil {
			return err
		}
		if prior != "" {
			v, err = s.priorVersion(ctx, prior)
			return err
		}
		if err := add(ctx); err != nil {
			return err
		}
		return s.record(ctx, by, v, "drafted")
	})
	return v, err
}

// edits reports whether the article is the member's to change.
func (m Member) edits(a Article) bool { return m.Department == "" || m.Department == a.Department }
