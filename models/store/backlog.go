package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"onecard/models"
	"onecard/models/notice"
)

// Waiting is how much of one sort waits, and since when the first of it.
type Waiting struct {
	Count int64
	Since time.Time // zero where nothing waits
}

// Backlog is what an operator must see of what is not done yet.
type Backlog struct {
	At       time.Time               // when it was read, by the same clock
	Commands map[string]Waiting      // unfinished, by kind; since their commit
	Notices  map[notice.Lane]Waiting // queued; since the first was due
	HeldBack map[string]Waiting      // messages that wait for a person, by reason
	Parked   map[string]Waiting      // events, by source
	UsedUp   map[string]Waiting      // jobs that gave up, by kind
	AsOf     map[string]time.Time    // how fresh our copy of a source is
	Held     int64                   // payment lines
	Unsaid   bool                    // there are used-up jobs nobody was told about (TellUsedUpJobs)
}

// countAtMost bounds what the backlog counts of a queue that may hold millions: beyond it the figure says "as much at
// least".
const countAtMost = 10_000

const usedUp = "state = 'discarded'"

// backlogSQL is one statement for all of it; each part stands on an index that holds nothing else than what waits.
func backlogSQL(unsaid string) string {
	parts := []string{
		`SELECT 'command' AS what, kind AS label, count(*) AS n, min(created_at) AS since FROM card_commands
			WHERE state IN ('requested', 'sending', 'unknown') GROUP BY kind`,
		`SELECT 'parked', source, count(*), min(parked_at) FROM parked_events GROUP BY source`,
		`SELECT 'as_of', source, 0, current_as_of FROM feed_cursors`,
		`SELECT 'used_up', kind, count(*), min(finalized_at) FROM river_job WHERE ` + usedUp + ` GROUP BY kind`,
		`SELECT 'unsaid', '', count(*), min(finalized_at) FROM river_job WHERE ` + usedUp + ` AND ` + unsaid,
		fmt.Sprintf(`SELECT 'held', '', (SELECT count(*) FROM (SELECT 1 FROM payments WHERE hold <> '' LIMIT %d) AS waiting), NULL`, countAtMost),
	}
	parts = append(parts, fmt.Sprintf(`SELECT 'held_back', reason, count(*), NULL FROM (SELECT reason FROM deliveries WHERE state = 'held' LIMIT %d) AS waiting
		GROUP BY reason`, countAtMost))
	for _, lane := range append(append([]notice.Lane{}, notice.UrgentLanes...), notice.BulkLanes...) {
		waits := make([]string, 0, len(notice.Platforms)+1)
		for _, channel := range append([]notice.Channel{notice.SMS}, notice.Platforms...) {
			waits = append(waits, fmt.Sprintf(`SELECT * FROM (SELECT due_at FROM deliveries WHERE state = 'queued' AND channel = '%s' AND lane = %d
				ORDER BY due_at LIMIT %d) AS part`, channel, lane, countAtMost))
		}
		parts = append(parts, fmt.Sprintf(`SELECT 'notice', '%d', count(*), min(due_at) FROM (%s) AS waiting`, lane, strings.Join(waits, " UNION ALL ")))
	}
	return strings.Join(parts, " UNION ALL ")
}

// Backlog reads what waits, in one statement.
func (db *DB) Backlog(ctx context.Context) (Backlog, error) {
	b := Backlog{Commands: map[string]Waiting{}, Notices: map[notice.Lane]Waiting{}, HeldBack: map[string]Waiting{}, Parked: map[string]Waiting{}, UsedUp: map[string]Waiting{}, AsOf: map[string]time.Time{}}
	var err error
	if b.At, err = db.Now(ctx); err != nil {
		return b, err
	}
	rows, err := db.q(ctx).Raw(backlogSQL(db.unsaid())).Rows()
	if err != nil {
		return b, translate(err)
	}
	defer rows.Close()
	for rows.Next() {
		var what, label string
		var w Waiting
		if err := rows.Scan(&what, &label, &w.Count, anInstant{&w.Since}); err != nil {
			return b, translate(err)
		}
		switch what {
		case "command":
			b.Commands[label] = w
		case "held_back":
			b.HeldBack[label] = w
		case "parked":
			b.Parked[label] = w
		case "as_of":
			b.AsOf[label] = w.Since
		case "used_up":
			b.UsedUp[label] = w
		case "unsaid":
			b.Unsaid = w.Count > 0
		case "held":
			b.Held = w.Count
		case "notice":
			lane, err := strconv.Atoi(label)
			if err != nil {
				return b, err
			}
			b.Notices[notice.Lane(lane)] = w
		}
	}
	return b, translate(rows.Err())
}

// anInstant reads an instant out of an expression: SQLite gives text where no column lends its type.
type anInstant struct{ at *time.Time }

// Scan takes what the driver gives.
func (a anInstant) Scan(v any) error {
	switch v := v.(type) {
	case nil:
		*a.at = time.Time{}
	case time.Time:
		*a.at = models.Instant(v)
	case string:
		for _, layout := range []string{"2006-01-02 15:04:05.999999999-07:00", "2006-01-02 15:04:05.999999999", time.RFC3339Nano} {
			if at, err := time.Parse(layout, v); err == nil {
				*a.at = models.Instant(at)
				return nil
			}
		}
		return fmt.Errorf("not an instant of ours: %d characters", len(v))
	default:
		return fmt.Errorf("an instant came as %T", v)
	}
	return nil
}

// UsedUpJob is a job that was tried as often as it may be.
type UsedUpJob struct {
	ID      int64
	Kind    string
	Attempt int
}

// unsaid is the clause of a job whose giving up nobody was told yet. The job's own row remembers with which attempt it
// was told, so that one tried again by hand is told of again.
func (db *DB) unsaid() string {
	if db.driver == SQLite {
		return "json_extract(metadata, '$.onecard_told') IS NOT CAST(attempt AS TEXT)"
	}
	return "metadata ->> 'onecard_told' IS DISTINCT FROM attempt::text"
}

// TellUsedUpJobs gives the jobs that gave up and were not told of yet, each to one caller once, at most limit.
func (db *DB) TellUsedUpJobs(ctx context.Context, limit int) ([]UsedUpJob, error) {
	mark, skip := "jsonb_set(metadata, '{onecard_told}', to_jsonb(attempt::text))", " FOR UPDATE SKIP LOCKED"
	if db.driver == SQLite {
		mark, skip = "json_set(metadata, '$.onecard_told', CAST(attempt AS TEXT))", ""
	}
	var told []UsedUpJob
	err := db.w(ctx).Raw(`UPDATE river_job SET metadata = `+mark+` WHERE `+usedUp+` AND `+db.unsaid()+` AND id IN
		(SELECT id FROM river_job WHERE `+usedUp+` AND `+db.unsaid()+` ORDER BY finalized_at LIMIT ?`+skip+`) RETURNING id, kind, attempt`, limit).Scan(&told).Error
	return told, translate(err)
}
