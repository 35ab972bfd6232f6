package store

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"onecard/models"
	"onecard/models/citizen"
)

// Relations keeps guardianships and family helpers. Two people have at most one open of each kind; an index holds that.
type Relations struct{ *DB }

// Relations is the table of rights to act for another.
func (db *DB) Relations() *Relations { return &Relations{db} }

var _ citizen.Relations = (*Relations)(nil)

type relationRow struct {
	ID          string `gorm:"primaryKey"`
	Kind        string
	ActorID     string
	SubjectID   string
	State       string
	Version     int
	Proof       string
	BookFrontID *string
	BookChildID *string
	Recipients  string
	ReasonCode  string
	MadeAt      time.Time
	DecidedAt   *time.Time
	EndsAt      *time.Time
	EndedAt     *time.Time
}

func (relationRow) TableName() string { return "relations" }

func newRelationRow(r citizen.Relation) relationRow {
	return relationRow{
		ID: string(r.ID), Kind: string(r.Kind), ActorID: string(r.ActorID), SubjectID: string(r.SubjectID), State: string(r.State),
		Version: r.Version, Proof: string(r.Proof), BookFrontID: nullID(r.BookFront), BookChildID: nullID(r.BookChild),
		Recipients: string(r.Recipients), ReasonCode: r.ReasonCode, MadeAt: models.Instant(r.MadeAt), DecidedAt: nullTime(r.DecidedAt),
		EndsAt: nullTime(r.EndsAt), EndedAt: nullTime(r.EndedAt),
	}
}

func (r relationRow) relation() citizen.Relation {
	return citizen.Relation{
		ID: models.ID(r.ID), Kind: models.Capacity(r.Kind), ActorID: models.ID(r.ActorID), SubjectID: models.ID(r.SubjectID),
		State: citizen.RelationState(r.State), Version: r.Version, Proof: citizen.Proof(r.Proof), BookFront: idOf(r.BookFrontID),
		BookChild: idOf(r.BookChildID), Recipients: citizen.Recipients(r.Recipients), ReasonCode: r.ReasonCode,
		MadeAt: models.Instant(r.MadeAt), DecidedAt: timeOf(r.DecidedAt), EndsAt: timeOf(r.EndsAt), EndedAt: timeOf(r.EndedAt),
	}
}

// openRelation is what may still come to something; the partial indexes say the same.
const openRelation = "state IN ('requested', 'proved', 'named', 'active')"

// AddRelation inserts one; models.ErrConflict when the two have an open one of the kind.
func (t *Relations) AddRelation(ctx context.Context, r citizen.Relation) error {
	row := newRelationRow(r)
	return translate(t.w(ctx).Create(&row).Error)
}

// Relation reads one; models.ErrNotFound.
func (t *Relations) Relation(ctx context.Context, id models.ID) (citizen.Relation, error) {
	return oneRelation(t.q(ctx).Where("id = ?", string(id)))
}

// LockRelation reads one that stays as it is until the transaction ends.
func (t *Relations) LockRelation(ctx context.Context, id models.ID) (citizen.Relation, error) {
	if t.txFrom(ctx) == nil {
		return citizen.Relation{}, errors.New("a relation is locked inside a transaction")
	}
	if id == "" {
		return citizen.Relation{}, models.ErrNotFound
	}
	return oneRelation(t.forUpdate(t.w(ctx)).Where("id = ?", string(id)))
}

func oneRelation(q *gorm.DB) (citizen.Relation, error) {
	var row relationRow
	if err := q.Take(&row).Error; err != nil {
		return citizen.Relation{}, translate(err)
	}
	return row.relation(), nil
}

// RelationsWith lists relations of a kind, newest first.
func (t *Relations) RelationsWith(ctx context.Context, q citizen.RelationQuery) ([]citizen.Relation, error) {
	db := t.q(ctx).Where("kind = ?", string(q.Kind))
	if q.Actor != "" {
		db = db.Where("actor_id = ?", string(q.Actor))
	}
	if q.Subject != "" {
		db = db.Where("subject_id = ?", string(q.Subject))
	}
	if q.OpenOnly {
		db = db.Where(openRelation)
	}
	return manyRelations(db.Order("made_at DESC, id DESC").Limit(q.Limit))
}

// OpenRelationsAmong lists what is open and names one of these people, some hundreds at a time.
func (t *Relations) OpenRelationsAmong(ctx context.Context, people []models.ID) ([]citizen.Relation, error) {
	seen := map[models.ID]bool{}
	var out []citizen.Relation
	for start := 0; start < len(people); start += factChunk {
		some := people[start:min(start+factChunk, len(people))]
		for _, side := range []string{"actor_id", "subject_id"} {
			list, err := manyRelations(t.q(ctx).Where(side+" IN ?", some).Where(openRelation).Order("id"))
			if err != nil {
				return nil, err
			}
			for _, r := range list {
				if !seen[r.ID] {
					seen[r.ID] = true
					out = append(out, r)
				}
			}
		}
	}
	return out, nil
}

func manyRelations(q *gorm.DB) ([]citizen.Relation, error) {
	var rows []relationRow
	if err := q.Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	out := make([]citizen.Relation, len(rows))
	for i, r := range rows {
		out[i] = r.relation()
	}
	return out, nil
}

// AdvanceRelation writes r where the row still has state from and r's version; models.ErrConflict otherwise.
func (t *Relations) AdvanceRelation(ctx context.Context, r citizen.Relation, from citizen.RelationState) error {
	read := r.Version
	r.Version++
	row := newRelationRow(r)
	return guarded(t.w(ctx).Model(&relationRow{}).Where("id = ? AND state = ? AND version = ?", row.ID, string(from), read).
		Select("*").Omit("id", "kind", "actor_id", "subject_id", "made_at").Updates(row))
}

// DueRelations lists what ends by itself now.
func (t *Relations) DueRelations(ctx context.Context, offeredBefore, at time.Time, grown models.Date, limit int) ([]models.ID, error) {
	var ids []models.ID
	err := t.q(ctx).Table("relations").
		Where("state = 'named' AND made_at <= ? OR state = 'active' AND ends_at <= ?", offeredBefore, at).
		Order("made_at, id").Limit(limit).Pluck("id", &ids).Error
	if err != nil || len(ids) >= limit {
		return ids, translate(err)
	}
	var grownUp []models.ID
	err = t.q(ctx).Table("relations").Joins("JOIN persons ON persons.id = relations.subject_id").
		Where("relations.state IN ('requested', 'proved') AND persons.birth_date <> '' AND persons.birth_date <= ?", string(grown)).
		Order("relations.made_at, relations.id").Limit(limit-len(ids)).Pluck("relations.id", &grownUp).Error
	return append(ids, grownUp...), translate(err)
}

// RelationsToReview lists requested guardianships, the oldest first: their ids grow with time.
func (t *Relations) RelationsToReview(ctx context.Context, after models.ID, limit int) ([]citizen.Relation, error) {
	q := t.q(ctx).Where("state = 'requested'")
	if after != "" {
		q = q.Where("id > ?", string(after))
	}
	return manyRelations(q.Order("id").Limit(limit))
}

// BooksToDrop lists decided or ended guardianships whose pictures are still kept.
func (t *Relations) BooksToDrop(ctx context.Context, before time.Time, limit int) ([]citizen.Relation, error) {
	return manyRelations(t.q(ctx).Where("book_front_id IS NOT NULL AND state <> 'requested' AND COALESCE(decided_at, ended_at) < ?", before).
		Order("id").Limit(limit))
}
