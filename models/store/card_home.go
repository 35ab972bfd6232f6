package store

import (
	"context"
	"time"

	"onecard/models"
	"onecard/models/card"
	"onecard/models/hotline"
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
// Where a look has brought them along in this transaction, they are there.
func (s *Cards) HomeFacts(ctx context.Context, person models.ID) (card.HomeFacts, error) {
	if st := s.txFrom(ctx); st != nil && st.home != nil && st.home.person == person {
		facts := st.home.facts
		st.home = nil // once: what the transaction does afterwards is read anew
		return facts, nil
	}
	var rows []homeRow
	err := s.q(ctx).Raw(`SELECT f.current_as_of AS as_of, EXISTS (SELECT 1 FROM applications a WHERE a.person_id = ?) AS applied,
		EXISTS (SELECT 1 FROM replacements r WHERE r.person_id = ?) AS replaced, `+openReport+` AS lost, c.*
		FROM (SELECT 1 AS one) o LEFT JOIN feed_cursors f ON f.source = 'cards' LEFT JOIN cards c ON c.person_id = ?
		ORDER BY c.changed_at DESC, c.id`, string(person), string(person), string(person)).Find(&rows).Error
	if err != nil {
		return card.HomeFacts{}, translate(err)
	}
	return homeFacts(rows), nil
}

const openReport = "EXISTS (SELECT 1 FROM loss_reports l WHERE l.card_id = c.id AND l.state IN ('received', 'unconfirmed', 'effective', 'release_requested'))"

func homeFacts(rows []homeRow) (facts card.HomeFacts) {
	for _, r := range rows {
		facts.Applied, facts.Replaced, facts.AsOf = r.Applied, r.Replaced, timeOf(r.AsOf)
		if r.Card.ID != "" {
			facts.Cards = append(facts.Cards, r.Card.card())
			facts.Lost = facts.Lost || r.Lost
		}
	}
	return facts
}

// broughtHome is what a look has read beside the person, for who asks for it next in its transaction.
type broughtHome struct {
	person models.ID
	facts  card.HomeFacts
}

// What a look at person or cards reads beside her in the one statement. The alias of a card is h: c is the call.
const (
	lookHomeColumns = `, f.current_as_of AS as_of, EXISTS (SELECT 1 FROM applications a WHERE a.person_id = p.id) AS applied,
		EXISTS (SELECT 1 FROM replacements r WHERE r.person_id = p.id) AS replaced,
		EXISTS (SELECT 1 FROM loss_reports l WHERE l.card_id = h.id AND l.state IN ('received', 'unconfirmed', 'effective', 'release_requested')) AS lost,
		h.id AS card_id, h.ref AS card_ref, h.person_id AS card_person_id, h.number_mask AS card_number_mask, h.area AS card_area, h.bank_code AS card_bank_code,
		h.account_tail AS card_account_tail, h.outlet_ref AS card_outlet_ref, h.social AS card_social, h.financial AS card_financial,
		h.holding AS card_holding, h.version AS card_version, h.answered_version AS card_answered_version, h.next_seq AS card_next_seq,
		h.changed_at AS card_changed_at, h.received_at AS card_received_at`
	lookHomeFrom = ` LEFT JOIN feed_cursors f ON f.source = 'cards' LEFT JOIN cards h ON h.person_id = p.id ORDER BY h.changed_at DESC, h.id`
)

// lookRow is a person seen, with one of her cards where they are read as well.
type lookRow struct {
	Seen     seenRow `gorm:"embedded"`
	AsOf     *time.Time
	Applied  bool
	Replaced bool
	Lost     bool
	Card     cardRow `gorm:"embedded;embeddedPrefix:card_"`
}

// homeStash keeps what a look brings along in its transaction; nil where nobody will ask for it.
func homeStash(st *txState, ask hotline.LookAsk) func([]lookRow) {
	if what := hotline.Sight(ask.LookUp.Kind); st == nil || what != hotline.SeesPerson && what != hotline.SeesCards {
		return nil
	}
	return func(rows []lookRow) {
		homes := make([]homeRow, len(rows))
		for i, r := range rows {
			homes[i] = homeRow{r.AsOf, r.Applied, r.Replaced, r.Lost, r.Card}
		}
		st.home = &broughtHome{ask.LookUp.PersonID, homeFacts(homes)}
	}
}
