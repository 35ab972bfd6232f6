package subsidy

import (
	"context"
	"maps"
	"slices"

	"onecard/models"
)

// leaves reports whether the payee that was is it no more: another one is, or somebody we do not know.
func (c change) leaves() bool {
	return c.was.PersonID != "" && (c.is.PersonID != c.was.PersonID || c.is.Hold == HoldPayeeUnknown && c.was.Hold != HoldPayeeUnknown)
}

// heard is the payment as its payee of now may have heard of it; nothing where it was another's, or is not told yet.
func (c change) heard() Payment {
	if c.untold || c.was.PersonID != c.is.PersonID {
		return Payment{}
	}
	return c.was
}

// leave takes back what former payees were told, as a withdrawal does, and frees the causes: who is the payee now has
// heard nothing yet.
func (t *teller) leave(ctx context.Context, changed []change, programmes editions) error {
	var left []Payment
	var causes []string
	for _, c := range changed {
		if c.leaves() {
			left = append(left, c.was)
			causes = append(causes, toldAs(c.was)...)
		}
	}
	if len(causes) == 0 {
		return nil
	}
	if err := t.correct(ctx, left, programmes, "payee:"+string(models.NewID())); err != nil {
		return err
	}
	return t.service.Store.FreeCauses(ctx, causes)
}

// leftToStrangers holds the lines that stand whose payee, by a newer version that waits among the parked, is somebody we
// do not know: she who was it is not shown them any more, and nobody else before the person is known. waiting are those
// versions.
func (s *Service) leftToStrangers(ctx context.Context, stand map[Key]Payment, waiting map[Key]int64) ([]change, error) {
	var changed []change
	holds := map[Hold][]Key{}
	for _, k := range slices.SortedFunc(maps.Keys(stand), compareKeys) {
		was := stand[k]
		if was.Version >= waiting[k] || was.Hold == HoldPayeeUnknown || was.Hold == HoldRejected || was.Hold == HoldWithdrawn {
			continue
		}
		is := was
		is.Hold = HoldPayeeUnknown
		changed = append(changed, change{was: was, is: is})
		holds[was.Hold] = append(holds[was.Hold], k)
	}
	for from, keys := range holds {
		if err := s.Store.SetHolds(ctx, from, map[Hold][]Key{HoldPayeeUnknown: keys}); err != nil {
			return nil, err
		}
	}
	return changed, nil
}

// strangers looks for what stands of the lines that the newer announcement leaves to people we do not know. Under the
// version that it had, such a line is an error of the source.
func (m *merging) strangers(ctx context.Context, sp *spool) error {
	waiting := map[Key]int64{}
	some := func() error {
		stand, err := m.Store.LinesByKey(ctx, slices.SortedFunc(maps.Keys(waiting), compareKeys))
		if err != nil {
			return err
		}
		m.found += len(stand)
		for _, k := range slices.SortedFunc(maps.Keys(stand), compareKeys) {
			if stand[k].Version == waiting[k] {
				return &verdictError{BatchLineSameAsOld, k.Line}
			}
		}
		changed, err := m.leftToStrangers(ctx, stand, waiting)
		if err != nil {
			return err
		}
		clear(waiting)
		m.changed += len(changed)
		return m.follow(ctx, changed)
	}
	err := sp.each(segmentParked, func(record []byte) error {
		p, err := readParked(m.batch.ID, record)
		if err != nil {
			return err
		}
		if waiting[Key{m.batch.LedgerMonth, p.Batch, p.Line}] = p.Version; len(waiting) < setRows {
			return nil
		}
		return some()
	})
	if err != nil || len(waiting) == 0 {
		return err
	}
	return some()
}

// resolve settles who the payees of these lines are where they are not those that stand. Records that were merged since
// the batch was read are one person: what stands is given to her as after a load (movedWhole). Another person is another
// payee: a newer version moves the line, under the same one it is an error of the source.
func (m *merging) resolve(ctx context.Context) error {
	var ids []models.ID
	for i := range m.newer {
		if was := m.stood(m.newer[i].Key.Line); was.line > 0 && was.person() != m.newer[i].PersonID {
			ids = append(ids, m.newer[i].PersonID)
		}
	}
	for _, p := range m.doubt {
		ids = append(ids, p.PersonID, m.stood(p.Key.Line).person())
	}
	if len(ids) == 0 {
		return nil
	}
	left, err := m.Store.Successors(ctx, ids)
	if err != nil {
		return err
	}
	for _, p := range m.doubt {
		if left[p.PersonID].ID != left[m.stood(p.Key.Line).person()].ID {
			return &verdictError{BatchLineSameAsOld, p.Key.Line}
		}
	}
	m.merged = m.merged || len(m.doubt) > 0
	m.doubt = m.doubt[:0]
	for i := range m.newer {
		m.newer[i].succeed(left)
	}
	return nil
}

// succeed puts who is left in the place of a merged record.
func (p *Payment) succeed(left map[models.ID]Successor) {
	from := p.PersonID
	into, ok := left[from]
	if !ok || into.ID == from {
		return
	}
	if p.PersonID = into.ID; p.BeneficiaryID == from {
		p.BeneficiaryID = into.ID
	}
	if p.PaidRef == "" {
		p.PaidRef = into.Ref
	}
}

// seeThroughMerges settles who of these changes is another payee: not she whose records were merged after one of them was
// resolved. Who is left stands for a former payee; her ready answers are outdated.
func (s *Service) seeThroughMerges(ctx context.Context, changed []change) error {
	var former, ids []models.ID
	for _, c := range changed {
		if c.was.PersonID != "" && c.was.PersonID != c.is.PersonID {
			former, ids = append(former, c.was.PersonID), append(ids, c.was.PersonID, c.is.PersonID)
		}
	}
	if len(former) == 0 {
		return nil
	}
	left, err := s.Store.Successors(ctx, ids)
	if err != nil {
		return err
	}
	for i := range changed {
		c := &changed[i]
		c.was.succeed(left)
		if into, asked := left[c.is.PersonID]; asked && c.was.PersonID == into.ID {
			c.was.PersonID = c.is.PersonID
		}
	}
	return s.Touch(ctx, former...)
}
