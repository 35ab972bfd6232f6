package store

import (
	"context"
	"slices"
	"time"

	"onecard/models"
	"onecard/models/knowledge"
)

// Vote implements knowledge.VoteStore.
func (s *Articles) Vote(ctx context.Context, article string, version int, staff models.ID, useful bool, at time.Time) error {
	return translate(s.w(ctx).Exec(`INSERT INTO article_votes (article_id, version, staff_id, useful, voted_at) VALUES (?,?,?,?,?)
		ON CONFLICT (article_id, version, staff_id) DO UPDATE SET useful = excluded.useful, voted_at = excluded.voted_at`,
		article, version, string(staff), useful, at).Error)
}

// Votes implements knowledge.VoteStore.
func (s *Articles) Votes(ctx context.Context, article string) (map[int]knowledge.Votes, error) {
	var rows []struct {
		Version int
		Useful  bool
		Count   int
	}
	err := s.q(ctx).Raw("SELECT version, useful, count(*) AS count FROM article_votes WHERE article_id = ? GROUP BY version, useful", article).Scan(&rows).Error
	if err != nil {
		return nil, translate(err)
	}
	out := map[int]knowledge.Votes{}
	for _, r := range rows {
		v := out[r.Version]
		if r.Useful {
			v.Useful = r.Count
		} else {
			v.NotUseful = r.Count
		}
		out[r.Version] = v
	}
	return out, nil
}

// CountGaps implements knowledge.VoteStore.
func (s *Articles) CountGaps(ctx context.Context, day models.Date, grams []string) error {
	return s.InTx(ctx, func(ctx context.Context) error {
		for _, g := range slices.Sorted(slices.Values(grams)) { // in one order: two who count never wait for each other in a ring
			err := s.w(ctx).Exec(`INSERT INTO article_gaps (day, gram, count) VALUES (?,?,1)
				ON CONFLICT (day, gram) DO UPDATE SET count = article_gaps.count + 1`, string(day), g).Error
			if err != nil {
				return translate(err)
			}
		}
		return nil
	})
}

// Gaps implements knowledge.VoteStore.
func (s *Articles) Gaps(ctx context.Context, since models.Date, least, limit int) ([]knowledge.Gap, error) {
	var out []knowledge.Gap
	err := s.q(ctx).Raw(`SELECT gram, sum(count) AS count FROM article_gaps WHERE day >= ? GROUP BY gram HAVING sum(count) >= ?
		ORDER BY sum(count) DESC, gram LIMIT ?`, string(since), least, limit).Scan(&out).Error
	return out, translate(err)
}

// DropGapsBefore implements knowledge.VoteStore.
func (s *Articles) DropGapsBefore(ctx context.Context, day models.Date) error {
	return translate(s.w(ctx).Exec("DELETE FROM article_gaps WHERE day < ?", string(day)).Error)
}
