package knowledge

import (
	"context"
	"time"

	"onecard/models"
	"onecard/models/audit"
)

// Store keeps articles and their versions. Every method joins the transaction that ctx carries.
type Store interface {
	InTx(ctx context.Context, fn func(ctx context.Context) error) error
	AfterCommit(ctx context.Context, f func())
	RecordAudit(ctx context.Context, e audit.Entry) error
	Remember(ctx context.Context, by models.Actor, table, id string) (prior string, err error)
	VersionStore
	VoteStore
}

// VersionStore keeps the texts.
type VersionStore interface {
	// Edition grows with every change of what is published; it is read by every replica every two seconds.
	Edition(ctx context.Context) (int64, error)
	// BumpEdition is the first statement of a decision about what is published: until it commits nobody else decides.
	BumpEdition(ctx context.Context) error
	// Published are all versions in that state, whichever day they count from.
	Published(ctx context.Context) ([]Version, error)
	// AddArticle writes an article with its first version; added is false where the article is there already.
	AddArticle(ctx context.Context, v Version) (added bool, err error)
	// AddVersion writes the next version; ErrDraftOpen where one of the same origin is not decided yet.
	AddVersion(ctx context.Context, v Version) error
	// Versions are those of one article, the newest first; none for an article that does not exist.
	Versions(ctx context.Context, article string) ([]Version, error)
	// Version is one of them, held for the transaction of ctx; models.ErrNotFound.
	Version(ctx context.Context, article string, n int) (Version, error)
	// SaveVersion writes v whole where the row still stands at v.Changes, which it raises; models.ErrConflict.
	SaveVersion(ctx context.Context, v Version) error
	// InState lists versions, the longest waiting first.
	InState(ctx context.Context, state State, after Place, limit int) ([]Version, error)
	// Digests are the digests of every text that a release has brought, by article.
	Digests(ctx context.Context) (map[string][]string, error)
}

// Place is where a page of InState ended.
type Place struct {
	At      time.Time // when it was last edited
	Article string
	Version int
}

// VoteStore keeps what agents say of articles, and what they did not find.
type VoteStore interface {
	// Vote writes one member of staff's word about one version; a second one replaces the first.
	Vote(ctx context.Context, article string, version int, staff models.ID, useful bool, at time.Time) error
	// Votes counts them by version.
	Votes(ctx context.Context, article string) (map[int]Votes, error)
	// CountGaps adds one to each gram of the day.
	CountGaps(ctx context.Context, day models.Date, grams []string) error
	// Gaps are the grams counted at least so often since the day, the most frequent first.
	Gaps(ctx context.Context, since models.Date, least, limit int) ([]Gap, error)
	DropGapsBefore(ctx context.Context, day models.Date) error
}

// Votes is how many agents found a version useful, and how many did not.
type Votes struct{ Useful, NotUseful int }

// Gap is a piece of searches that found nothing.
type Gap struct {
	Gram  string
	Count int
}

// Member is the acting member of staff.
type Member struct {
	ID         models.ID
	Department string // empty: the hotline's own, who may edit every article
	Edits      bool   // a role of theirs edits
}

// Staff answers who of the staff may read and who may edit; both refuse everybody else.
type Staff interface {
	Reader(ctx context.Context, by models.Actor) (Member, error)
	Editor(ctx context.Context, by models.Actor) (Member, error)
}

// Policy is what articles need of policy.
type Policy interface {
	// Words is a setting's value as it is read in a sentence, e.g. 16元; ok is false for one that no article may name.
	Words(ctx context.Context, key string, at time.Time) (words string, ok bool, err error)
	// ReviewDays is after how many days an article has to be read over again.
	ReviewDays(ctx context.Context, at time.Time) (int, error)
	// BankPhones are the hotlines of the banks on the dated lists.
	BankPhones(ctx context.Context) ([]string, error)
}

// Deps is what the service needs.
type Deps struct {
	Store  Store
	Staff  Staff
	Policy Policy
	Clock  models.Clock
	Hosts  []string // to which an article may link, besides our own pages
}
