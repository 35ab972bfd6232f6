package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"onecard/models"
	"onecard/models/citizen"
	"onecard/models/subsidy"
)

type payeePersonRow struct {
	ID, Ref, HouseholdRef, MergedIntoRef, District, LivingStatus string
	IsHead                                                       bool
	ChangedAt                                                    time.Time
	DeceasedAt                                                   *time.Time
}

const payeeColumns = "id, ref, household_ref, merged_into_ref, district, living_status, is_head, changed_at, deceased_at"

func (r payeePersonRow) person() subsidy.PayeePerson {
	p := subsidy.PayeePerson{
		ID: models.ID(r.ID), Ref: models.PersonRef(r.Ref), IsHead: r.IsHead, HouseholdRef: r.HouseholdRef, District: r.District,
	}
	if p.Deceased = r.LivingStatus == string(citizen.Deceased); p.Deceased {
		p.Since = deadSince(r.DeceasedAt, r.ChangedAt)
	}
	return p
}

// PayeesByRef resolves the registry's references of people we know. A merged record is the person it became, where
// that one is here already. A set of some thousands is one statement, and one more for each step of a merge.
func (s *Subsidies) PayeesByRef(ctx context.Context, refs []models.PersonRef) (map[models.PersonRef]subsidy.PayeePerson, error) {
	if err := s.lockMerges(ctx, "pg_advisory_xact_lock_shared"); err != nil {
		return nil, err
	}
	return s.payeesByRef(ctx, refs)
}

// payeesByRef is PayeesByRef that keeps no merges out.
func (s *Subsidies) payeesByRef(ctx context.Context, refs []models.PersonRef) (map[models.PersonRef]subsidy.PayeePerson, error) {
	want := make([]string, 0, len(refs))
	for _, r := range refs {
		if strings.IndexByte(string(r), 0) < 0 && utf8.ValidString(string(r)) { // else nobody's: PostgreSQL takes no such text
			want = append(want, string(r))
		}
	}
	known := make(map[string]payeePersonRow, len(want))
	for hop := 0; len(want) > 0 && hop <= mostMerges; hop++ { // see merges.go
		next, err := s.readPayees(ctx, want, known)
		if err != nil {
			return nil, err
		}
		want = next
	}
	out := make(map[models.PersonRef]subsidy.PayeePerson, len(refs))
	for _, ref := range refs {
		if r, ok := known[string(ref)]; ok && r.MergedIntoRef == "" {
			out[ref] = r.person()
		} else if ok {
			out[ref] = survivor(known, r).person()
		}
	}
	return out, nil
}

// readPayees reads people by reference into known, and answers what those that were merged became and is not known yet.
// The set is one parameter, so that its size makes no other statement, and rows are read by hand: a payday reads a million.
func (s *Subsidies) readPayees(ctx context.Context, refs []string, known map[string]payeePersonRow) ([]string, error) {
	set, among := textArray(refs), "= ANY (CAST(? AS text[]))"
	if s.driver == SQLite {
		set, among = jsonArray(refs), "IN (SELECT value FROM json_each(?))"
	}
	rows, err := s.q(ctx).Raw("SELECT "+payeeColumns+" FROM persons WHERE ref "+among, set).Rows()
	if err != nil {
		return nil, translate(err)
	}
	defer rows.Close()
	var links []string
	var district, living sql.RawBytes
	words := map[string]string{} // of these there are few
	word := func(b []byte) string {
		w, ok := words[string(b)]
		if !ok {
			w = string(b)
			words[w] = w
		}
		return w
	}
	for rows.Next() {
		var r payeePersonRow
		if err := rows.Scan(&r.ID, &r.Ref, &r.HouseholdRef, &r.MergedIntoRef, &district, &living, &r.IsHead, &r.ChangedAt, &r.DeceasedAt); err != nil {
			return nil, translate(err)
		}
		r.District, r.LivingStatus = word(district), word(living)
		if known[r.Ref] = r; r.MergedIntoRef != "" {
			links = append(links, r.MergedIntoRef)
		}
	}
	return slices.DeleteFunc(links, func(ref string) bool { _, here := known[ref]; return here }), translate(rows.Err())
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

// PayeesByID reads people by our own id.
func (s *Subsidies) PayeesByID(ctx context.Context, ids []models.ID) (map[models.ID]subsidy.PayeePerson, error) {
	var rows []payeePersonRow
	if err := s.q(ctx).Table("persons").Select(payeeColumns).Where("id IN ?", ids).Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	out := make(map[models.ID]subsidy.PayeePerson, len(rows))
	for _, r := range rows {
		out[models.ID(r.ID)] = r.person()
	}
	return out, nil
}
