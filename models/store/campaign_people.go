package store

import (
	"context"
	"strings"
	"time"

	"onecard/models"
	"onecard/models/notice"
)

// cardFacts are what must stand in our copy about the cards of the person p.
var cardFacts = map[notice.CardFact]string{
	notice.AnyCard:         "TRUE",
	notice.CardUncollected: "EXISTS (SELECT 1 FROM cards c WHERE c.person_id = p.id AND c.holding = 'at_outlet' AND c.social NOT IN ('void', 'cancelled'))",
	notice.CardInactive: `EXISTS (SELECT 1 FROM cards c WHERE c.person_id = p.id AND c.holding = 'collected' AND c.social NOT IN ('void', 'cancelled')
		AND (c.social = 'inactive' OR c.financial = 'opened_inactive'))`,
	notice.CardInHand: "EXISTS (SELECT 1 FROM cards c WHERE c.person_id = p.id AND c.holding = 'collected' AND c.social NOT IN ('void', 'cancelled', 'sealed'))",
	notice.NoCard:     "NOT EXISTS (SELECT 1 FROM cards c WHERE c.person_id = p.id AND c.social NOT IN ('void', 'cancelled'))",
}

// campaignNeeds are what must be true of a person, for a kind's text to be true.
var campaignNeeds = map[notice.Kind]struct {
	card notice.CardFact
	age  int // in years, at least
}{
	notice.CampaignRenewal:       {card: notice.CardInHand},
	notice.CampaignCertification: {age: 16}, // a child draws nothing of her own, and her phone is often her parents'
}

// ofRule is the clause by which a person p is of a campaign's rule. A kind or a fact of a newer release has nobody.
func (db *DB) ofRule(c notice.Campaign) (clause string, vars []any) {
	need, known := campaignNeeds[c.Kind]
	fact := cardFacts[c.Rule.Card]
	if !known || fact == "" {
		return "FALSE", nil
	}
	parts := []string{"p.living_status <> 'deceased' AND p.merged_into_ref = ''", cardFacts[need.card], fact, "p.birth_date <= ?"}
	vars = append(vars, string(models.DateOf(db.stamp().AddDate(-need.age, 0, 0))))
	if c.Rule.District != "" {
		parts, vars = append(parts, "p.district = ?"), append(vars, c.Rule.District)
	}
	if c.Rule.Township != "" {
		parts = append(parts, "EXISTS (SELECT 1 FROM declarations d WHERE d.person_id = p.id AND d.district = ? AND d.township = ?)")
		vars = append(vars, c.Rule.District, c.Rule.Township)
	}
	return strings.Join(parts, " AND "), vars
}

// beforeAll is below every id.
const beforeAll = "00000000-0000-0000-0000-000000000000"

func after(id models.ID) string {
	if id == "" {
		return beforeAll
	}
	return string(id)
}

// StaleDrafts implements notice.CampaignStore.
func (s *Campaigns) StaleDrafts(ctx context.Context, before time.Time) ([]models.ID, error) {
	var ids []models.ID
	err := s.q(ctx).Model(&campaignRow{}).Where("closed_at IS NULL AND state = 'draft' AND created_at < ?", models.Instant(before)).Order("created_at").Limit(100).Pluck("id", &ids).Error
	return ids, translate(err)
}

// AddPeople implements notice.CampaignStore.
func (s *Campaigns) AddPeople(ctx context.Context, c notice.Campaign, people []models.ID) (int, error) {
	clause, vars := s.ofRule(c)
	ids := make([]string, len(people))
	for i, id := range people {
		ids[i] = string(id)
	}
	return s.addPeople(ctx, c, clause+" AND p.id IN ?", append(vars, ids))
}

func (s *Campaigns) addPeople(ctx context.Context, c notice.Campaign, clause string, vars []any) (int, error) {
	id := "CAST(? AS uuid)"
	if s.driver == SQLite {
		id = "?"
	}
	res := s.w(ctx).Exec("INSERT INTO campaign_people (campaign_id, person_id) SELECT "+id+", p.id FROM persons p WHERE "+clause+" ON CONFLICT DO NOTHING",
		append([]any{string(c.ID)}, vars...)...)
	return int(res.RowsAffected), translate(res.Error)
}

// Gather implements notice.CampaignStore: it walks all people by their ids, so that each commit costs the same whatever
// the rule is.
func (s *Campaigns) Gather(ctx context.Context, c notice.Campaign, look int) (int, models.ID, error) {
	var ids []string
	err := s.w(ctx).Raw("SELECT id FROM persons WHERE id > ? ORDER BY id LIMIT ?", after(c.After), look).Scan(&ids).Error
	if err != nil || len(ids) == 0 {
		return 0, "", translate(err)
	}
	last := ids[len(ids)-1]
	clause, vars := s.ofRule(c)
	n, err := s.addPeople(ctx, c, "p.id > ? AND p.id <= ? AND "+clause, append([]any{after(c.After), last}, vars...))
	if len(ids) < look {
		last = ""
	}
	return n, models.ID(last), err
}

// NextPeople implements notice.CampaignStore.
func (s *Campaigns) NextPeople(ctx context.Context, c notice.Campaign, limit int) ([]notice.CampaignPerson, error) {
	clause, vars := s.ofRule(c)
	var out []notice.CampaignPerson
	err := s.w(ctx).Raw(`SELECT m.person_id AS id, EXISTS (SELECT 1 FROM persons p WHERE p.id = m.person_id AND `+clause+`) AS fits
		FROM campaign_people m WHERE m.campaign_id = ? AND m.person_id > ? ORDER BY m.person_id LIMIT ?`,
		append(vars, string(c.ID), after(c.After), limit)...).Scan(&out).Error
	return out, translate(err)
}
