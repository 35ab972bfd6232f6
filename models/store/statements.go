package store

import (
	"context"
	"errors"
	"sync/atomic"

	"gorm.io/gorm"
)

// Statements counts what one context cost the database. Tests and gates read it (one commit per write).
type Statements struct{ statements, commits atomic.Int64 }

// Statements is the number of statements run.
func (s *Statements) Statements() int { return int(s.statements.Load()) }

// Commits is the number of transactions committed; a single statement outside one is not counted.
func (s *Statements) Commits() int { return int(s.commits.Load()) }

type statementsKey struct{}

// CountStatements is a context whose statements are counted.
func (db *DB) CountStatements(ctx context.Context) (context.Context, *Statements) {
	s := &Statements{}
	return context.WithValue(ctx, statementsKey{}, s), s
}

func countCommit(ctx context.Context) {
	if s, ok := ctx.Value(statementsKey{}).(*Statements); ok {
		s.commits.Add(1)
	}
}

func countStatement(ctx context.Context) {
	if s, ok := ctx.Value(statementsKey{}).(*Statements); ok {
		s.statements.Add(1)
	}
}

func countStatements(g *gorm.DB) error {
	count := func(tx *gorm.DB) { countStatement(tx.Statement.Context) }
	cb := g.Callback()
	const name = "onecard:count"
	return errors.Join(
		cb.Create().Before("gorm:create").Register(name, count), cb.Query().Before("gorm:query").Register(name, count),
		cb.Update().Before("gorm:update").Register(name, count), cb.Delete().Before("gorm:delete").Register(name, count),
		cb.Row().Before("gorm:row").Register(name, count), cb.Raw().Before("gorm:raw").Register(name, count),
	)
}
