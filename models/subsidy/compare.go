package subsidy

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"onecard/models"
)

// CompareNight is the job that begins the nightly comparison with the registry's figures.
type CompareNight struct{}

// Kind names the job.
func (CompareNight) Kind() string { return "subsidy.compare_night" }

// CompareMonth compares one ledger month's sums.
type CompareMonth struct {
	Month string `json:"month"`
}

// Kind names the job.
func (CompareMonth) Kind() string { return "subsidy.compare_month" }

// Once makes a second one do nothing while the first is unfinished.
func (CompareMonth) Once() bool { return true }

// ReckoningTime is how long our figures of a month may take: with their content every line is read.
const ReckoningTime = 30 * time.Minute

// Takes is the job's time.
func (CompareMonth) Takes() time.Duration { return ReckoningTime }

// Takes is the job's time.
func (CompareSlice) Takes() time.Duration { return ReckoningTime }

// CompareSlice narrows one district's month to the lines that differ, and repairs them.
type CompareSlice struct {
	Month    string      `json:"month"`
	District string      `json:"district"`
	From     CompareFrom `json:"from,omitzero"`
}

// CompareFrom is where a job goes on that another one left: a job has its time, a bucket may have a million lines.
type CompareFrom struct {
	Programme string    `json:"programme"`
	State     State     `json:"state"`
	Batch     string    `json:"batch"`
	Line      int       `json:"line"`
	Began     time.Time `json:"began"`
}

// Kind names the job.
func (CompareSlice) Kind() string { return "subsidy.compare_slice" }

// Once makes a second one do nothing while the first is unfinished.
func (CompareSlice) Once() bool { return true }

// openMonths is how many ledger months may still change every day: the present one and those before it.
const openMonths = 3

// StartComparison enqueues one job for each ledger month: the open ones are compared always, the others where the
// registry's figures are no longer those of the last comparison that found nothing.
func (s *Service) StartComparison(ctx context.Context, _ CompareNight) error {
	months, err := s.figureMonths(ctx)
	if err != nil {
		return err
	}
	for _, m := range months {
		if err := s.Store.Enqueue(ctx, CompareMonth{m}); err != nil {
			return err
		}
	}
	return nil
}

// CompareMonthJob compares a month and enqueues one job for each district that must be narrowed.
func (s *Service) CompareMonthJob(ctx context.Context, job CompareMonth) error {
	found, err := s.compareMonth(ctx, job.Month, false)
	if err != nil {
		return err
	}
	for _, d := range found.Districts {
		if err := s.Store.Enqueue(ctx, CompareSlice{Month: job.Month, District: d}); err != nil {
			return err
		}
	}
	return nil
}

// CompareSliceJob narrows and repairs a district's month, or as much of it as is done in seconds; the rest is a job of
// its own.
func (s *Service) CompareSliceJob(ctx context.Context, job CompareSlice) error {
	_, next, err := s.compareSlice(ctx, models.System(), job)
	if err != nil || next == nil {
		return err
	}
	return s.Store.Enqueue(ctx, *next)
}

// MonthCompared is what the comparison of one month came to.
type MonthCompared struct {
	Month     string   `json:"month"`
	Skipped   bool     `json:"skipped"` // closed, and unchanged since it was last found equal
	Buckets   int      `json:"buckets"`
	Differing int      `json:"differing"` // buckets
	Districts []string `json:"districts"` // that were narrowed
	Found     int      `json:"found"`     // lines
	Repaired  int      `json:"repaired"`
	Left      int      `json:"left"` // open differences after the repair
}

// Compare compares by hand, one month or all, and repairs; it returns when it is done.
func (s *Service) Compare(ctx context.Context, by models.Actor, month string, each func(MonthCompared) error) error {
	months := []string{month}
	if month == "" {
		var err error
		if months, err = s.figureMonths(ctx); err != nil {
			return err
		}
	}
	for _, m := range months {
		out, err := s.compareMonth(ctx, m, true)
		if err != nil {
			return err
		}
		for _, district := range out.Districts {
			for next := (&CompareSlice{Month: m, District: district}); next != nil; {
				var one sliceCompared
				if one, next, err = s.compareSlice(ctx, by, *next); err != nil {
					return err
				}
				out.Found, out.Repaired, out.Left = out.Found+one.found, out.Repaired+one.repaired, out.Left+one.left
			}
		}
		if err := each(out); err != nil {
			return err
		}
	}
	return nil
}

// compareMonth holds the sums of one month against each other.
func (s *Service) compareMonth(ctx context.Context, month string, always bool) (MonthCompared, error) {
	out := MonthCompared{Month: month, Districts: []string{}}
	q, err := s.figuresOf(ctx, month, "")
	if err != nil {
		return out, err
	}
	theirs, err := s.Figures.Figures(ctx, q)
	if err != nil {
		return out, err
	}
	districts, err := s.Store.OpenDistricts(ctx, month)
	if err != nil {
		return out, err
	}
	digest := digestOf(theirs)
	if !always && len(districts) == 0 && month < s.firstOpenMonth() {
		last, err := s.Store.CheckedFigures(ctx, month)
		if err != nil || last == digest {
			out.Skipped = err == nil
			return out, err
		}
	}
	q.Content = tellsContent(theirs)
	ours, err := s.Store.OurFigures(ctx, q)
	if err != nil {
		return out, err
	}
	differing := differ(ours, theirs)
	out.Buckets, out.Differing = len(theirs), len(differing)
	for _, b := range differing {
		districts = append(districts, b.District)
	}
	slices.Sort(districts)
	if out.Districts = append(out.Districts, slices.Compact(districts)...); len(out.Districts) > 0 {
		return out, nil
	}
	return out, s.Store.SaveCheckedFigures(ctx, month, digest, s.Clock.Now())
}

func (s *Service) firstOpenMonth() string { return s.openMonth(openMonths - 1) }

// openMonth is the ledger month so many before the present one.
func (s *Service) openMonth(before int) string {
	now := s.Clock.Now().In(models.Shanghai)
	return time.Date(now.Year(), now.Month()-time.Month(before), 1, 0, 0, 0, 0, models.Shanghai).Format("2006-01")
}

// figureMonths are those of every batch known here and the open ones, the newest first: every announcement of an open
// month may have been lost.
func (s *Service) figureMonths(ctx context.Context) ([]string, error) {
	months, err := s.Store.FigureMonths(ctx)
	for before := range openMonths {
		months = append(months, s.openMonth(before))
	}
	slices.Sort(months)
	months = slices.Compact(months)
	slices.Reverse(months)
	return months, err
}

// figuresOf asks for everything but the batches that are on their way.
func (s *Service) figuresOf(ctx context.Context, month, district string) (FigureQuery, error) {
	except, err := s.Store.Unsettled(ctx, month)
	return FigureQuery{Month: month, District: district, Except: except}, err
}

// tellsContent reports whether the registry tells what its figures are the sums of.
func tellsContent(theirs map[Bucket]Sum) bool {
	for _, sum := range theirs {
		if sum.Content != NoContent {
			return true
		}
	}
	return false
}

// differ lists the buckets whose sums are not the same, in order.
func differ(ours, theirs map[Bucket]Sum) []Bucket {
	var out []Bucket
	for b, sum := range theirs {
		if !ours[b].agrees(sum) {
			out = append(out, b)
		}
	}
	for b := range ours {
		if _, both := theirs[b]; !both {
			out = append(out, b)
		}
	}
	slices.SortFunc(out, compareBuckets)
	return out
}

func compareBuckets(a, b Bucket) int {
	return strings.Compare(a.District+"|"+a.Programme+"|"+string(a.State), b.District+"|"+b.Programme+"|"+string(b.State))
}

func compareKeys(a, b Key) int {
	if by := strings.Compare(a.LedgerMonth+"~"+a.BatchID, b.LedgerMonth+"~"+b.BatchID); by != 0 {
		return by
	}
	return a.Line - b.Line
}

func digestOf(figures map[Bucket]Sum) string {
	h := sha256.New()
	for _, b := range slices.SortedFunc(maps.Keys(figures), compareBuckets) {
		fmt.Fprintf(h, "%s|%s|%s|%d|%d|%d\n", b.District, b.Programme, b.State, figures[b].Count, figures[b].TotalFen, figures[b].Content)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// pair is one line as it stands on both sides, where it stands there at all.
type pair struct {
	ours   *Payment
	theirs *LineMark
	bucket Bucket // theirs, or ours where there is no other
}

// How much is done in one go: lines of a bucket that are held against each other at a time, such pages, and lines that
// are read again. A job that did as much leaves the rest to another one.
const (
	marksAtOnce   = 1000
	pagesAtOnce   = 50
	repairsAtOnce = 1000
)

// narrow finds the lines of a bucket that differ: one question there and one statement here for each page. It stops,
// and says where, when as many pages were read as are left.
func (s *Service) narrow(ctx context.Context, q FigureQuery, b Bucket, after Key, pages *int, into map[Key]*pair) (stopped Key, err error) {
	at := func(k Key) *pair {
		if into[k] == nil {
			into[k] = &pair{bucket: b}
		}
		return into[k]
	}
	ask := MarkQuery{FigureQuery: q, Bucket: b, After: after, Limit: marksAtOnce}
	for more := true; more; {
		if *pages == 0 || len(into) >= repairsAtOnce {
			return ask.After, nil
		}
		*pages--
		var theirs []LineMark
		if theirs, more, err = s.Figures.Marks(ctx, ask); err != nil {
			return Key{}, err
		}
		var to Key
		if more {
			to = theirs[len(theirs)-1].Key
		}
		ours, err := s.Store.OurMarks(ctx, ask, to)
		if err != nil {
			return Key{}, err
		}
		same := map[Key]*Payment{}
		for i := range ours {
			same[ours[i].Key] = &ours[i]
		}
		for i, m := range theirs {
			if p := same[m.Key]; p != nil && MarkOf(*p).agrees(m) {
				delete(same, m.Key)
				continue
			}
			it := at(m.Key)
			it.theirs, it.bucket = &theirs[i], b
		}
		for k, p := range same {
			at(k).ours = p
		}
		ask.After = to
	}
	return Key{}, nil
}
