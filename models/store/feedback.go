package store

import (
	"context"
	"time"

	"onecard/models"
	"onecard/models/hotline"
	"onecard/models/subsidy"
)

var _ subsidy.FeedbackStore = (*Subsidies)(nil)

type feedbackRow struct {
	LedgerMonth string
	BatchID     string
	Line        int
	PersonID    string
	Answer      string
	SeenFen     int64
	NoteSealed  []byte
	EnquiryID   *string
	AnsweredAt  time.Time
	Version     int
	Number      *string
}

// moveFeedback gives the answers of a merged record to the person it became, with the payments they are about; an answer
// that is there already stays.
func (s *Subsidies) moveFeedback(ctx context.Context, from, into models.ID) error {
	return translate(s.w(ctx).Exec(`UPDATE payment_feedback SET person_id = ? WHERE person_id = ? AND NOT EXISTS (SELECT 1 FROM payment_feedback own
		WHERE own.ledger_month = payment_feedback.ledger_month AND own.batch_id = payment_feedback.batch_id AND own.line = payment_feedback.line
		AND own.person_id = ?)`, string(into), string(from), string(into)).Error)
}

func (s *Subsidies) feedback(ctx context.Context, r feedbackRow) (subsidy.Feedback, error) {
	k := subsidy.Key{LedgerMonth: r.LedgerMonth, BatchID: r.BatchID, Line: r.Line}
	note, err := s.Unseal(ctx, "payment_feedback", "note_sealed", k.String(), r.NoteSealed)
	f := subsidy.Feedback{Key: k, PersonID: models.ID(r.PersonID), Answer: subsidy.FeedbackAnswer(r.Answer), SeenFen: models.Fen(r.SeenFen),
		Note: string(note), EnquiryID: idOf(r.EnquiryID), AnsweredAt: models.Instant(r.AnsweredAt), Version: r.Version}
	if r.Number != nil {
		f.Number = *r.Number
	}
	return f, err
}

// SaveFeedback writes the latest answer. The row is locked by it, so of two answers at once one waits for the other.
func (s *Subsidies) SaveFeedback(ctx context.Context, f subsidy.Feedback) (subsidy.Feedback, error) {
	note, err := s.Seal(ctx, "payment_feedback", "note_sealed", f.Key.String(), []byte(f.Note))
	if err != nil {
		return subsidy.Feedback{}, err
	}
	var enquiry *string
	err = s.w(ctx).Raw(`INSERT INTO payment_feedback (ledger_month, batch_id, line, person_id, answer, seen_fen, note_sealed, answered_at, version)
		VALUES (?,?,?,?,?,?,?,?,1) ON CONFLICT (ledger_month, batch_id, line, person_id) DO UPDATE SET answer = excluded.answer,
		seen_fen = excluded.seen_fen, note_sealed = excluded.note_sealed, answered_at = excluded.answered_at, version = payment_feedback.version + 1
		RETURNING version, enquiry_id`, f.Key.LedgerMonth, f.Key.BatchID, f.Key.Line, string(f.PersonID), string(f.Answer), int64(f.SeenFen), note,
		models.Instant(f.AnsweredAt)).Row().Scan(&f.Version, &enquiry)
	f.EnquiryID = idOf(enquiry)
	return f, translate(err)
}

// LinkFeedback notes the enquiry of an answer.
func (s *Subsidies) LinkFeedback(ctx context.Context, f subsidy.Feedback) error {
	return guarded(s.w(ctx).Exec("UPDATE payment_feedback SET enquiry_id = ? WHERE ledger_month = ? AND batch_id = ? AND line = ? AND person_id = ?",
		nullID(f.EnquiryID), f.Key.LedgerMonth, f.Key.BatchID, f.Key.Line, string(f.PersonID)))
}

// FeedbackOf reads the latest answer.
func (s *Subsidies) FeedbackOf(ctx context.Context, person models.ID, k subsidy.Key) (subsidy.Feedback, error) {
	var r feedbackRow
	err := s.q(ctx).Table("payment_feedback f").Select("f.*, e.number").Joins("LEFT JOIN enquiries e ON e.id = f.enquiry_id").
		Where("f.ledger_month = ? AND f.batch_id = ? AND f.line = ? AND f.person_id = ?", k.LedgerMonth, k.BatchID, k.Line, string(person)).Take(&r).Error
	if err != nil {
		return subsidy.Feedback{}, translate(err)
	}
	return s.feedback(ctx, r)
}

// OpenFeedbackCase gives the enquiry of an answer: the one opened before while it is not closed, with its kind set to
// what is said now; else a new one.
func (db *DB) OpenFeedbackCase(ctx context.Context, c subsidy.FeedbackCase) (id models.ID, number string, err error) {
	err = db.InTx(ctx, func(ctx context.Context) error {
		if c.EnquiryID != "" {
			e, err := db.Enquiries().EnquiryByID(ctx, c.EnquiryID)
			if err != nil {
				return err
			}
			if !e.State.Over() {
				id, number = e.ID, e.Number
				return translate(db.w(ctx).Exec("UPDATE enquiries SET kind = ?, version = version + 1 WHERE id = ? AND kind <> ?",
					c.Kind, string(e.ID), c.Kind).Error)
			}
		}
		now, err := db.Now(ctx)
		if err != nil {
			return err
		}
		n, err := db.NextNumber(ctx, "enquiry", models.DateOf(now))
		if err != nil {
			return err
		}
		e, entry := hotline.NewCase(c.Cause, c.Kind, c.Person, "payments", c.Payment.String(), now, n)
		e.Department, e.District, e.SentenceID, e.ExplainedAsOf = c.Department, c.District, c.SentenceID, c.AsOf
		id, number = e.ID, e.Number
		err = translate(db.w(ctx).Exec(`INSERT INTO enquiries (id, number, cause, kind, person_id, object, object_id, district, department, sentence_id,
			explained_as_of, state, opened_at, version) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)`,
			string(e.ID), e.Number, e.Cause, e.Kind, nullID(e.PersonID), e.Object, e.ObjectID, e.District, e.Department, e.SentenceID,
			nullTime(e.ExplainedAsOf), string(e.State), e.OpenedAt, e.Version).Error)
		if err != nil {
			return err
		}
		return db.RecordAudit(ctx, entry)
	})
	return id, number, err
}
