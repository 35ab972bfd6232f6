package notice

import (
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
	Delivery
	lane     Lane
	resend   bool
	due      time.Time
	lease    time.Time
	lost     int
	receipts []Receipt
}

// queue is the table: it survives the processes that use it.
type queue struct {
	mu       sync.Mutex
	clock    *models.ManualClock
	rows     []*queueRow
	causes   map[string]models.ID
	wishes   map[models.ID]Wishes
	consents map[models.ID]int // by account; -1: a standing one
	off      map[models.ID]string
}

// add queues what the draft's plan says, and gives the id of its first delivery.
func (q *queue) add(t *testing.T, d Draft) models.ID {
	t.Helper()
	d, err := d.Checked(q.clock.Now())
	require.NoError(t, err)
	q.mu.Lock()
	defer q.mu.Unlock()
	if id, told := q.causes[d.Cause]; told {
		return id
	}
	n := Notice{
		ID: models.NewID(), Kind: d.Kind, PersonID: d.PersonID, About: d.About, Params: d.Params, Secret: d.Secret, To: d.To, ToRef: d.ToRef,
		Scope: d.Scope, At: d.At, Expires: d.Expires, CreatedAt: q.clock.Now(),
	}
	first := models.ID("")
	for _, route := range Plan(d, DefaultLadder(d.Kind.Topic()), q.wishes[d.PersonID]) {
		if id := q.join(n, route); first == "" {
			first = id
		}
	}
	q.causes[d.Cause] = first
	return first
}

func (q *queue) join(n Notice, route []Hop) models.ID {
	spec, _ := SpecOf(n.Kind)
	r := &queueRow{lane: spec.Lane, resend: spec.Resend, due: q.clock.Now(), Delivery: Delivery{
		ID: models.NewID(), Notice: n, Channel: route[0].Channel, AccountID: route[0].AccountID, App: "app", OpenID: "open-" + string(route[0].AccountID),
		Fallback: route[1:], State: Queued,
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

// to lists where the notice of a delivery went, with what became of it: "wechat_mini failed", "sms submitted".
func (q *queue) to(id models.ID) (out []string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := q.find(id).Notice.ID
	for _, r := range q.rows {
		if r.Notice.ID == n {
			out = append(out, string(r.Channel)+" "+string(r.State))
		}
	}
	return out
}

// fakeStore is one process's view of the table.
type fakeStore struct {
	*queue
	life *mortality
}

func (s fakeStore) due(part Due) (due []*queueRow) {
	now := s.clock.Now()
	for _, r := range s.rows {
		if r.State == Queued && r.lane == part.Lane && r.Channel == part.Channel && !r.due.After(now) && r.Notice.Expires.After(now) {
			due = append(due, r)
		}
	}
	slices.SortStableFunc(due, func(a, b *queueRow) int { return a.due.Compare(b.due) })
	return due
}

func (s fakeStore) DueDeliveries(_ context.Context, lanes []Lane) (out []Due, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, lane := range lanes {
		for _, channel := range append([]Channel{SMS}, Platforms...) {
			if part := (Due{channel, lane}); len(s.due(part)) > 0 {
				out = append(out, part)
			}
		}
	}
	return out, nil
}

func (s fakeStore) ClaimDeliveries(_ context.Context, part Due, vendor string, lease time.Duration, limit int) (out []Delivery, err error) {
	if !s.life.passes() { // dies before the claim commits
		return nil, errDead
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.due(part) {
		if len(out) < limit {
			r.State, r.lease = Submitting, s.clock.Now().Add(lease)
			r.Attempt++
			r.Vendor = vendor
			out = append(out, r.Delivery)
		}
	}
	if !s.life.passes() { // dies after the claim committed
		return nil, errDead
	}
	return out, nil
}

func (s fakeStore) MoveDelivery(_ context.Context, id models.ID, attempt int, vendor string) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.rows {
		if r.ID == id && r.Attempt == attempt && r.State == Submitting {
			r.Vendor = vendor
			return true, nil
		}
	}
	return false, nil
}

func (s fakeStore) SettleDeliveries(ctx context.Context, outcomes []Outcome) (ours int, err error) {
	if ctx.Err() != nil {
		return 0, ctx.Err()
	}
	if !s.life.passes() { // dies before the settlement commits
		return 0, errDead
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, o := range outcomes {
		r := s.find(o.ID)
		if r.State != Submitting || r.Attempt != o.Attempt {
			continue
		}
		ours++
		if o.Lost {
			r.lost++
			o.State = AfterLoss(r.resend, r.lost)
		}
		r.State, r.Reason, r.due, r.SettledAt = o.State, o.Reason, s.clock.Now().Add(o.After), s.clock.Now()
		if o.State == Submitted {
			r.VendorID = o.VendorID
			for _, rec := range r.receipts {
				r.State, _ = AfterReceipt(r.State, r.VendorID, rec)
			}
		}
		s.fallBack(r)
	}
	if !s.life.passes() { // dies after it
		return 0, errDead
	}
	return ours, nil
}

func (s fakeStore) fallBack(r *queueRow) {
	if FallsBack(r.State, r.Reason) && len(r.Fallback) > 0 {
		s.join(r.Notice, r.Fallback)
		r.Fallback = nil
	}
}

func (s fakeStore) LapseDeliveries(_ context.Context, repeat, silent time.Duration) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now, n := s.clock.Now(), 0
	for _, r := range s.rows {
		if r.State == Submitting && !r.lease.After(now) {
			r.lost++
			r.State, r.due, r.SettledAt = AfterLoss(r.resend, r.lost), now.Add(repeat), now
			n++
		}
		if r.State == Queued && !r.Notice.Expires.After(now) {
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

func (s fakeStore) UnknownDeliveries(_ context.Context, since time.Time, again time.Duration, limit int) ([]Delivery, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Delivery
	for _, r := range s.rows {
		if r.State == Unknown && r.Channel == SMS && !r.due.After(s.clock.Now()) && r.Notice.CreatedAt.After(since) && len(out) < limit {
			r.due = s.clock.Now().Add(again)
			out = append(out, r.Delivery)
		}
	}
	return out, nil
}

func (s fakeStore) QueueAgain(_ context.Context, id models.ID, attempt int) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.find(id)
	if r.State != Unknown || r.Attempt != attempt || !r.Notice.Expires.After(s.clock.Now()) {
		return false, nil
	}
	r.State, r.due = Queued, s.clock.Now()
	return true, nil
}

func (s fakeStore) TakeReceipt(_ context.Context, rec Receipt) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.find(rec.DeliveryID)
	if r == nil {
		return false, nil
	}
	r.receipts = append(r.receipts, rec)
	r.State, _ = AfterReceipt(r.State, r.VendorID, rec)
	s.fallBack(r)
	return true, nil
}

func (s fakeStore) NoticesOf(_ context.Context, person, before models.ID, limit int) ([]Notice, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Notice
	for _, r := range slices.Backward(s.rows) {
		n := r.Notice
		if n.Tried = []Delivery{r.Delivery}; n.PersonID == person && r.lane != LaneCodes && (before == "" || n.ID < before) && len(out) < limit {
			out = append(out, n)
		}
	}
	return out, nil
}

func (s fakeStore) NoticeOf(_ context.Context, person, id models.ID) (Notice, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.rows {
		if r.Notice.ID == id && r.Notice.PersonID == person {
			return r.Notice, nil
		}
	}
	return Notice{}, models.ErrNotFound
}

func (s fakeStore) UseConsent(_ context.Context, account models.ID, _ Channel, _ Topic) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.consents[account] == 0 || s.off[account] != "" {
		return false, nil
	}
	if s.consents[account] > 0 {
		s.consents[account]--
	}
	return true, nil
}

func (s fakeStore) MessageRefused(_ context.Context, account models.ID, _ Topic, e *SendError) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.off[account] = e.Code
	return nil
}

func (s fakeStore) ReturnConsent(_ context.Context, account models.ID, _ Channel, _ Topic) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.consents[account] >= 0 { // below: a standing one
		s.consents[account]++
	}
	return nil
}
