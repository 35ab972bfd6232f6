package citizen

import (
	"context"
	"time"

	"onecard/models"
)

// Relations are the guardianships and family helpers. They join the transaction in ctx and are locked after the
// persons they are about.
type Relations interface {
	// AddRelation: models.ErrConflict when the two have an open one of the kind.
	AddRelation(ctx context.Context, r Relation) error
	Relation(ctx context.Context, id models.ID) (Relation, error)
	// LockRelation reads a relation and keeps it as it is until the transaction ends.
	LockRelation(ctx context.Context, id models.ID) (Relation, error)
	// RelationsWith lists the relations of a kind, newest first; an empty actor or subject leaves that side open.
	RelationsWith(ctx context.Context, q RelationQuery) ([]Relation, error)
	// OpenRelationsAmong lists what is open and names one of these people on either side.
	OpenRelationsAmong(ctx context.Context, people []models.ID) ([]Relation, error)
	// AdvanceRelation writes r where the row still has state from and r.Version.
	AdvanceRelation(ctx context.Context, r Relation, from RelationState) error
	// DueRelations lists what ends by itself: offers made before, terms that are over, guardianships of who was born on
	// grown or before.
	DueRelations(ctx context.Context, offeredBefore, at time.Time, grown models.Date, limit int) ([]models.ID, error)
	// RelationsToReview lists requested guardianships, the oldest first.
	RelationsToReview(ctx context.Context, after models.ID, limit int) ([]Relation, error)
	// BooksToDrop lists decided guardianships whose pictures are still kept since before.
	BooksToDrop(ctx context.Context, before time.Time, limit int) ([]Relation, error)
}

// RelationQuery picks relations.
type RelationQuery struct {
	Kind           models.Capacity
	Actor, Subject models.ID
	OpenOnly       bool
	Limit          int
}

// Pictures are kept by the card capability: those of a household book are used up by the relation they prove.
type Pictures interface {
	// UsePicture ties an unused picture of the person to the relation; UPLOAD_UNKNOWN for any other. It joins the
	// transaction.
	UsePicture(ctx context.Context, person models.ID, purpose string, id, relation models.ID) error
	Picture(ctx context.Context, id models.ID) ([]byte, error)
	// DropPicture has one that the relation used deleted; one that is not there any more is no error.
	DropPicture(ctx context.Context, id, relation models.ID) error
}

// The purposes of the pictures of a household book.
const (
	PictureBookFront = "household_front"
	PictureBookChild = "household_page"
)
