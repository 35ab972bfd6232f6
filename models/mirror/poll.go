package mirror

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"onecard/models"
)

// A source that has no feed is asked, person by person, about those who matter: who has an open loss report, an unfinished
// application, or is bound. Every question has a number (see docs/adr/0030), which is the version of what it is answered.

// Question is one person to be asked about.
type Question struct {
	Ref      models.PersonRef
	Progress bool // how far the production of her card is, too
}

// Told is what was answered, as of the instant of the question.
type Told struct {
	Events []Event
	AsOf   time.Time
}

// ErrNobody says that the source knows no such person.
var ErrNobody = errors.New("registry: the source knows no such person")

// Asked is a source that is asked person by person. models.ErrUnavailable when it does not tell.
type Asked interface {
	Ask(ctx context.Context, q Question) (Told, error)
}

// Poll is one person on the rota, and why she is there.
type Poll struct {
	Person models.ID
	Ref    models.PersonRef
	Tries  int // failed in a row
	// Report: she has an open loss report. Application: an unfinished one. Bound: a platform account is joined to her.
	Report, Application, Bound bool
}

// PollStore keeps the rota.
type PollStore interface {
	InTx(ctx context.Context, fn func(ctx context.Context) error) error
	// EnrolPolls puts those on the rota who matter and are not there, due at once, and brings those forward who matter more
	// than before: asked again within soon. It returns how many rows it wrote.
	EnrolPolls(ctx context.Context, now time.Time, soon time.Duration, limit int) (int, error)
	// ClaimPolls takes people who are due; nobody else gets them before until.
	ClaimPolls(ctx context.Context, now, until time.Time, limit int) ([]Poll, error)
	// PollOf is one person, on the rota or not; asked is when she was last asked about, zero for never.
	PollOf(ctx context.Context, person models.ID) (p Poll, asked time.Time, err error)
	// PollAnswered writes when she was asked and when she is due again, in the transaction of what was told. The zero due
	// takes her off the rota. An older question's answer changes nothing.
	PollAnswered(ctx context.Context, person models.ID, asked, due time.Time) error
	// PollFailed counts a failure.
	PollFailed(ctx context.Context, person models.ID, due time.Time) error
}

// Pace says how often people are asked about.
type Pace struct {
	Open  time.Duration // while a loss report is open
	Work  time.Duration // while an application is unfinished
	Bound time.Duration // otherwise
	Fresh time.Duration // what is shown on demand may be so old; else she is asked first
	Wait  time.Duration // how long who looks waits for it
}

// DefaultPace keeps a city of 1.5 million bound people at 6 questions a second.
func DefaultPace() Pace {
	return Pace{Open: 10 * time.Minute, Work: time.Hour, Bound: 72 * time.Hour, Fresh: 15 * time.Minute, Wait: time.Second}
}

// Poller asks.
type Poller struct {
	Store  PollStore
	Source Asked
	// Apply takes what was told of a person, in one transaction with the rota.
	Apply func(ctx context.Context, person models.ID, events []Event) error
	Clock models.Clock
	Log   *slog.Logger
	Watch Watch
	Pace  Pace
}

const (
	claimFor   = 30 * time.Second
	failFirst  = time.Minute
	failMost   = time.Hour
	failAlarm  = 6 // failures in a row that are an alarm: with the back-off about an hour
	enrolAtOne = 20_000
)

// Enrol keeps the rota as it should be. It reports whether there is more to do.
func (p *Poller) Enrol(ctx context.Context) (bool, error) {
	n, err := p.Store.EnrolPolls(ctx, p.Clock.Now(), p.Pace.Open, enrolAtOne)
	return n >= enrolAtOne, err
}

// Poll asks about at most limit people who are due and returns how many were told. One person's trouble is not the others';
// a source that does not answer, or a budget used up by more urgent calls, ends the round.
func (p *Poller) Poll(ctx context.Context, limit int) (told int, err error) {
	now := p.Clock.Now()
	due, err := p.Store.ClaimPolls(ctx, now, now.Add(claimFor), limit)
	if err != nil {
		return 0, err
	}
	for _, one := range due {
		switch err := p.one(ctx, one); {
		case err == nil:
			told++
		case models.KindOf(err) == models.Unavailable:
			return told, p.later(ctx, one, err)
		default:
			if err := p.later(ctx, one, err); err != nil {
				p.Log.WarnContext(ctx, "a person could not be asked about", "person", one.Person, "error", err)
			}
		}
	}
	return told, nil
}

// one asks about one person and takes what is told, with her next turn, in one commit.
func (p *Poller) one(ctx context.Context, one Poll) error {
	told, err := p.Source.Ask(ctx, Question{Ref: one.Ref, Progress: one.Application})
	if errors.Is(err, ErrNobody) {
		p.Watch.Alarm("PERSON_UNKNOWN_TO_SOURCE", 1)
		p.Log.ErrorContext(ctx, "the source does not know a person any more", "code", "PERSON_UNKNOWN_TO_SOURCE", "person", one.Person)
		return p.Store.PollFailed(ctx, one.Person, p.Clock.Now().Add(p.Pace.Bound))
	}
	if err != nil {
		return err
	}
	for range 3 { // again while somebody else decides about the same rows
		err = p.Store.InTx(ctx, func(ctx context.Context) error {
			if err := p.Apply(ctx, one.Person, told.Events); err != nil {
				return err
			}
			return p.Store.PollAnswered(ctx, one.Person, told.AsOf, p.next(one, told.AsOf))
		})
		if !errors.Is(err, models.ErrConflict) {
			break
		}
	}
	if err == nil {
		p.Watch.FeedPulled("cards", len(told.Events), time.Time{})
	}
	return err
}

// next is when somebody is asked about again; zero: she matters no more.
func (p *Poller) next(one Poll, asked time.Time) time.Time {
	switch {
	case one.Report:
		return asked.Add(p.Pace.Open)
	case one.Application:
		return asked.Add(p.Pace.Work)
	case one.Bound:
		return asked.Add(p.Pace.Bound)
	}
	return time.Time{}
}

func (p *Poller) later(ctx context.Context, one Poll, why error) error {
	wait := min(failFirst<<min(one.Tries, 10), failMost)
	if one.Tries+1 == failAlarm {
		p.Watch.Alarm("POLL_FAILING", 1)
		p.Log.ErrorContext(ctx, "a person cannot be asked about", "code", "POLL_FAILING", "person", one.Person, "error", why)
	}
	if err := p.Store.PollFailed(context.WithoutCancel(ctx), one.Person, p.Clock.Now().Add(wait)); err != nil {
		return fmt.Errorf("%w: %w", why, err)
	}
	return why
}

// Refresh asks about a person now if what we hold of her is older than it may be shown. Who looks waits shortly; where
// nobody answers, the copy stands with its date.
func (p *Poller) Refresh(ctx context.Context, person models.ID) {
	one, asked, err := p.Store.PollOf(ctx, person)
	if err != nil || p.Clock.Now().Sub(asked) < p.Pace.Fresh {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, p.Pace.Wait)
	defer cancel()
	if err := p.one(ctx, one); err != nil {
		p.Log.WarnContext(ctx, "a person could not be asked about at once", "person", person, "error", err)
	}
}

// AsOf is when the source was last asked about a person; zero: never.
func (p *Poller) AsOf(ctx context.Context, person models.ID) (time.Time, error) {
	_, asked, err := p.Store.PollOf(ctx, person)
	return asked, err
}
