package subsidy

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"time"

	"onecard/models"
	"onecard/models/audit"
)

type sliceCompared struct{ found, repaired, left int }

// compareSlice narrows what differs in a district's month to the lines, reads those again from the registry and takes
// them by the way that every line takes: it is told, held and audited as any other. What stays is listed and alarms. A
// line that the registry does not have is never deleted. Where it is too much for one go, next says what is left.
func (s *Service) compareSlice(ctx context.Context, by models.Actor, job CompareSlice) (out sliceCompared, next *CompareSlice, err error) {
	if job.From.Began.IsZero() {
		job.From.Began = s.Clock.Now()
	}
	pairs := map[Key]*pair{}
	if next, err = s.narrowSlice(ctx, job, pairs); err != nil {
		return out, nil, err
	}
	if err := s.elsewhere(ctx, pairs); err != nil {
		return out, nil, err
	}
	var list []Difference
	for _, batch := range byBatch(pairs) {
		some, err := s.repair(ctx, by, batch, pairs)
		if err != nil {
			return out, nil, err
		}
		list = append(list, some...)
	}
	out, err = s.conclude(ctx, by, job, list, next == nil)
	return out, next, err
}

// narrowSlice finds the lines that differ, from where the job goes on.
func (s *Service) narrowSlice(ctx context.Context, job CompareSlice, pairs map[Key]*pair) (next *CompareSlice, err error) {
	q, err := s.figuresOf(ctx, job.Month, job.District)
	if err != nil {
		return nil, err
	}
	theirs, err := s.Figures.Figures(ctx, q)
	if err != nil {
		return nil, err
	}
	q.Content = tellsContent(theirs)
	ours, err := s.Store.OurFigures(ctx, q)
	if err != nil {
		return nil, err
	}
	first, pages := Bucket{job.From.Programme, job.District, job.From.State}, pagesAtOnce
	for _, b := range differ(ours, theirs) {
		order := compareBuckets(b, first)
		if order < 0 && first.Programme != "" { // done by the job before
			continue
		}
		var after Key
		if order == 0 && job.From.Batch != "" {
			after = Key{job.Month, job.From.Batch, job.From.Line}
		}
		if pages == 0 || len(pairs) >= repairsAtOnce {
			return &CompareSlice{job.Month, job.District, CompareFrom{b.Programme, b.State, after.BatchID, after.Line, job.From.Began}}, nil
		}
		stopped, err := s.narrow(ctx, q, b, after, &pages, pairs)
		if err != nil {
			return nil, err
		}
		if stopped != (Key{}) {
			return &CompareSlice{job.Month, job.District, CompareFrom{b.Programme, b.State, stopped.BatchID, stopped.Line, job.From.Began}}, nil
		}
	}
	return nil, nil
}

// conclude lists what was found; with the last part of a slice, open differences that were not met again are gone.
func (s *Service) conclude(ctx context.Context, by models.Actor, job CompareSlice, list []Difference, last bool) (sliceCompared, error) {
	month, district, since := job.Month, job.District, job.From.Began
	if !last {
		since = time.Time{}
	}
	out := sliceCompared{found: len(list)}
	for _, d := range list {
		switch d.State {
		case DifferenceRepaired:
			out.repaired++
		case DifferenceOpen:
			out.left++
		}
	}
	now := s.Clock.Now()
	err := s.Store.InTx(ctx, func(ctx context.Context) error {
		if err := s.Store.SaveDifferences(ctx, month, district, list, now, since); err != nil {
			return err
		}
		if len(list) == 0 {
			return nil
		}
		e := audit.Of(by, now, "subsidy.figures.compared", "figure_differences", month+"~"+district, "compared")
		return s.Store.RecordAudits(ctx, []audit.Entry{e.Noting("found", strconv.Itoa(out.found)).Noting("repaired", strconv.Itoa(out.repaired)).Noting("left", strconv.Itoa(out.left))})
	})
	if err == nil && out.left > 0 {
		s.Log.ErrorContext(ctx, "figures differ from the registry's after the repair", "code", "FIGURES_DIFFER", "month", month, "district", district, "lines", out.left)
		if s.Alarms != nil {
			s.Alarms.Alarm("FIGURES_DIFFER", out.left)
		}
	}
	return out, err
}

// elsewhere looks for lines that are not in the bucket where the registry has them.
func (s *Service) elsewhere(ctx context.Context, pairs map[Key]*pair) error {
	var keys []Key
	for k, p := range pairs {
		if p.ours == nil {
			keys = append(keys, k)
		}
	}
	slices.SortFunc(keys, compareKeys)
	for some := range slices.Chunk(keys, slice) {
		found, err := s.Store.OurLines(ctx, some)
		if err != nil {
			return err
		}
		for k, p := range found {
			pairs[k].ours = &p
		}
	}
	return nil
}

// rereadAtOnce is how many lines of a batch are asked for again at a time.
const rereadAtOnce = 100

// byBatch cuts what differs into questions for lines of one batch.
func byBatch(pairs map[Key]*pair) [][]Key {
	keys := slices.SortedFunc(maps.Keys(pairs), compareKeys)
	var out [][]Key
	for _, k := range keys {
		last := len(out) - 1
		if last < 0 || out[last][0].BatchID != k.BatchID || len(out[last]) == rereadAtOnce {
			out = append(out, nil)
			last++
		}
		out[last] = append(out[last], k)
	}
	return out
}

// repair reads lines again and takes them, in one commit for up to a hundred lines of one batch.
func (s *Service) repair(ctx context.Context, by models.Actor, keys []Key, pairs map[Key]*pair) ([]Difference, error) {
	lines := make([]int, len(keys))
	for i, k := range keys {
		lines[i] = k.Line
	}
	read, err := s.Figures.LinesNow(ctx, keys[0].BatchID, lines)
	if err != nil {
		return nil, err
	}
	there := map[Key]Line{}
	for _, l := range read {
		there[l.Key] = l
	}
	var list []Difference
	err = s.Store.InTx(ctx, func(ctx context.Context) error {
		list = list[:0]
		seen, wanted := map[Key]int64{}, []Line(nil)
		for _, k := range keys {
			l, ok := there[k]
			d := differenceOf(k, pairs[k], l, ok)
			switch {
			case !ok:
				d.Why = "NOT_IN_REGISTRY"
			case d.Kind == "":
				d.Kind, d.State = pairs[k].kind(), DifferenceGone
			default:
				if wanted = append(wanted, l); pairs[k].ours != nil {
					seen[k] = pairs[k].ours.Version
				}
			}
			if d.Kind != "" {
				list = append(list, d)
			}
		}
		if len(wanted) == 0 {
			return nil
		}
		return s.takeAgain(ctx, by, wanted, seen, list)
	})
	return list, err
}

// takeAgain takes lines in spite of the version that we had, if that is still the one which was compared.
func (s *Service) takeAgain(ctx context.Context, by models.Actor, wanted []Line, seen map[Key]int64, list []Difference) error {
	lowered, err := s.Store.LowerVersions(ctx, seen)
	if err != nil {
		return err
	}
	wanted = slices.DeleteFunc(wanted, func(l Line) bool { _, had := seen[l.Key]; return had && !lowered[l.Key] })
	orphans, err := s.ApplyLines(ctx, wanted)
	if err != nil {
		return err
	}
	taken, waiting := map[Key]bool{}, []ParkedLine(nil)
	for i := range wanted {
		l := &wanted[i]
		taken[l.Key] = !slices.Contains(orphans, l.Key.id())
		if version, stands := seen[l.Key]; !taken[l.Key] && stands && l.Version > version {
			p, err := s.sealLine(ctx, l, l.Raw)
			if err != nil {
				return err
			}
			waiting = append(waiting, p)
		}
	}
	if len(waiting) > 0 { // what stood is held until the person is known, as after an event
		if err := s.Store.ParkLines(ctx, waiting, s.Clock.Now()); err != nil {
			return err
		}
	}
	var entries []audit.Entry
	back := map[Key]int64{}
	for i := range list {
		d := &list[i]
		ok, tried := taken[d.Key]
		switch {
		case d.State != DifferenceOpen || d.Why != "":
		case ok:
			d.State = DifferenceRepaired
			e := audit.Of(by, s.Clock.Now(), "subsidy.payment.repaired", "payments", d.Key.String(), "repaired")
			entries = append(entries, e.Noting("kind", string(d.Kind)))
		case tried:
			d.Why = "NOT_TAKEN" // its payee is not known here, or its batch has another month
			if lowered[d.Key] {
				back[d.Key] = seen[d.Key]
			}
		default:
			d.State = DifferenceGone // somebody told of it meanwhile; the next night looks again
		}
	}
	if err := s.Store.RestoreVersions(ctx, back); err != nil {
		return err
	}
	return s.Store.RecordAudits(ctx, entries)
}

// kind says how the two sides differed when they were compared.
func (p *pair) kind() DifferenceKind {
	switch {
	case p.ours == nil:
		return MissingHere
	case p.theirs == nil:
		return MissingThere
	case p.ours.State != p.bucket.State:
		return OtherState
	case p.ours.AmountFen != p.theirs.AmountFen:
		return OtherAmount
	case p.ours.Version != p.theirs.Version:
		return OtherVersion
	}
	return OtherContent
}

// differenceOf is what stands against a line, with the registry's word of a moment ago; no kind where the two agree.
func differenceOf(k Key, p *pair, l Line, there bool) Difference {
	d := Difference{Key: k, Kind: p.kind(), State: DifferenceOpen, Programme: p.bucket.Programme, District: p.bucket.District}
	if p.ours != nil {
		d.Ours = Side{p.ours.Version, p.ours.State, p.ours.AmountFen}
	}
	if !there {
		d.Kind = MissingThere
		if p.ours == nil {
			d.Kind = "" // it was there, and is no more: nothing stands against it
		}
		return d
	}
	d.Theirs = Side{l.Version, l.State, l.AmountFen}
	if p.ours == nil {
		d.Kind = MissingHere
		return d
	}
	if MarkOf(*p.ours) == l.Mark() && p.ours.State == l.State && p.ours.Programme == l.Programme && p.ours.District == l.District {
		d.Kind = ""
		return d
	}
	if d.Kind == MissingThere { // it is there, in another bucket
		d.Kind = (&pair{ours: p.ours, theirs: &LineMark{Key: k, Version: l.Version, AmountFen: l.AmountFen}, bucket: Bucket{l.Programme, l.District, l.State}}).kind()
	}
	return d
}
