package store

import (
	"context"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"onecard/models/subsidy"
)

// What the tests of this package need of its inside; they cannot live in it, because storetest imports it.

func (db *DB) Q(ctx context.Context) *gorm.DB           { return db.q(ctx) }
func (db *DB) W(ctx context.Context) *gorm.DB           { return db.w(ctx) }
func (db *DB) IsDuplicate(err error, index string) bool { return db.isDuplicate(err, index) }

func (db *DB) KeysAmong(keys []subsidy.Key) clause.Expr { return db.keysAmong(keys) }

func (db *DB) BacklogSQL() string { return backlogSQL(db.unsaid()) }

var (
	Guarded   = guarded
	Translate = translate
)

// CopySealsTo makes the database one whose seals go elsewhere, as on another host.
func (db *DB) CopySealsTo(c SealCopies) { db.copies = c }

// QueuedBefore and Few are how a restore finds what it holds.
const QueuedBefore = queuedBefore

func (s *Restores) Few(from string) string { return s.someOf(from) }
