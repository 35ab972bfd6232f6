package subsidy

import (
	"context"
	"encoding/hex"
	"errors"
	"hash"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/emmansun/gmsm/sm3"

	"onecard/models"
)

// chunkLines is how many lines are resolved by one statement: few enough that others need not wait for it.
const chunkLines = 512

// chunkBytes ends a chunk of long lines earlier.
const chunkBytes = 2 << 20

// chunk is some lines on their way from the source to the spool. It is used again: memory does not grow.
type chunk struct {
	lines  []Line
	raw    []byte
	ends   []int // of each line's raw form
	asked  chan struct{}
	people map[models.PersonRef]PayeePerson
	failed error
}

func newChunk() *chunk { return &chunk{lines: make([]Line, 0, chunkLines)} }

// ask looks up whom the lines pay; wait before anything else is done with them.
func (c *chunk) ask(ctx context.Context, of Store) {
	if len(c.lines) == 0 {
		return
	}
	c.asked = make(chan struct{})
	go func() {
		defer close(c.asked)
		c.failed = models.Lowly(func() (err error) {
			c.people, err = of.PayeesByRef(ctx, refsOf(c.lines))
			return err
		})
	}()
}

func (c *chunk) wait() {
	if c.asked != nil {
		<-c.asked
	}
}

func (c *chunk) add(l Line) {
	c.raw = append(c.raw, l.Raw...)
	c.ends = append(c.ends, len(c.raw))
	l.Raw = nil
	c.lines = append(c.lines, l)
}

func (c *chunk) full() bool { return len(c.lines) >= chunkLines || len(c.raw) >= chunkBytes }

func (c *chunk) rawOf(i int) []byte {
	from := 0
	if i > 0 {
		from = c.ends[i-1]
	}
	return c.raw[from:c.ends[i]]
}

// errEnough ends the reading of a source that has more lines than were announced.
var errEnough = errors.New("subsidy: more lines than announced")

// reading is one reading of one batch: what it has found so far.
type reading struct {
	*Service
	batch      Batch
	o          TakeOptions
	w          *spoolWriter
	programmes editions
	digest     hash.Hash
	form       []byte
	lines      int
	last       int
	missing    int // the first number that no line has; 0: none yet
	total      models.Fen
	absurd     bool // the total does not fit a number any more
	verdict    string
	waiting    map[string]bool
}

// read streams a batch into a spool.
// The spool's verdict says why the batch must be held whole. An error says that nothing is known: try again. The spool is the
// caller's to seal or to drop.
func (s *Service) read(ctx context.Context, b Batch, src LineSource, o TakeOptions) (sp *spool, err error) {
	programmes, err := s.editions(ctx)
	if err != nil {
		return nil, err
	}
	w, err := newSpoolWriter(s.SpoolDir, spoolName(b))
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			w.drop()
		}
	}()
	w.m.WrittenAt = models.Instant(s.Clock.Now())
	r := &reading{Service: s, batch: b, o: o, w: w, programmes: programmes, digest: sm3.New(), waiting: map[string]bool{}}
	if err := r.stream(ctx, src); err != nil {
		return nil, err
	}
	if err := r.conclude(); err != nil {
		return nil, err
	}
	w.m.Verdict = r.verdict
	return w.end()
}

// stream takes the lines while they come, some thousands at a time: while the database looks up whom these pay, the next
// are read. More side by side would make those wait who read meanwhile.
func (r *reading) stream(ctx context.Context, src LineSource) error {
	ctx, stop := context.WithCancel(ctx)
	now, other, n := newChunk(), newChunk(), 0
	defer func() {
		stop()
		now.wait()
		other.wait()
	}()
	turn := func() error { // asks about the chunk that is full, and takes the one that was asked about before
		now.ask(ctx, r.Store)
		now, other = other, now
		return r.takeChunk(ctx, now)
	}
	err := src.BatchLines(ctx, r.batch.ID, func(l Line) error {
		if n++; n > r.batch.Count+1 {
			return errEnough
		}
		if now.add(l); now.full() {
			return turn()
		}
		return nil
	})
	var bad *LineError
	if errors.As(err, &bad) || errors.Is(err, errEnough) {
		err = nil
	}
	for range 2 { // the last chunk, and the one before
		if err == nil {
			err = turn()
		}
	}
	if err == nil && bad != nil {
		err = r.condemn(bad.Line, bad.Code, bad.Code)
	}
	return err
}

// takeChunk checks, weighs and spools lines that were asked about.
func (r *reading) takeChunk(ctx context.Context, c *chunk) error {
	if c.wait(); len(c.lines) == 0 || c.failed != nil {
		return c.failed
	}
	for i := range c.lines {
		if err := r.takeLine(ctx, c, i); err != nil {
			return err
		}
	}
	if r.o.Progress != nil {
		r.o.Progress(Progress{Reading, r.lines, r.batch.Count})
	}
	c.lines, c.raw, c.ends = c.lines[:0], c.raw[:0], c.ends[:0]
	return nil
}

func (r *reading) takeLine(ctx context.Context, c *chunk, i int) error {
	l := &c.lines[i]
	r.lines++
	if ok, err := r.sound(l); !ok || err != nil {
		return err
	}
	payee, known := c.people[l.PayeeRef]
	if !known {
		return r.parkLine(ctx, l, c.rawOf(i))
	}
	p := &l.Payment
	l.paidTo(payee, c.people[l.BeneficiaryRef], r.w.m.WrittenAt)
	_, listed := r.programmes.of(*p)
	if p.Hold = weigh(*p, listed, payee); p.Hold == HoldProgrammeUnknown {
		r.waiting[p.Programme] = true
	}
	if err := r.w.add(p); err != nil {
		return err
	}
	switch {
	case p.Hold != HoldNone:
		return r.find(finding{noteHeld, p.Key.Line, string(p.Hold), p.PersonID})
	case p.PayeeKind == ToHousehold && excepted(*p):
		if err := r.w.note(finding{noteException, p.Key.Line, string(HoldNotHead), p.PersonID}); err != nil {
			return err
		}
	}
	if livesElsewhere(p, payee) {
		return r.find(finding{sort: noteReport, line: p.Key.Line, code: PayeeMoved, person: p.PersonID})
	}
	return nil
}

// sound checks a line against the batch. One that is not sound condemns the batch, and the reading goes on for the
// report.
func (r *reading) sound(l *Line) (bool, error) {
	p := &l.Payment
	n := p.Key.Line
	switch {
	case l.Bad != "":
		code := strings.ToUpper(l.Bad)
		if strings.HasPrefix(code, "BATCH_") {
			return false, r.condemn(n, code, code)
		}
		return false, r.condemn(n, code, BatchUnreadable)
	case p.Key.BatchID != r.batch.ID || p.Key.LedgerMonth != r.batch.LedgerMonth:
		return false, r.condemn(n, BatchForeignLine, BatchForeignLine)
	case n < 1 || n > mostLine || l.PayeeRef == "" || !p.Storable():
		return false, r.condemn(n, BatchUnreadable, BatchUnreadable)
	case n == r.last:
		return false, r.condemn(n, BatchLineTwice, BatchLineTwice)
	case n < r.last:
		return false, r.condemn(n, BatchOutOfOrder, BatchOutOfOrder)
	}
	if n > r.last+1 && r.missing == 0 {
		r.missing = r.last + 1
	}
	r.last = n
	f := strconv.AppendInt(r.form[:0], int64(n), 10)
	f = append(append(append(f, '|'), l.BeneficiaryRef...), '|')
	r.form = append(strconv.AppendInt(f, int64(p.AmountFen), 10), '\n')
	r.digest.Write(r.form)
	sum := r.total + p.AmountFen
	if (sum > r.total) != (p.AmountFen > 0) && p.AmountFen != 0 {
		r.absurd = true
	}
	r.total = sum
	return true, nil
}

const mostLine = 999_999_999

// condemn holds the batch whole, for the first reason found.
func (r *reading) condemn(line int, code, verdict string) error {
	if r.verdict == "" {
		r.verdict = verdict
	}
	return r.find(finding{sort: noteReport, line: line, code: code})
}

func (r *reading) find(f finding) error {
	if r.o.Report != nil {
		if err := r.o.Report(Finding{r.batch.ID, f.line, f.code}); err != nil {
			return err
		}
	}
	return r.w.note(f)
}

// sealLine is a line as it waits among the parked ones.
func (s *Service) sealLine(ctx context.Context, l *Line, raw []byte) (ParkedLine, error) {
	if len(raw) == 0 {
		return ParkedLine{}, errors.New("subsidy: a source hands over lines without their raw form")
	}
	p, err := s.Store.SealLine(ctx, raw)
	p.Batch, p.Line, p.Version = l.Key.BatchID, l.Key.Line, l.Version
	return p, err
}

func (r *reading) parkLine(ctx context.Context, l *Line, raw []byte) error {
	p, err := r.sealLine(ctx, l, raw)
	if err != nil {
		return err
	}
	if err := r.w.park(p); err != nil {
		return err
	}
	return r.find(finding{sort: noteReport, line: l.Key.Line, code: PayeeUnknown})
}

// conclude compares the figures with those announced. Only a batch brought by hand may come without a digest.
func (r *reading) conclude() error {
	sum := hex.EncodeToString(r.digest.Sum(nil))
	r.w.m.Lines, r.w.m.Last, r.w.m.TotalFen, r.w.m.Digest = r.lines, r.last, int64(r.total), sum
	r.w.m.Waiting = slices.Sorted(maps.Keys(r.waiting))
	b := r.batch
	if r.missing > 0 && r.verdict == "" {
		return r.condemn(r.missing, BatchLineGap, BatchLineGap)
	}
	for _, c := range []struct {
		bad  bool
		code string
	}{
		{r.lines != b.Count, BatchCountMismatch},
		{r.total != b.TotalFen || r.absurd, BatchTotalMismatch},
		{!strings.EqualFold(sum, b.Digest) && (b.Digest != "" || b.LinesBy != ByFile), BatchDigestMismatch},
	} {
		if c.bad && r.verdict == "" {
			return r.condemn(0, c.code, c.code)
		}
	}
	return nil
}
