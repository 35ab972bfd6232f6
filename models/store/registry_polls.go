package store

import (
	"context"
	"time"

	"gorm.io/gorm"
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
	PersonID string `gorm:"primaryKey"`
	DueAt    time.Time
	AskedAt  *time.Time
	Tries    int
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

// openReports, unfinishedWork and boundPeople are those who matter.
const (
	openReports    = "SELECT person_id FROM loss_reports WHERE state IN ('received', 'unconfirmed', 'effective', 'release_requested')"
	unfinishedWork = "SELECT person_id FROM applications WHERE state NOT IN ('collected', 'rejected', 'withdrawn')"
	boundPeople    = "SELECT person_id FROM platform_accounts WHERE person_id IS NOT NULL"
)

// EnrolPolls puts those on the rota who matter and are not there, and brings open reports forward that were put off for long.
func (s *Polls) EnrolPolls(ctx context.Context, now time.Time, soon time.Duration, limit int) (int, error) {
	at := models.Instant(now)
	fresh := s.w(ctx).Exec(`INSERT INTO registry_polls (person_id, due_at, tries) SELECT DISTINCT who.person_id, `+s.instantParam()+`, 0 FROM (
		`+openReports+` UNION ALL `+unfinishedWork+` UNION ALL `+boundPeople+`) AS who
		WHERE NOT EXISTS (SELECT 1 FROM registry_polls WHERE registry_polls.person_id = who.person_id) LIMIT ? ON CONFLICT (person_id) DO NOTHING`, at, limit)
	if fresh.Error != nil {
		return 0, translate(fresh.Error)
	}
	urgent := s.w(ctx).Exec(`UPDATE registry_polls SET due_at = ? WHERE due_at > ? AND tries = 0 AND person_id IN (`+openReports+`)`,
		models.Instant(now.Add(soon)), models.Instant(now.Add(soon)))
	return int(fresh.RowsAffected + urgent.RowsAffected), translate(urgent.Error)
}

// instantParam is a parameter of a SELECT list that PostgreSQL cannot give a type by itself.
func (db *DB) instantParam() string {
	if db.driver == SQLite {
		return "?"
	}
	return "CAST(? AS timestamptz)"
}

type pollSeen struct {
	PersonID, Ref              string
	AskedAt                    *time.Time
	Tries                      int
	Report, Application, Bound bool
}

func (p pollSeen) poll() mirror.Poll {
	return mirror.Poll{Person: models.ID(p.PersonID), Ref: models.PersonRef(p.Ref), Tries: p.Tries, Report: p.Report, Application: p.Application, Bound: p.Bound}
}

// pollFacts says of people why they matter.
const pollFacts = `SELECT persons.id AS person_id, persons.ref, registry_polls.asked_at, coalesce(registry_polls.tries, 0) AS tries,
	persons.id IN (` + openReports + ` AND person_id IN ?) AS report, persons.id IN (` + unfinishedWork + ` AND person_id IN ?) AS application,
	persons.id IN (` + boundPeople + ` AND person_id IN ?) AS bound
	FROM persons LEFT JOIN registry_polls ON registry_polls.person_id = persons.id WHERE persons.id IN ?`

func (s *Polls) seen(ctx context.Context, ids []string) ([]pollSeen, error) {
	var rows []pollSeen
	err := s.q(ctx).Raw(pollFacts, ids, ids, ids, ids).Scan(&rows).Error
	return rows, translate(err)
}

// ClaimPolls takes people who are due, the longest first.
func (s *Polls) ClaimPolls(ctx context.Context, now, until time.Time, limit int) ([]mirror.Poll, error) {
	var out []mirror.Poll
	err := s.InTx(ctx, func(ctx context.Context) error {
		var ids []string
		due := s.w(ctx).Model(&pollRow{}).Where("due_at <= ?", models.Instant(now)).Order("due_at").Limit(limit)
		if s.driver != SQLite {
			due = due.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate, Options: clause.LockingOptionsSkipLocked})
		}
		if err := due.Pluck("person_id", &ids).Error; err != nil || len(ids) == 0 {
			return translate(err)
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

// PollOf is one person, on the rota or not.
func (s *Polls) PollOf(ctx context.Context, person models.ID) (mirror.Poll, time.Time, error) {
	rows, err := s.seen(ctx, []string{string(person)})
	if err == nil && len(rows) == 0 {
		err = models.ErrNotFound
	}
	if err != nil {
		return mirror.Poll{}, time.Time{}, err
	}
	return rows[0].poll(), timeOf(rows[0].AskedAt), nil
}

// PollAnswered writes when she was asked and is due again.
func (s *Polls) PollAnswered(ctx context.Context, person models.ID, asked, due time.Time) error {
	if due.IsZero() {
		return translate(s.w(ctx).Where("person_id = ?", string(person)).Delete(&pollRow{}).Error)
	}
	return translate(s.w(ctx).Exec(`INSERT INTO registry_polls (person_id, due_at, asked_at, tries) VALUES (?, ?, ?, 0)
		ON CONFLICT (person_id) DO UPDATE SET due_at = excluded.due_at, asked_at = excluded.asked_at, tries = 0
		WHERE registry_polls.asked_at IS NULL OR registry_polls.asked_at <= excluded.asked_at`,
		string(person), models.Instant(due), models.Instant(asked)).Error)
}

// PollFailed counts a failure; who is not on the rota is not put there.
func (s *Polls) PollFailed(ctx context.Context, person models.ID, due time.Time) error {
	return translate(s.w(ctx).Model(&pollRow{}).Where("person_id = ?", string(person)).
		Updates(map[string]any{"due_at": models.Instant(due), "tries": gorm.Expr("tries + 1")}).Error)
}

// PollSoon has a person asked about at the next round: what we told the registry is to be seen.
func (s *Polls) PollSoon(ctx context.Context, person models.ID, at time.Time) error {
	return translate(s.w(ctx).Exec(`INSERT INTO registry_polls (person_id, due_at, tries) VALUES (?, ?, 0)
		ON CONFLICT (person_id) DO UPDATE SET due_at = excluded.due_at WHERE registry_polls.due_at > excluded.due_at`,
		string(person), models.Instant(at)).Error)
}

// OldestAsked is when the person was asked who has waited longest; zero when nobody was ever asked.
func (s *Polls) OldestAsked(ctx context.Context) (time.Time, error) {
	var rows []pollRow
	err := s.q(ctx).Where("asked_at IS NOT NULL").Order("asked_at").Limit(1).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return time.Time{}, translate(err)
	}
	return timeOf(rows[0].AskedAt), nil
}
