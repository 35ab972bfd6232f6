package store

import (
	"context"

	"onecard/models"
	"onecard/models/subsidy"
)

// mostMerges is how long a chain of merged records is followed; a longer one ends there.
const mostMerges = 32

// mergeLock is held shared by who resolves payees to store payments under them, and alone by who moves payments for a
// merge: else a line resolved just before a merge would be stored under the old record just after it. Only batches do
// without it: their lines are looked through once they are stored (InvalidateSlice).
const mergeLock = 0x6f6e656d657267

// survivor is who is left of a record, as far as the rows are here. Of a ring, which the registry must not send, it is
// the same member whoever of them is asked for: the first by reference.
func survivor(known map[string]payeePersonRow, r payeePersonRow) payeePersonRow {
	met := map[string]bool{}
	for range mostMerges {
		next, here := known[r.MergedIntoRef]
		if r.MergedIntoRef == "" || !here {
			return r
		}
		if met[r.Ref] {
			return firstOfRing(known, r)
		}
		met[r.Ref] = true
		r = next
	}
	return r
}

func firstOfRing(known map[string]payeePersonRow, r payeePersonRow) payeePersonRow {
	first := r
	for next := known[r.MergedIntoRef]; next.Ref != r.Ref; next = known[next.MergedIntoRef] {
		if next.Ref < first.Ref {
			first = next
		}
	}
	return first
}

// lockMerges keeps merges out of the transaction of ctx, or, alone, everybody who resolves payees. SQLite has one writer.
func (s *Subsidies) lockMerges(ctx context.Context, function string) error {
	if s.driver == SQLite || s.txFrom(ctx) == nil {
		return nil
	}
	return translate(s.w(ctx).Exec("SELECT "+function+"(?)", int64(mergeLock)).Error)
}

// Moves lists who is left of the records that refs name or that became one of those, where it is another one.
func (s *Subsidies) Moves(ctx context.Context, refs []models.PersonRef) (map[models.ID]models.ID, error) {
	var merged []models.PersonRef
	ids, seen := map[models.PersonRef]models.ID{}, map[models.PersonRef]bool{}
	for want := refs; len(want) > 0; {
		var rows []payeePersonRow
		err := s.q(ctx).Table("persons").Select("id, ref, merged_into_ref").Where("merged_into_ref <> ''").
			Where("ref IN ? OR merged_into_ref IN ?", want, want).Find(&rows).Error
		if err != nil {
			return nil, translate(err)
		}
		want = nil
		for _, r := range rows {
			if ref := models.PersonRef(r.Ref); !seen[ref] {
				seen[ref], ids[ref] = true, models.ID(r.ID)
				merged, want = append(merged, ref), append(want, ref)
			}
		}
	}
	if len(merged) == 0 {
		return nil, nil
	}
	if err := s.lockMerges(ctx, "pg_advisory_xact_lock"); err != nil {
		return nil, err
	}
	left, err := s.PayeesByRef(ctx, merged)
	if err != nil {
		return nil, err
	}
	moves := map[models.ID]models.ID{}
	for ref, from := range ids {
		if into := left[ref].ID; into != from {
			moves[from] = into
		}
	}
	return moves, nil
}

// Successors lists who is left of each record. It keeps no merges out: a batch that is being merged for minutes would,
// and may hold the rows that they wait for. What is merged meanwhile follows as after a load.
func (s *Subsidies) Successors(ctx context.Context, ids []models.ID) (map[models.ID]subsidy.Successor, error) {
	var rows []payeePersonRow
	if err := s.q(ctx).Table("persons").Select("id, ref").Where("id IN ?", ids).Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	refs := make([]models.PersonRef, len(rows))
	for i, r := range rows {
		refs[i] = models.PersonRef(r.Ref)
	}
	left, err := s.payeesByRef(ctx, refs)
	out := make(map[models.ID]subsidy.Successor, len(rows))
	for i, r := range rows {
		out[models.ID(r.ID)] = subsidy.Successor{ID: left[refs[i]].ID, Ref: refs[i]}
	}
	return out, err
}

// MovePayments gives one record's payments to the person it became. Of a line to somebody else the beneficiary stays as
// it was told: no index leads there, and its next version names the survivor. What they were paid under stays known.
func (s *Subsidies) MovePayments(ctx context.Context, from, into models.ID) (int64, error) {
	res := s.w(ctx).Exec(`UPDATE payments SET person_id = ?, beneficiary_id = CASE WHEN beneficiary_id = ? THEN ? ELSE beneficiary_id END,
		paid_ref = COALESCE(paid_ref, (SELECT ref FROM persons WHERE id = ?)) WHERE person_id = ?`, string(into), string(from), string(into), string(from), string(from))
	if res.Error != nil || res.RowsAffected == 0 {
		return res.RowsAffected, translate(res.Error)
	}
	return res.RowsAffected, s.moveFeedback(ctx, from, into)
}

var _ subsidy.HotRead = (*Subsidies)(nil)
