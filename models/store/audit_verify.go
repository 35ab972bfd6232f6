package store

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"hash"
)

// AuditReport is what a check of the audit trail saw, up to the first break.
type AuditReport struct {
	Seals    int64 // seals checked
	Entries  int64 // sealed rows checked
	Unsealed int64 // rows younger than the last seal, checked by their own digest
	Break    *AuditBreak
}

// AuditBreak is the first place where the trail is not what was written.
type AuditBreak struct {
	Kind  string // one of the Break words
	Seal  int64  // the seal at or in which it breaks; zero among unsealed rows
	Entry string // the row, where one can be named
	Text  string
}

// The kinds of break.
const (
	BreakRowTampered  = "row_tampered"  // a row's fields do not belong to its digest
	BreakRowMissing   = "row_missing"   // a seal covers more rows than are there
	BreakRowAdded     = "row_added"     // a seal covers fewer rows than are there
	BreakRowsMoved    = "rows_moved"    // all rows are genuine, but not the ones that were sealed, or not in this order
	BreakSealTampered = "seal_tampered" // a seal's signature is not ours
	BreakSealMissing  = "seal_missing"  // a number or a range is left out
	BreakCopyDiffers  = "copy_differs"  // a copy kept outside is not what the database holds
)

func (b *AuditBreak) String() string {
	return fmt.Sprintf("%s at seal %d, row %q: %s", b.Kind, b.Seal, b.Entry, b.Text)
}

// VerifyAudit reads the whole trail once, in order and without holding it in memory, and reports the first break:
// every row against its digest, every seal against its rows, its signature and the seal before it. Copies kept
// outside the database also show when its end has been cut off. An error means that it could not be read.
func (db *DB) VerifyAudit(ctx context.Context, copies ...AuditSeal) (AuditReport, error) {
	v := &verifier{db: db, copies: make(map[int64]AuditSeal, len(copies))}
	var newest int64
	for _, c := range copies {
		v.copies[c.N] = c
		newest = max(newest, c.N)
	}
	// The last seal is read before the rows, so that every row it covers is in the rows' snapshot.
	var end AuditSeal
	if err := db.q(ctx).Order("n DESC").Limit(1).Find(&end).Error; err != nil {
		return AuditReport{}, translate(err)
	}
	//nolint:rowserrcheck // the verifier's next asks rows.Err where the rows end
	rows, err := db.q(ctx).Raw(`SELECT id, tx, at, actor_kind, actor_id, channel, level, subject_id, call_id, action,
		object, object_id, result, detail, digest FROM audit_entries ORDER BY tx, id`).Rows()
	if err != nil {
		return AuditReport{}, translate(err)
	}
	defer rows.Close()
	v.rows = rows
	if err = v.seals(ctx, end.N); err == nil && v.report.Break == nil {
		if newest > end.N {
			v.broken(BreakSealMissing, end.N+1, "", "kept in a copy, gone from the database")
		} else {
			err = v.tail()
		}
	}
	return v.report, err
}

// verifier walks rows and seals side by side.
type verifier struct {
	db     *DB
	rows   *sql.Rows
	copies map[int64]AuditSeal
	report AuditReport
	ahead  *auditRow // read from rows, belongs to a later range
}

func (v *verifier) broken(kind string, seal int64, entry, text string) {
	v.report.Break = &AuditBreak{kind, seal, entry, text}
}

func (v *verifier) seals(ctx context.Context, end int64) error {
	var last AuditSeal
	for last.N < end {
		page, err := v.db.sealsAfter(ctx, last.N)
		if err != nil {
			return err
		}
		for _, s := range page {
			if s.N > end {
				return nil
			}
			if err = v.seal(last, s); err != nil || v.report.Break != nil {
				return err
			}
			last = s
			v.report.Seals++
		}
		if len(page) == 0 { // the last one vanished while we read
			v.broken(BreakSealMissing, last.N+1, "", "gone")
			return nil
		}
	}
	return nil
}

// seal checks one seal and the rows it covers.
func (v *verifier) seal(last, s AuditSeal) error {
	switch c, kept := v.copies[s.N]; {
	case s.N != last.N+1:
		v.broken(BreakSealMissing, last.N+1, "", fmt.Sprintf("the next seal is %d", s.N))
		return nil
	case !bytes.Equal(s.Signature, s.sign(v.db.audit)):
		v.broken(BreakSealTampered, s.N, "", "the signature is not ours")
		return nil
	case s.FromTx != last.ToTx:
		v.broken(BreakSealMissing, s.N, "", "the range does not begin where the seal before ended")
		return nil
	case kept && !bytes.Equal(c.Signature, s.Signature):
		v.broken(BreakCopyDiffers, s.N, "", "the copy is another seal")
		return nil
	}
	h := newSealHash(last, s)
	n, first, err := v.cover(s, h)
	if err != nil || v.report.Break != nil {
		return err
	}
	switch {
	case n < s.Entries:
		v.broken(BreakRowMissing, s.N, "", fmt.Sprintf("%d of %d rows sealed at %s are there", n, s.Entries, s.SealedAt.UTC().Format("2006-01-02T15:04:05Z")))
	case n > s.Entries:
		v.broken(BreakRowAdded, s.N, first, fmt.Sprintf("%d rows where %d were sealed", n, s.Entries))
	case !bytes.Equal(h.Sum(nil), s.Hash):
		v.broken(BreakRowsMoved, s.N, first, "the rows are not those that were sealed, or not in this order")
	}
	v.report.Entries += n
	return nil
}

// cover hashes the rows of one seal's range, counts them and names the first.
func (v *verifier) cover(s AuditSeal, h hash.Hash) (n int64, first string, err error) {
	for {
		r, err := v.next()
		if err != nil || r == nil {
			return n, first, err
		}
		if r.Tx >= s.ToTx {
			v.ahead = r
			return n, first, nil
		}
		if !r.intact(v.db.audit) {
			v.broken(BreakRowTampered, s.N, r.ID, "the row does not belong to its digest")
			return n, first, nil
		}
		if n == 0 {
			first = r.ID
		}
		_, _ = h.Write(r.Digest)
		n++
	}
}

// tail checks the rows that no seal covers yet.
func (v *verifier) tail() error {
	for {
		r, err := v.next()
		if err != nil || r == nil {
			return err
		}
		if !r.intact(v.db.audit) {
			v.broken(BreakRowTampered, 0, r.ID, "the row does not belong to its digest")
			return nil
		}
		v.report.Unsealed++
	}
}

func (v *verifier) next() (*auditRow, error) {
	if r := v.ahead; r != nil {
		v.ahead = nil
		return r, nil
	}
	if !v.rows.Next() {
		return nil, translate(v.rows.Err())
	}
	var r auditRow
	err := v.rows.Scan(&r.ID, &r.Tx, &r.At, &r.ActorKind, &r.ActorID, &r.Channel, &r.Level, &r.SubjectID, &r.CallID,
		&r.Action, &r.Object, &r.ObjectID, &r.Result, &r.Detail, &r.Digest)
	if err != nil {
		return nil, fmt.Errorf("read audit row: %w", translate(err))
	}
	return &r, nil
}
