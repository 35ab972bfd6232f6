package hotline_test

import (
	"context"
	"slices"
	"time"

	"onecard/models"
	"onecard/models/hotline"
)

// factors are what stands beside a member's account in memory.
type factors struct {
	former map[models.ID][]string
	codes  map[models.ID]map[string]time.Time // zero: open
}

func newFactors() factors {
	return factors{map[models.ID][]string{}, map[models.ID]map[string]time.Time{}}
}

func (f factors) copy() factors {
	out := newFactors()
	for id, hashes := range f.former {
		out.former[id] = slices.Clone(hashes)
	}
	for id, codes := range f.codes {
		out.codes[id] = map[string]time.Time{}
		for hash, at := range codes {
			out.codes[id][hash] = at
		}
	}
	return out
}

func (m *memory) UpdateDuties(ctx context.Context, s hotline.Staff) error {
	return m.UpdateStaff(ctx, s)
}

func (m *memory) StaffBySubject(ctx context.Context, subject string) (hotline.Staff, error) {
	defer m.lock(ctx)()
	return find(m.rows.staff, func(s hotline.Staff) bool { return s.Subject == subject && subject != "" })
}

func (m *memory) HoldAdministrators(ctx context.Context) ([]models.ID, error) {
	defer m.lock(ctx)()
	var ids []models.ID
	for id, s := range m.rows.staff {
		if s.Can(hotline.MayManageStaff) {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

func (m *memory) AddPassword(ctx context.Context, id models.ID, hash string, _ time.Time, keep int) error {
	defer m.lock(ctx)()
	all := append(m.rows.factors.former[id], hash)
	m.rows.factors.former[id] = all[max(0, len(all)-keep):]
	return nil
}

func (m *memory) FormerPasswords(ctx context.Context, id models.ID) ([]string, error) {
	defer m.lock(ctx)()
	return slices.Clone(m.rows.factors.former[id]), nil
}

func (m *memory) ReplaceRecoveryCodes(ctx context.Context, id models.ID, hashes [][]byte) error {
	defer m.lock(ctx)()
	m.rows.factors.codes[id] = map[string]time.Time{}
	for _, h := range hashes {
		m.rows.factors.codes[id][string(h)] = time.Time{}
	}
	return nil
}

func (m *memory) RecoveryCodeOpen(ctx context.Context, id models.ID, hash []byte) (bool, error) {
	defer m.lock(ctx)()
	used, ok := m.rows.factors.codes[id][string(hash)]
	return ok && used.IsZero(), nil
}

func (m *memory) UseRecoveryCode(ctx context.Context, id models.ID, hash []byte, at time.Time) error {
	defer m.lock(ctx)()
	if used, ok := m.rows.factors.codes[id][string(hash)]; !ok || !used.IsZero() {
		return models.ErrConflict
	}
	m.rows.factors.codes[id][string(hash)] = at
	return nil
}

func (m *memory) RecoveryCodesLeft(ctx context.Context, id models.ID) (int, error) {
	defer m.lock(ctx)()
	left := 0
	for _, used := range m.rows.factors.codes[id] {
		if used.IsZero() {
			left++
		}
	}
	return left, nil
}

func (m *memory) LockedLogins(ctx context.Context, logins []string, since time.Time, limit int) ([]string, error) {
	defer m.lock(ctx)()
	return slices.DeleteFunc(slices.Clone(logins), func(login string) bool {
		a := m.rows.tries[login]
		return a.N < limit || !a.Last.After(since)
	}), nil
}

func (m *memory) SessionByID(ctx context.Context, id models.ID) (hotline.Session, error) {
	defer m.lock(ctx)()
	return find(m.rows.sessions, func(s hotline.Session) bool { return s.ID == id })
}

func (m *memory) SessionOf(ctx context.Context, staff models.ID) (hotline.Session, error) {
	defer m.lock(ctx)()
	return find(m.rows.sessions, func(s hotline.Session) bool { return s.StaffID == staff && s.EndedAt.IsZero() })
}

func (l *line) AllExtensions(context.Context) (map[models.ID]string, error) {
	out := map[models.ID]string{}
	for e, staff := range l.rows.tel.extensions {
		out[staff] = e
	}
	return out, nil
}

func (l *line) PromiseAnswered(_ context.Context, callBack models.ID) (bool, error) {
	return slices.ContainsFunc(l.rows.tel.conversations, func(x hotline.ExchangeCall) bool {
		return x.CallBackID == callBack && !x.AnsweredAt.IsZero()
	}), nil
}
