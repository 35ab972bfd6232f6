package subsidy

import (
	"encoding/binary"

	"onecard/models"
)

// Finding is one row of a batch's report: a line that is held, parked or worth a look, or, with line 0, the batch itself.
type Finding struct {
	Batch string
	Line  int
	Code  string
}

// What a report says of lines that are no payments held: the holds' own codes stand beside these.
const (
	PayeeUnknown = "PAYEE_UNKNOWN" // parked until the person is known
	PayeeMoved   = "PAYEE_MOVED"   // accepted: the payee lives in another district by now
)

// TakeOptions say how a batch is taken.
type TakeOptions struct {
	By       models.Actor        // who brings the batch, for the audit; the registry where it is nobody
	Operator string              // the name under which that is written down
	DryRun   bool                // read, resolve, weigh and check everything; write nothing that lasts
	Progress func(Progress)      // called every few thousand lines and at the end of each step; may be nil
	Report   func(Finding) error // every finding in line order, before anything is stored; may be nil

	apart SpoolApart
}

// Progress is how far a batch has come.
type Progress struct {
	Step  TakeStep
	Lines int
	Of    int // as announced
}

// TakeStep is a part of taking a batch.
type TakeStep string

// The steps.
const (
	Reading TakeStep = "reading"
	Storing TakeStep = "storing"
)

// Taken is what became of a batch.
type Taken struct {
	State    BatchState // announced after a dry run that found nothing against it
	Reason   string     // why it is held
	Lines    int
	TotalFen models.Fen
	Held     int  // lines stored with a hold
	Parked   int  // lines whose payee we do not know
	Again    bool // these very lines had been taken before: nothing happened
}

// finding is a Finding as a spool keeps it, with what an audit row needs.
type finding struct {
	sort   byte
	line   int
	code   string
	person models.ID
}

const (
	noteReport    byte = iota // only in the report
	noteHeld                  // a line stored with a hold: report and audit
	noteException             // an accepted exception: audit only
)

func (f finding) append(b []byte) []byte {
	record := []byte{f.sort}
	record = binary.AppendUvarint(record, uint64(f.line))
	id, err := idBytes(f.person)
	if err == nil {
		record = append(record, 16)
		record = append(record, id[:]...)
	} else {
		record = append(record, 0)
	}
	record = append(record, f.code...)
	b = binary.AppendUvarint(b, uint64(len(record)))
	return append(b, record...)
}

func readFinding(record []byte) (f finding, err error) {
	if len(record) < 3 {
		return f, errSpoolBroken
	}
	f.sort = record[0]
	line, n := binary.Uvarint(record[1:])
	if n <= 0 || len(record) < 2+n {
		return f, errSpoolBroken
	}
	f.line = int(line)
	rest := record[1+n:]
	size := int(rest[0])
	if len(rest) < 1+size {
		return f, errSpoolBroken
	}
	f.person, f.code = idOf(rest[1:1+size]), string(rest[1+size:])
	return f, nil
}

// ParkedLine is a line that waits for its payee as events of the feed do, its body sealed by the store.
type ParkedLine struct {
	ID      models.ID
	Batch   string
	Line    int
	Version int64
	Body    []byte
}

func (p ParkedLine) append(b []byte) ([]byte, error) {
	id, err := idBytes(p.ID)
	if err != nil {
		return b, err
	}
	record := append([]byte(nil), id[:]...)
	record = binary.AppendUvarint(record, uint64(p.Line))
	record = binary.AppendVarint(record, p.Version)
	record = append(record, p.Body...)
	b = binary.AppendUvarint(b, uint64(len(record)))
	return append(b, record...), nil
}

func readParked(batch string, record []byte) (ParkedLine, error) {
	r := rowReader{rest: record}
	p := ParkedLine{Batch: batch, ID: idOf(r.bytes(16)), Line: int(r.uvarint()), Version: r.varint()}
	p.Body = append([]byte(nil), r.rest...)
	if r.bad {
		return p, errSpoolBroken
	}
	return p, nil
}

// EntityID is the feed's name of the line.
func (p ParkedLine) EntityID() string {
	return Key{BatchID: p.Batch, Line: p.Line}.id()
}
