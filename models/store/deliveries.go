package store

import (
	"context"
	"time"

	"onecard/models"
	"onecard/models/notice"
)

type deliveryRow struct {
	ID          string `gorm:"primaryKey"`
	NoticeID    string
	Channel     string
	AccountID   *string
	Fallback    string
	Lane        int
	Repeatable  bool
	ExpiresAt   time.Time
	CreatedAt   time.Time `gorm:"autoCreateTime:false"`
	State       string
	DueAt       time.Time
	Attempt     int
	Losses      int
	LeaseEnds   *time.Time
	Reason      string
	Vendor      string
	VendorID    string
	SubmittedAt *time.Time
	SettledAt   *time.Time
	CampaignID  *string
}

func (deliveryRow) TableName() string { return "deliveries" }

// newDeliveryRow is the first way of a route, with the rest of it.
func newDeliveryRow(n noticeRow, route []notice.Hop, now time.Time) deliveryRow {
	spec, _ := notice.SpecOf(notice.Kind(n.Kind))
	return deliveryRow{
		ID: string(models.NewID()), NoticeID: n.ID, Channel: string(route[0].Channel), AccountID: nullID(route[0].AccountID), Fallback: notice.Hops(route[1:]),
		Lane: n.Lane, Repeatable: spec.Resend, ExpiresAt: n.ExpiresAt, CreatedAt: now, State: string(notice.Queued), DueAt: now,
	}
}

// nextDelivery is the next way of a delivery that came to nothing. false: there is none, or it is too late.
func (r deliveryRow) nextDelivery(now time.Time) (deliveryRow, bool) {
	route := notice.ParseHops(r.Fallback)
	if len(route) == 0 || !r.ExpiresAt.After(now) {
		return deliveryRow{}, false
	}
	return deliveryRow{
		ID: string(models.NewID()), NoticeID: r.NoticeID, Channel: string(route[0].Channel), AccountID: nullID(route[0].AccountID), Fallback: notice.Hops(route[1:]),
		Lane: r.Lane, Repeatable: r.Repeatable, ExpiresAt: r.ExpiresAt, CreatedAt: now, State: string(notice.Queued), DueAt: now, CampaignID: r.CampaignID,
	}, true
}

func (r deliveryRow) delivery(n notice.Notice) notice.Delivery {
	return notice.Delivery{
		ID: models.ID(r.ID), Notice: n, Channel: notice.Channel(r.Channel), AccountID: idOf(r.AccountID), Fallback: notice.ParseHops(r.Fallback),
		State: notice.State(r.State), Attempt: r.Attempt, Reason: r.Reason, Vendor: r.Vendor, VendorID: r.VendorID,
		SubmittedAt: timeOf(r.SubmittedAt), SettledAt: timeOf(r.SettledAt),
	}
}

// Ladders says over which channels a topic is told. It is asked inside the transaction that makes the notice.
type Ladders interface {
	Ladder(ctx context.Context, t notice.Topic, at time.Time) (notice.Ladder, error)
}

// PlanBy makes notices go by these ladders, and rings when an urgent one was committed. Without it the defaults count,
// and nobody is woken.
func (db *DB) PlanBy(ladders Ladders, ring func()) {
	db.ladders, db.ringUrgent = ladders, ring
}

// planned is every route of every draft, at the draft's place.
func (db *DB) planned(ctx context.Context, drafts []notice.Draft, now time.Time) ([][][]notice.Hop, error) {
	wishes, err := db.wishesOf(ctx, drafts)
	if err != nil {
		return nil, err
	}
	ladders := map[notice.Topic]notice.Ladder{}
	out := make([][][]notice.Hop, len(drafts))
	for i, d := range drafts {
		topic := d.Kind.Topic()
		if _, asked := ladders[topic]; !asked {
			ladders[topic] = notice.DefaultLadder(topic)
			if db.ladders != nil && topic != notice.TopicCodes {
				if ladders[topic], err = db.ladders.Ladder(ctx, topic, now); err != nil {
					return nil, err
				}
			}
		}
		out[i] = notice.Plan(d, ladders[topic], wishes.of(d))
	}
	return out, nil
}

type wishRow struct {
	What      string
	PersonID  string
	Channel   string
	Topic     string
	RefID     string
	ChangedAt time.Time
}

type wishes map[string][]wishRow

// wishesOf asks once what the people of all drafts allowed and switched off.
func (db *DB) wishesOf(ctx context.Context, drafts []notice.Draft) (wishes, error) {
	var people []string
	seen := map[models.ID]bool{}
	for _, d := range drafts {
		if d.PersonID == "" || seen[d.PersonID] || d.To != notice.ToRegistryPhone || d.ToRef != "" || d.Kind.Topic() == notice.TopicCodes {
			continue
		}
		seen[d.PersonID] = true
		people = append(people, string(d.PersonID))
	}
	if len(people) == 0 {
		return nil, nil
	}
	var rows []wishRow
	err := db.q(ctx).Raw(`SELECT 'takes' AS what, a.person_id, a.platform AS channel, s.topic, s.account_id AS ref_id, s.changed_at
		FROM platform_accounts a JOIN notice_subscriptions s ON s.account_id = a.id
		WHERE a.person_id IN ? AND s.off_reason = '' AND (s.always OR s.once_left > 0 OR s.topic = '')
		AND NOT EXISTS (SELECT 1 FROM notice_subscriptions b WHERE b.account_id = a.id AND b.topic = '' AND b.off_reason <> '')
		UNION ALL
		SELECT 'off', person_id, channel, topic, about_id, changed_at FROM notice_preferences WHERE person_id IN ? AND NOT wanted
		ORDER BY 6 DESC`, people, people).Scan(&rows).Error
	out := wishes{}
	for _, r := range rows {
		out[r.PersonID] = append(out[r.PersonID], r)
	}
	return out, translate(err)
}

// of is what counts for one draft. A mini-program's consent is to a topic; who follows an account takes all.
func (w wishes) of(d notice.Draft) notice.Wishes {
	var out notice.Wishes
	topic := string(d.Kind.Topic())
	for _, r := range w[string(d.PersonID)] {
		switch {
		case r.What == "takes" && (r.Topic == topic || r.Topic == "" && notice.Channel(r.Channel).Followed()):
			out.Accounts = append(out.Accounts, notice.Hop{Channel: notice.Channel(r.Channel), AccountID: models.ID(r.RefID)})
		case r.What == "off" && r.Topic == topic && r.RefID == string(d.AboutOf()):
			out.Off = append(out.Off, notice.Channel(r.Channel))
		}
	}
	return out
}
