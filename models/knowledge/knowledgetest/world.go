package knowledgetest

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/knowledge"
)

// ErrNotPermitted is what this world's staff answer to everybody else.
var ErrNotPermitted = models.NewError(models.Forbidden, "ROLE_NOT_PERMITTED", "请联系12333技术支持。")

// Staff are those who may read, and of them those who may edit.
type Staff struct {
	Readers, Editors map[models.ID]knowledge.Member
}

// Reader implements knowledge.Staff.
func (s *Staff) Reader(_ context.Context, by models.Actor) (knowledge.Member, error) {
	if m, ok := s.Editors[by.ID]; ok {
		m.ID, m.Edits = by.ID, true
		return m, nil
	}
	if m, ok := s.Readers[by.ID]; ok {
		m.ID = by.ID
		return m, nil
	}
	return knowledge.Member{}, ErrNotPermitted
}

// Editor implements knowledge.Staff.
func (s *Staff) Editor(ctx context.Context, by models.Actor) (knowledge.Member, error) {
	m, err := s.Reader(ctx, by)
	if err == nil && !m.Edits {
		err = ErrNotPermitted
	}
	return m, err
}

// Policy says what it is told.
type Policy struct {
	mu     sync.Mutex
	Figure map[string]string
	Phones []string
}

// NewPolicy says what policy says where nobody has decided, to every key that shipped articles name.
func NewPolicy() *Policy {
	return &Policy{
		Figure: map[string]string{"fee.replacement_fen": "16元", "helpers.most": "5", "helpers.months": "12", "replacement.unpaid_days": "7"},
		Phones: []string{"0379-96688", "95599"},
	}
}

// Set changes a figure.
func (p *Policy) Set(key, words string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.Figure[key] = words
}

// Words implements knowledge.Policy.
func (p *Policy) Words(_ context.Context, key string, _ time.Time) (string, bool, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	w, ok := p.Figure[key]
	return w, ok, nil
}

// ReviewDays implements knowledge.Policy.
func (*Policy) ReviewDays(context.Context, time.Time) (int, error) { return 365, nil }

// BankPhones implements knowledge.Policy.
func (p *Policy) BankPhones(context.Context) ([]string, error) { return p.Phones, nil }

// World is a service on a store in memory, on the morning of 2021-12-20 in Luoyang.
type World struct {
	*knowledge.Service
	Store  *Memory
	Staff  *Staff
	Policy *Policy
	Clock  *models.ManualClock
}

// New is a world with what the release ships, the editors e1, e2, the editor d1 of 民政局, and the reader r1.
func New(t testing.TB) World {
	t.Helper()
	w := World{Store: NewMemory(), Clock: models.NewManualClock(time.Date(2021, 12, 20, 2, 0, 0, 0, time.UTC))}
	w.Staff = &Staff{
		Readers: map[models.ID]knowledge.Member{"r1": {}},
		Editors: map[models.ID]knowledge.Member{"e1": {}, "e2": {}, "d1": {Department: "民政局"}},
	}
	w.Policy = NewPolicy()
	w.Service = w.Replica()
	require.NoError(t, w.Seed(t.Context()))
	return w
}

// Replica is another process on the same store.
func (w World) Replica() *knowledge.Service {
	return knowledge.New(knowledge.Deps{Store: w.Store, Staff: w.Staff, Policy: w.Policy, Clock: w.Clock, Hosts: []string{"hrss.henan.gov.cn"}})
}

// By is a member of staff.
func By(id string) models.Actor {
	return models.Actor{Kind: models.AgentActor, ID: models.ID(id), Channel: models.Phone12333}
}
