package hotline

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"errors"
	mathrand "math/rand/v2"
	"slices"
	"strconv"
	"time"

	"onecard/models"
)

// Sample is what was drawn of one day's finished calls for quality (质检). Seed and calls give the same draw again, so that
// nobody can say it was chosen.
type Sample struct {
	ID       models.ID
	Day      models.Date
	Seed     string
	Finished int // calls of the day
	DrawnBy  models.ID
	DrawnAt  time.Time
	Items    []SampleItem
}

// SampleItem is one drawn call and how it was scored.
type SampleItem struct {
	ID       models.ID
	SampleID models.ID
	CallID   models.ID
	StaffID  models.ID
	Login    string // of the agent, where it is read
	Place    int
	Scores   map[string]int
	Total    int
	ScoredBy models.ID
	ScoredAt time.Time
}

// ScoreItems are what a call is scored for, each from 0 to mostScore.
var ScoreItems = []string{"greeting", "verification", "answer", "read_back", "record"}

const mostScore = 5

// SampleStore keeps samples.
type SampleStore interface {
	FinishedCalls(ctx context.Context, from, to time.Time) ([]CallOf, error) // by id
	CreateSample(ctx context.Context, s Sample) error                        // ErrSampleDrawn
	SampleOf(ctx context.Context, day models.Date) (Sample, error)           // models.ErrNotFound
	SampleItem(ctx context.Context, id models.ID) (SampleItem, error)
	ScoreItem(ctx context.Context, i SampleItem) error // guarded: models.ErrConflict for one that is scored
	ScoresOf(ctx context.Context, staff models.ID, limit int) ([]SampleItem, error)
}

// CallOf names a call and its agent.
type CallOf struct {
	CallID, StaffID models.ID
	Login           string
}

// DrawSample draws calls of a day that is over; a day is drawn once, and asked for again gives that draw. ErrSampleDay for a
// day that is not over or has no calls.
func (s *Service) DrawSample(ctx context.Context, by models.Actor, day models.Date) (Sample, error) {
	if _, err := s.member(ctx, by, MaySupervise); err != nil {
		return Sample{}, err
	}
	now := s.Clock.Now()
	from := day.Start()
	if from.IsZero() || !models.NextMidnight(from).Before(now) {
		return Sample{}, ErrSampleDay
	}
	if drawn, err := s.Samples.SampleOf(ctx, day); !errors.Is(err, models.ErrNotFound) {
		return drawn, err
	}
	calls, err := s.Samples.FinishedCalls(ctx, from, models.NextMidnight(from))
	if err != nil {
		return Sample{}, err
	}
	if len(calls) == 0 {
		return Sample{}, ErrSampleDay
	}
	drawn := draw(day, calls, s.limits().SampleSize)
	drawn.DrawnBy, drawn.DrawnAt = by.ID, now
	err = s.Journal.InTx(ctx, func(ctx context.Context) error {
		if err := s.Samples.CreateSample(ctx, drawn); err != nil {
			return err
		}
		by.CallID, by.Subject = "", ""
		return s.record(ctx, by, "hotline.sample.drawn", "call_samples", string(drawn.ID), "done", "day", string(day), "seed", drawn.Seed,
			"finished", strconv.Itoa(drawn.Finished), "drawn", strconv.Itoa(len(drawn.Items)))
	})
	if errors.Is(err, ErrSampleDrawn) { // somebody else drew the day at the same moment
		return s.Samples.SampleOf(ctx, day)
	}
	return drawn, err
}

// draw takes n calls by a seed from the system's randomness.
func draw(day models.Date, calls []CallOf, n int) Sample {
	var seed [32]byte
	_, _ = rand.Read(seed[:]) // never fails (crypto/rand)
	s := Sample{ID: models.NewID(), Day: day, Seed: hex.EncodeToString(seed[:]), Finished: len(calls)}
	for i, c := range Drawn(seed, calls, n) {
		s.Items = append(s.Items, SampleItem{ID: models.NewID(), SampleID: s.ID, CallID: c.CallID, StaffID: c.StaffID, Login: c.Login, Place: i + 1})
	}
	return s
}

// Drawn is the draw of a seed: the same calls in the same order, from whoever repeats it.
func Drawn(seed [32]byte, calls []CallOf, n int) []CallOf {
	drawn := slices.Clone(calls)
	source := mathrand.New(mathrand.NewPCG(binary.BigEndian.Uint64(seed[:8]), binary.BigEndian.Uint64(seed[8:16])))
	source.Shuffle(len(drawn), func(i, j int) { drawn[i], drawn[j] = drawn[j], drawn[i] })
	return drawn[:min(n, len(drawn))]
}

// ScoreCall scores a drawn call once, by every item: never one's own. What the agent noted is shown with OpenItem.
func (s *Service) ScoreCall(ctx context.Context, by models.Actor, item models.ID, scores map[string]int) (SampleItem, error) {
	if _, err := s.member(ctx, by, MaySupervise); err != nil {
		return SampleItem{}, err
	}
	total := 0
	for _, what := range ScoreItems {
		n, ok := scores[what]
		if !ok || n < 0 || n > mostScore || len(scores) != len(ScoreItems) {
			return SampleItem{}, ErrScores
		}
		total += n
	}
	var i SampleItem
	err := s.Journal.InTx(ctx, func(ctx context.Context) (err error) {
		prior, err := s.Journal.Remember(ctx, by, "call_sample_items", string(item))
		if err != nil {
			return err
		}
		if i, err = s.Samples.SampleItem(ctx, item); err != nil || prior != "" {
			return err
		}
		if i.StaffID == by.ID {
			return ErrScoreOwn
		}
		i.Scores, i.Total, i.ScoredBy, i.ScoredAt = scores, total, by.ID, s.Clock.Now()
		if err := s.Samples.ScoreItem(ctx, i); err != nil {
			return err
		}
		by.CallID, by.Subject = "", ""
		return s.record(ctx, by, "hotline.sample.scored", "call_sample_items", string(item), "done", "total", strconv.Itoa(total))
	})
	return i, err
}

// OpenItem shows a supervisor a drawn call and what its agent noted, with an audit entry that the caller can read.
func (s *Service) OpenItem(ctx context.Context, by models.Actor, item models.ID) (i SampleItem, call Call, note CallNote, err error) {
	if _, err := s.member(ctx, by, MaySupervise); err != nil {
		return i, call, note, err
	}
	err = s.Journal.InTx(ctx, func(ctx context.Context) (err error) {
		if i, err = s.Samples.SampleItem(ctx, item); err != nil {
			return err
		}
		if call, err = s.Calls.CallByID(ctx, i.CallID); err != nil {
			return err
		}
		if note, err = s.Calls.NoteOf(ctx, i.CallID); err != nil {
			return err
		}
		by.CallID, by.Subject = "", call.PersonID
		return s.record(ctx, by, "hotline.sample.read", "call_sample_items", string(item), "shown")
	})
	return i, call, note, err
}

// OwnScores are an agent's own scored calls, newest first, without who scored them.
func (s *Service) OwnScores(ctx context.Context, by models.Actor) ([]SampleItem, error) {
	if _, err := s.member(ctx, by, MayTakeCalls); err != nil {
		return nil, err
	}
	out, err := s.Samples.ScoresOf(ctx, by.ID, 50)
	for i := range out {
		out[i].ScoredBy = ""
	}
	return out, err
}
