// Package knowledgetest is the knowledge capability's world for tests: a store in memory, and staff and policy that say
// what they are told.
package knowledgetest

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"onecard/models"
	"onecard/models/audit"
	"onecard/models/knowledge"
)

type key struct {
	article string
	version int
}

// Memory is a knowledge.Store. Its transactions run one after the other; one that fails leaves nothing behind.
type Memory struct {
	tx      sync.Mutex
	mu      sync.Mutex
	n       int64
	rows    map[key]knowledge.Version
	votes   map[key]map[models.ID]bool
	gaps    map[models.Date]map[string]int
	Entries []audit.Entry
	Reads   int              // of everything published
	Fail    map[string]error // by method
}

// NewMemory is an empty one.
func NewMemory() *Memory {
	return &Memory{rows: map[key]knowledge.Version{}, votes: map[key]map[models.ID]bool{}, gaps: map[models.Date]map[string]int{}, Fail: map[string]error{}}
}

type inTx struct{}

// InTx implements knowledge.Store.
func (m *Memory) InTx(ctx context.Context, fn func(ctx context.Context) error) error {
	if ctx.Value(inTx{}) != nil {
		return fn(ctx)
	}
	m.tx.Lock()
	defer m.tx.Unlock()
	m.mu.Lock()
	rows, entries, n := maps.Clone(m.rows), slices.Clone(m.Entries), m.n
	m.mu.Unlock()
	after := &[]func(){}
	err := fn(context.WithValue(ctx, inTx{}, after))
	if err != nil {
		m.mu.Lock()
		m.rows, m.Entries, m.n = rows, entries, n
		m.mu.Unlock()
		return err
	}
	for _, f := range *after {
		f()
	}
	return nil
}

// AfterCommit implements knowledge.Store.
func (m *Memory) AfterCommit(ctx context.Context, f func()) {
	if after, ok := ctx.Value(inTx{}).(*[]func()); ok {
		*after = append(*after, f)
		return
	}
	f()
}

// RecordAudit implements knowledge.Store.
func (m *Memory) RecordAudit(_ context.Context, e audit.Entry) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.Entries = append(m.Entries, e)
	return m.Fail["RecordAudit"]
}

// Remember remembers nothing: the store's own tests do.
func (m *Memory) Remember(context.Context, models.Actor, string, string) (string, error) {
	return "", nil
}

// Edition implements knowledge.VersionStore.
func (m *Memory) Edition(context.Context) (int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.n, m.Fail["Edition"]
}

// BumpEdition implements knowledge.VersionStore.
func (m *Memory) BumpEdition(context.Context) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.n++
	return nil
}

func (m *Memory) pick(fits func(v knowledge.Version) bool) []knowledge.Version {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []knowledge.Version
	for _, v := range m.rows {
		if fits(v) {
			v.Editors = slices.Clone(v.Editors)
			out = append(out, v)
		}
	}
	slices.SortFunc(out, func(a, b knowledge.Version) int {
		return cmp.Or(strings.Compare(a.ID, b.ID), cmp.Compare(b.Version, a.Version))
	})
	return out
}

// Published implements knowledge.VersionStore.
func (m *Memory) Published(context.Context) ([]knowledge.Version, error) {
	m.mu.Lock()
	m.Reads++
	m.mu.Unlock()
	return m.pick(func(v knowledge.Version) bool { return v.State == knowledge.Published }), nil
}

// AddArticle implements knowledge.VersionStore.
func (m *Memory) AddArticle(ctx context.Context, v knowledge.Version) (bool, error) {
	if len(m.pick(func(old knowledge.Version) bool { return old.ID == v.ID })) > 0 {
		return false, nil
	}
	return true, m.AddVersion(ctx, v)
}

// AddVersion implements knowledge.VersionStore.
func (m *Memory) AddVersion(_ context.Context, v knowledge.Version) error {
	open := m.pick(func(old knowledge.Version) bool {
		return old.ID == v.ID && old.Origin == v.Origin && (old.State == knowledge.Draft || old.State == knowledge.InReview)
	})
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(open) > 0 {
		return knowledge.ErrDraftOpen
	}
	if _, ok := m.rows[key{v.ID, v.Version}]; ok {
		return models.ErrConflict
	}
	m.rows[key{v.ID, v.Version}] = v
	return nil
}

// Versions implements knowledge.VersionStore.
func (m *Memory) Versions(_ context.Context, article string) ([]knowledge.Version, error) {
	return m.pick(func(v knowledge.Version) bool { return v.ID == article }), nil
}

// Version implements knowledge.VersionStore.
func (m *Memory) Version(_ context.Context, article string, n int) (knowledge.Version, error) {
	found := m.pick(func(v knowledge.Version) bool { return v.ID == article && v.Version == n })
	if len(found) == 0 {
		return knowledge.Version{}, models.ErrNotFound
	}
	return found[0], nil
}

// SaveVersion implements knowledge.VersionStore.
func (m *Memory) SaveVersion(_ context.Context, v knowledge.Version) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.rows[key{v.ID, v.Version}].Changes != v.Changes {
		return models.ErrConflict
	}
	v.Changes++
	m.rows[key{v.ID, v.Version}] = v
	return nil
}

// InState implements knowledge.VersionStore.
func (m *Memory) InState(_ context.Context, state knowledge.State, after knowledge.Place, limit int) ([]knowledge.Version, error) {
	compare := func(v knowledge.Version, p knowledge.Place) int {
		return cmp.Or(v.EditedAt.Compare(p.At), strings.Compare(v.ID, p.Article), cmp.Compare(v.Version, p.Version))
	}
	found := m.pick(func(v knowledge.Version) bool {
		return v.State == state && (after.Article == "" || compare(v, after) > 0)
	})
	slices.SortFunc(found, func(a, b knowledge.Version) int {
		return compare(a, knowledge.Place{At: b.EditedAt, Article: b.ID, Version: b.Version})
	})
	return found[:min(limit, len(found))], nil
}

// Digests implements knowledge.VersionStore.
func (m *Memory) Digests(context.Context) (map[string][]string, error) {
	out := map[string][]string{}
	for _, v := range m.pick(func(v knowledge.Version) bool { return v.Digest != "" }) {
		out[v.ID] = append(out[v.ID], v.Digest)
	}
	return out, nil
}

// Vote implements knowledge.VoteStore.
func (m *Memory) Vote(_ context.Context, article string, version int, staff models.ID, useful bool, _ time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	k := key{article, version}
	if m.votes[k] == nil {
		m.votes[k] = map[models.ID]bool{}
	}
	m.votes[k][staff] = useful
	return nil
}

// Votes implements knowledge.VoteStore.
func (m *Memory) Votes(_ context.Context, article string) (map[int]knowledge.Votes, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := map[int]knowledge.Votes{}
	for k, votes := range m.votes {
		for _, useful := range votes {
			n := out[k.version]
			if k.article != article {
				continue
			}
			if useful {
				n.Useful++
			} else {
				n.NotUseful++
			}
			out[k.version] = n
		}
	}
	return out, nil
}

// CountGaps implements knowledge.VoteStore.
func (m *Memory) CountGaps(_ context.Context, day models.Date, grams []string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.gaps[day] == nil {
		m.gaps[day] = map[string]int{}
	}
	for _, g := range grams {
		m.gaps[day][g]++
	}
	return m.Fail["CountGaps"]
}

// Gaps implements knowledge.VoteStore.
func (m *Memory) Gaps(_ context.Context, since models.Date, least, limit int) ([]knowledge.Gap, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	sums := map[string]int{}
	for day, counts := range m.gaps {
		for g, n := range counts {
			if day >= since {
				sums[g] += n
			}
		}
	}
	var out []knowledge.Gap
	for g, n := range sums {
		if n >= least {
			out = append(out, knowledge.Gap{Gram: g, Count: n})
		}
	}
	slices.SortFunc(out, func(a, b knowledge.Gap) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Gram, b.Gram))
	})
	return out[:min(limit, len(out))], nil
}

// DropGapsBefore implements knowledge.VoteStore.
func (m *Memory) DropGapsBefore(_ context.Context, day models.Date) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	maps.DeleteFunc(m.gaps, func(d models.Date, _ map[string]int) bool { return d < day })
	return nil
}

// Forget drops an article as if no release had brought it.
func (m *Memory) Forget(article string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.n++
	maps.DeleteFunc(m.rows, func(k key, _ knowledge.Version) bool { return k.article == article })
}
