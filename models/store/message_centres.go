package store

import (
	"context"

	"onecard/models"
	"onecard/models/notice"
	"onecard/models/subsidy"
)

// CentresOf tells for whom notices are sent: programme and department of the batch that a notice about a payment is of. A
// notice that is missing in the answer is ours to pay. Two statements, however many notices.
func (s *MessageCosts) CentresOf(ctx context.Context, notices []models.ID) (map[models.ID]notice.CostCentre, error) {
	var causes []struct{ ID, Cause string }
	err := s.q(ctx).Table("notices").Select("id, cause").Where("id IN ? AND object = 'payment'", notices).Scan(&causes).Error
	if err != nil || len(causes) == 0 {
		return nil, translate(err)
	}
	wanted := map[string]bool{}
	for _, c := range causes {
		wanted[subsidy.BatchOfCause(c.Cause)] = true
	}
	ids := make([]string, 0, len(wanted))
	for id := range wanted {
		ids = append(ids, id)
	}
	var batches []struct{ ID, Programme, Department string }
	if err := s.q(ctx).Table("batches").Select("id, programme, department").Where("id IN ?", ids).Scan(&batches).Error; err != nil {
		return nil, translate(err)
	}
	by := map[string]notice.CostCentre{}
	for _, b := range batches {
		by[b.ID] = notice.CostCentre{Programme: b.Programme, Department: b.Department}
	}
	out := map[models.ID]notice.CostCentre{}
	for _, c := range causes {
		if centre, known := by[subsidy.BatchOfCause(c.Cause)]; known {
			out[models.ID(c.ID)] = centre
		}
	}
	return out, nil
}
