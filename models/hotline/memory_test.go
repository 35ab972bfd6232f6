package hotline_test

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"onecard/models"
	"onecard/models/audit"
	"onecard/models/hotline"
	"onecard/models/notice"
)

// memory keeps everything the hotline asks of its ports in maps, under one lock, and rolls back as a database does.
type memory struct {
	mu         sync.Mutex
	rows       rows
	people     []hotline.Person
	facts      map[models.ID]hotline.Facts
	allowed    error     // what the gate says
	over       []int     // what the watch was told
	asked      int       // searches for people
	own        models.ID // who is of the agents' own household
	failStep   string
	failObject string // whose session's end cannot be written down
	refused    error  // what the guides say
	now        func() time.Time
}

type rows struct {
	audit    []audit.Entry
	keys     map[string]string
	staff    map[models.ID]hotline.Staff
	factors  factors
	tries    map[string]hotline.Attempts
	sessions map[models.ID]hotline.Session
	calls    map[models.ID]hotline.Call
	checks   map[models.ID]hotline.Verification
	looks    []hotline.LookUp
	failures map[string]int
	cases    map[models.ID]hotline.Enquiry
	notices  []notice.Draft
	tel      telephoneRows
	locks    map[models.ID][]hotline.FailureKey
	flags    map[models.ID]hotline.Flag
	notes    map[models.ID]hotline.CallNote
	tasks    map[string]bool
}

func newMemory() *memory {
	return &memory{facts: map[models.ID]hotline.Facts{}, rows: rows{
		keys: map[string]string{}, staff: map[models.ID]hotline.Staff{}, factors: newFactors(), tries: map[string]hotline.Attempts{},
		sessions: map[models.ID]hotline.Session{}, calls: map[models.ID]hotline.Call{},
		checks: map[models.ID]hotline.Verification{}, failures: map[string]int{}, cases: map[models.ID]hotline.Enquiry{},
		tel:   telephoneRows{extensions: map[string]models.ID{}, console: map[models.ID][]hotline.ConsoleEvent{}, streams: map[models.ID]models.ID{}, codes: map[models.ID]string{}},
		locks: map[models.ID][]hotline.FailureKey{}, flags: map[models.ID]hotline.Flag{}, notes: map[models.ID]hotline.CallNote{}, tasks: map[string]bool{},
	}}
}

func (r rows) copy() rows {
	r.audit, r.looks, r.notices = slices.Clone(r.audit), slices.Clone(r.looks), slices.Clone(r.notices)
	r.keys, r.staff, r.tries = maps.Clone(r.keys), maps.Clone(r.staff), maps.Clone(r.tries)
	r.factors = r.factors.copy()
	r.sessions, r.calls, r.checks = maps.Clone(r.sessions), maps.Clone(r.calls), maps.Clone(r.checks)
	r.tel = r.tel.copy()
	r.failures, r.cases = maps.Clone(r.failures), maps.Clone(r.cases)
	r.locks, r.flags, r.notes, r.tasks = maps.Clone(r.locks), maps.Clone(r.flags), maps.Clone(r.notes), maps.Clone(r.tasks)
	return r
}

type inTx struct{}

func (m *memory) InTx(ctx context.Context, fn func(context.Context) error) error {
	if ctx.Value(inTx{}) != nil {
		return fn(ctx)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	before := m.rows.copy()
	if err := fn(context.WithValue(ctx, inTx{}, true)); err != nil {
		m.rows = before
		return err
	}
	return nil
}

// lock serves calls outside a transaction.
func (m *memory) lock(ctx context.Context) func() {
	if ctx.Value(inTx{}) != nil {
		return func() {}
	}
	m.mu.Lock()
	return m.mu.Unlock
}

func (m *memory) RecordAudit(ctx context.Context, e audit.Entry) error {
	defer m.lock(ctx)()
	if m.failStep == e.Action || m.failObject != "" && m.failObject == e.ObjectID && e.Action == "hotline.session.ended" {
		return models.ErrUnavailable
	}
	m.rows.audit = append(m.rows.audit, e)
	return nil
}

func (m *memory) Remember(ctx context.Context, by models.Actor, _, id string) (string, error) {
	k, ok := models.RequestKeyFrom(ctx)
	if !ok {
		return "", nil
	}
	key := string(by.ID) + k.Operation + k.Key
	if prior := m.rows.keys[key]; prior != "" {
		return prior, nil
	}
	m.rows.keys[key] = id
	return "", nil
}

func (m *memory) Remembered(ctx context.Context, by models.Actor) (string, error) {
	defer m.lock(ctx)()
	k, _ := models.RequestKeyFrom(ctx)
	return m.rows.keys[string(by.ID)+k.Operation+k.Key], nil
}

func find[T any](in map[models.ID]T, fits func(T) bool) (T, error) {
	for _, v := range in {
		if fits(v) {
			return v, nil
		}
	}
	var none T
	return none, models.ErrNotFound
}

func (m *memory) CreateStaff(ctx context.Context, s hotline.Staff) error {
	defer m.lock(ctx)()
	if _, err := find(m.rows.staff, func(o hotline.Staff) bool { return o.Login == s.Login }); err == nil {
		return hotline.ErrLoginTaken
	}
	m.rows.staff[s.ID] = s
	return nil
}

func (m *memory) StaffByID(ctx context.Context, id models.ID) (hotline.Staff, error) {
	defer m.lock(ctx)()
	return find(m.rows.staff, func(s hotline.Staff) bool { return s.ID == id })
}

func (m *memory) StaffByLogin(ctx context.Context, login string) (hotline.Staff, error) {
	defer m.lock(ctx)()
	return find(m.rows.staff, func(s hotline.Staff) bool { return s.Login == login })
}

func (m *memory) ListStaff(ctx context.Context) ([]hotline.Staff, error) {
	defer m.lock(ctx)()
	return slices.Collect(maps.Values(m.rows.staff)), nil
}

func (m *memory) UpdateStaff(ctx context.Context, s hotline.Staff) error {
	defer m.lock(ctx)()
	if m.rows.staff[s.ID].Version != s.Version {
		return models.ErrConflict
	}
	s.Version++
	m.rows.staff[s.ID] = s
	return nil
}

func (m *memory) UseStep(ctx context.Context, id models.ID, step int64) error {
	defer m.lock(ctx)()
	s := m.rows.staff[id]
	if s.LastStep >= step {
		return models.ErrConflict
	}
	s.LastStep = step
	m.rows.staff[id] = s
	return nil
}

func (m *memory) CountAttempt(ctx context.Context, login string, now time.Time, window time.Duration, limit int) (hotline.Attempts, error) {
	defer m.lock(ctx)()
	a := m.rows.tries[login]
	switch {
	case now.Sub(a.Last) >= window:
		a = hotline.Attempts{N: 1, Last: now}
	case a.N < limit:
		a = hotline.Attempts{N: a.N + 1, Last: now}
	default:
		a.N = limit + 1
	}
	m.rows.tries[login] = a
	return a, nil
}

func (m *memory) ForgetAttempts(ctx context.Context, login string) error {
	defer m.lock(ctx)()
	delete(m.rows.tries, login)
	return nil
}

func (m *memory) DropAttemptsBefore(ctx context.Context, t time.Time) error {
	defer m.lock(ctx)()
	maps.DeleteFunc(m.rows.tries, func(_ string, a hotline.Attempts) bool { return a.Last.Before(t) })
	return nil
}

func (m *memory) CreateSession(ctx context.Context, s hotline.Session) error {
	defer m.lock(ctx)()
	m.rows.sessions[s.ID] = s
	return nil
}

func (m *memory) Admission(ctx context.Context, handle string) (a hotline.Admission, err error) {
	defer m.lock(ctx)()
	if a.Session, err = find(m.rows.sessions, func(s hotline.Session) bool { return s.Handle == handle }); err != nil {
		return a, err
	}
	member := m.rows.staff[a.Session.StaffID]
	a.Roles, a.Disabled, a.Demo = member.Roles, !member.DisabledAt.IsZero(), member.Demo
	a.Call, _ = find(m.rows.calls, func(c hotline.Call) bool { return c.StaffID == member.ID && c.ClosedAt.IsZero() })
	return a, nil
}

func (m *memory) TouchSession(ctx context.Context, id models.ID, at time.Time) error {
	defer m.lock(ctx)()
	s := m.rows.sessions[id]
	s.SeenAt = at
	m.rows.sessions[id] = s
	return nil
}

func (m *memory) EndSessionsOf(ctx context.Context, staff models.ID, at time.Time, reason string) (n int64, err error) {
	defer m.lock(ctx)()
	for id, s := range m.rows.sessions {
		if s.StaffID == staff && s.EndedAt.IsZero() {
			s.EndedAt, s.EndReason = at, reason
			m.rows.sessions[id] = s
			n++
		}
	}
	return n, nil
}

func (m *memory) SessionsUnseen(ctx context.Context, seen, opened time.Time, most int) (out []hotline.Session, err error) {
	defer m.lock(ctx)()
	for _, s := range m.rows.sessions {
		if s.EndedAt.IsZero() && (s.SeenAt.Before(seen) || s.OpenedAt.Before(opened)) {
			out = append(out, s)
		}
	}
	slices.SortFunc(out, func(a, b hotline.Session) int { return a.SeenAt.Compare(b.SeenAt) })
	return out[:min(most, len(out))], nil
}

func (m *memory) EndUnseen(ctx context.Context, s hotline.Session, at time.Time, reason string) error {
	defer m.lock(ctx)()
	now := m.rows.sessions[s.ID]
	if !now.EndedAt.IsZero() || now.SeenAt.After(s.SeenAt) {
		return models.ErrConflict
	}
	now.EndedAt, now.EndReason = at, reason
	m.rows.sessions[s.ID] = now
	return nil
}
