package hotline_test

import (
	"context"
	"slices"
	"strings"
	"time"

	"onecard/models"
	"onecard/models/hotline"
)

// Look holds a look against the call as the store's statement does.
func (m *memory) Look(ctx context.Context, ask hotline.LookAsk) (hotline.Seen, error) {
	l := ask.LookUp
	var seen hotline.Seen
	err := m.InTx(ctx, func(ctx context.Context) error {
		call, staff := m.rows.calls[l.CallID], m.rows.staff[l.StaffID]
		keys, tied := m.rows.locks[l.CallID]
		locked := slices.ContainsFunc(keys, func(k hotline.FailureKey) bool {
			return m.rows.failures[k.Scope+k.Value+string(ask.Day)] >= hotline.FailuresPerDay
		})
		may := slices.ContainsFunc(staff.Roles, func(r hotline.Role) bool { return slices.Contains(ask.Roles, r) }) && staff.DisabledAt.IsZero()
		if call.StaffID != l.StaffID || call.PersonID != l.PersonID || call.Level != ask.Level || call.Failures >= hotline.FailuresPerCall ||
			!call.ClosedAt.IsZero() || !call.EndedAt.IsZero() || call.UsedAt.Before(ask.LeftBefore) || !may || !tied || locked {
			return models.ErrNotFound
		}
		seen = hotline.Seen{Strength: call.Strength, Hour: 1, First: true, Own: m.own == l.PersonID && m.own != ""}
		for _, o := range m.rows.looks {
			if o.StaffID == l.StaffID && o.At.After(l.At.Add(-time.Hour)) {
				seen.Hour++
				seen.First = seen.First && (o.CallID != l.CallID || o.Kind == "verification" || o.Kind == "call_back")
			}
		}
		call.UsedAt = l.At
		m.rows.calls[call.ID] = call
		m.rows.looks = append(m.rows.looks, l)
		var err error
		if seen.Person, err = m.PersonByID(ctx, l.PersonID); err != nil {
			return err
		}
		return m.RecordAudit(ctx, ask.Entry)
	})
	return seen, err
}

// LookAtCase counts a look outside a call.
func (m *memory) LookAtCase(ctx context.Context, ask hotline.CaseLook) (hotline.Seen, error) {
	defer m.lock(ctx)()
	l := ask.LookUp
	m.rows.looks = append(m.rows.looks, l)
	seen := hotline.Seen{First: true, Own: m.own == l.PersonID && m.own != ""}
	for _, o := range m.rows.looks {
		if o.StaffID == l.StaffID && o.At.After(l.At.Add(-time.Hour)) {
			seen.Hour++
		}
	}
	if i := slices.IndexFunc(m.people, func(p hotline.Person) bool { return p.ID == l.PersonID }); i >= 0 {
		seen.Person = m.people[i]
	}
	return seen, nil
}

func (m *memory) TieLocks(ctx context.Context, call models.ID, keys []hotline.FailureKey, _ time.Time) error {
	defer m.lock(ctx)()
	m.rows.locks[call] = keys
	return nil
}

func (m *memory) DropLocksBefore(context.Context, time.Time) error { return nil }

func (m *memory) RaiseFlag(ctx context.Context, f hotline.Flag) (bool, error) {
	defer m.lock(ctx)()
	for _, o := range m.rows.flags {
		if o.Kind == f.Kind && o.StaffID == f.StaffID && o.Span == f.Span {
			return false, nil
		}
	}
	m.rows.flags[f.ID] = f
	return true, nil
}

func (m *memory) FlagByID(ctx context.Context, id models.ID) (hotline.Flag, error) {
	defer m.lock(ctx)()
	return find(m.rows.flags, func(f hotline.Flag) bool { return f.ID == id })
}

func (m *memory) SettleFlag(ctx context.Context, f hotline.Flag) error {
	defer m.lock(ctx)()
	if old := m.rows.flags[f.ID]; old.Version != f.Version || !old.SettledAt.IsZero() {
		return models.ErrConflict
	}
	f.Version++
	m.rows.flags[f.ID] = f
	return nil
}

func (m *memory) OpenFlags(ctx context.Context, _ int) (out []hotline.Flag, err error) {
	defer m.lock(ctx)()
	for _, f := range m.rows.flags {
		if f.SettledAt.IsZero() {
			out = append(out, f)
		}
	}
	slices.SortFunc(out, func(a, b hotline.Flag) int { return strings.Compare(string(a.ID), string(b.ID)) })
	return out, nil
}

func (m *memory) CallsWithoutAct(ctx context.Context, staff, present models.ID, since time.Time, most int) (int, error) {
	defer m.lock(ctx)()
	var calls []hotline.Call
	for _, c := range m.rows.calls {
		looked := slices.ContainsFunc(m.rows.looks, func(l hotline.LookUp) bool {
			return l.CallID == c.ID && l.Kind != "verification" && l.Kind != "call_back"
		})
		if c.StaffID == staff && c.ID != present && c.OpenedAt.After(since) && looked {
			calls = append(calls, c)
		}
	}
	slices.SortFunc(calls, func(a, b hotline.Call) int { return b.OpenedAt.Compare(a.OpenedAt) })
	for i, c := range calls[:min(most, len(calls))] {
		for _, e := range m.rows.audit {
			if e.CallID == c.ID && slices.Contains(hotline.Acts, e.Action) {
				return i, nil
			}
		}
	}
	return min(most, len(calls)), nil
}

func (m *memory) LinkStaff(context.Context, models.ID, models.PersonRef) error { return nil }

func (m *memory) NoteCall(ctx context.Context, id models.ID, n hotline.CallNote) error {
	defer m.lock(ctx)()
	m.rows.notes[id] = n
	return nil
}

func (m *memory) NoteOf(ctx context.Context, id models.ID) (hotline.CallNote, error) {
	defer m.lock(ctx)()
	return m.rows.notes[id], nil
}

func (m *memory) ScrubNotesBefore(ctx context.Context, at time.Time) error {
	defer m.lock(ctx)()
	for id, n := range m.rows.notes {
		if n.At.Before(at) {
			n.Text = ""
			m.rows.notes[id] = n
		}
	}
	return nil
}

func (m *memory) AddTask(ctx context.Context, id models.ID, act string, _ time.Time) (bool, error) {
	defer m.lock(ctx)()
	key := string(id) + act
	added := !m.rows.tasks[key]
	m.rows.tasks[key] = true
	return added, nil
}
