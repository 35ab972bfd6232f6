package knowledge

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"onecard/models"
)

// Submit hands a draft to a second person.
func (s *Service) Submit(ctx context.Context, by models.Actor, article string, n int) (Version, error) {
	return s.act(ctx, by, article, n, func(ctx context.Context, v Version) error {
		if err := s.checked(ctx, v.Article); err != nil {
			return err
		}
		v.SubmittedAt, v.Note = s.Clock.Now(), ""
		if len(v.Editors) == 0 { // a release's text is whose who thinks it good enough
			v.Editors = []models.ID{by.ID}
		}
		return s.move(ctx, by, v, onSubmit, "submitted")
	})
}

// Return gives a text back to its editors with what is to be put right.
func (s *Service) Return(ctx context.Context, by models.Actor, article string, n int, note string) (Version, error) {
	note = strings.TrimSpace(note)
	phones, err := s.Policy.BankPhones(ctx)
	if err != nil {
		return Version{}, err
	}
	if c := utf8.RuneCountInString(note); c == 0 || c > longestNote || numberKind(note, phones) != "" {
		return Version{}, models.InvalidInput(models.FieldError{Field: "note", Code: "LENGTH", Message: "请用1至200字写明要改什么,不要写号码。"})
	}
	return s.act(ctx, by, article, n, func(ctx context.Context, v Version) error {
		v.Note = note
		return s.move(ctx, by, v, onReturn, "returned")
	})
}

// Publish makes a text count from its day on, everywhere within seconds, in place of the one before it. Who wrote in it
// never publishes it: ErrSecondEditor. Of several at once one publishes, the others get ErrArticleState.
func (s *Service) Publish(ctx context.Context, by models.Actor, article string, n int) (Version, error) {
	return s.act(ctx, by, article, n, func(ctx context.Context, v Version) error {
		now := s.Clock.Now()
		today := models.DateOf(now)
		switch {
		case v.State != InReview:
			return ErrArticleState
		case slices.Contains(v.Editors, by.ID):
			return ErrSecondEditor
		}
		if err := s.checked(ctx, v.Article); err != nil { // what was allowed when it was written may not be now
			return err
		}
		if v.ReviewBy == "" {
			days, err := s.Policy.ReviewDays(ctx, now)
			if err != nil {
				return err
			}
			v.ReviewBy = models.DateOf(now.AddDate(0, 0, days))
		}
		v.DecidedBy, v.DecidedAt, v.ReviewedOn, v.CountsFrom = by.ID, now, today, max(v.ValidFrom, today)
		if err := s.replace(ctx, by, v, today); err != nil {
			return err
		}
		return s.move(ctx, by, v, onPublish, "published")
	})
}

// replace ends the versions that nobody reads any more once v counts. One that v follows on a later day is read until then.
func (s *Service) replace(ctx context.Context, by models.Actor, v Version, today models.Date) error {
	if v.CountsFrom > today {
		return nil
	}
	all, err := s.Store.Versions(ctx, v.ID)
	if err != nil {
		return err
	}
	for _, old := range all {
		if old.State != Published || old.CountsFrom > today || old.Version == v.Version {
			continue
		}
		if err := s.move(ctx, by, old, onSupersede, "superseded"); err != nil {
			return err
		}
	}
	return nil
}

// WithdrawReasons are why a text is taken away.
var WithdrawReasons = []string{"wrong", "out_of_date", "misunderstood", "doubled", "not_needed"}

// Withdraw takes one version away, at once: a draft is given up, and of a published one nothing is read any more, unless an
// earlier one still counts. One person may: a wrong sentence must not wait.
func (s *Service) Withdraw(ctx context.Context, by models.Actor, article string, n int, reason string) (Version, error) {
	if !slices.Contains(WithdrawReasons, reason) {
		return Version{}, models.InvalidInput(models.FieldError{Field: "reason", Code: "UNKNOWN", Message: "请从列出的原因中选择。"})
	}
	return s.act(ctx, by, article, n, func(ctx context.Context, v Version) error {
		return s.move(ctx, by, v, onWithdraw, "withdrawn", "reason", reason)
	})
}

// act runs one editor's act about one version in one commit, one after the other over all replicas. The version that is
// given back is as it stands afterwards; a repeat of the request answers with it as it is.
func (s *Service) act(ctx context.Context, by models.Actor, article string, n int, do func(ctx context.Context, v Version) error) (Version, error) {
	m, err := s.Staff.Editor(ctx, by)
	if err != nil {
		return Version{}, err
	}
	var v Version
	err = s.Store.InTx(ctx, func(ctx context.Context) error {
		name := article + "/" + itoa(n)
		prior, err := s.Store.Remember(ctx, by, "article_versions", name)
		if err != nil {
			return err
		}
		if prior != "" {
			v, err = s.priorVersion(ctx, prior)
			return err
		}
		if err := s.Store.BumpEdition(ctx); err != nil {
			return err
		}
		if v, err = s.Store.Version(ctx, article, n); errors.Is(err, models.ErrNotFound) {
			return ErrVersionNotFound
		}
		if err != nil {
			return err
		}
		if !m.edits(v.Article) {
			return ErrNotYours
		}
		s.Store.AfterCommit(ctx, s.forget)
		if err = do(ctx, v); err != nil {
			return err
		}
		v, err = s.Store.Version(ctx, article, n)
		return err
	})
	return v, err
}

// move changes the state of a version as v stands, with its audit entry.
func (s *Service) move(ctx context.Context, by models.Actor, v Version, on Event, what string, notes ...string) error {
	to, err := Flow.Next(v.State, on)
	if err != nil {
		return ErrArticleState.Because(err)
	}
	v.State = to
	if err := s.Store.SaveVersion(ctx, v); err != nil {
		return err
	}
	return s.record(ctx, by, v, what, notes...)
}

func (s *Service) priorVersion(ctx context.Context, name string) (Version, error) {
	article, number, _ := strings.Cut(name, "/")
	n, err := strconv.Atoi(number)
	if err != nil {
		return Version{}, ErrVersionNotFound
	}
	return s.Store.Version(ctx, article, n)
}
