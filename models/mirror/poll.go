package mirror

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"sync/atomic"
	"time"

	"onecard/models"
)

// A source that has no feed is asked, person by person, about those who matter: who has an open loss report, an unfinished
// application, is bound, or is read by somebody who acts for her. Every question has a number (see docs/adr/0030), which is
// the version of what it is answered.

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

// ErrUnreadable says that the source answered about one person what cannot be taken: hers is the trouble, not the source's.
var ErrUnreadable = errors.New("registry: an answer about one person cannot be read")

// ErrBusy says that more urgent calls left none for a question just now: nobody was asked, and nothing is known of the source.
var ErrBusy = errors.New("registry: no call is left for a question now")

// Asked is a source that is asked person by person. ErrNobody, ErrUnreadable, ErrBusy, models.ErrUnavailable when it does not tell.
type Asked interface {
	Ask(ctx context.Context, q Question) (Told, error)
}

// Poll is one person on the rota, and why she is there.
type Poll struct {
	Person models.ID
	Ref    models.PersonRef
	Due    time.Time // her row's: the end of our claim, or her next turn; zero: she has none
	Asked  time.Time // when the last answer about her was asked for; zero: never
	// Unknown is since when the source does not know her, or her card, any more; zero: it does.
	Unknown time.Time
	Tries   int // failed in a row
	// Report: she has an open loss report. Application: an unfinished one. Bound: a platform account is joined to her, or to
	// who acts for her.
	Report, Application, Bound bool
}

// PollStore keeps the rota.
type PollStore interface {
	InTx(ctx context.Context, fn func(ctx context.Context) error) error
	// EnrolPolls puts those on the rota who matter and are not there, due at once, and brings those forward who matter more
	// than before: asked again within soon. It returns how many rows it wrote.
	// Whom the source has not known since before lost keeps her turn.
	EnrolPolls(ctx context.Context, now, lost time.Time, soon time.Duration, limit int) (int, error)
	// ClaimPolls takes people who are due; nobody else gets them before until.
	ClaimPolls(ctx context.Context, now, until time.Time, limit int) ([]Poll, error)
	// PollOf is one person, on the rota or not.
	PollOf(ctx context.Context, person models.ID) (Poll, error)
	// PollAnswered writes when she was asked and when she is due again, in the transaction of what was told. The zero due takes
	// her off the rota; when she was asked stays. An older answer does not date her back, and who was brought forward since
	// p was read keeps that turn. It ends a streak of not being known that did not begin after asked, and returns since when
	// that was; zero: it ended none.
	PollAnswered(ctx context.Context, p Poll, asked, due time.Time) (cleared time.Time, err error)
	// PollUnknown notes that the source does not know her any more, asked at. It returns since when: at where that is new.
	PollUnknown(ctx context.Context, p Poll, at, due time.Time) (since time.Time, err error)
	// PollFailed counts a failure.
	PollFailed(ctx context.Context, p Poll, due time.Time) error
	// HeldSince is when the newest of what is held of her cards was received, at any source; zero: nothing is.
	HeldSince(ctx context.Context, person models.ID) (time.Time, error)
}

// PollWatch counts what an operator must see.
type PollWatch interface {
	FeedPulled(source string, events int, asOf time.Time)
	Alarm(code string, n int)
	// PollFailed counts a person who could not be asked about: unreadable, unknown, unavailable, not_taken.
	PollFailed(why string)
}

// Cases are matters that a person has to look at. Both join the transaction that ctx carries; one cause is one case.
type Cases interface {
	OpenCase(ctx context.Context, cause, kind string, person models.ID, object, objectID string) error
	SettleCase(ctx context.Context, cause string) error
}

// Pace says how often people are asked about.
type Pace struct {
	Open  time.Duration // while a loss report is open
	Work  time.Duration // while an application is unfinished
	Bound time.Duration // otherwise
	Fresh time.Duration // what is shown on demand may be so old; else she is asked first
	Wait  time.Duration // how long who looks waits for it
	// Lost: whom the source has not known for so long is asked about no more often than so. She who looks still has it asked.
	Lost time.Duration
}

// DefaultPace keeps a city of 1.5 million bound people at 6 questions a second.
func DefaultPace() Pace {
	return Pace{Open: 10 * time.Minute, Work: time.Hour, Bound: 72 * time.Hour, Fresh: 15 * time.Minute, Wait: time.Second, Lost: 24 * time.Hour}
}

// Poller asks.
type Poller struct {
	Store  PollStore
	Source Asked
	// Apply takes what was told of a person, in one transaction with the rota. whole is false where a card that we hold of
	// her was not told any more.
	Apply func(ctx context.Context, person models.ID, events []Event) (whole bool, err error)
	Cases Cases
	Clock models.Clock
	Log   *slog.Logger
	Watch PollWatch
	Pace  Pace

	down atomic.Int64 // until then, in microseconds, no look waits for the source: it did not answer the last one
}

const (
	leaveFor   = 5 * time.Second
	claimFor   = 30 * time.Second
	failFirst  = time.Minute
	failMost   = time.Hour
	failAlarm  = 6 // failures in a row that are an alarm: with the back-off about an hour
	enrolAtOne = 20_000
)

// Enrol keeps the rota as it should be. It reports whether there is more to do.
func (p *Poller) Enrol(ctx context.Context) (bool, error) {
	now := p.Clock.Now()
	n, err := p.Store.EnrolPolls(ctx, now, now.Add(-p.Pace.Lost), p.Pace.Open, enrolAtOne)
	return n >= enrolAtOne, err
}

// Poll asks about at most limit people who are due and returns how many it went through. One person's trouble is not the
// others'; a source that does not answer, or a budget used up by more urgent calls, ends the round, and so does the end of
// its claim: others may ask about the rest by then.
func (p *Poller) Poll(ctx context.Context, limit int) (done int, err error) {
	now := p.Clock.Now()
	until := now.Add(claimFor)
	due, err := p.Store.ClaimPolls(ctx, now, until, limit)
	if err != nil {
		return 0, err
	}
	for _, one := range due {
		if !p.Clock.Now().Before(until) {
			return done, nil
		}
		switch err := p.one(ctx, one); {
		case err == nil:
		case errors.Is(err, ErrBusy): // no failure of hers: her turn comes again with the end of the claim
			return done, err
		case models.KindOf(err) == models.Unavailable:
			return done, p.later(ctx, one, err)
		default:
			if err := p.later(ctx, one, err); err != nil {
				p.Log.WarnContext(ctx, "a person could not be asked about", "person", one.Person, "error", err)
			}
		}
		done++
	}
	return done, nil
}

// one asks about one person and takes what is told, with her next turn, in one commit. An answer that came is kept even
// where who waited for it has gone.
func (p *Poller) one(ctx context.Context, one Poll) error {
	began := models.Instant(p.Clock.Now())
	told, err := p.Source.Ask(ctx, Question{Ref: one.Ref, Progress: one.Application})
	if err != nil && !errors.Is(err, ErrNobody) {
		return err
	}
	nobody := err != nil
	ctx = context.WithoutCancel(ctx)
	gone, since := false, time.Time{}
	for range 3 { // again while somebody else decides about the same rows
		err = p.Store.InTx(ctx, func(ctx context.Context) error {
			var err error
			whole := false
			if !nobody {
				if whole, err = p.Apply(ctx, one.Person, told.Events); err != nil {
					return err
				}
			}
			if gone = !whole; gone {
				since, err = p.notKnown(ctx, one, began)
				return err
			}
			return p.known(ctx, one, told.AsOf)
		})
		if !errors.Is(err, models.ErrConflict) {
			break
		}
	}
	switch {
	case err != nil:
		return err
	case gone:
		p.sayUnknown(ctx, one, since.Equal(began))
	}
	p.Watch.FeedPulled("cards", len(told.Events), time.Time{})
	return nil
}

// known writes that she was told whole. A case about her not being known any more is over with the streak.
func (p *Poller) known(ctx context.Context, one Poll, asked time.Time) error {
	due := time.Time{}
	if again := p.again(one); again > 0 {
		due = asked.Add(again)
	}
	cleared, err := p.Store.PollAnswered(ctx, one, asked, due)
	if err != nil || cleared.IsZero() {
		return err
	}
	return p.Cases.SettleCase(ctx, unknownCase(one.Person, cleared))
}

// notKnown: the source knows no such person, or her card no more. What we hold stands as of its date; she is asked about
// again at the pace of what hangs on her, and while a loss report does, somebody has to look. It returns since when: asked
// where that is new.
func (p *Poller) notKnown(ctx context.Context, one Poll, asked time.Time) (since time.Time, err error) {
	since, err = p.Store.PollUnknown(ctx, one, asked, p.Clock.Now().Add(p.unknownFor(one)))
	if err != nil || !one.Report {
		return since, err
	}
	return since, p.Cases.OpenCase(ctx, unknownCase(one.Person, since), "registry_unknown", one.Person, "persons", string(one.Person))
}

func unknownCase(person models.ID, since time.Time) string {
	return "registry_unknown:" + string(person) + ":" + strconv.FormatInt(since.UnixMicro(), 36)
}

// sayUnknown counts each such answer and alarms about the first of a streak.
func (p *Poller) sayUnknown(ctx context.Context, one Poll, first bool) {
	p.Watch.PollFailed("unknown")
	if first {
		p.Watch.Alarm("PERSON_UNKNOWN_TO_SOURCE", 1)
		p.Log.ErrorContext(ctx, "the source does not know a person or her card any more", "code", "PERSON_UNKNOWN_TO_SOURCE", "person", one.Person)
	}
}

// again is after how long somebody is asked about again; zero: she matters no more.
func (p *Poller) again(one Poll) time.Duration {
	switch {
	case one.Report:
		return p.Pace.Open
	case one.Application:
		return p.Pace.Work
	case one.Bound:
		return p.Pace.Bound
	}
	return 0
}

// unknownFor is again for somebody whom the source does not know: who matters no more has the slow turn, and whom it has not
// known for long another one than what hangs on her would ask for.
func (p *Poller) unknownFor(one Poll) time.Duration {
	again := p.again(one)
	switch {
	case again == 0:
		return p.Pace.Bound
	case !one.Unknown.IsZero() && p.Clock.Now().Sub(one.Unknown) >= p.Pace.Lost:
		return max(again, p.Pace.Lost)
	}
	return again
}

// backOff is how long somebody waits who has failed so often before. An open loss report is never put off for longer than
// its pace.
func (p *Poller) backOff(one Poll, tries int) time.Duration {
	wait := min(failFirst<<min(max(tries, 0), 10), failMost)
	if one.Report {
		wait = min(wait, p.Pace.Open)
	}
	return wait
}

func (p *Poller) later(ctx context.Context, one Poll, why error) error {
	p.Watch.PollFailed(wordFor(why))
	if one.Tries+1 == failAlarm {
		p.Watch.Alarm("POLL_FAILING", 1)
		p.Log.ErrorContext(ctx, "a person cannot be asked about", "code", "POLL_FAILING", "person", one.Person, "error", why)
	}
	if err := p.Store.PollFailed(context.WithoutCancel(ctx), one, p.Clock.Now().Add(p.backOff(one, one.Tries))); err != nil {
		return fmt.Errorf("%w: %w", why, err)
	}
	return why
}

func wordFor(why error) string {
	switch {
	case errors.Is(why, ErrUnreadable):
		return "unreadable"
	case models.KindOf(why) == models.Unavailable:
		return "unavailable"
	}
	return "not_taken"
}

// Refresh asks about a person now if what we hold of her is older than it may be shown, whoever she is. Who looks waits
// shortly; where nobody answers, the copy stands with its date. What failed for a reason of hers within the last minute is
// not asked again; a source that did not answer is left alone for a moment, whoever is looked at.
func (p *Poller) Refresh(ctx context.Context, person models.ID) {
	if models.CopyOnly(ctx) {
		return
	}
	one, err := p.Store.PollOf(ctx, person)
	now := p.Clock.Now()
	due := !one.Due.IsZero() && !one.Due.After(now) // something of hers was done since, or her turn has come
	if err != nil || now.Sub(one.Asked) < p.Pace.Fresh && !due || p.justFailed(one, now) || now.UnixMicro() < p.down.Load() {
		return
	}
	asking, cancel := context.WithTimeout(ctx, p.Pace.Wait)
	defer cancel()
	if err = p.one(asking, one); err == nil {
		return
	}
	p.Log.WarnContext(ctx, "a person could not be asked about at once", "person", person, "error", err)
	switch {
	case errors.Is(err, ErrBusy): // the next look may find a call: the budget holds itself
	case models.KindOf(err) != models.Unavailable: // hers, not the source's
		_ = p.later(ctx, one, err)
	case ctx.Err() == nil: // a caller who went away says nothing of the source
		p.down.Store(p.Clock.Now().Add(leaveFor).UnixMicro())
	}
}

// justFailed reports whether the last try failed within the last minute: her next turn tells when it was.
func (p *Poller) justFailed(one Poll, now time.Time) bool {
	if one.Tries == 0 {
		return false
	}
	wait := p.backOff(one, one.Tries-1)
	if !one.Unknown.IsZero() {
		wait = p.unknownFor(one)
	}
	return now.Sub(one.Due.Add(-wait)) < failFirst
}

// AsOf is how old what we hold of a person is: when the last answer about her was asked for, or when what we have of her
// was received from a source before this one. Zero: nothing was ever told.
func (p *Poller) AsOf(ctx context.Context, person models.ID) (time.Time, error) {
	one, err := p.Store.PollOf(ctx, person)
	if err != nil || !one.Asked.IsZero() {
		return one.Asked, err
	}
	return p.Store.HeldSince(ctx, person)
}

// Unknown reports whether the source said, when it was last asked, that it does not know her or her card any more.
func (p *Poller) Unknown(ctx context.Context, person models.ID) (bool, error) {
	one, err := p.Store.PollOf(ctx, person)
	return !one.Unknown.IsZero(), err
}
