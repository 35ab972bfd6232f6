package hotline_test

import (
	"cmp"
	"context"
	"slices"

	"onecard/models"
	"onecard/models/audit"
	"onecard/models/hotline"
)

func (m *memory) SearchAudit(ctx context.Context, q hotline.AuditQuery) (found []audit.Entry, err error) {
	defer m.lock(ctx)()
	for _, e := range m.rows.audit {
		fits := !e.At.Before(q.From) && e.At.Before(q.Until) && (q.Before == "" || e.ID < q.Before) && (q.StaffID == "" || e.ActorID == q.StaffID) &&
			(q.CallID == "" || e.CallID == q.CallID) && (len(q.People) == 0 || slices.Contains(q.People, e.SubjectID))
		if fits {
			found = append(found, e)
		}
	}
	slices.SortFunc(found, func(a, b audit.Entry) int { return cmp.Compare(b.ID, a.ID) })
	return found[:min(len(found), q.Limit)], nil
}

// SamePerson knows of no merges.
func (m *memory) SamePerson(_ context.Context, id models.ID) ([]models.ID, error) {
	return []models.ID{id}, nil
}

func (m *memory) PersonOfReceipt(_ context.Context, receipt string) (models.ID, error) {
	for _, p := range m.people {
		if receipt == receiptOf(p.ID) {
			return p.ID, nil
		}
	}
	return "", models.ErrNotFound
}

// receiptOf is the receipt of anything that memory has about a person.
func receiptOf(person models.ID) string {
	n := int64(0)
	for _, b := range []byte(person) {
		n = n*31%90_000_000 + int64(b)
	}
	return models.ReceiptNumber(noon, n)
}
