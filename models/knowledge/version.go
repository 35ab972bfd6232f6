package knowledge

import (
	"cmp"
	"slices"
	"time"

	"onecard/models"
	"onecard/models/flow"
)

// State is where a version of an article is.
type State string

// Event moves a version.
type Event string

// The states and events of a version.
const (
	Draft      State = "draft"      // being written
	InReview   State = "in_review"  // waits for a second person
	Published  State = "published"  // read from the day it counts from
	Superseded State = "superseded" // a later version is read instead
	Withdrawn  State = "withdrawn"  // taken away by a person

	onSubmit    Event = "submit"
	onReturn    Event = "return"
	onPublish   Event = "publish"
	onSupersede Event = "supersede"
	onWithdraw  Event = "withdraw"
)

// Flow is the life of a version.
var Flow = flow.New("article version", Draft,
	flow.Edge[State, Event]{From: Draft, On: onSubmit, To: InReview},
	flow.Edge[State, Event]{From: Draft, On: onWithdraw, To: Withdrawn},
	flow.Edge[State, Event]{From: InReview, On: onReturn, To: Draft},
	flow.Edge[State, Event]{From: InReview, On: onPublish, To: Published},
	flow.Edge[State, Event]{From: InReview, On: onWithdraw, To: Withdrawn},
	flow.Edge[State, Event]{From: Published, On: onSupersede, To: Superseded},
	flow.Edge[State, Event]{From: Published, On: onWithdraw, To: Withdrawn},
)

// Origin says where a version's words come from.
type Origin string

// The origins.
const (
	Edited         Origin = "edited"  // an editor's
	BroughtRelease Origin = "shipped" // a release's
)

// Version is one text of an article with its history. A text that was published is never changed: the next is the next
// version.
type Version struct {
	Article
	State       State
	Origin      Origin
	Digest      string // of what the release brought
	Place       int    // of the article in the list without a search
	CountsFrom  models.Date
	Editors     []models.ID // everybody who wrote in it; none of them publishes it
	Note        string      // why it was returned
	CreatedAt   time.Time
	EditedAt    time.Time
	SubmittedAt time.Time
	DecidedBy   models.ID
	DecidedAt   time.Time
	Changes     int // guards every change of the row
}

// Overdue reports whether somebody should have read it over by the day.
func (v Version) Overdue(day models.Date) bool {
	return v.State == Published && v.ReviewBy != "" && v.ReviewBy < day
}

// Name is the version under the path of articles.
func (v Version) Name() string { return v.ID + "/versions/" + itoa(v.Version) }

// WrittenBy reports whether a member of staff wrote in it.
func (v Version) WrittenBy(staff models.ID) bool { return slices.Contains(v.Editors, staff) }

// later reports whether v is read instead of other on a day from which both count.
func (v Version) later(other Version) int {
	return cmp.Or(cmp.Compare(other.CountsFrom, v.CountsFrom), cmp.Compare(other.Version, v.Version))
}

// arrange puts published versions into the order of the list, those of one article together and the latest first.
func arrange(all []Version) {
	slices.SortFunc(all, func(a, b Version) int {
		return cmp.Or(cmp.Compare(a.Audience.rank(), b.Audience.rank()), cmp.Compare(a.Place, b.Place), cmp.Compare(a.ID, b.ID), a.later(b))
	})
}

func (a Audience) rank() int {
	if a == ForAll {
		return 0
	}
	return 1
}
