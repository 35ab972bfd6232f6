package store

import (
	"context"
	"time"

	"onecard/models"
	"onecard/models/card"
)

// homeRow is one card, or none, with what stands beside all of them.
type homeRow struct {
	AsOf     *time.Time
	Applied  bool
	Replaced bool
	Lost     bool
	Card     cardRow `gorm:"embedded"`
}

// HomeFacts implements card.Cards. The states are written out: only so does the planner know that the partial index has them.
func (s *Cards) HomeFacts(ctx context.Context, person models.ID) (card.HomeFacts, error) {
	var rows []homeRow
	err := s.q(ctx).Raw(`SELECT f.current_as_of AS as_of, EXISTS (SELECT 1 FROM applications a WHERE a.person_id = ?) AS applied,
		EXISTS (SELECT 1 FROM replacements r WHERE r.person_id = ?) AS replaced,
		EXISTS (SELECT 1 FROM loss_reports l WHERE l.card_id = c.id AND l.state IN ('received', 'unconfirmed', 'effective', 'release_requested')) AS lost, c.*
		FROM (SELECT 1 AS one) o LEFT JOIN feed_cursors f ON f.source = 'cards' LEFT JOIN cards c ON c.person_id = ?
		ORDER BY c.changed_at DESC, c.id`, string(person), string(person), string(person)).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return card.HomeFacts{}, translate(err)
	}
	facts := card.HomeFacts{Applied: rows[0].Applied, Replaced: rows[0].Replaced, AsOf: timeOf(rows[0].AsOf)}
	for _, r := range rows {
		if r.Card.ID != "" {
			facts.Cards = append(facts.Cards, r.Card.card())
			facts.Lost = facts.Lost || r.Lost
		}
	}
	return facts, nil
}
