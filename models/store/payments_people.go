package store

import (
	"context"
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
	rows, err := s.readPayees(ctx, want)
	if err != nil {
		return nil, err
	}
	out := make(map[models.PersonRef]subsidy.PayeePerson, len(rows))
	merged := false
	for i := range rows {
		out[models.PersonRef(rows[i].Ref)] = rows[i].person()
		merged = merged || rows[i].MergedIntoRef != ""
	}
	if !merged { // as nearly always
		return out, nil
	}
	known, err := s.followed(ctx, rows)
	if err != nil {
		return nil, err
	}
	for ref := range out {
		out[ref] = survivor(known, known[string(ref)]).person()
	}
	return out, nil
}

// followed is rows and all that their merged records became, as far as it is here.
func (s *Subsidies) followed(ctx context.Context, rows []payeePersonRow) (map[string]payeePersonRow, error) {
	known := make(map[string]payeePersonRow, len(rows))
	for hop := 0; len(rows) > 0 && hop <= mostMerges; hop++ { // see merges.go
		var links []string
		for _, r := range rows {
			known[r.Ref] = r
		}
		for _, r := range rows {
			if _, here := known[r.MergedIntoRef]; !here && r.MergedIntoRef != "" {
				links = append(links, r.MergedIntoRef)
			}
		}
		if len(links) == 0 {
			break
		}
		var err error
		if rows, err = s.readPayees(ctx, links); err != nil {
			return nil, err
		}
	}
	return known, nil
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
