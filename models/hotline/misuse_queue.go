package hotline

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"onecard/models"
	"onecard/models/notice"
)

// The console's side of reports. Whoever belongs to the reported department meets none of them: the condition stands in
// each query, so there is no answer in which one could be forgotten (R68).

// MisuseQueue lists reports of a state, oldest first, without text, contact and reporter.
func (m *Misuse) MisuseQueue(ctx context.Context, by models.Actor, state MisuseState, p Page) ([]MisuseReport, error) {
	member, err := m.member(ctx, by, MayReadMisuse)
	if err != nil {
		return nil, err
	}
	return m.Reports.MisuseIn(ctx, state, member.Department, p)
}

// ReadMisuse reads one report with its text; who read it is written down in the same commit.
func (m *Misuse) ReadMisuse(ctx context.Context, by models.Actor, id models.ID) (MisuseReport, error) {
	member, err := m.member(ctx, by, MayReadMisuse)
	if err != nil {
		return MisuseReport{}, err
	}
	var r MisuseReport
	err = m.Journal.InTx(ctx, func(ctx context.Context) error {
		if r, err = m.ours(ctx, id, member); err != nil {
			return err
		}
		return m.record(ctx, staffOnly(by), "hotline.misuse.read", "misuse_reports", string(id), "shown")
	})
	return r, err
}

// AnswerMisuse gives the answer; a reporter who was logged in is told that there is one.
func (m *Misuse) AnswerMisuse(ctx context.Context, by models.Actor, id models.ID, text string) (MisuseReport, error) {
	text = strings.TrimSpace(text)
	if n := utf8.RuneCountInString(text); n == 0 || n > 1000 {
		return MisuseReport{}, models.InvalidInput(models.FieldError{Field: "answer", Code: "LENGTH", Message: "请填写1至1000字的答复。"})
	}
	return m.moveMisuse(ctx, by, id, MisuseAnswer, text)
}

// CloseMisuse ends an answered report; any other is models.ErrConflict.
func (m *Misuse) CloseMisuse(ctx context.Context, by models.Actor, id models.ID) (MisuseReport, error) {
	return m.moveMisuse(ctx, by, id, MisuseClose, "")
}

func (m *Misuse) moveMisuse(ctx context.Context, by models.Actor, id models.ID, on MisuseEvent, answer string) (MisuseReport, error) {
	member, err := m.member(ctx, by, MayReadMisuse)
	if err != nil {
		return MisuseReport{}, err
	}
	var out MisuseReport
	err = m.Journal.InTx(ctx, func(ctx context.Context) error {
		prior, err := m.Journal.Remember(ctx, by, "misuse_reports", string(id))
		if err != nil {
			return err
		}
		if out, err = m.ours(ctx, id, member); err != nil || prior != "" {
			return err
		}
		from := out.State
		to, err := MisuseFlow.Next(from, on)
		if err != nil {
			return models.ErrConflict.Because(err)
		}
		now := m.Clock.Now()
		if out.State = to; on == MisuseAnswer {
			out.Answer, out.AnsweredBy, out.AnsweredAt = answer, by.ID, models.Instant(now)
		} else {
			out.ClosedAt = models.Instant(now)
		}
		if err := m.Reports.UpdateMisuse(ctx, out, from, member.Department); err != nil {
			return err
		}
		out.Version++
		if on == MisuseAnswer && out.PersonID != "" {
			err := m.Notices.AddNotice(ctx, notice.Draft{Cause: "misuse:" + string(id) + ":answered", Kind: notice.ReportAnswered, PersonID: out.PersonID, At: now})
			if err != nil {
				return err
			}
		}
		return m.record(ctx, staffOnly(by), "hotline.misuse."+string(to), "misuse_reports", string(id), string(to))
	})
	return out, err
}

// ours reads a report that the member of staff may meet.
func (m *Misuse) ours(ctx context.Context, id models.ID, member Staff) (MisuseReport, error) {
	r, err := m.Reports.MisuseByID(ctx, id, member.Department)
	if errors.Is(err, models.ErrNotFound) {
		return MisuseReport{}, ErrMisuseNotFound
	}
	return r, err
}

// staffOnly is the actor without the caller on the telephone, who has nothing to do with a report.
func staffOnly(by models.Actor) models.Actor {
	by.Subject, by.CallID = "", ""
	return by
}
