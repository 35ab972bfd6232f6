package notice

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"onecard/models"
	"onecard/models/audit"
)

// ReasonRestored stands in the row of a delivery that waits because the database was restored.
const ReasonRestored = "restored"

// Restore says that the database was put back to an earlier point. What was queued then may have been sent in the span
// that was lost, so it is held until a person has looked.
type Restore struct {
	ID        models.ID
	LostUntil time.Time // what happened until then may have been told already
	Evidence  string    // how it was found: the audit seal that the database does not have; empty: somebody said it
	Basis     string    // in words, by whom it was noted
	NotedAt   time.Time
	Decision  RestoreDecision
	Words     string // why it was decided so
	DecidedAt time.Time
	SealedAt  time.Time // of the missing seal, while one is noted: who reaches beyond it knows of it. Not kept
}

// MissingSeal is an audit seal that stands outside the database and not in it.
type MissingSeal struct {
	Name     string    // its number and hash; empty: there is none
	SealedAt time.Time //
}

// RestoreDecision is what became of the held messages.
type RestoreDecision string

// The decisions.
const (
	RestoreOpen     RestoreDecision = ""
	RestoreReleased RestoreDecision = "released" // they are sent, as far as they are still worth it
	RestoreDropped  RestoreDecision = "dropped"  // they were sent before: the inbox is enough
)

// HeldAfterRestore reports whether a message that may have been sent before a restore waits for a person. Confirmations
// of a loss go all the same: as with any unknown fate, told twice is better than never. Codes do not wait, they end.
func HeldAfterRestore(s Spec) bool { return !s.Secret && !(s.Lane == LaneLoss && s.Resend) }

// RestoreStore keeps restores and moves what they hold.
type RestoreStore interface {
	InTx(ctx context.Context, fn func(ctx context.Context) error) error
	RecordAudit(ctx context.Context, e audit.Entry) error

	// SealMissing finds the newest audit seal that stands outside the database and not in it, unless a restore that was
	// noted already took it away.
	SealMissing(ctx context.Context) (MissingSeal, error)
	// AddRestore writes one down, pauses what campaigns are under way, and gives false where this evidence was noted before,
	// or one is open that covers it or that somebody said.
	AddRestore(ctx context.Context, r Restore) (bool, error)
	// LastRestore is the newest; one without an id where there was none.
	LastRestore(ctx context.Context) (Restore, error)
	DecideRestore(ctx context.Context, r Restore) error // guarded: models.ErrConflict where it was decided
	// HoldQueued ends codes and holds what else was queued until then, at most limit at once.
	HoldQueued(ctx context.Context, until time.Time, limit int) (int, error)
	// EndHeld queues what a restore holds, or withholds it.
	EndHeld(ctx context.Context, d RestoreDecision, limit int) (int, error)
	// HoldFactsUntil makes this process hold what it queues about facts until then; zero: no more.
	HoldFactsUntil(t time.Time)
	HeldByRestore(ctx context.Context) (map[Lane]int, error)
}

// Restores are the use cases.
type Restores struct {
	Store RestoreStore
	Clock models.Clock
}

// Find notes a restore that shows by itself: a seal of the audit trail stands outside the database and not in it. It
// runs before anything is sent, and reports whether it noted one.
func (s Restores) Find(ctx context.Context) (bool, error) {
	missing, err := s.Store.SealMissing(ctx)
	if err != nil || missing.Name == "" {
		return false, err
	}
	until := s.Clock.Now()
	if missing.SealedAt.After(until) {
		until = missing.SealedAt
	}
	return s.note(ctx, system, Restore{LostUntil: until, Evidence: missing.Name, SealedAt: missing.SealedAt})
}

// Note writes a restore down: everything until lostUntil may have been told. false: one is open already.
func (s Restores) Note(ctx context.Context, by models.Actor, lostUntil time.Time, basis string) (bool, error) {
	basis = strings.TrimSpace(basis)
	if wrong := wrongWords(basis); wrong != nil {
		return false, wrong
	}
	if now := s.Clock.Now(); lostUntil.IsZero() || lostUntil.After(now) {
		return false, models.InvalidInput(models.FieldError{Field: "until", Code: "UNFIT", Message: "请填写恢复前最后一次正常运行的时间,不晚于现在。"})
	}
	return s.note(ctx, by, Restore{LostUntil: lostUntil, Basis: basis})
}

func (s Restores) note(ctx context.Context, by models.Actor, r Restore) (noted bool, err error) {
	r.ID, r.NotedAt = models.NewID(), s.Clock.Now()
	err = s.Store.InTx(ctx, func(ctx context.Context) error {
		if noted, err = s.Store.AddRestore(ctx, r); err != nil || !noted {
			return err
		}
		return s.Store.RecordAudit(ctx, audit.Of(by, r.NotedAt, "notice.restore.noted", "restores", string(r.ID), "held"))
	})
	return noted, err
}

// Decide lets what is held go, or withholds it. models.ErrConflict where nothing is open.
func (s Restores) Decide(ctx context.Context, by models.Actor, d RestoreDecision, words string) error {
	words = strings.TrimSpace(words)
	if wrong := wrongWords(words); wrong != nil {
		return wrong
	}
	return s.Store.InTx(ctx, func(ctx context.Context) error {
		r, err := s.Store.LastRestore(ctx)
		if err != nil {
			return err
		}
		if r.ID == "" || r.Decision != RestoreOpen {
			return models.ErrConflict
		}
		r.Decision, r.Words, r.DecidedAt = d, words, s.Clock.Now()
		if err := s.Store.DecideRestore(ctx, r); err != nil {
			return err
		}
		return s.Store.RecordAudit(ctx, audit.Of(by, r.DecidedAt, "notice.restore."+string(d), "restores", string(r.ID), string(d)))
	})
}

func wrongWords(words string) error {
	if n := utf8.RuneCountInString(words); n < 4 || n > 200 {
		return models.InvalidInput(models.FieldError{Field: "reason", Code: "LENGTH", Message: "请用4至200字说明,不写姓名和号码。"})
	}
	return nil
}

// Work keeps what is queued in line with the newest restore, some rows at once, and reports whether there is more.
func (s Restores) Work(ctx context.Context) (more bool, err error) {
	r, err := s.Store.LastRestore(ctx)
	if err != nil || r.ID == "" {
		return false, err
	}
	var n int
	if r.Decision == RestoreOpen {
		s.Store.HoldFactsUntil(r.LostUntil)
		n, err = s.Store.HoldQueued(ctx, r.LostUntil, moveAtOnce)
	} else {
		s.Store.HoldFactsUntil(time.Time{})
		n, err = s.Store.EndHeld(ctx, r.Decision, moveAtOnce)
	}
	return n == moveAtOnce, err
}

// Show is the newest restore and how much of each lane it holds.
func (s Restores) Show(ctx context.Context) (Restore, map[Lane]int, error) {
	r, err := s.Store.LastRestore(ctx)
	if err != nil {
		return r, nil, err
	}
	held, err := s.Store.HeldByRestore(ctx)
	return r, held, err
}
