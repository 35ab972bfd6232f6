package store

import (
	"context"
	"errors"

	"onecard/models"
	"onecard/models/audit"
	"onecard/models/hotline"
)

// AuditTrail reads the audit table as auditors search it.
type AuditTrail struct{ *DB }

// AuditTrail is the audit table as auditors search it.
func (db *DB) AuditTrail() *AuditTrail { return &AuditTrail{db} }

var _ hotline.AuditTrail = (*AuditTrail)(nil)

// SearchAudit lists entries newest first. Ids grow with time, so they are the cursor; each filter has its index.
func (t *AuditTrail) SearchAudit(ctx context.Context, q hotline.AuditQuery) ([]audit.Entry, error) {
	if q.StaffID == "" && q.CallID == "" && len(q.People) == 0 {
		return nil, errors.New("a search of the audit asks for somebody's trace")
	}
	rows := t.q(ctx).Table("audit_entries").Where("at >= ? AND at < ?", q.From, q.Until)
	if q.StaffID != "" {
		rows = rows.Where("actor_kind = 'agent' AND actor_id = ?", string(q.StaffID))
	}
	if q.CallID != "" {
		rows = rows.Where("call_id <> '' AND call_id = ?", string(q.CallID))
	}
	if len(q.People) > 0 {
		people := make([]string, len(q.People))
		for i, id := range q.People {
			people[i] = string(id)
		}
		rows = rows.Where("subject_id <> '' AND subject_id IN ?", people)
	}
	if q.Before != "" {
		rows = rows.Where("id < ?", string(q.Before))
	}
	var found []auditRow
	if err := rows.Order("id DESC").Limit(q.Limit).Find(&found).Error; err != nil {
		return nil, translate(err)
	}
	out := make([]audit.Entry, len(found))
	for i, r := range found {
		out[i] = r.entry()
	}
	return out, nil
}

// PersonOfReceipt finds about whom a receipt is. Reports of misuse are not among them: they name no reporter (R68).
func (t *AuditTrail) PersonOfReceipt(ctx context.Context, receipt string) (models.ID, error) {
	var ids []string
	err := t.q(ctx).Raw(`SELECT CAST(person_id AS text) FROM loss_reports WHERE receipt = ?
		UNION SELECT CAST(person_id AS text) FROM applications WHERE receipt = ?
		UNION SELECT CAST(person_id AS text) FROM replacements WHERE receipt = ?
		UNION SELECT CAST(person_id AS text) FROM enquiries WHERE number = ? AND person_id IS NOT NULL`,
		receipt, receipt, receipt, receipt).Scan(&ids).Error
	if err != nil {
		return "", translate(err)
	}
	if len(ids) != 1 {
		return "", models.ErrNotFound
	}
	return models.ID(ids[0]), nil
}

// SamePerson follows merges both ways: into whom a record went, and what went into it before.
func (t *AuditTrail) SamePerson(ctx context.Context, id models.ID) ([]models.ID, error) {
	known, asked := map[string]payeePersonRow{}, map[string]bool{}
	var self payeePersonRow
	if err := t.q(ctx).Table("persons").Select("id, ref, merged_into_ref").Where("id = ?", string(id)).Take(&self).Error; err != nil {
		if errors.Is(translate(err), models.ErrNotFound) { // what was audited about a record outlives it
			return []models.ID{id}, nil
		}
		return nil, translate(err)
	}
	known[self.Ref] = self
	for want := []string{self.Ref}; len(want) > 0 && len(asked) < mostMerges; {
		into := make([]string, 0, len(want))
		for _, ref := range want {
			asked[ref] = true
			into = append(into, known[ref].MergedIntoRef)
		}
		var rows []payeePersonRow
		err := t.q(ctx).Table("persons").Select("id, ref, merged_into_ref").Where("ref IN ? OR merged_into_ref <> '' AND merged_into_ref IN ?", into, want).Find(&rows).Error
		if err != nil {
			return nil, translate(err)
		}
		want = nil
		for _, r := range rows {
			if _, met := known[r.Ref]; !met {
				known[r.Ref] = r
				want = append(want, r.Ref)
			}
		}
	}
	left := survivor(known, self)
	out := []models.ID{models.ID(left.ID)}
	for ref, r := range known {
		if ref != left.Ref {
			out = append(out, models.ID(r.ID))
		}
	}
	return out, nil
}
