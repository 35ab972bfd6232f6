package subsidy

import (
	"time"

	"onecard/models"
	"onecard/models/flow"
)

// BatchState is where a batch is whose lines are fetched as a whole. One whose lines come by the feed stays announced.
type BatchState string

// The states of a batch.
const (
	BatchAnnounced BatchState = "announced" // its newest announcement is not taken yet
	BatchSpooled   BatchState = "spooled"   // read, checked and sorted, ready to be stored
	BatchApplied   BatchState = "applied"   // its lines stand
	BatchHeld      BatchState = "held"      // not taken, as a whole, for a named reason; what stood before still stands
	BatchWithdrawn BatchState = "withdrawn" // announced by mistake: its lines are hidden
)

// BatchEvent moves a batch.
type BatchEvent string

// The events.
const (
	onSpooled   BatchEvent = "spooled"
	onApplied   BatchEvent = "applied"
	onHeld      BatchEvent = "held"
	onAnnounced BatchEvent = "announced_again" // a newer announcement
	onReleased  BatchEvent = "released"        // someone let it be tried again
	onWithdrawn BatchEvent = "withdrawn"
)

// BatchFlow is the life of a batch. Nothing leads out of withdrawn.
var BatchFlow = flow.New("batch", BatchAnnounced,
	flow.Edge[BatchState, BatchEvent]{From: BatchAnnounced, On: onSpooled, To: BatchSpooled},
	flow.Edge[BatchState, BatchEvent]{From: BatchAnnounced, On: onHeld, To: BatchHeld},
	flow.Edge[BatchState, BatchEvent]{From: BatchAnnounced, On: onAnnounced, To: BatchAnnounced},
	flow.Edge[BatchState, BatchEvent]{From: BatchAnnounced, On: onWithdrawn, To: BatchWithdrawn},
	flow.Edge[BatchState, BatchEvent]{From: BatchSpooled, On: onApplied, To: BatchApplied},
	flow.Edge[BatchState, BatchEvent]{From: BatchSpooled, On: onSpooled, To: BatchSpooled},
	flow.Edge[BatchState, BatchEvent]{From: BatchSpooled, On: onHeld, To: BatchHeld},
	flow.Edge[BatchState, BatchEvent]{From: BatchSpooled, On: onAnnounced, To: BatchAnnounced},
	flow.Edge[BatchState, BatchEvent]{From: BatchSpooled, On: onWithdrawn, To: BatchWithdrawn},
	flow.Edge[BatchState, BatchEvent]{From: BatchHeld, On: onAnnounced, To: BatchAnnounced},
	flow.Edge[BatchState, BatchEvent]{From: BatchHeld, On: onReleased, To: BatchAnnounced},
	flow.Edge[BatchState, BatchEvent]{From: BatchHeld, On: onWithdrawn, To: BatchWithdrawn},
	flow.Edge[BatchState, BatchEvent]{From: BatchApplied, On: onAnnounced, To: BatchAnnounced},
	flow.Edge[BatchState, BatchEvent]{From: BatchApplied, On: onWithdrawn, To: BatchWithdrawn},
)

// Why a batch is held whole.
const (
	BatchCountMismatch  = "BATCH_COUNT_MISMATCH"
	BatchTotalMismatch  = "BATCH_TOTAL_MISMATCH"
	BatchDigestMismatch = "BATCH_DIGEST_MISMATCH"
	BatchOutOfOrder     = "BATCH_LINES_OUT_OF_ORDER"
	BatchLineTwice      = "BATCH_LINE_TWICE"
	BatchLineGap        = "BATCH_LINE_GAP" // lines are numbered from 1 without a gap; the report names the first that is missing
	BatchUnreadable     = "BATCH_LINE_UNREADABLE"
	BatchLineTooLong    = "BATCH_LINE_TOO_LONG"
	BatchForeignLine    = "BATCH_LINE_FOREIGN"   // of another batch, or of another month
	BatchNotTaken       = "BATCH_NOT_TAKEN"      // could not be read or stored some times in a row; it goes on being tried
	BatchLinesMissing   = "BATCH_LINES_MISSING"  // a line that stood is not in the newer announcement
	BatchLineSameAsOld  = "BATCH_LINE_NOT_NEWER" // a line that is another one, under the version it had
)

// BatchLife is a batch as we keep it: the newest announcement, and what became of it.
type BatchLife struct {
	Batch
	State     BatchState
	Reason    string
	Waiting   bool // a worker has something to do about it
	Loading   bool // half of its lines may be stored, which nobody is shown (SQLite)
	Spooled   bool // when it was leased: an earlier attempt may have begun to store it
	Attempt   int  // fences a worker whose lease ended
	Tries     int  // failed in a row
	AppliedAt time.Time
	HeldAt    time.Time

	// What stands, which may be older than the announcement.
	AppliedCount  int
	AppliedFen    models.Fen
	AppliedDigest string
}

// same reports whether the announcement that stands is the newest one, and its lines are those announced. A file's batch
// may come without a digest: then only its lines can tell.
func (l BatchLife) same() bool {
	return l.State == BatchApplied && l.AppliedCount == l.Count && l.AppliedFen == l.TotalFen && l.AppliedDigest == l.Digest
}

// Announced is what an announcement of a higher version makes of a batch; was is its zero value for one never heard of. A
// withdrawal is final. Any other is to be taken: figures do not tell whether lines have changed, from sent to credited.
func (b Batch) Announced(was BatchLife) BatchLife {
	is := was
	is.Batch = b
	if was.State == "" {
		is.State = BatchAnnounced
	}
	is.Withdrawn = was.Withdrawn || b.Withdrawn
	switch {
	case is.State == BatchWithdrawn:
	case is.Withdrawn:
		is.Waiting, is.Tries = true, 0
	case b.LinesBy == ByStream, b.LinesBy == ByFile:
		if was.State != "" {
			is.State, _ = BatchFlow.Next(is.State, onAnnounced)
		}
		is.Waiting, is.Reason, is.Tries = b.LinesBy == ByStream, "", 0
	default:
		is.Waiting = false
	}
	if is.Waiting || b.LinesBy == ByFile {
		is.Attempt++ // a worker busy with the older one has lost it
	}
	return is
}
