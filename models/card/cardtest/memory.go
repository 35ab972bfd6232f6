package cardtest

import (
	"bytes"
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"onecard/models"
	"onecard/models/audit"
	"onecard/models/card"
	"onecard/models/notice"
)

// Memory is a card.Store that keeps everything in maps, with the guards and unique rules of the database. One
// transaction runs at a time; one that fails leaves nothing.
type Memory struct {
	card.Store // what loss and release do not use is missing: a call of it panics
	Clock      models.Clock

	turn  sync.Mutex // held by a transaction
	mu    sync.Mutex // held by one step
	after []func()   // what the transaction that runs wants done when it has committed
	data
}

type data struct {
	persons  map[models.ID]models.PersonRef
	cards    map[models.ID]card.Card
	reports  map[models.ID]card.LossReport
	commands map[models.ID]card.Command
	requests map[string]request
	notices  map[string]notice.Draft
	cases    map[string]models.ID
	audits   []audit.Entry
	numbers  map[string]int64
	woken    int
	asOf     time.Time
}

type request struct {
	body []byte
	id   string
}

// NewMemory is an empty store.
func NewMemory(clock models.Clock) *Memory {
	return &Memory{Clock: clock, data: data{
		persons: map[models.ID]models.PersonRef{}, cards: map[models.ID]card.Card{}, reports: map[models.ID]card.LossReport{},
		commands: map[models.ID]card.Command{}, requests: map[string]request{}, notices: map[string]notice.Draft{},
		cases: map[string]models.ID{}, numbers: map[string]int64{},
	}}
}

func (d data) copied() data {
	d.persons, d.cards, d.reports, d.commands = maps.Clone(d.persons), maps.Clone(d.cards), maps.Clone(d.reports), maps.Clone(d.commands)
	d.requests, d.notices, d.cases = maps.Clone(d.requests), maps.Clone(d.notices), maps.Clone(d.cases)
	d.numbers, d.audits = maps.Clone(d.numbers), slices.Clone(d.audits)
	return d
}

type memoryTx struct{}

// InTx runs fn alone and takes everything back when it fails.
func (m *Memory) InTx(ctx context.Context, fn func(ctx context.Context) error) error {
	if ctx.Value(memoryTx{}) == m {
		return fn(ctx)
	}
	after, err := m.alone(ctx, fn)
	for _, f := range after {
		f()
	}
	return err
}

// alone runs one transaction and gives what is to be done behind it: nothing when it failed.
func (m *Memory) alone(ctx context.Context, fn func(ctx context.Context) error) ([]func(), error) {
	m.turn.Lock()
	defer m.turn.Unlock()
	m.mu.Lock()
	before := m.copied()
	m.after = nil
	m.mu.Unlock()
	err := fn(context.WithValue(ctx, memoryTx{}, m))
	if err == nil {
		err = ctx.Err()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if err != nil {
		m.data = before
		return nil, err
	}
	return m.after, nil
}

// AfterCommit keeps f for the end of the transaction of ctx; without one it runs now.
func (m *Memory) AfterCommit(ctx context.Context, f func()) {
	if ctx.Value(memoryTx{}) != m {
		f()
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.after = append(m.after, f)
}

// write runs one statement: in the transaction of ctx, or waiting for the one that runs.
func (m *Memory) write(ctx context.Context, fn func() error) error {
	if ctx.Value(memoryTx{}) != m {
		m.turn.Lock()
		defer m.turn.Unlock()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return fn()
}

// AddPerson makes a person known.
func (m *Memory) AddPerson(ref models.PersonRef) models.ID {
	id := models.NewID()
	_ = m.write(context.Background(), func() error { m.persons[id] = ref; return nil })
	return id
}

// Now is the clock's.
func (m *Memory) Now(context.Context) (time.Time, error) { return m.Clock.Now(), nil }

// Remember ties the request's key to its result.
func (m *Memory) Remember(ctx context.Context, by models.Actor, _, id string) (prior string, err error) {
	key, ok := models.RequestKeyFrom(ctx)
	if !ok {
		return "", nil
	}
	err = m.write(ctx, func() error {
		at := string(cmp.Or(by.AccountID, by.ID)) + "|" + key.Operation + "|" + key.Key
		first, known := m.requests[at]
		switch {
		case !known:
			m.requests[at] = request{key.BodyMAC, id}
		case !bytes.Equal(first.body, key.BodyMAC):
			return models.ErrKeyReused
		default:
			prior = first.id
		}
		return nil
	})
	return prior, err
}

// Remembered is the result that the request's key is tied to.
func (m *Memory) Remembered(ctx context.Context, by models.Actor) (prior string, err error) {
	key, ok := models.RequestKeyFrom(ctx)
	if !ok {
		return "", nil
	}
	err = m.write(ctx, func() error {
		first, known := m.requests[string(cmp.Or(by.AccountID, by.ID))+"|"+key.Operation+"|"+key.Key]
		if known && !bytes.Equal(first.body, key.BodyMAC) {
			return models.ErrKeyReused
		}
		prior = first.id
		return nil
	})
	return prior, err
}

// RecordAudit keeps the entry.
func (m *Memory) RecordAudit(ctx context.Context, e audit.Entry) error {
	return m.write(ctx, func() error { m.audits = append(m.audits, e); return nil })
}

// AddNotice keeps one draft per cause, in the form in which it may be stored.
func (m *Memory) AddNotice(ctx context.Context, d notice.Draft) error {
	d, err := d.Checked(m.Clock.Now())
	if err != nil {
		return err
	}
	return m.write(ctx, func() error {
		if _, told := m.notices[d.Cause]; !told {
			m.notices[d.Cause] = d
		}
		return nil
	})
}

// OpenCase opens one case per cause.
func (m *Memory) OpenCase(ctx context.Context, cause, _ string, person models.ID, _, _ string) error {
	return m.write(ctx, func() error { m.cases[cause] = person; return nil })
}

// SettleCase forgets the case of a cause.
func (m *Memory) SettleCase(ctx context.Context, cause string) error {
	return m.write(ctx, func() error { delete(m.cases, cause); return nil })
}

// NextNumber counts per name and day.
func (m *Memory) NextNumber(ctx context.Context, name string, day models.Date) (n int64, err error) {
	err = m.write(ctx, func() error {
		m.numbers[name+string(day)]++
		n = m.numbers[name+string(day)]
		return nil
	})
	return n, err
}

// Wake counts.
func (m *Memory) Wake(ctx context.Context, _ string) {
	_ = m.write(ctx, func() error { m.woken++; return nil })
}

// Notices lists what was drafted, the oldest fact first.
func (m *Memory) Notices() []notice.Draft {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.SortedFunc(maps.Values(m.notices), func(a, b notice.Draft) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Cause, b.Cause))
	})
}

// Told counts the notices of one kind.
func (m *Memory) Told(kind notice.Kind) (n int) {
	for _, d := range m.Notices() {
		if d.Kind == kind {
			n++
		}
	}
	return n
}

// Cases counts the open cases.
func (m *Memory) Cases() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.cases)
}

// Audited lists the actions on record, in order.
func (m *Memory) Audited() (actions []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, e := range m.audits {
		actions = append(actions, e.Action)
	}
	return actions
}

// Commands lists every command, by card_seq.
func (m *Memory) Commands() []card.Command {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.SortedFunc(maps.Values(m.commands), func(a, b card.Command) int {
		return cmp.Or(cmp.Compare(a.CardID, b.CardID), cmp.Compare(a.CardSeq, b.CardSeq))
	})
}

// Reports lists every report, the oldest first.
func (m *Memory) Reports() []card.LossReport {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.SortedFunc(maps.Values(m.reports), func(a, b card.LossReport) int { return cmp.Compare(a.ID, b.ID) })
}
