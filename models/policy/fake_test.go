package policy

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/audit"
)

var errBroken = errors.New("the store is broken")

// memory is a Store that keeps everything in memory. A transaction that fails leaves nothing behind.
type memory struct {
	tx      sync.Mutex
	mu      sync.Mutex
	rows    []Row
	banks   map[string]Bank
	outlets map[string]Outlet
	entries []audit.Entry
	wishes  []Proposal
	reads   int
	broken  bool // reads fail
	noAudit bool // the audit row fails
}

func newMemory() *memory { return &memory{banks: map[string]Bank{}, outlets: map[string]Outlet{}} }

func (m *memory) InTx(ctx context.Context, fn func(ctx context.Context) error) error {
	m.tx.Lock()
	defer m.tx.Unlock()
	m.mu.Lock()
	rows, entries, wishes := slices.Clone(m.rows), slices.Clone(m.entries), slices.Clone(m.wishes)
	m.mu.Unlock()
	err := fn(ctx)
	if err != nil {
		m.mu.Lock()
		m.rows, m.entries, m.wishes = rows, entries, wishes
		m.mu.Unlock()
	}
	return err
}

func (m *memory) Remember(context.Context, models.Actor, string, string) (string, error) {
	return "", nil
}

func (m *memory) HoldSettings(context.Context) error { return nil }

func (m *memory) AddProposal(_ context.Context, p Proposal) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, old := range m.wishes {
		if p.Kind == ProposeStop && old.Kind == ProposeStop && old.Key == p.Key && old.State == ProposalOpen {
			return ErrStopOpen
		}
	}
	m.wishes = append(m.wishes, p)
	return nil
}

func (m *memory) Proposal(_ context.Context, id models.ID) (Proposal, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range m.wishes {
		if p.ID == id {
			return p, nil
		}
	}
	return Proposal{}, models.ErrNotFound
}

func (m *memory) SaveProposal(_ context.Context, p Proposal) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i, old := range m.wishes {
		if old.ID == p.ID && old.State == ProposalOpen {
			m.wishes[i] = p
			return nil
		}
	}
	return models.ErrConflict
}

func (m *memory) Proposals(_ context.Context, state ProposalState, before models.ID, limit int) ([]Proposal, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []Proposal
	for _, p := range slices.Backward(m.wishes) {
		if (state == "" || p.State == state) && (before == "" || p.ID < before) && len(out) < limit {
			out = append(out, p)
		}
	}
	return out, nil
}

func (m *memory) Stops(context.Context) ([]Proposal, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []Proposal
	for _, p := range m.wishes {
		if p.Kind == ProposeStop {
			out = append(out, p)
		}
	}
	return out, nil
}

func (m *memory) AfterCommit(_ context.Context, f func()) { f() }

func (m *memory) RecordAudit(_ context.Context, e audit.Entry) error {
	if m.noAudit {
		return errBroken
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.entries = append(m.entries, e)
	return nil
}

func (m *memory) Settings(context.Context) ([]Row, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.reads++
	if m.broken {
		return nil, errBroken
	}
	return slices.Clone(m.rows), nil
}

func (m *memory) AddSetting(_ context.Context, r Row) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.rows = append(m.rows, r)
	return nil
}

func (m *memory) Banks(context.Context) ([]Bank, error) {
	var out []Bank
	for _, b := range m.banks {
		out = append(out, b)
	}
	slices.SortFunc(out, func(a, b Bank) int { return strings.Compare(a.Code, b.Code) })
	return out, nil
}

func (m *memory) SaveBank(_ context.Context, b Bank, _ time.Time) (bool, error) {
	if old, ok := m.banks[b.Code]; ok && old.Version >= b.Version {
		return false, nil
	}
	m.banks[b.Code] = b
	return true, nil
}

func (m *memory) Outlet(_ context.Context, ref string) (Outlet, error) {
	o, ok := m.outlets[ref]
	if !ok {
		return Outlet{}, models.ErrNotFound
	}
	return o, nil
}

func (m *memory) SaveOutlet(_ context.Context, o Outlet, _ time.Time) (bool, error) {
	m.outlets[o.Ref] = o
	return true, nil
}

func (m *memory) Outlets(_ context.Context, f OutletFilter) ([]Outlet, error) {
	var out []Outlet
	for _, o := range m.outlets {
		if o.Open && o.Ref > f.After && (f.District == "" || o.District == f.District) && (len(f.Kinds) == 0 || slices.Contains(f.Kinds, o.Kind)) &&
			(len(f.Banks) == 0 || slices.Contains(f.Banks, o.BankCode)) && strings.Contains(o.Name, f.Name) {
			out = append(out, o)
		}
	}
	slices.SortFunc(out, func(a, b Outlet) int { return strings.Compare(a.Ref, b.Ref) })
	return out[:min(len(out), f.Limit)], nil
}

func (m *memory) AsOf(context.Context) (time.Time, error) { return time.Time{}, nil }

// rig is a service on a store in memory at noon of 2021-12-20 in Luoyang.
type rig struct {
	*Service
	store *memory
	clock *models.ManualClock
}

func setup(t *testing.T) rig {
	t.Helper()
	r := rig{store: newMemory(), clock: models.NewManualClock(time.Date(2021, 12, 20, 4, 0, 0, 0, time.UTC))}
	r.Service = New(r.store, r.clock)
	return r
}

// decide sets a policy from now on.
func (r rig) decide(t *testing.T, key, value string, scope Scope) {
	t.Helper()
	_, err := r.Set(t.Context(), models.System(), SetInput{Key: key, Value: value, Scope: scope, Basis: "洛人社〔2021〕1号", SetBy: "test"})
	require.NoError(t, err)
}

func citizen(channel models.Channel, level models.Level) models.Actor {
	return models.Actor{Kind: models.CitizenActor, ID: "p", Subject: "p", Channel: channel, Level: level}
}

func (r rig) fresh(channel models.Channel) models.Actor {
	a := citizen(channel, models.LevelReal)
	a.CheckedAt = r.clock.Now()
	return a
}

func agent() models.Actor {
	return models.Actor{Kind: models.AgentActor, ID: "a", Subject: "p", Channel: models.Phone12333, CallID: "c"}
}
