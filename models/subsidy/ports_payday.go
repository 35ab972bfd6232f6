package subsidy

import (
	"context"
	"time"

	"onecard/models"
)

// BatchSeen is what a line of the feed must know of its batch.
type BatchSeen struct {
	LedgerMonth string
	Whole       bool // its lines come as a whole, not by the feed
	Pending     bool // its lines come as a whole and have not yet: nothing may come before them
	Withdrawn   bool
}

// Paydays keeps the life of batches whose lines come as a whole.
type Paydays interface {
	InTx(ctx context.Context, fn func(ctx context.Context) error) error
	// BatchLife reads one batch; models.ErrNotFound.
	BatchLife(ctx context.Context, id string) (BatchLife, error)
	// TakeDueBatch leases the batch that has waited longest, to be read, stored or withdrawn; by the database's clock. Of
	// any number of callers exactly one gets it. false: none waits.
	TakeDueBatch(ctx context.Context, lease time.Duration) (BatchLife, bool, error)
	// TakeThisBatch leases one batch whatever it waits for; false while another has it.
	TakeThisBatch(ctx context.Context, id string, lease time.Duration) (BatchLife, bool, error)
	// KeepBatch draws the lease out; models.ErrConflict when it is lost, or a newer announcement came.
	KeepBatch(ctx context.Context, l BatchLife, lease time.Duration) error
	// SettleBatch writes what became of the batch and ends the lease. It counts only under the lease of this very
	// attempt; models.ErrConflict otherwise.
	SettleBatch(ctx context.Context, l BatchLife, s BatchSettlement) error
	// LinesStanding counts the stored lines of a batch; those of a load that broke off do not count.
	LinesStanding(ctx context.Context, l BatchLife) (int, error)
	// StandingLines hands over what a merge must know of the stored lines from one to another, in any order, by one statement.
	StandingLines(ctx context.Context, l BatchLife, from, to int, take func(StandingLine)) error
	// LinesByKey reads stored lines, to be changed in this transaction.
	LinesByKey(ctx context.Context, keys []Key) (map[Key]Payment, error)
	// LoadLines stores the lines of a batch that has none, and runs finish in the commit that makes them visible. On
	// PostgreSQL that is one transaction and one COPY. On SQLite lines are committed 5,000 at a time and shown to nobody
	// before the last commit; a load that broke off is begun anew. models.ErrConflict when a line was there.
	LoadLines(ctx context.Context, l BatchLife, rows *Rows, step func(stored int), finish func(ctx context.Context) error) error
	// InLongTx is InTx for a change of so many lines: it has the time it needs, and holds the feed back meanwhile.
	InLongTx(ctx context.Context, lines int, fn func(ctx context.Context) error) error
	// NextDataSeq counts a change of what readers see, in order with the feed's.
	NextDataSeq(ctx context.Context) (int64, error)
	// SaveFindings replaces the report of a batch by what each yields.
	SaveFindings(ctx context.Context, batch string, at time.Time, each func(take func(Finding) error) error) error
	// AddFindings adds to reports what is not there yet.
	AddFindings(ctx context.Context, list []Finding, at time.Time) error
	Findings(ctx context.Context, batch string, after Finding, limit int) ([]Finding, error)
	// SealLine seals the raw form of a line that must wait for its payee, under a new id.
	SealLine(ctx context.Context, raw []byte) (ParkedLine, error)
	// ParkLines puts such lines among the events of the feed that are tried again; one already there changes nothing.
	ParkLines(ctx context.Context, list []ParkedLine, at time.Time) error
	// HideLines puts a hold on every line of a batch and answers the number of the last one; 0 where there is none.
	HideLines(ctx context.Context, b Batch, hold Hold) (last int, err error)
	// EnqueueAll inserts jobs in the transaction of ctx.
	EnqueueAll(ctx context.Context, jobs []models.Job) error
}

// StandingLine is what a merge must know of a line that stands.
type StandingLine struct {
	Line      int
	Version   int64
	AmountFen models.Fen
	PersonID  models.ID
}

// BatchSettlement is what an attempt at a batch came to.
type BatchSettlement struct {
	State   BatchState
	Reason  string
	Waiting bool          // more is to be done
	Keep    bool          // the lease goes on
	After   time.Duration // for waiting ones: not before this long from now
	Failed  bool          // counts a failed try
	DataSeq int64
	At      time.Time

	// Of what stands now, where State is applied.
	Count    int
	TotalFen models.Fen
	Digest   string
	Held     int
	Parked   int
}

// RunState is where the telling of a batch is.
type RunState string

// The states of a run.
const (
	RunQueued    RunState = "queued"
	RunRunning   RunState = "running"
	RunPaused    RunState = "paused"
	RunDone      RunState = "done"
	RunCancelled RunState = "cancelled"
)

// RunKind says what a run tells.
type RunKind string

// The kinds of runs.
const (
	TellArrivals   RunKind = "arrival"
	TellAgain      RunKind = "arrival_again" // the credits that a newer announcement of the batch brought
	TellCorrection RunKind = "correction"    // to those who were told of a batch that was withdrawn
)

// NoticeRun stands for all notices of a batch.
type NoticeRun struct {
	ID          models.ID
	Kind        RunKind
	Batch       string
	LedgerMonth string
	State       RunState
	Next        int // the first line not looked at yet
	Total       int // the last line
	Told        int
	QueuedAt    time.Time
	EndedAt     time.Time
}

// Runs keeps what is still to be told, one row for a batch.
type Runs interface {
	// AddRun queues a run; a second one of the same kind for the batch changes nothing.
	AddRun(ctx context.Context, r NoticeRun) error
	// RunAgain queues a run from its next line on; one of the same kind for the batch goes on from there, or from before.
	RunAgain(ctx context.Context, r NoticeRun) error
	// RunsOpen reports whether there is something to tell, without asking for the right to write.
	RunsOpen(ctx context.Context) (bool, error)
	// HoldRun takes an open run and holds it until the transaction ends, corrections first; runs that another holds are
	// passed over. false: none is open.
	HoldRun(ctx context.Context) (NoticeRun, bool, error)
	SaveRun(ctx context.Context, r NoticeRun) error
	// CancelRuns ends the runs of this kind that are not over.
	CancelRuns(ctx context.Context, batch string, kind RunKind, at time.Time) error
	// UntoldFrom answers, for batches whose arrivals are still being told, the first line not told yet, and holds the
	// runs until the transaction ends.
	UntoldFrom(ctx context.Context, batches []string) (map[string]int, error)
	// RunLines lists some lines of the batch, from the run's next one on.
	RunLines(ctx context.Context, r NoticeRun, limit int) ([]Payment, error)
	// TakeBackNotices drops those not handed over yet and answers the causes of the others.
	TakeBackNotices(ctx context.Context, causes []string) (told []string, err error)
	// FreeCauses lets what these causes have told be told again, to somebody else.
	FreeCauses(ctx context.Context, causes []string) error
}
