package subsidy

import (
	"context"

	"onecard/models"
)

// DifferenceView is one difference as a reviewer sees it.
type DifferenceView struct {
	Difference
	ID   string
	Code string // of the programme; empty where it alone would name it (R55)
	Name string
}

// DifferenceList lists what the comparison with the registry's figures found, the newest first.
func (s *Service) DifferenceList(ctx context.Context, by models.Actor, q DifferenceQuery) (items []DifferenceView, more bool, err error) {
	r, err := s.Reviewers.Reviewer(ctx, by)
	if err != nil {
		return nil, false, err
	}
	if r.District != "" {
		q.District = r.District
	}
	q.Limit++
	found, err := s.Store.Differences(ctx, q)
	if err != nil {
		return nil, false, err
	}
	programmes, err := s.editions(ctx)
	if err != nil {
		return nil, false, err
	}
	if more = len(found) == q.Limit; more {
		found = found[:q.Limit-1]
	}
	for _, d := range found {
		v := DifferenceView{Difference: d, ID: d.Key.String(), Name: neutral}
		for _, pr := range programmes[d.Programme] {
			if v.Name = pr.NeutralName(); !pr.namedOnlyInDetail() {
				v.Code = d.Programme
			}
		}
		if programmes.class(d.Programme) == SensitivityHigh {
			v.Code, v.Name = "", neutral
		}
		items = append(items, v)
	}
	return items, more, nil
}
