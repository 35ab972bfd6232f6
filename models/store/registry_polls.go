package store

import (
	"context"
	"time"

	"gorm.io/gorm/clause"

	"onecard/models"
	"onecard/models/mirror"
)

// Polls keeps whom a source without a feed is asked about, and the numbers of its questions.
type Polls struct{ *DB }

// Polls is the poller's view of the database.
func (db *DB) Polls() *Polls { return &Polls{db} }

var _ mirror.PollStore = (*Polls)(nil)

type pollRow struct {
	PersonID     string `gorm:"primaryKey"`
	DueAt        time.Time
	AskedAt      *time.Time
	UnknownSince *time.Time
	Tries        int
}

func (pollRow) TableName() string { return "registry_polls" }

// Ticket draws the number of a question: higher than every one drawn before, in every replica, and than every version that
// a feed had told.
func (s *Polls) Ticket(ctx context.Context) (int64, error) {
	var n int64
	err := s.w(ctx).Raw("UPDATE registry_tickets SET last = last + 1 WHERE source = 'cards' RETURNING last").Scan(&n).Error
	if err == nil && n == 0 {
		return 0, models.ErrNotFound
	}
	return n, translate(err)
}

// StartTickets begins the numbers above every version that is here, so that a city may change from a feed to questions.
func (s *Polls) StartTickets(ctx context.Context) error {
	const highest = `SELECT coalesce(max(v), 0) FROM (SELECT max(version) AS v FROM persons UNION ALL SELECT max(version) FROM cards
		UNION ALL SELECT max(answered_version) FROM cards UNION ALL SELECT max(fact_version) FROM applications) AS versions`
	return translate(s.w(ctx).Exec(`INSERT INTO registry_tickets (source, last) VALUES ('cards', (` + highest + `))
		ON CONFLICT (source) DO UPDATE SET last = CASE WHEN registry_tickets.last < excluded.last THEN excluded.last ELSE registry_tickets.last END`).Error)
}

// offRota is when those are due who do not matter: never. Their row says when they were last asked about.
var offRota = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// openReports, unfinishedWork, boundPeople and readByOthers are those who matter: the last are whom a guardian or helper
// reads who is bound herself.
const (
	openReports    = "SELECT person_id FROM loss_reports WHERE state IN ('received', 'unconfirmed', 'effective', 'release_requested')"
	unfinishedWork = "SELECT person_id FROM applications WHERE state NOT IN ('collected', 'rejected', 'withdrawn')"
	boundPeople    = "SELECT person_id FROM platform_accounts WHERE person_id IS NOT NULL"
	readByOthers   = "SELECT subject_id AS person_id FROM relations WHERE state IN ('proved', 'active') AND actor_id IN (" + boundPeople + ")"
	whoMatters     = openReports + " UNION ALL " + unfinishedWork + " UNION ALL " + boundPeople + " UNION ALL " + readByOthers
)

// EnrolPolls puts those on the rota who matter and are not there, or not any more, and brings open reports forward that were
// put off for long, but for whom the source has not known since before lost.
func (s *Polls) EnrolPolls(ctx context.Context, now, lost time.Time, soon time.Duration, limit int) (int, error) {
	at, by := models.Instant(now), models.Instant(now.Add(soon))
	fresh := s.w(ctx).Exec(`INSERT INTO registry_polls (person_id, due_at, tries) SELECT DISTINCT who.person_id, `+s.instantParam()+`, 0 FROM (`+whoMatters+`) AS who
		WHERE NOT EXISTS (SELECT 1 FROM registry_polls WHERE registry_polls.person_id = who.person_id) LIMIT ? ON CONFLICT (person_id) DO NOTHING`, at, limit)
	if fresh.Error != nil {
		return 0, translate(fresh.Error)
	}
	back := s.w(ctx).Exec(`UPDATE registry_polls SET due_at = ? WHERE due_at >= ? AND person_id IN (`+whoMatters+`)`, at, offRota)
	if back.Error != nil {
		return 0, translate(back.Error)
	}
	urgent := s.w(ctx).Exec(`UPDATE registry_polls SET due_at = ? WHERE due_at > ? AND (unknown_since IS NULL OR unknown_since > ?) AND person_id IN (`+openReports+`)`, by, by, models.Instant(lost))
	return int(fresh.RowsAffected + back.RowsAffected + urgent.RowsAffected), translate(urgent.Error)
}

// instantParam is a parameter of a SELECT list that PostgreSQL cannot give a type by itself.
func (db *DB) instantParam() string {
	if db.driver == SQLite {
		return "?"
	}
	return "CAST(? AS timestamptz)"
}

type pollSeen struct {
	PersonID, Ref                string
	DueAt, AskedAt, UnknownSince *time.Time
	Tries                        int
	Report, Application, Bound   bool
}

func (p pollSeen) poll() mirror.Poll {
	return mirror.Poll{Person: models.ID(p.PersonID), Ref: models.PersonRef(p.Ref), Due: timeOf(p.DueAt), Asked: timeOf(p.AskedAt), Unknown: timeOf(p.UnknownSince),
		Tries: p.Tries, Report: p.Report, Application: p.Application, Bound: p.Bound}
}

// pollFacts says of people why they matter.
const pollFacts = `SELECT persons.id AS person_id, persons.ref, registry_polls.due_at, registry_polls.asked_at, registry_polls.unknown_since,
	coalesce(registry_polls.tries, 0) AS tries,
	persons.id IN (` + openReports + ` AND person_id IN ?) AS report, persons.id IN (` + unfinishedWork + ` AND person_id IN ?) AS application,
	(persons.id IN (` + boundPeople + ` AND person_id IN ?) OR persons.id IN (` + readByOthers + ` AND subject_id IN ?)) AS bound
	FROM persons LEFT JOIN registry_polls ON registry_polls.person_id = persons.id WHERE persons.id IN ?`

func (s *Polls) seen(ctx context.Context, ids []string) ([]pollSeen, error) {
	var rows []pollSeen
	err := s.q(ctx).Raw(pollFacts, ids, ids, ids, ids, ids).Scan(&rows).Error
	return rows, translate(err)
}

// ClaimPolls takes people who are due: those with an open loss report first, however many others wait, then the longest due.
func (s *Polls) ClaimPolls(ctx context.Context, now, until time.Time, limit int) ([]mirror.Poll, error) {
	var out []mirror.Poll
	err := s.InTx(ctx, func(ctx context.Context) error {
		ids, err := s.due(ctx, now, limit)
		if err != nil || len(ids) == 0 {
			return err
		}
		if err := s.w(ctx).Model(&pollRow{}).Where("person_id IN ?", ids).Update("due_at", models.Instant(until)).Error; err != nil {
			return translate(err)
		}
		rows, err := s.seen(ctx, ids)
		for _, r := range rows {
			out = append(out, r.poll())
		}
		return err
	})
	return out, err
}

// due lists who is to be claimed.
func (s *Polls) due(ctx context.Context, now time.Time, limit int) (ids []string, err error) {
	for _, reported := range []bool{true, false} {
		q := s.w(ctx).Model(&pollRow{}).Where("due_at <= ?", models.Instant(now)).Order("due_at").Limit(limit - len(ids))
		if reported {
			q = q.Where("person_id IN (" + openReports + ")")
		} else if len(ids) > 0 {
			q = q.Where("person_id NOT IN ?", ids)
		}
		if s.driver != SQLite {
			q = q.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate, Options: clause.LockingOptionsSkipLocked})
		}
		var some []string
		if err := q.Pluck("person_id", &some).Error; err != nil {
			return nil, translate(err)
		}
		if ids = append(ids, some...); len(ids) >= limit {
			break
		}
	}
	return ids, nil
}

// PollOf is one person, on the rota or not.
func (s *Polls) PollOf(ctx context.Context, person models.ID) (mirror.Poll, error) {
	rows, err := s.seen(ctx, []string{string(person)})
	if err == nil && len(rows) == 0 {
		err = models.ErrNotFound
	}
	if err != nil {
		return mirror.Poll{}, err
	}
	return rows[0].poll(), nil
}

// turn is the next one of a row: what p was read with may be moved; an earlier turn that somebody has given her since
// stands.
const turn = `due_at = CASE WHEN registry_polls.due_at = ? OR registry_polls.due_at > excluded.due_at THEN excluded.due_at ELSE registry_polls.due_at END`

// turnOf is the turn that p was read with, a time that no row has where it had none.
func turnOf(p mirror.Poll) time.Time {
	if p.Due.IsZero() {
		return time.Unix(0, 0).UTC()
	}
	return models.Instant(p.Due)
}

// PollAnswered writes when she was asked and is due again. Her row is locked by then: the streak that is read is the one that
// ends.
func (s *Polls) PollAnswered(ctx context.Context, p mirror.Poll, asked, due time.Time) (cleared time.Time, err error) {
	if due.IsZero() {
		due = offRota
	}
	asked = models.Instant(asked)
	err = s.InTx(ctx, func(ctx context.Context) error {
		var row pollRow
		err := s.w(ctx).Raw(`INSERT INTO registry_polls (person_id, due_at, asked_at, tries) VALUES (?, ?, ?, 0)
			ON CONFLICT (person_id) DO UPDATE SET `+turn+`,
			tries = CASE WHEN registry_polls.unknown_since > excluded.asked_at THEN registry_polls.tries ELSE 0 END,
			asked_at = CASE WHEN registry_polls.asked_at > excluded.asked_at THEN registry_polls.asked_at ELSE excluded.asked_at END
			RETURNING unknown_since`, string(p.Person), models.Instant(due), asked, turnOf(p)).Scan(&row).Error
		since := timeOf(row.UnknownSince)
		if err != nil || since.IsZero() || since.After(asked) {
			return translate(err)
		}
		cleared = since
		return translate(s.w(ctx).Exec("UPDATE registry_polls SET unknown_since = NULL WHERE person_id = ?", string(p.Person)).Error)
	})
	return cleared, err
}

// PollUnknown notes that the source does not know her any more.
func (s *Polls) PollUnknown(ctx context.Context, p mirror.Poll, at, due time.Time) (since time.Time, err error) {
	var row pollRow
	err = s.w(ctx).Raw(`INSERT INTO registry_polls (person_id, due_at, unknown_since, tries) VALUES (?, ?, ?, 1)
		ON CONFLICT (person_id) DO UPDATE SET `+turn+`, tries = registry_polls.tries + 1,
		unknown_since = coalesce(registry_polls.unknown_since, excluded.unknown_since) RETURNING unknown_since`,
		string(p.Person), models.Instant(due), models.Instant(at), turnOf(p)).Scan(&row).Error
	return timeOf(row.UnknownSince), translate(err)
}

// PollFailed counts a failure.
func (s *Polls) PollFailed(ctx context.Context, p mirror.Poll, due time.Time) error {
	return translate(s.w(ctx).Exec(`INSERT INTO registry_polls (person_id, due_at, tries) VALUES (?, ?, 1)
		ON CONFLICT (person_id) DO UPDATE SET `+turn+`, tries = registry_polls.tries + 1`,
		string(p.Person), models.Instant(due), turnOf(p)).Error)
}

// AskedSince says of which of these people the source was asked since a time, with an answer.
func (s *Polls) AskedSince(ctx context.Context, people []models.ID, since time.Time) (map[models.ID]bool, error) {
	out := map[models.ID]bool{}
	if len(people) == 0 {
		return out, nil
	}
	var ids []models.ID
	err := s.q(ctx).Model(&pollRow{}).Where("person_id IN ? AND asked_at >= ? AND unknown_since IS NULL", people, models.Instant(since)).Pluck("person_id", &ids).Error
	for _, id := range ids {
		out[id] = true
	}
	return out, translate(err)
}

// HeldSince is when the newest card of hers was received.
func (s *Polls) HeldSince(ctx context.Context, person models.ID) (time.Time, error) {
	var rows []struct{ ReceivedAt *time.Time }
	err := s.q(ctx).Table("cards").Select("received_at").Where("person_id = ?", string(person)).Order("received_at DESC").Limit(1).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return time.Time{}, translate(err)
	}
	return timeOf(rows[0].ReceivedAt), nil
}

// PollSoon has a person asked about at the next round: what we told the registry is to be seen.
func (s *Polls) PollSoon(ctx context.Context, person models.ID, at time.Time) error {
	return translate(s.w(ctx).Exec(`INSERT INTO registry_polls (person_id, due_at, tries) VALUES (?, ?, 0)
		ON CONFLICT (person_id) DO UPDATE SET due_at = excluded.due_at WHERE registry_polls.due_at > excluded.due_at`,
		string(person), models.Instant(at)).Error)
}

// OldestAsked is when the person on the rota was asked who has waited longest. Whom the source does not know or cannot tell
// of is left out: hers is the trouble. Where nobody else is left it is the last answer's time; zero: nobody was ever asked.
func (s *Polls) OldestAsked(ctx context.Context) (time.Time, error) {
	for _, q := range []struct{ where, order string }{{" AND unknown_since IS NULL AND tries = 0", "asked_at"}, {"", "asked_at DESC"}} {
		var rows []pollRow
		err := s.q(ctx).Where("asked_at IS NOT NULL AND due_at < ?"+q.where, offRota).Order(q.order).Limit(1).Find(&rows).Error
		if err != nil {
			return time.Time{}, translate(err)
		}
		if len(rows) > 0 {
			return timeOf(rows[0].AskedAt), nil
		}
	}
	return time.Time{}, nil
}
