package store

import (
	"context"

	"onecard/models"
	"onecard/models/subsidy"
)

type payeePersonRow struct {
	ID, Ref, HouseholdRef, MergedIntoRef string
	IsHead                               bool
}

func (r payeePersonRow) person() subsidy.PayeePerson {
	return subsidy.PayeePerson{ID: models.ID(r.ID), IsHead: r.IsHead, HouseholdRef: r.HouseholdRef}
}

// mostMerges is how long a chain of merged records is followed; a longer one, or a ring, ends there.
const mostMerges = 5

// PayeesByRef resolves the registry's references of people we know. A merged record is the person it became, where
// that one is here already.
func (s *Subsidies) PayeesByRef(ctx context.Context, refs []models.PersonRef) (map[models.PersonRef]subsidy.PayeePerson, error) {
	known := map[string]payeePersonRow{}
	want := make([]string, 0, len(refs))
	for _, r := range refs {
		want = append(want, string(r))
	}
	for hop := 0; len(want) > 0 && hop <= mostMerges; hop++ {
		var rows []payeePersonRow
		err := s.q(ctx).Table("persons").Select("id, ref, household_ref, is_head, merged_into_ref").Where("ref IN ?", want).Find(&rows).Error
		if err != nil {
			return nil, translate(err)
		}
		want = nil
		for _, r := range rows {
			known[r.Ref] = r
			if _, have := known[r.MergedIntoRef]; r.MergedIntoRef != "" && !have {
				want = append(want, r.MergedIntoRef)
			}
		}
	}
	out := make(map[models.PersonRef]subsidy.PayeePerson, len(refs))
	for _, ref := range refs {
		r, ok := known[string(ref)]
		if !ok {
			continue
		}
		for range mostMerges {
			next, here := known[r.MergedIntoRef]
			if r.MergedIntoRef == "" || !here {
				break
			}
			r = next
		}
		out[ref] = r.person()
	}
	return out, nil
}

// PayeesByID reads people by our own id.
func (s *Subsidies) PayeesByID(ctx context.Context, ids []models.ID) (map[models.ID]subsidy.PayeePerson, error) {
	var rows []payeePersonRow
	if err := s.q(ctx).Table("persons").Select("id, household_ref, is_head").Where("id IN ?", ids).Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	out := make(map[models.ID]subsidy.PayeePerson, len(rows))
	for _, r := range rows {
		out[models.ID(r.ID)] = r.person()
	}
	return out, nil
}
