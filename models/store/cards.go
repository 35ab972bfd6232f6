package store

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"onecard/models"
	"onecard/models/card"
)

// Cards keeps what models/card needs: mirror, reports, commands, applications.
type Cards struct{ *DB }

// Cards is the card capability's view of the database.
func (db *DB) Cards() *Cards { return &Cards{db} }

type cardRow struct {
	ID              string `gorm:"primaryKey"`
	Ref             string
	PersonID        string
	NumberMask      string
	Area            string
	BankCode        string
	AccountTail     string
	OutletRef       string
	Social          string
	Financial       string
	Holding         string
	Version         int64
	AnsweredVersion int64
	NextSeq         int64
	ChangedAt       time.Time
	ReceivedAt      time.Time
}

func (cardRow) TableName() string { return "cards" }

func (r cardRow) card() card.Card {
	return card.Card{
		ID: models.ID(r.ID), Ref: models.CardRef(r.Ref), PersonID: models.ID(r.PersonID), NumberMask: r.NumberMask, Area: r.Area,
		BankCode: r.BankCode, AccountTail: r.AccountTail, OutletRef: r.OutletRef, Social: card.SocialState(r.Social), Financial: card.FinancialState(r.Financial),
		Holding: card.Holding(r.Holding), Version: r.Version, AnsweredVersion: r.AnsweredVersion, NextSeq: r.NextSeq,
		ChangedAt: models.Instant(r.ChangedAt), ReceivedAt: models.Instant(r.ReceivedAt),
	}
}

// Card reads one card; models.ErrNotFound.
func (s *Cards) Card(ctx context.Context, id models.ID) (card.Card, error) {
	return s.oneCard(s.q(ctx).Where("id = ?", string(id)))
}

// CardByRef reads a card by the registry's name for it.
func (s *Cards) CardByRef(ctx context.Context, ref models.CardRef) (card.Card, error) {
	return s.oneCard(s.q(ctx).Where("ref = ?", string(ref)))
}

// LockCard reads a card and keeps others from deciding about it until the transaction ends. SQLite has one writer,
// so there the transaction itself is the lock.
func (s *Cards) LockCard(ctx context.Context, id models.ID) (card.Card, error) {
	return s.oneCard(s.forUpdate(s.w(ctx)).Where("id = ?", string(id)))
}

func (s *Cards) oneCard(q *gorm.DB) (card.Card, error) {
	var row cardRow
	if err := q.Take(&row).Error; err != nil {
		return card.Card{}, translate(err)
	}
	return row.card(), nil
}

// forUpdate adds a row lock where the database has them.
func (db *DB) forUpdate(q *gorm.DB) *gorm.DB {
	if db.driver == SQLite {
		return q
	}
	return q.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate})
}

// CardsOfPerson lists a person's cards, newest change first.
func (s *Cards) CardsOfPerson(ctx context.Context, person models.ID) ([]card.Card, error) {
	var rows []cardRow
	if err := s.q(ctx).Where("person_id = ?", string(person)).Order("changed_at DESC, id").Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	out := make([]card.Card, len(rows))
	for i, r := range rows {
		out[i] = r.card()
	}
	return out, nil
}

// MirrorCards writes the facts that are newer than their rows, in one statement.
func (s *Cards) MirrorCards(ctx context.Context, facts []card.Fact, at time.Time) (map[models.CardRef]card.MirrorChange, error) {
	refs, people := make([]string, 0, len(facts)), make([]string, 0, len(facts))
	for _, f := range facts {
		refs, people = append(refs, string(f.Ref)), append(people, string(f.PersonRef))
	}
	ids, err := s.personIDs(ctx, people)
	if err != nil {
		return nil, err
	}
	var known []cardRow
	if err := s.forUpdate(s.w(ctx)).Where("ref IN ?", refs).Order("ref").Find(&known).Error; err != nil {
		return nil, translate(err)
	}
	changes := make(map[models.CardRef]card.MirrorChange, len(facts))
	for _, r := range known {
		c := r.card()
		changes[c.Ref] = card.MirrorChange{Before: c, After: c, Known: true, Stale: true}
	}
	rows := make(map[string]cardRow, len(facts))
	for _, f := range facts {
		person, ok := ids[string(f.PersonRef)]
		ch := changes[f.Ref]
		switch {
		case !ok:
			ch.Orphan, ch.Stale = true, true
		case ch.After.ID != "" && f.Version <= ch.After.Version:
			ch.Stale = ch.After.Version == ch.Before.Version // a card new in this page has no Before
		default:
			next := ch.After
			if next.ID == "" {
				next.ID, next.NextSeq = models.NewID(), 1
			}
			next.Ref, next.PersonID, next.NumberMask, next.Area = f.Ref, person, f.NumberMask, f.Area
			next.AccountTail = f.AccountTail
			next.BankCode, next.OutletRef, next.Social, next.Financial = f.BankCode, f.OutletRef, f.Social, f.Financial
			next.Holding, next.Version, next.ChangedAt, next.ReceivedAt = f.Holding, f.Version, f.ChangedAt, at
			if !f.AskedAt.IsZero() && seenBefore(ch.After, next) {
				next.ChangedAt = ch.After.ChangedAt // seen again as it was
			}
			ch.After, ch.Stale = next, false
			rows[string(f.Ref)] = newCardRow(next)
		}
		changes[f.Ref] = ch
	}
	if len(rows) == 0 {
		return changes, nil
	}
	list := make([]cardRow, 0, len(rows))
	for _, f := range facts {
		if r, ok := rows[string(f.Ref)]; ok {
			list = append(list, r)
			delete(rows, string(f.Ref))
		}
	}
	err = s.w(ctx).Clauses(clause.OnConflict{
		Columns: []clause.Column{{Name: "ref"}},
		DoUpdates: clause.AssignmentColumns([]string{"person_id", "number_mask", "area", "bank_code", "account_tail", "outlet_ref", "social",
			"financial", "holding", "version", "changed_at", "received_at"}),
		Where: clause.Where{Exprs: []clause.Expression{clause.Expr{SQL: "cards.version < excluded.version"}}},
	}).CreateInBatches(list, 500).Error
	return changes, translate(err)
}

// seenBefore reports whether a card stands as it stood, whenever that was seen.
func seenBefore(was, is card.Card) bool {
	was.Version, was.ChangedAt, was.ReceivedAt = is.Version, is.ChangedAt, is.ReceivedAt
	return was == is
}

func newCardRow(c card.Card) cardRow {
	return cardRow{
		ID: string(c.ID), Ref: string(c.Ref), PersonID: string(c.PersonID), NumberMask: c.NumberMask, Area: c.Area, BankCode: c.BankCode, AccountTail: c.AccountTail,
		OutletRef: c.OutletRef, Social: string(c.Social), Financial: string(c.Financial), Holding: string(c.Holding), Version: c.Version,
		AnsweredVersion: c.AnsweredVersion, NextSeq: c.NextSeq, ChangedAt: models.Instant(c.ChangedAt), ReceivedAt: models.Instant(c.ReceivedAt),
	}
}

// personIDs resolves the registry's references; those we do not know are missing from the result.
func (db *DB) personIDs(ctx context.Context, refs []string) (map[string]models.ID, error) {
	var rows []struct{ ID, Ref string }
	if err := db.q(ctx).Table("persons").Select("id, ref").Where("ref IN ?", refs).Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	out := make(map[string]models.ID, len(rows))
	for _, r := range rows {
		out[r.Ref] = models.ID(r.ID)
	}
	return out, nil
}

// PersonRef is the registry's name of a person.
func (db *DB) PersonRef(ctx context.Context, person models.ID) (models.PersonRef, error) {
	var row struct{ Ref string }
	if err := db.q(ctx).Table("persons").Select("ref").Where("id = ?", string(person)).Take(&row).Error; err != nil {
		return "", translate(err)
	}
	return models.PersonRef(row.Ref), nil
}

// TakeSeq gives out the next card_seq of a card.
func (s *Cards) TakeSeq(ctx context.Context, id models.ID) (int64, error) {
	var seq int64
	err := s.w(ctx).Raw("UPDATE cards SET next_seq = next_seq + 1 WHERE id = ? RETURNING next_seq - 1", string(id)).Scan(&seq).Error
	if err == nil && seq == 0 {
		return 0, models.ErrNotFound
	}
	return seq, translate(err)
}

// SetAnsweredVersion raises the mark below which facts say nothing new about loss.
func (s *Cards) SetAnsweredVersion(ctx context.Context, id models.ID, version int64) error {
	return translate(s.w(ctx).Exec("UPDATE cards SET answered_version = ? WHERE id = ? AND answered_version < ?", version, string(id), version).Error)
}

// CardsAsOf is how fresh the mirror of the cards source is; zero before its first page.
func (s *Cards) CardsAsOf(ctx context.Context) (time.Time, error) {
	return s.sourceAsOf(ctx, "cards")
}
