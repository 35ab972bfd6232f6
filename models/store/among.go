package store

import (
	"encoding/hex"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// among is the condition that a column of ids holds one of these. PostgreSQL gets them as one array: however many they are,
// the statement's text is the same, so it is parsed and planned once.
func (db *DB) among(column string, ids []string) clause.Expr {
	if db.driver == Postgres {
		return gorm.Expr(column+" = ANY (CAST(? AS uuid[]))", textArray(ids))
	}
	return gorm.Expr(column+" IN ?", ids)
}

// amongBytes is among for a column of bytes.
func (db *DB) amongBytes(column string, list [][]byte) clause.Expr {
	if db.driver != Postgres {
		return gorm.Expr(column+" IN ?", list)
	}
	words := make([]string, len(list))
	for i, b := range list {
		words[i] = `\x` + hex.EncodeToString(b)
	}
	return gorm.Expr(column+" = ANY (CAST(? AS bytea[]))", textArray(words))
}
