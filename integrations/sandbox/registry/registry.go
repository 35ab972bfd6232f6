package registry

import (
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// Options say which city, whose keys, and how strict.
type Options struct {
	Seed       uint64
	StartMonth time.Time        // any instant of the month; zero: the month of Now. A folder's own month wins
	Now        func() time.Time // nil: the machine's clock
	Dir        string           // where changes are kept; empty: in memory only
	Cards      Client           // who may call the cards source
	Payments   Client           // who may call the payments source
	Fence      bool             // refuse a card_seq lower than one seen
}

// Client is a caller's id and the secret both sides sign with.
type Client struct{ ID, Secret string }

// Registry is the other side: city, commands, feeds.
type Registry struct {
	opts Options
	now  func() time.Time

	mu      sync.Mutex
	st      *state
	journal *journal
	named   []namedCitizen
	start   time.Time
	faults  []*Fault
	fence   bool
	nonces  map[string]time.Time
	asked   map[string]int // how often a request id was asked for since the start
	counter int64          // changes so far
	sub     uint8          // serial numbers drawn for the next change

	stop     chan struct{}
	stopOnce sync.Once
}

const journalFormat = 1

// New builds the city and replays what the folder remembers.
func New(opts Options) (*Registry, error) {
	if opts.Cards.ID == "" || opts.Cards.Secret == "" || opts.Payments.ID == "" || opts.Payments.Secret == "" {
		return nil, errors.New("registry sandbox: both sources need a client id and a secret")
	}
	r := &Registry{opts: opts, now: opts.Now, fence: opts.Fence, st: newState(), nonces: map[string]time.Time{}, asked: map[string]int{}, stop: make(chan struct{})}
	if r.now == nil {
		r.now = time.Now
	}
	if opts.StartMonth.IsZero() {
		opts.StartMonth = r.now()
	}
	j, head, changes, err := openJournal(opts.Dir, journalHead{Format: journalFormat, Seed: opts.Seed, StartMonth: monthStart(opts.StartMonth).Format("2006-01")})
	if err != nil {
		return nil, err
	}
	month, err := time.ParseInLocation("2006-01", head.StartMonth, shanghai)
	if err != nil || head.Format != journalFormat {
		return nil, errors.Join(fmt.Errorf("registry sandbox: this folder's journal has another format"), j.close())
	}
	c := cityOf(head.Seed, month)
	r.st.load(c)
	r.named, r.start, r.journal = c.named, c.start, j
	for i := range changes {
		r.apply(&changes[i])
	}
	return r, nil
}

// apply brings a change into the state. Called with the lock held, or before anyone else knows r.
func (r *Registry) apply(c *change) {
	for _, e := range c.Events {
		r.st.publish(e)
	}
	if c.Command != nil {
		if r.st.commands[c.Command.RequestID] == nil {
			r.st.commandOrder = append(r.st.commandOrder, c.Command.RequestID)
		}
		r.st.commands[c.Command.RequestID] = c.Command
		if c.Command.Seen && c.Command.CardSeq > r.st.seenSeq[c.Command.CardRef] {
			r.st.seenSeq[c.Command.CardRef] = c.Command.CardSeq
		}
	}
	if c.Effect != nil {
		r.st.effects = append(r.st.effects, *c.Effect)
	}
	if c.Attachment != "" {
		r.st.attachments[c.Attachment] = c.Size
	}
	if c.Payday != nil {
		r.keep(c.Payday)
	}
	if c.Trim != "" {
		r.st.logs[c.Trim].trim()
	}
	if c.Rewind != "" {
		r.st.logs[c.Rewind].rewind(c.Size)
	}
	r.counter++
	r.sub = 0
}

// commit writes a change to the journal, then applies it. Nothing is answered before.
func (r *Registry) commit(c change) error {
	if err := r.journal.write(c); err != nil {
		return err
	}
	r.apply(&c)
	return nil
}

// Handler serves /registry/cards/…, /registry/payments/… and /registry/query; mount it without cutting the path, which is signed.
func (r *Registry) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/registry/cards/", r.source(sourceCards, r.opts.Cards))
	mux.Handle("/registry/payments/", r.source(sourcePayments, r.opts.Payments))
	mux.HandleFunc(AskedPath, r.askedHandler)
	return mux
}

// Close ends waiting answers and the journal.
func (r *Registry) Close() error {
	var err error
	r.stopOnce.Do(func() {
		close(r.stop)
		r.mu.Lock()
		defer r.mu.Unlock()
		err = r.journal.close()
	})
	return err
}

// reference makes a number for people: prefix, civil date, a counter that survives restarts.
func (r *Registry) reference(prefix string, now time.Time) string {
	return fmt.Sprintf("%s%s%06d", prefix, now.In(shanghai).Format("20060102"), r.counter+1)
}
