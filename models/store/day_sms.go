package store

import (
	"context"
	"time"

	"onecard/models"
	"onecard/models/notice"
)

// SMSSince lists what people were sent by SMS since an instant (notice.DayLimits): what a vendor took or may have taken, and
// what is claimed. What was sent today has not expired before today began, so a person's older notices are passed over.
func (s *Notices) SMSSince(ctx context.Context, people []models.ID, since time.Time) ([]notice.DaySMS, error) {
	ids := make([]string, len(people))
	for i, id := range people {
		ids[i] = string(id)
	}
	var rows []struct {
		ID, PersonID, Kind, State string
	}
	since = models.Instant(since)
	// Of each of her notices its message is looked up by its key, and the states are looked at last: plans that were made before
	// a payday began think that hardly anything was sent, and would read all that was.
	hers := "notices n JOIN deliveries d ON d.notice_id = n.id AND d.channel = 'sms'"
	if s.driver == Postgres {
		hers = "notices n CROSS JOIN LATERAL (SELECT * FROM deliveries WHERE notice_id = n.id AND channel = 'sms' OFFSET 0) d"
	}
	err := s.q(ctx).Raw(`WITH hers AS MATERIALIZED (SELECT d.id, n.person_id, n.kind, d.state, d.submitted_at, d.settled_at
		FROM `+hers+` WHERE ? AND n.lane > ? AND n.destination = '' AND n.expires_at > ?)
		SELECT id, person_id, kind, state FROM hers WHERE state = 'submitting' OR submitted_at >= ?
		OR submitted_at IS NULL AND state IN ('unknown', 'delivered') AND settled_at >= ?`,
		s.among("n.person_id", ids), int(notice.LaneLoss), since, since, since).Scan(&rows).Error
	if err != nil {
		return nil, translate(err)
	}
	out := make([]notice.DaySMS, 0, len(rows))
	for _, r := range rows {
		if kind := notice.Kind(r.Kind); kind.Topic().Limited() {
			out = append(out, notice.DaySMS{Delivery: models.ID(r.ID), Person: models.ID(r.PersonID), Kind: kind, UnderWay: r.State == string(notice.Submitting)})
		}
	}
	return out, nil
}
