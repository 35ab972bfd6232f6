package subsidy

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/emmansun/gmsm/sm3"

	"onecard/models"
)

// Bucket is what the two sides count by within a ledger month.
type Bucket struct {
	Programme string
	District  string
	State     State
}

// Sum is what stands in a bucket.
type Sum struct {
	Count    int
	TotalFen models.Fen
	Content  int64 // the sum of ContentOf over its lines; NoContent where it is not told
}

// NoContent stands for the content of a source that tells none.
const NoContent = -1

// agrees holds our sum against the registry's, as far as that one goes.
func (s Sum) agrees(theirs Sum) bool {
	if theirs.Content == NoContent {
		s.Content = NoContent
	}
	return s == theirs
}

// ContentOf is one line's part in the content of a figure: the first four bytes, as a number, of SHA-256 over the
// contract's form batch_id|line_no|version|programme_version|amount_fen|payee_ref|credit_no|return_reason. The payment's
// PaidRef must be there.
func ContentOf(p Payment) int64 {
	return ContentSum(fmt.Sprintf("%s|%d|%d|%d|%d|%s|%s|%s", p.Key.BatchID, p.Key.Line, p.Version, p.Edition, int64(p.AmountFen), p.PaidRef, p.CreditNo, p.ReturnReason))
}

// ContentSum is ContentOf of a line in that form.
func ContentSum(form string) int64 {
	sum := sha256.Sum256([]byte(form))
	return int64(binary.BigEndian.Uint32(sum[:]))
}

// LineMark is one line of a bucket as the two sides compare it.
type LineMark struct {
	Key       Key
	Version   int64
	AmountFen models.Fen
	Digest    string // see MarkOf
	Content   int64  // see ContentOf; NoContent where it is not told
}

// agrees holds our mark against the registry's, as far as that one goes.
func (m LineMark) agrees(theirs LineMark) bool {
	if theirs.Content == NoContent {
		m.Content = NoContent
	}
	return m == theirs
}

// MarkOf is the mark of one of our payments. Its digest is the one of the contract: hex SM3 over
// line_no|programme_version|amount_fen|credit_no|return_reason. The payment's PaidRef must be there.
func MarkOf(p Payment) LineMark {
	sum := sm3.Sum(fmt.Appendf(nil, "%d|%d|%d|%s|%s", p.Key.Line, p.Edition, int64(p.AmountFen), p.CreditNo, p.ReturnReason))
	return LineMark{p.Key, p.Version, p.AmountFen, hex.EncodeToString(sum[:]), ContentOf(p)}
}

// Mark is the mark of a line as the registry tells it.
func (l Line) Mark() LineMark {
	p := l.Payment
	p.PaidRef = l.PayeeRef
	return MarkOf(p)
}

// FigureQuery asks for the sums of a month.
type FigureQuery struct {
	Month    string
	District string   // empty: all
	Except   []string // batches that are left out
	Content  bool     // ours: with the content, which costs more than a count
}

// MarkQuery asks for the marks of one bucket, in the order of their keys.
type MarkQuery struct {
	FigureQuery
	Bucket
	After Key // its month is the query's
	Limit int
}

// FigureSource is the registry's side of the comparison. Every error is models.ErrUnavailable.
type FigureSource interface {
	Figures(ctx context.Context, q FigureQuery) (map[Bucket]Sum, error)
	// Marks answers a page and whether more follows.
	Marks(ctx context.Context, q MarkQuery) ([]LineMark, bool, error)
	// LinesNow answers those of the lines that the registry has, as they are now; of a batch that it does not have, none.
	LinesNow(ctx context.Context, batch string, lines []int) ([]Line, error)
}

// Compared keeps our side, and what was found to differ.
type Compared interface {
	FigureMonths(ctx context.Context) ([]string, error)            // of every batch, the newest first
	Unsettled(ctx context.Context, month string) ([]string, error) // batches that are being taken, are held or withdrawn
	OurFigures(ctx context.Context, q FigureQuery) (map[Bucket]Sum, error)
	// OurMarks answers our payments of a bucket after After up to and with to; the zero key is the end. PaidRef is there in
	// each, as in those of OurLines.
	OurMarks(ctx context.Context, q MarkQuery, to Key) ([]Payment, error)
	OurLines(ctx context.Context, keys []Key) (map[Key]Payment, error)
	// LowerVersions puts the versions of our payments that still have the one given below every other, so that what the
	// registry says is taken whatever we had. It returns those lowered.
	LowerVersions(ctx context.Context, seen map[Key]int64) (map[Key]bool, error)

	// RestoreVersions gives lowered ones back what they had.
	RestoreVersions(ctx context.Context, was map[Key]int64) error

	// SaveDifferences writes what a comparison of a district's month came to. Open ones that were not met since the given
	// instant are gone; the zero one leaves them.
	SaveDifferences(ctx context.Context, month, district string, list []Difference, at, since time.Time) error
	Differences(ctx context.Context, q DifferenceQuery) ([]Difference, error) // the newest found first
	OpenDistricts(ctx context.Context, month string) ([]string, error)        // those with open differences
	CheckedFigures(ctx context.Context, month string) (digest string, err error)
	SaveCheckedFigures(ctx context.Context, month, digest string, at time.Time) error
	Enqueue(ctx context.Context, job models.Job) error
}

// DifferenceKind says how the two sides differ about a line.
type DifferenceKind string

// The kinds.
const (
	MissingHere  DifferenceKind = "missing_here"
	MissingThere DifferenceKind = "missing_there" // never deleted: a person must look
	OtherVersion DifferenceKind = "version"
	OtherState   DifferenceKind = "state"
	OtherAmount  DifferenceKind = "amount"
	OtherContent DifferenceKind = "content"
)

// The states of a difference.
const (
	DifferenceOpen     = "open"
	DifferenceRepaired = "repaired"
	DifferenceGone     = "gone" // the two sides agree without our doing
)

// Difference is one line about which the two sides do not agree. No person stands in it.
type Difference struct {
	Key          Key
	Kind         DifferenceKind
	State        string
	Programme    string
	District     string
	Ours, Theirs Side
	Why          string // what stands in the way of a repair: PAYEE_UNKNOWN, NOT_IN_REGISTRY
	FoundAt      time.Time
	SeenAt       time.Time
}

// Side is one side of a difference; the zero value is a line that is not there.
type Side struct {
	Version   int64
	State     State
	AmountFen models.Fen
}

// DifferenceQuery asks for a page of differences.
type DifferenceQuery struct {
	State    string // empty: all
	Month    string
	District string
	AfterAt  time.Time
	After    Key
	Limit    int
}
