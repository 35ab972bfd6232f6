package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/stdlib"
)

// readPayees reads people by reference. The set is one parameter, so that its size makes no other statement, and rows are
// read by hand: a payday reads a million.
func (s *Subsidies) readPayees(ctx context.Context, refs []string) (list []payeePersonRow, err error) {
	if len(refs) == 0 {
		return nil, nil
	}
	if s.driver == SQLite {
		return s.readPayeesLite(ctx, refs)
	}
	countStatement(ctx)
	err = s.onConn(ctx, func(conn *pgx.Conn) error {
		rows, err := conn.Query(ctx, "SELECT "+payeeColumns+" FROM persons WHERE ref = ANY ($1::text[])", refs)
		if err != nil {
			return err
		}
		defer rows.Close()
		list = make([]payeePersonRow, 0, len(refs))
		var district, living pgtype.DriverBytes
		words := words{}
		for rows.Next() {
			list = append(list, payeePersonRow{})
			r := &list[len(list)-1]
			if err := rows.Scan(&r.ID, &r.Ref, &r.HouseholdRef, &r.MergedIntoRef, &district, &living, &r.IsHead, &r.ChangedAt, &r.DeceasedAt); err != nil {
				return err
			}
			r.District, r.LivingStatus = words.of(district), words.of(living)
		}
		return rows.Err()
	})
	return list, translate(err)
}

// onConn lends the connection that PostgreSQL's reads of ctx go through, for what database/sql does too slowly.
func (db *DB) onConn(ctx context.Context, do func(*pgx.Conn) error) error {
	raw := func(driver any) error {
		conn, ok := driver.(*stdlib.Conn)
		if !ok {
			return errors.New("the connection is not pgx's")
		}
		return do(conn.Conn())
	}
	if st := db.txFrom(ctx); st != nil {
		return st.conn.Raw(raw)
	}
	conn, err := db.reader.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	return conn.Raw(raw)
}

func (s *Subsidies) readPayeesLite(ctx context.Context, refs []string) ([]payeePersonRow, error) {
	rows, err := s.q(ctx).Raw("SELECT "+payeeColumns+" FROM persons WHERE ref IN (SELECT value FROM json_each(?))", jsonArray(refs)).Rows()
	if err != nil {
		return nil, translate(err)
	}
	defer rows.Close()
	var list []payeePersonRow
	var district, living sql.RawBytes
	words := words{}
	for rows.Next() {
		var r payeePersonRow
		if err := rows.Scan(&r.ID, &r.Ref, &r.HouseholdRef, &r.MergedIntoRef, &district, &living, &r.IsHead, &r.ChangedAt, &r.DeceasedAt); err != nil {
			return nil, translate(err)
		}
		r.District, r.LivingStatus = words.of(district), words.of(living)
		list = append(list, r)
	}
	return list, translate(rows.Err())
}

// words keeps one copy of each word of a column that has few.
type words map[string]string

func (w words) of(b []byte) string {
	word, ok := w[string(b)]
	if !ok {
		word = string(b)
		w[word] = word
	}
	return word
}

// jsonArray writes words as SQLite reads a set.
func jsonArray(words []string) string {
	list, _ := json.Marshal(words) // words are always written
	return string(list)
}

// textArray writes words as PostgreSQL's array.
func textArray(words []string) string {
	var b strings.Builder
	b.Grow(24 * len(words))
	b.WriteByte('{')
	for i, w := range words {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('"')
		for j := range len(w) {
			if w[j] == '"' || w[j] == '\\' {
				b.WriteByte('\\')
			}
			b.WriteByte(w[j])
		}
		b.WriteByte('"')
	}
	b.WriteByte('}')
	return b.String()
}
