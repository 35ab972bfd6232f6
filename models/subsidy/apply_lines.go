package subsidy

import (
	"context"
	"maps"
	"slices"
	"strconv"

	"onecard/models"
)

// ApplyLines takes payments, holds those that may not be shown as they are (R3, R4, R8, R14), and drafts one notice per
// credit, however often the event comes (R12). It returns the lines, as the feed names them, that it cannot take: their
// payee is not known here, their batch has another ledger month, or comes as a whole and has not yet. It joins the feed's transaction, and costs the
// same number of statements for one line as for a page.
func (s *Service) ApplyLines(ctx context.Context, lines []Line) (orphans []string, err error) {
	lines, seen, orphans, err := s.inTheirMonth(ctx, newest(lines))
	if err != nil || len(lines) == 0 {
		return orphans, err
	}
	people, err := s.Store.PayeesByRef(ctx, refsOf(lines))
	if err != nil {
		return nil, err
	}
	programmes, err := s.editions(ctx)
	if err != nil {
		return nil, err
	}
	list := make([]Payment, 0, len(lines))
	now, strangers, moved := s.Clock.Now(), map[Key]int64{}, map[Key]bool{}
	for _, l := range lines {
		payee, ok := people[l.PayeeRef]
		if !ok {
			strangers[l.Key] = l.Version
			continue
		}
		l.paidTo(payee, people[l.BeneficiaryRef], now)
		p := l.Payment
		_, known := programmes.of(p)
		if p.Hold = weigh(p, known, payee); seen[l.Key.BatchID].Withdrawn {
			p.Hold = HoldWithdrawn
		}
		moved[p.Key] = livesElsewhere(&p, payee)
		list = append(list, p)
	}
	untold, err := s.Store.UntoldFrom(ctx, streamed(seen))
	if err != nil {
		return nil, err
	}
	changed, err := s.write(ctx, list, untold)
	if err != nil {
		return nil, err
	}
	if err := s.noteMoved(ctx, changed, moved); err != nil {
		return nil, err
	}
	if err := s.follow(ctx, programmes, changed); err != nil || len(strangers) == 0 {
		return orphans, err
	}
	keys := slices.SortedFunc(maps.Keys(strangers), compareKeys)
	stand, err := s.Store.LinesByKey(ctx, keys)
	if err != nil {
		return nil, err
	}
	for _, k := range keys {
		if was, ok := stand[k]; !ok || was.Version < strangers[k] { // else it is stale, and waits for nobody
			orphans = append(orphans, k.id())
		}
	}
	if changed, err = s.leftToStrangers(ctx, stand, strangers); err != nil {
		return nil, err
	}
	return orphans, s.follow(ctx, programmes, changed)
}

// noteMoved reports, of the lines that were taken, those whose payee has moved.
func (s *Service) noteMoved(ctx context.Context, changed []change, moved map[Key]bool) error {
	var list []Finding
	for _, c := range changed {
		if c.is.Hold == HoldNone && moved[c.is.Key] {
			list = append(list, Finding{c.is.Key.BatchID, c.is.Key.Line, PayeeMoved})
		}
	}
	return s.Store.AddFindings(ctx, list, s.Clock.Now())
}

// streamed are the batches that may still be being told.
func streamed(seen map[string]BatchSeen) []string {
	var out []string
	for id, b := range seen {
		if b.Whole && !b.Pending && !b.Withdrawn {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}

// id is the feed's name of a line.
func (k Key) id() string { return k.BatchID + "/" + strconv.Itoa(k.Line) }

// newest keeps one line per key, its newest version, in the order of first appearance: what came in between is not
// told to anyone any more.
func newest(lines []Line) []Line {
	at := make(map[Key]int, len(lines))
	out := make([]Line, 0, len(lines))
	for _, l := range lines {
		if i, seen := at[l.Key]; !seen {
			at[l.Key] = len(out)
			out = append(out, l)
		} else if l.Version > out[i].Version {
			out[i] = l
		}
	}
	return out
}

// inTheirMonth parts the lines that can be taken from the others: those whose ledger month is not that of their batch,
// and those that come before the batch they stand in as a whole. The first word about a batch, its announcement or a
// line, fixes its month for ever.
func (s *Service) inTheirMonth(ctx context.Context, lines []Line) (good []Line, seen map[string]BatchSeen, orphans []string, err error) {
	if len(lines) == 0 {
		return nil, nil, nil, nil
	}
	first := map[string]Key{}
	for _, l := range lines {
		if _, ok := first[l.Key.BatchID]; !ok {
			first[l.Key.BatchID] = l.Key
		}
	}
	if seen, err = s.Store.FixMonths(ctx, first, s.Clock.Now()); err != nil {
		return nil, nil, nil, err
	}
	good = make([]Line, 0, len(lines))
	for _, l := range lines {
		if b := seen[l.Key.BatchID]; b.LedgerMonth == l.Key.LedgerMonth && !b.Pending {
			good = append(good, l)
		} else {
			orphans = append(orphans, l.Key.id())
		}
	}
	return good, seen, orphans, nil
}

func refsOf(lines []Line) []models.PersonRef {
	refs := make([]models.PersonRef, 0, len(lines))
	for i := range lines {
		l := &lines[i]
		if refs = append(refs, l.PayeeRef); l.BeneficiaryRef != l.PayeeRef {
			refs = append(refs, l.BeneficiaryRef)
		}
	}
	slices.Sort(refs)
	return slices.Compact(refs)
}
