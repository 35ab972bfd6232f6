package notice

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
)

// errDead stands for a process that is no more: from that step on nothing it does has any effect.
var errDead = errors.New("process died")

// mortality kills a process at its n-th step; zero never.
type mortality struct {
	mu   sync.Mutex
	step int
	at   int
	dead bool
}

// passes counts a step and reports whether the process is still alive after it.
func (m *mortality) passes() bool {
	if m == nil {
		return true
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.step++
	m.dead = m.dead || m.step == m.at
	return !m.dead
}

// queueRow is the fake's row.
type queueRow struct {
	Notice
	lane     Lane
	resend   bool
	due      time.Time
	lease    time.Time
	lost     int
	receipts []Receipt
}

// queue is the table: it survives the processes that use it.
type queue struct {
	mu    sync.Mutex
	clock *models.ManualClock
	rows  []*queueRow
}

func (q *queue) add(t *testing.T, d Draft) models.ID {
	t.Helper()
	d, err := d.Checked(q.clock.Now())
	require.NoError(t, err)
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, r := range q.rows {
		if r.Reason == "cause:"+d.Cause {
			return r.ID
		}
	}
	spec, _ := SpecOf(d.Kind)
	r := &queueRow{lane: spec.Lane, resend: spec.Resend, due: q.clock.Now(), Notice: Notice{
		ID: models.NewID(), Kind: d.Kind, PersonID: d.PersonID, Params: d.Params, Secret: d.Secret, To: d.To, ToRef: d.ToRef,
		Scope: d.Scope, At: d.At, Expires: d.Expires, CreatedAt: q.clock.Now(), State: Queued, Reason: "cause:" + d.Cause,
	}}
	q.rows = append(q.rows, r)
	return r.ID
}

func (q *queue) find(id models.ID) *queueRow {
	for _, r := range q.rows {
		if r.ID == id {
			return r
		}
	}
	return nil
}

func (q *queue) state(id models.ID) State {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.find(id).State
}

// fakeStore is one process's view of the table.
type fakeStore struct {
	*queue
	life *mortality
}

func (s fakeStore) ClaimNotice(_ context.Context, lanes []Lane, lease time.Duration) (Notice, bool, error) {
	if !s.life.passes() { // dies before the claim commits
		return Notice{}, false, errDead
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Now()
	var due []*queueRow
	for _, r := range s.rows {
		if r.State == Queued && slices.Contains(lanes, r.lane) && !r.due.After(now) && r.Expires.After(now) {
			due = append(due, r)
		}
	}
	if len(due) == 0 {
		return Notice{}, false, nil
	}
	r := slices.MinFunc(due, func(a, b *queueRow) int { return cmp.Or(cmp.Compare(a.lane, b.lane), a.due.Compare(b.due)) })
	r.State, r.lease = Submitting, now.Add(lease)
	r.Attempt++
	if !s.life.passes() { // dies after the claim committed
		return Notice{}, false, errDead
	}
	return r.Notice, true, nil
}

func (s fakeStore) SettleNotice(ctx context.Context, id models.ID, attempt int, o Settlement) (bool, error) {
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	if !s.life.passes() { // dies before the settlement commits
		return false, errDead
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.find(id)
	if r.State != Submitting || r.Attempt != attempt {
		return false, nil
	}
	if o.Lost {
		r.lost++
		o.State = AfterLoss(r.resend, r.lost)
	}
	r.State, r.Reason, r.due = o.State, o.Reason, s.clock.Now().Add(o.After)
	if o.State == Submitted {
		r.VendorID = o.VendorID
		for _, rec := range r.receipts {
			r.State, _ = AfterReceipt(r.State, r.VendorID, rec)
		}
	}
	if !s.life.passes() { // dies after it
		return false, errDead
	}
	return true, nil
}

func (s fakeStore) LapseNotices(_ context.Context, repeat, silent time.Duration) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now, n := s.clock.Now(), 0
	for _, r := range s.rows {
		if r.State == Submitting && !r.lease.After(now) {
			r.lost++
			r.State, r.due = AfterLoss(r.resend, r.lost), now.Add(repeat)
			n++
		}
		if r.State == Queued && !r.Expires.After(now) {
			r.State = Expired
			n++
		}
		if r.State == Submitted && !r.due.Add(silent).After(now) {
			r.State = Unknown
			n++
		}
	}
	return n, nil
}

func (s fakeStore) UnknownNotices(_ context.Context, since time.Time, again time.Duration, limit int) ([]Notice, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Notice
	for _, r := range s.rows {
		if r.State == Unknown && !r.due.After(s.clock.Now()) && r.CreatedAt.After(since) && len(out) < limit {
			r.due = s.clock.Now().Add(again)
			out = append(out, r.Notice)
		}
	}
	return out, nil
}

func (s fakeStore) TakeNoticeReceipt(_ context.Context, rec Receipt) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.find(rec.DeliveryID)
	if r == nil {
		return false, nil
	}
	r.receipts = append(r.receipts, rec)
	r.State, _ = AfterReceipt(r.State, r.VendorID, rec)
	return true, nil
}

func (s fakeStore) NoticesOf(_ context.Context, person, before models.ID, limit int) ([]Notice, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Notice
	for _, r := range slices.Backward(s.rows) {
		if r.PersonID == person && r.lane != LaneCodes && (before == "" || r.ID < before) && len(out) < limit {
			out = append(out, r.Notice)
		}
	}
	return out, nil
}

// vendor is what the other side really got: it survives our processes too.
type vendor struct {
	mu      sync.Mutex
	got     []Message
	answer  func(Message) error
	settled bool // the carrier has answered
	asked   int
}

func (v *vendor) count(id models.ID) int {
	v.mu.Lock()
	defer v.mu.Unlock()
	n := 0
	for _, m := range v.got {
		if m.DeliveryID == id {
			n++
		}
	}
	return n
}

type fakeSender struct {
	*vendor
	life *mortality
}

func (s fakeSender) Send(_ context.Context, m Message) (Handed, error) {
	if !s.life.passes() { // dies before the call
		return Handed{}, errDead
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var err error
	if s.answer != nil {
		err = s.answer(m)
	}
	var refusal *SendError
	if err == nil || errors.As(err, &refusal) && refusal.Class == FateUnknown {
		s.got = append(s.got, m)
	}
	if !s.life.passes() { // dies after the vendor took it
		return Handed{}, errDead
	}
	return Handed{Vendor: "test", ID: "biz-1"}, err
}

// Ask answers from what the vendor got; asked counts the questions.
func (s fakeSender) Ask(_ context.Context, q Question) (Answer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	for _, m := range s.got {
		switch {
		case m.DeliveryID != q.DeliveryID:
		case s.settled:
			return Answer{Fate: Settled, Receipt: Receipt{Vendor: "test", DeliveryID: q.DeliveryID, Delivered: true, Code: "DELIVERED"}}, nil
		default:
			return Answer{Fate: OnItsWay}, nil
		}
	}
	return Answer{Fate: NeverHeard}, nil
}

type fakePhones struct{ err error }

func (p fakePhones) NoticePhone(context.Context, models.ID, Destination, models.ID) (models.Phone, error) {
	if p.err != nil {
		return models.Phone{}, p.err
	}
	return models.ParsePhone("13800138000")
}

type fakeSettings map[string]string

func (s fakeSettings) ArrivalSender(_ context.Context, bank string, _ time.Time) (string, error) {
	if v, ok := s[bank]; ok {
		return v, nil
	}
	return "", errors.New("no policy")
}

type openGate struct{ err error }

func (g openGate) Allow(context.Context, models.Actor, models.Act) error { return g.err }

// bench is one process on a fresh table.
type bench struct {
	*queue
	*vendor
	phones   fakePhones
	settings fakeSettings
	gate     openGate
}

func newBench() *bench {
	return &bench{
		queue:    &queue{clock: models.NewManualClock(time.Date(2021, 12, 20, 2, 0, 0, 0, time.UTC))},
		vendor:   &vendor{},
		settings: fakeSettings{"luoyang": SenderPlatform, "abc": SenderBank},
	}
}

func (b *bench) process(t *testing.T, life *mortality) *Service {
	t.Helper()
	s, err := New(fakeStore{b.queue, life}, fakeSender{b.vendor, life}, b.phones, b.settings, b.gate, b.clock,
		Config{QuietFrom: 21, QuietTo: 8, Parallel: 1})
	require.NoError(t, err)
	return s
}

func arrival(cause string) Draft {
	return Draft{Cause: cause, Kind: Arrival, PersonID: models.NewID(), Scope: "luoyang", Params: map[string]string{"amount": "338.00"}}
}

func loss(cause string) Draft {
	return Draft{Cause: cause, Kind: LossEffective, PersonID: models.NewID()}
}
