package cardtest

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"onecard/models"
	"onecard/models/card"
)

func find[V any](m *Memory, rows func() map[models.ID]V, id models.ID) (V, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	v, ok := rows()[id]
	if !ok {
		return v, models.ErrNotFound
	}
	return v, nil
}

// list gives the rows that fit, in order, at most limit.
func list[V any](m *Memory, rows func() map[models.ID]V, fits func(V) bool, order func(a, b V) int, limit int) []V {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []V
	for _, v := range rows() {
		if fits(v) {
			out = append(out, v)
		}
	}
	slices.SortFunc(out, order)
	return out[:min(limit, len(out))]
}

const all = 1 << 30

func (m *Memory) cardRows() map[models.ID]card.Card         { return m.cards }
func (m *Memory) reportRows() map[models.ID]card.LossReport { return m.reports }
func (m *Memory) commandRows() map[models.ID]card.Command   { return m.commands }
func byReportID(a, b card.LossReport) int                   { return cmp.Compare(a.ID, b.ID) }
func (m *Memory) one(fits func(card.Command) bool) (card.Command, error) {
	found := list(m, m.commandRows, fits, func(a, b card.Command) int { return b.NotAfter.Compare(a.NotAfter) }, 1)
	if len(found) == 0 {
		return card.Command{}, models.ErrNotFound
	}
	return found[0], nil
}

// Card reads one.
func (m *Memory) Card(_ context.Context, id models.ID) (card.Card, error) {
	return find(m, m.cardRows, id)
}

// LockCard reads one; a transaction is alone anyway.
func (m *Memory) LockCard(_ context.Context, id models.ID) (card.Card, error) {
	return find(m, m.cardRows, id)
}

// CardsOfPerson lists them, the newest change first.
func (m *Memory) CardsOfPerson(_ context.Context, person models.ID) ([]card.Card, error) {
	return list(m, m.cardRows, func(c card.Card) bool { return c.PersonID == person }, func(a, b card.Card) int {
		return cmp.Or(b.ChangedAt.Compare(a.ChangedAt), cmp.Compare(a.ID, b.ID))
	}, all), nil
}

// HomeFacts are the cards and whether a report of theirs is open.
func (m *Memory) HomeFacts(ctx context.Context, person models.ID) (f card.HomeFacts, err error) {
	f.AsOf = m.asOf
	if f.Cards, err = m.CardsOfPerson(ctx, person); err != nil {
		return f, err
	}
	ids := make([]models.ID, len(f.Cards))
	for i, c := range f.Cards {
		ids[i] = c.ID
	}
	open, err := m.OpenLossReports(ctx, ids)
	f.Lost = len(open) > 0
	return f, err
}

// PersonRef is the registry's name of a person.
func (m *Memory) PersonRef(_ context.Context, person models.ID) (models.PersonRef, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if ref, ok := m.persons[person]; ok {
		return ref, nil
	}
	return "", models.ErrNotFound
}

// CardsAsOf is set by nobody here: the feed's reader is another's.
func (m *Memory) CardsAsOf(context.Context) (time.Time, error) { return m.asOf, nil }

// LatestApplication finds none.
func (m *Memory) LatestApplication(context.Context, models.ID) (card.Application, error) {
	return card.Application{}, models.ErrNotFound
}

// LatestReplacement finds none.
func (m *Memory) LatestReplacement(context.Context, models.ID) (card.Replacement, error) {
	return card.Replacement{}, models.ErrNotFound
}

// OpenReplacement finds none.
func (m *Memory) OpenReplacement(context.Context, models.ID) (card.Replacement, error) {
	return card.Replacement{}, models.ErrNotFound
}

// MirrorCards writes what is newer.
func (m *Memory) MirrorCards(ctx context.Context, facts []card.Fact, at time.Time) (map[models.CardRef]card.MirrorChange, error) {
	changes := map[models.CardRef]card.MirrorChange{}
	return changes, m.write(ctx, func() error {
		owners := map[models.PersonRef]models.ID{}
		for id, ref := range m.persons {
			owners[ref] = id
		}
		for _, c := range m.cards {
			changes[c.Ref] = card.MirrorChange{Before: c, After: c, Known: true, Stale: true}
		}
		for _, f := range facts {
			ch, owner := changes[f.Ref], owners[f.PersonRef]
			switch {
			case owner == "":
				ch.Orphan, ch.Stale = true, true
			case f.Version > ch.After.Version:
				if ch.After.ID == "" {
					ch.After.ID, ch.After.NextSeq = models.NewID(), 1
				}
				ch.Stale = false
				ch.After.Ref, ch.After.PersonID, ch.After.BankCode, ch.After.OutletRef = f.Ref, owner, f.BankCode, f.OutletRef
				ch.After.Social, ch.After.Financial, ch.After.Holding = f.Social, f.Financial, f.Holding
				ch.After.Version, ch.After.ChangedAt, ch.After.ReceivedAt = f.Version, f.ChangedAt, at
				m.cards[ch.After.ID] = ch.After
			}
			changes[f.Ref] = ch
		}
		asked := map[models.CardRef]bool{}
		for _, f := range facts {
			asked[f.Ref] = true
		}
		maps.DeleteFunc(changes, func(ref models.CardRef, _ card.MirrorChange) bool { return !asked[ref] })
		return nil
	})
}

// TakeSeq gives out the next card_seq.
func (m *Memory) TakeSeq(ctx context.Context, id models.ID) (seq int64, err error) {
	err = m.write(ctx, func() error {
		c, ok := m.cards[id]
		if !ok {
			return models.ErrNotFound
		}
		seq = c.NextSeq
		c.NextSeq++
		m.cards[id] = c
		return nil
	})
	return seq, err
}

// SetAnsweredVersion raises it.
func (m *Memory) SetAnsweredVersion(ctx context.Context, id models.ID, version int64) error {
	return m.write(ctx, func() error {
		c := m.cards[id]
		c.AnsweredVersion = max(c.AnsweredVersion, version)
		m.cards[id] = c
		return nil
	})
}

// CreateLossReport inserts a report; one open per card.
func (m *Memory) CreateLossReport(ctx context.Context, r card.LossReport) error {
	return m.write(ctx, func() error {
		for _, other := range m.reports {
			switch {
			case other.CardID == r.CardID && other.Open() && r.Open():
				return card.ErrLossOpen
			case other.Receipt == r.Receipt:
				return models.ErrConflict
			}
		}
		m.reports[r.ID] = r
		return nil
	})
}

// LossReport reads one.
func (m *Memory) LossReport(_ context.Context, id models.ID) (card.LossReport, error) {
	return find(m, m.reportRows, id)
}

// OpenLossReport reads the card's open one.
func (m *Memory) OpenLossReport(_ context.Context, id models.ID) (card.LossReport, error) {
	open, _ := m.OpenLossReports(context.Background(), []models.ID{id})
	if len(open) == 0 {
		return card.LossReport{}, models.ErrNotFound
	}
	return open[0], nil
}

// OpenLossReports reads the open ones of several cards.
func (m *Memory) OpenLossReports(_ context.Context, cards []models.ID) ([]card.LossReport, error) {
	return list(m, m.reportRows, func(r card.LossReport) bool { return r.Open() && slices.Contains(cards, r.CardID) }, byReportID, all), nil
}

// LossReportsOf lists a person's, the newest first.
func (m *Memory) LossReportsOf(_ context.Context, person models.ID, limit int) ([]card.LossReport, error) {
	return list(m, m.reportRows, func(r card.LossReport) bool { return r.PersonID == person }, func(a, b card.LossReport) int {
		return cmp.Or(b.ReportedAt.Compare(a.ReportedAt), cmp.Compare(b.ID, a.ID))
	}, limit), nil
}

// AdvanceLossReport is the guarded update.
func (m *Memory) AdvanceLossReport(ctx context.Context, r card.LossReport, from card.LossState) error {
	return m.write(ctx, func() error {
		if now, ok := m.reports[r.ID]; !ok || now.State != from || now.Version != r.Version {
			return models.ErrConflict
		}
		r.Version++
		m.reports[r.ID] = r
		return nil
	})
}

// LossReportsToWatch lists those that wait too long.
func (m *Memory) LossReportsToWatch(_ context.Context, before time.Time, limit int) ([]card.LossReport, error) {
	return list(m, m.reportRows, func(r card.LossReport) bool {
		return r.Waiting() && r.AlarmedAt.IsZero() && r.WaitingSince.Before(before)
	}, byReportID, limit), nil
}

// LossReportsExpiring lists those to warn about.
func (m *Memory) LossReportsExpiring(_ context.Context, from, until time.Time, day models.Date, limit int) ([]card.LossReport, error) {
	return list(m, m.reportRows, func(r card.LossReport) bool {
		return r.State == card.LossEffective && !r.ExpiresAt.IsZero() && !r.ExpiresAt.Before(from) && r.ExpiresAt.Before(until) && r.WarnedOn != day
	}, byReportID, limit), nil
}

// LossReportsToReassert lists those whose second look is due.
func (m *Memory) LossReportsToReassert(_ context.Context, at time.Time, limit int) ([]card.LossReport, error) {
	return list(m, m.reportRows, func(r card.LossReport) bool { return !r.ReassertAt.IsZero() && !r.ReassertAt.After(at) }, byReportID, limit), nil
}

// AddCommand inserts a command; one unfinished per card.
func (m *Memory) AddCommand(ctx context.Context, c card.Command) error {
	return m.write(ctx, func() error {
		for _, other := range m.commands {
			if other.CardID == c.CardID && (other.Unfinished() && c.Unfinished() || other.CardSeq == c.CardSeq) {
				return models.ErrConflict
			}
		}
		m.commands[c.ID] = c
		return nil
	})
}

// Command reads one.
func (m *Memory) Command(_ context.Context, id models.ID) (card.Command, error) {
	return find(m, m.commandRows, id)
}

// UnfinishedCommand reads the card's.
func (m *Memory) UnfinishedCommand(_ context.Context, id models.ID) (card.Command, error) {
	return m.one(func(c card.Command) bool { return c.CardID == id && c.Unfinished() })
}

// SupersededRelease reads the one on which the registry may act longest.
func (m *Memory) SupersededRelease(_ context.Context, id models.ID) (card.Command, error) {
	return m.one(func(c card.Command) bool {
		return c.CardID == id && c.Kind == card.CommandRelease && c.State == card.CommandSuperseded
	})
}

// SettledCommands reads those of a kind that were settled, or whose last lease ends, since a time.
func (m *Memory) SettledCommands(_ context.Context, id models.ID, kind card.CommandKind, since time.Time) ([]card.Command, error) {
	return list(m, m.commandRows, func(c card.Command) bool {
		return c.CardID == id && c.Kind == kind && !c.SettledAt.IsZero() && (!c.SettledAt.Before(since) || !c.LeaseEnds.Before(since))
	}, func(a, b card.Command) int { return cmp.Compare(a.CardSeq, b.CardSeq) }, all), nil
}

// DueCommands lists what a sweep should carry out.
func (m *Memory) DueCommands(_ context.Context, at time.Time, limit int, kinds ...card.CommandKind) ([]models.ID, error) {
	due := list(m, m.commandRows, func(c card.Command) bool {
		return (len(kinds) == 0 || slices.Contains(kinds, c.Kind)) && c.Unfinished() && !c.DueAt.After(at) && !c.LeaseEnds.After(at)
	}, func(a, b card.Command) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), a.DueAt.Compare(b.DueAt), cmp.Compare(a.ID, b.ID))
	}, limit)
	ids := make([]models.ID, len(due))
	for i, c := range due {
		ids[i] = c.ID
	}
	return ids, nil
}

// LeaseCommand takes the lease.
func (m *Memory) LeaseCommand(ctx context.Context, c card.Command, at, ends time.Time) (card.Command, error) {
	err := m.write(ctx, func() error {
		now, ok := m.commands[c.ID]
		if !ok || now.State != c.State || now.Attempt != c.Attempt || now.LeaseEnds.After(at) {
			return models.ErrConflict
		}
		c.State, c.Attempt, c.LeaseEnds = card.CommandSending, c.Attempt+1, ends
		m.commands[c.ID] = c
		return nil
	})
	return c, err
}

// SettleCommand is the guarded update.
func (m *Memory) SettleCommand(ctx context.Context, c card.Command, from card.CommandState) error {
	return m.write(ctx, func() error {
		now, ok := m.commands[c.ID]
		if !ok || now.State != from || now.Attempt != c.Attempt {
			return models.ErrConflict
		}
		m.commands[c.ID] = c
		return nil
	})
}
