package knowledge

import (
	"context"
	"slices"
	"strconv"
	"time"

	"onecard/models"
	"onecard/models/audit"
)

// Seed brings the articles of this release. One that is not there yet is published as its first version; a text that no
// release has brought before is a draft beside what is read, which two people publish or withdraw: nothing that an
// editor wrote is ever overwritten, and no sentence to citizens changes by an update alone. Every replica may seed at
// its start, in any order and of any release.
func (s *Service) Seed(ctx context.Context) error {
	all, err := everythingShipped()
	if err != nil {
		return err
	}
	known, err := s.Store.Digests(ctx)
	if err != nil {
		return err
	}
	isNew := func(a Article) bool { return !slices.Contains(known[a.ID], a.digest()) }
	if !slices.ContainsFunc(all, isNew) {
		return nil
	}
	return s.Store.InTx(ctx, func(ctx context.Context) error {
		if err := s.Store.BumpEdition(ctx); err != nil { // another replica that seeds comes after this one
			return err
		}
		if known, err = s.Store.Digests(ctx); err != nil {
			return err
		}
		s.Store.AfterCommit(ctx, s.forget)
		added := 0
		for place, a := range all {
			if !isNew(a) {
				continue
			}
			first, err := s.bring(ctx, a, place)
			if err != nil {
				return err
			}
			added += first
		}
		if added == 0 {
			return nil
		}
		e := audit.Of(models.System(), s.Clock.Now(), "knowledge.articles.seeded", "articles", "release", "done")
		return s.Store.RecordAudit(ctx, e.Noting("added", itoa(added)))
	})
}

// bring writes one text of a release, and tells whether it is an article's first.
func (s *Service) bring(ctx context.Context, a Article, place int) (first int, err error) {
	now := s.Clock.Now()
	a.Version = 1
	v := Version{
		Article: a, State: Published, Origin: BroughtRelease, Digest: a.digest(), Place: place, CountsFrom: a.ValidFrom,
		CreatedAt: now, EditedAt: now, DecidedAt: now, Changes: 1,
	}
	added, err := s.Store.AddArticle(ctx, v)
	if err != nil || added {
		return 1, err
	}
	versions, err := s.Store.Versions(ctx, a.ID)
	if err != nil {
		return 0, err
	}
	for _, old := range versions {
		if old.Origin != BroughtRelease || old.State != Draft && old.State != InReview {
			continue
		}
		if len(old.Editors) > 0 {
			return 0, nil // somebody works on the last proposal: this one comes at a start after that
		}
		if err := s.move(ctx, models.System(), old, onWithdraw, "replaced_by_release"); err != nil {
			return 0, err
		}
	}
	v.Version, v.State, v.CountsFrom, v.DecidedAt, v.Audience = versions[0].Version+1, Draft, "", time.Time{}, versions[0].Audience
	if err := s.Store.AddVersion(ctx, v); err != nil {
		return 0, err
	}
	return 0, s.record(ctx, models.System(), v, "proposed")
}

func itoa(n int) string { return strconv.Itoa(n) }

func appendNew(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}
