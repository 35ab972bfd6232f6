package hotline_test

import (
	"context"
	"slices"
	"time"

	"onecard/models"
	"onecard/models/hotline"
)

func (m *memory) CreateCall(ctx context.Context, c hotline.Call) error {
	defer m.lock(ctx)()
	if _, err := find(m.rows.calls, func(o hotline.Call) bool { return o.StaffID == c.StaffID && o.ClosedAt.IsZero() }); err == nil {
		return hotline.ErrCallOpen
	}
	m.rows.calls[c.ID] = c
	return nil
}

func (m *memory) CallByID(ctx context.Context, id models.ID) (hotline.Call, error) {
	defer m.lock(ctx)()
	return find(m.rows.calls, func(c hotline.Call) bool { return c.ID == id })
}

func (m *memory) OpenCallOf(ctx context.Context, staff models.ID) (hotline.Call, error) {
	defer m.lock(ctx)()
	return find(m.rows.calls, func(c hotline.Call) bool { return c.StaffID == staff && c.ClosedAt.IsZero() })
}

func (m *memory) UpdateCall(ctx context.Context, c hotline.Call) error {
	defer m.lock(ctx)()
	if old := m.rows.calls[c.ID]; old.Version != c.Version || !old.ClosedAt.IsZero() {
		return models.ErrConflict
	}
	c.Version++
	m.rows.calls[c.ID] = c
	return nil
}

func (m *memory) AddVerification(ctx context.Context, v hotline.Verification) error {
	defer m.lock(ctx)()
	m.rows.checks[v.ID] = v
	return nil
}

func (m *memory) VerificationByID(ctx context.Context, id models.ID) (hotline.Verification, error) {
	defer m.lock(ctx)()
	return find(m.rows.checks, func(v hotline.Verification) bool { return v.ID == id })
}

func (m *memory) AddLookUp(ctx context.Context, l hotline.LookUp) error {
	defer m.lock(ctx)()
	m.rows.looks = append(m.rows.looks, l)
	return nil
}

func (m *memory) LookUpsSince(ctx context.Context, staff models.ID, since time.Time) (n int, err error) {
	defer m.lock(ctx)()
	for _, l := range m.rows.looks {
		if l.StaffID == staff && l.At.After(since) {
			n++
		}
	}
	return n, nil
}

// HoldFailures has nothing to hold: transactions of memory stand in line by themselves.
func (m *memory) HoldFailures(context.Context, []hotline.FailureKey, models.Date) error { return nil }

func (m *memory) CountFailure(ctx context.Context, k hotline.FailureKey, day models.Date) (int, error) {
	defer m.lock(ctx)()
	m.rows.failures[k.Scope+k.Value+string(day)]++
	return m.rows.failures[k.Scope+k.Value+string(day)], nil
}

func (m *memory) Failures(ctx context.Context, k hotline.FailureKey, day models.Date) (int, error) {
	defer m.lock(ctx)()
	return m.rows.failures[k.Scope+k.Value+string(day)], nil
}

func (m *memory) EnquiryByID(ctx context.Context, id models.ID) (hotline.Enquiry, error) {
	defer m.lock(ctx)()
	return find(m.rows.cases, func(e hotline.Enquiry) bool { return e.ID == id })
}

func (m *memory) EnquiryByCause(ctx context.Context, cause string) (hotline.Enquiry, error) {
	defer m.lock(ctx)()
	return find(m.rows.cases, func(e hotline.Enquiry) bool { return e.Cause == cause })
}

func (m *memory) UpdateEnquiry(ctx context.Context, e hotline.Enquiry, from hotline.EnquiryState) error {
	defer m.lock(ctx)()
	if old := m.rows.cases[e.ID]; old.State != from || old.Version != e.Version {
		return models.ErrConflict
	}
	e.Version++
	m.rows.cases[e.ID] = e
	return nil
}

func (m *memory) EnquiriesOf(ctx context.Context, person models.ID, _ hotline.Page) (out []hotline.Enquiry, err error) {
	defer m.lock(ctx)()
	for _, e := range m.rows.cases {
		if e.PersonID == person {
			out = append(out, e)
		}
	}
	return out, nil
}

func (m *memory) EnquiriesIn(ctx context.Context, state hotline.EnquiryState, _ hotline.Page) (out []hotline.Enquiry, err error) {
	defer m.lock(ctx)()
	for _, e := range m.rows.cases {
		if e.State == state {
			out = append(out, e)
		}
	}
	return out, nil
}

func (m *memory) person(fits func(hotline.Person) bool) (hotline.Person, error) {
	if i := slices.IndexFunc(m.people, fits); i >= 0 {
		return m.people[i], nil
	}
	return hotline.Person{}, models.ErrNotFound
}

func (m *memory) PersonByIDNumber(ctx context.Context, name models.Name, id models.IDNumber) (hotline.Person, error) {
	defer m.lock(ctx)()
	m.asked++
	return m.person(func(p hotline.Person) bool { return p.Name == name && p.IDNumber == id })
}

func (m *memory) PeopleByNameAndLast6(ctx context.Context, name models.Name, last6 string) (out []hotline.Person, err error) {
	defer m.lock(ctx)()
	m.asked++
	for _, p := range m.people {
		if p.Name == name && p.IDNumber.Last6() == last6 {
			out = append(out, p)
		}
	}
	return out, nil
}

func (m *memory) PersonByID(ctx context.Context, id models.ID) (hotline.Person, error) {
	return m.person(func(p hotline.Person) bool { return p.ID == id })
}

func (m *memory) FactsOf(_ context.Context, id models.ID) (hotline.Facts, error) {
	f, ok := m.facts[id]
	if !ok {
		return f, models.ErrNotFound
	}
	return f, nil
}

func (m *memory) Allow(context.Context, models.Actor, models.Act) error { return m.allowed }

func (m *memory) LookUpsOverLimit(_ context.Context, _ models.ID, n int) { m.over = append(m.over, n) }

func (m *memory) BankToSay(_ context.Context, code string, _ time.Time) (name, phone string, err error) {
	if code != "lyb" {
		return "", "", models.ErrNotFound
	}
	return "中原银行(卡面:洛阳银行)", "96699", nil
}

func (m *memory) DropFailuresBefore(context.Context, models.Date) error { return nil }

func (m *memory) DropSessionsBefore(context.Context, time.Time) error { return nil }
