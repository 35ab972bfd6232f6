package hotline

import (
	"context"
	"errors"
	"slices"
	"time"

	"onecard/models"
)

// Ratings (评价) go from 1 to 5 (非常不满意 to 非常满意).
const (
	worstRating = 1
	lowRating   = 2 // and below: it opens a work order (R64)
	bestRating  = 5
)

// RatedObjects are the tables of cases that may be rated when they are over.
var RatedObjects = []string{"enquiries", "calls", "applications", "replacements", "loss_reports"}

// Rating is one level for one finished case. It does not say whose it is: a low one opens an order, which does.
type Rating struct {
	ID       models.ID
	Object   string
	ObjectID models.ID
	Kind     string // type of order, or the object
	Level    int
	Channel  models.Channel
	OrderID  models.ID // opened by a low one
	Month    string    // civil, 2021-12
	At       time.Time
}

// RatingFigure counts the ratings of one kind in a month.
type RatingFigure struct {
	Month, Kind string
	Count, Low  int64
	Sum         int64
	Suppressed  bool
}

// RatingStore keeps ratings.
type RatingStore interface {
	// AddRating writes a rating; false: the case has one.
	AddRating(ctx context.Context, r Rating) (bool, error)
	// RatedOf says which of these cases have a rating.
	RatedOf(ctx context.Context, object string, ids []models.ID) (map[models.ID]bool, error)
	RatingFigures(ctx context.Context, from, to string) ([]RatingFigure, error) // by month and kind
	RatingOf(ctx context.Context, object string, id models.ID) (Rating, error)  // models.ErrNotFound
}

// RatedCases knows the citizen's cases of other capabilities.
type RatedCases interface {
	// FinishedCase is nil for the actor's own case that is over; models.ErrNotFound for another's, ErrNotFinished.
	FinishedCase(ctx context.Context, by models.Actor, object string, id models.ID) error
}

// Refusals of ratings.
var (
	ErrAlreadyRated = models.NewError(models.Conflict, "ALREADY_RATED", "这件事您已经评价过,不能再次评价。如仍不满意,请拨打12333。")
	ErrNotFinished  = models.NewError(models.Conflict, "NOT_FINISHED", "这件事还没有办结,办结后才能评价。可在办理记录中查看进度,或拨打12333。")
)

func checkedLevel(level int) error {
	if level < worstRating || level > bestRating {
		return models.InvalidInput(models.FieldError{Field: "level", Code: "RANGE", Message: "请选择1至5分。"})
	}
	return nil
}

// RateCase takes the citizen's rating of her own finished case, once (R64); a low one opens an order in the same commit.
// ErrAlreadyRated, ErrNotFinished, models.ErrNotFound for another's.
func (s *Orders) RateCase(ctx context.Context, by models.Actor, object string, id models.ID, level int) (Rating, error) {
	if by.Kind != models.CitizenActor || by.Subject == "" {
		return Rating{}, ErrNotLoggedIn
	}
	if err := s.Gate.Allow(ctx, by, models.ActProgressRead); err != nil {
		return Rating{}, err
	}
	if err := checkedLevel(level); err != nil {
		return Rating{}, err
	}
	if !slices.Contains(RatedObjects, object) {
		return Rating{}, models.InvalidInput(models.FieldError{Field: "object", Code: "FORMAT", Message: "请选择要评价的业务。"})
	}
	kind, err := s.ratedKind(ctx, by, object, id)
	if err != nil {
		return Rating{}, err
	}
	return s.rate(ctx, by, Rating{Object: object, ObjectID: id, Kind: kind, Level: level}, by.Subject, "")
}

// ratedKind is the word under which a case's rating is counted, if it is the citizen's and over.
func (s *Orders) ratedKind(ctx context.Context, by models.Actor, object string, id models.ID) (string, error) {
	switch object {
	case "enquiries":
		o, err := s.WorkOrders.OrderByID(ctx, id, OrderReader{})
		if err != nil {
			return "", err
		}
		if o.PersonID != by.Subject || !asked(o.Kind) {
			return "", models.ErrNotFound
		}
		if o.State != OrderClosed {
			return "", ErrNotFinished
		}
		return string(o.Type), nil
	case "calls":
		c, err := s.Calls.CallByID(ctx, id)
		if err != nil {
			return "", err
		}
		if c.PersonID != by.Subject {
			return "", models.ErrNotFound
		}
		if c.ClosedAt.IsZero() {
			return "", ErrNotFinished
		}
		return "call", nil
	}
	return object, s.Rated.FinishedCase(ctx, by, object, id)
}

// RateCall takes the level that a caller keyed in after the call: the telephone's word, verified by whoever hands it on, also
// where the agent has not closed the call yet. Whether the caller was verified does not matter, a rating says nothing
// about her. ErrAlreadyRated, models.ErrNotFound.
func (s *Orders) RateCall(ctx context.Context, callID models.ID, level int) (Rating, error) {
	if err := checkedLevel(level); err != nil {
		return Rating{}, err
	}
	c, err := s.Calls.CallByID(ctx, callID)
	if err != nil {
		return Rating{}, err
	}
	switch _, err := s.Ratings.RatingOf(ctx, "calls", c.ID); {
	case err == nil: // said before anything is written: whoever hands it on may be in a transaction
		return Rating{}, ErrAlreadyRated
	case !errors.Is(err, models.ErrNotFound):
		return Rating{}, err
	}
	by := models.System()
	by.Channel, by.CallID, by.Subject = models.Phone12333, c.ID, c.PersonID
	return s.rate(ctx, by, Rating{Object: "calls", ObjectID: c.ID, Kind: "call", Level: level}, c.PersonID, c.ID)
}

func (s *Orders) rate(ctx context.Context, by models.Actor, r Rating, person, call models.ID) (Rating, error) {
	now := models.Instant(s.Clock.Now())
	r.ID, r.Channel, r.At, r.Month = models.NewID(), by.Channel, now, string(models.DateOf(now))[:7]
	err := s.Journal.InTx(ctx, func(ctx context.Context) error {
		prior, err := s.Journal.Remember(ctx, by, "ratings", string(r.ID))
		if err != nil {
			return err
		}
		if prior != "" {
			r, err = s.Ratings.RatingOf(ctx, r.Object, r.ObjectID)
			return err
		}
		if r.Level <= lowRating {
			if r.OrderID, err = s.openLow(ctx, by, r, person, call); err != nil {
				return err
			}
		}
		added, err := s.Ratings.AddRating(ctx, r)
		if err != nil {
			return err
		}
		if !added {
			return ErrAlreadyRated
		}
		return s.record(ctx, by, "hotline.case.rated", r.Object, string(r.ObjectID), "done", "level", string(rune('0'+r.Level)))
	})
	return r, err
}

// openLow opens the order of a low rating: due in fifteen working days, the call back to the citizen included.
func (s *Orders) openLow(ctx context.Context, by models.Actor, r Rating, person, call models.ID) (models.ID, error) {
	o := WorkOrder{
		ID: models.NewID(), PersonID: person, CallID: call, Kind: string(OrderLowRating), Type: OrderLowRating, State: OrderNew,
		Object: r.Object, ObjectID: string(r.ObjectID), OpenedAt: r.At, Version: 1,
	}
	if err := s.route(ctx, &o, ""); err != nil && !errors.Is(err, models.ErrNotFound) {
		return "", err
	}
	if err := s.setDates(ctx, &o); err != nil {
		return "", err
	}
	o, _, err := s.openFor(ctx, by, o, "rating:"+r.Object+":"+string(r.ObjectID))
	return o.ID, err
}

// RatingFigures counts ratings by month and kind for those who supervise.
func (s *Orders) RatingFigures(ctx context.Context, by models.Actor, from, to string) ([]RatingFigure, error) {
	if _, err := s.member(ctx, by, MaySupervise); err != nil {
		return nil, err
	}
	return s.Ratings.RatingFigures(ctx, from, to)
}

// PublicRatings is RatingFigures for everybody: no figure about fewer ratings than the setting of public totals, and how
// many were low not at all.
func (s *Orders) PublicRatings(ctx context.Context, from, to string) ([]RatingFigure, error) {
	least, err := s.Policy.LeastPeople(ctx, s.Clock.Now())
	if err != nil {
		return nil, err
	}
	list, err := s.Ratings.RatingFigures(ctx, from, to)
	for i, f := range list {
		list[i].Low = 0
		if f.Count < least {
			list[i] = RatingFigure{Month: f.Month, Kind: f.Kind, Suppressed: true}
		}
	}
	return list, err
}
