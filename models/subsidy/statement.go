package subsidy

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"onecard/models"
	"onecard/models/audit"
)

// Statement is what remains of a yearly statement (对账单) once it is handed over: enough to say that it is genuine, and
// nothing that names a person or a programme.
type Statement struct {
	ID       models.ID
	PersonID models.ID
	Year     int
	Code     string // CheckCode's bare form
	Digest   string // of the facts that were printed
	Count    int    // credited payments, and
	TotalFen models.Fen
	AsOf     time.Time
	MadeAt   time.Time
}

// Statements keeps issued statements.
type Statements interface {
	// YearOf lists what may be shown of a person's year, oldest first, at most limit.
	YearOf(ctx context.Context, person models.ID, year, limit int) ([]Payment, error)
	// Holder reads for whom a statement is made; models.ErrNotFound.
	Holder(ctx context.Context, person models.ID) (Holder, error)
	// IssueStatement keeps st, or answers the one already kept for the same person, year and digest: exactly one stays.
	IssueStatement(ctx context.Context, st Statement) (kept Statement, isNew bool, err error)
	StatementByCode(ctx context.Context, code string) (Statement, error) // models.ErrNotFound
	// InTx makes one commit of what fn does.
	InTx(ctx context.Context, fn func(ctx context.Context) error) error
}

// Holder is the person named on a statement. Both values show only their masks unless revealed.
type Holder struct {
	Name     models.Name
	IDNumber models.IDNumber
}

// StatementPrinter draws a sheet as PDF. It is ErrNoGlyph where no font has a character, never a sheet with a hole; a
// caller who leaves ends the wait for a free printer.
type StatementPrinter interface {
	Print(ctx context.Context, sheet Sheet) ([]byte, error)
}

// ErrNoGlyph is a printer's answer to a text that it has no sign for.
var ErrNoGlyph = errors.New("no font has the character")

// mostLines is above what anybody is paid in a year; it bounds one sheet's time, memory and size.
const mostLines = 1000

// File is a printed statement.
type File struct {
	Statement Statement
	Full      bool // the whole name and every programme's name are on it
	PDF       []byte
}

// PrintStatement makes the statement of one year for the actor's subject and keeps a row by which anybody can verify it.
// The same facts give the same row and code, however often they are asked for; issuing one is audited in its commit.
// After a fresh check it names the holder and every programme in full, otherwise masked and sensitive ones neutral (R54,
// R55): a statement goes from hand to hand.
func (s *Service) PrintStatement(ctx context.Context, by models.Actor, year int) (File, error) {
	if err := s.Gate.Allow(ctx, by, models.ActArrivals); err != nil {
		return File{}, err
	}
	if err := s.yearWithin(year); err != nil || year > s.Clock.Now().In(models.Shanghai).Year() {
		return File{}, ErrYear
	}
	known, err := s.look(ctx)
	if err != nil {
		return File{}, err
	}
	lines, err := s.Store.YearOf(ctx, by.Subject, year, mostLines+1)
	if err != nil {
		return File{}, err
	}
	if len(lines) > mostLines {
		return File{}, ErrStatementTooLong
	}
	holder, err := s.Store.Holder(ctx, by.Subject)
	if err != nil {
		return File{}, err
	}
	programmes, err := s.naming(ctx, known, lines...)
	if err != nil {
		return File{}, err
	}
	st, err := s.issue(ctx, by, year, lines, known.asOf)
	if err != nil {
		return File{}, err
	}
	full, err := s.mayNameAll(ctx, by)
	if err != nil {
		return File{}, err
	}
	f := File{Statement: st, Full: full}
	f.PDF, err = s.Printer.Print(ctx, sheetOf(st, holder, lines, programmes, full, s.CheckAddress))
	if errors.Is(err, ErrNoGlyph) {
		s.Log.WarnContext(ctx, "a statement has a character without glyph", "statement", string(st.ID))
		return File{}, ErrStatementGlyph.Because(err)
	}
	return f, err
}

// mayNameAll asks for a fresh check without insisting on it.
func (s *Service) mayNameAll(ctx context.Context, by models.Actor) (bool, error) {
	err := s.Gate.Allow(ctx, by, models.ActArrivalHigh)
	if err != nil && models.KindOf(err) != models.Forbidden {
		return false, err
	}
	return err == nil, nil
}

// issue finds or makes the row of these facts.
func (s *Service) issue(ctx context.Context, by models.Actor, year int, lines []Payment, asOf time.Time) (kept Statement, err error) {
	st := Statement{ID: models.NewID(), PersonID: by.Subject, Year: year, Code: NewCheckCode(), Digest: factsDigest(by.Subject, year, lines), AsOf: asOf, MadeAt: s.Clock.Now()}
	for _, p := range lines {
		if arrived(p) {
			st.Count++
			st.TotalFen += p.AmountFen
		}
	}
	err = s.Store.InTx(ctx, func(ctx context.Context) error {
		var isNew bool
		if kept, isNew, err = s.Store.IssueStatement(ctx, st); err != nil || !isNew {
			return err
		}
		entry := audit.Of(by, st.MadeAt, "subsidy.statement.issued", "statements", string(st.ID), "done")
		return s.Store.RecordAudits(ctx, []audit.Entry{entry})
	})
	return kept, err
}

// arrived reports whether a payment counts in totals: the bank said the money is there, and nothing took it back.
func arrived(p Payment) bool { return p.State == Credited && p.Hold == HoldNone }

// factsDigest names the facts on a statement, not the words for them: a bank's new name is no other statement.
func factsDigest(person models.ID, year int, lines []Payment) string {
	h := sha256.New()
	fmt.Fprintf(h, "statement 1\n%s\n%d\n", person, year)
	for _, p := range lines {
		fmt.Fprintf(h, "%s|%s|%d|%d|%s|%s|%d|%s|%s\n", p.Key, p.Programme, p.Edition, p.AmountFen, p.State, p.Hold, p.CreditedAt.Unix(), p.AccountTail, p.Period)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// StatementCheck is what anybody may know who holds the code.
type StatementCheck struct {
	Statement
	Holder string // the family name alone
}

// CheckStatement answers whether a statement is genuine. Any code that is not one of ours is ErrStatementUnknown, after
// the same look-up: what is wrong about it is not told.
func (s *Service) CheckStatement(ctx context.Context, code string) (StatementCheck, error) {
	bare, ok := ParseCheckCode(code)
	if !ok {
		bare = "-" // looked up like any other, and never there
	}
	st, err := s.Store.StatementByCode(ctx, bare)
	if errors.Is(err, models.ErrNotFound) {
		return StatementCheck{}, ErrStatementUnknown
	}
	if err != nil {
		return StatementCheck{}, err
	}
	holder, err := s.Store.Holder(ctx, st.PersonID)
	if err != nil && !errors.Is(err, models.ErrNotFound) {
		return StatementCheck{}, err
	}
	return StatementCheck{st, familyName(holder.Name)}, nil
}

// familyName is the first character of a name and two stars, however long the name is.
func familyName(n models.Name) string {
	for _, r := range n.Reveal() {
		return string(r) + "**"
	}
	return "**"
}
