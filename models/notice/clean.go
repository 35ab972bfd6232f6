package notice

import (
	"context"
	"time"

	"onecard/models"
)

// CleanStage is what is taken away from old notices.
type CleanStage string

// The stages.
const (
	CleanContent CleanStage = "content" // sums, dates, banks: neutral words stand in the inbox instead
	CleanRows    CleanStage = "rows"    // the notice, its deliveries and their receipts
)

// CleanStore takes away what has had its time.
type CleanStore interface {
	// CleanNotices goes on with the notices of these kinds that were made before an instant and have expired, at most
	// limit looked at, in the order in which they were made. It gives how many were looked at; another who is at it
	// makes it do nothing.
	CleanNotices(ctx context.Context, stage CleanStage, topic Topic, before time.Time, limit int) (int, error)
	// CleanCampaigns drops lists of people of campaigns closed before an instant.
	CleanCampaigns(ctx context.Context, before time.Time, limit int) (int, error)
}

// Keeping says for how many days a topic's content and rows are kept.
type Keeping interface {
	NoticeDays(ctx context.Context, t Topic, at time.Time) (content, rows int, err error)
}

// Kept are the days a topic's notices are kept where policy says nothing: half a year, the sums of what is also elsewhere a
// quarter. Consent evidence is kept five months at least (domain 5), so nothing but codes may go before.
var Kept = map[Topic]struct{ Content, Rows int }{
	TopicCodes: {10, 10}, TopicLoss: {183, 183}, TopicAccount: {183, 183}, TopicArrivals: {92, 183}, TopicPayday: {92, 183}, TopicProgress: {92, 183},
	TopicFees: {92, 183}, TopicAnswers: {30, 183}, TopicDependants: {92, 183}, TopicCampaigns: {30, 183},
}

// Cleaning is the work on old notices.
type Cleaning struct {
	Store   CleanStore
	Keeping Keeping
	Clock   models.Clock
}

// cleanAtOnce is how many notices one commit looks at.
const cleanAtOnce = 500

// Clean takes a step for each topic and reports whether there is more. Whatever it does twice changes nothing more.
func (s Cleaning) Clean(ctx context.Context) (more bool, err error) {
	now := s.Clock.Now()
	for _, topic := range Topics {
		content, rows, err := s.Keeping.NoticeDays(ctx, topic, now)
		if err != nil {
			return false, err
		}
		for stage, days := range map[CleanStage]int{CleanContent: min(content, rows), CleanRows: rows} {
			n, err := s.Store.CleanNotices(ctx, stage, topic, now.AddDate(0, 0, -days), cleanAtOnce)
			if err != nil {
				return false, err
			}
			more = more || n == cleanAtOnce
		}
		if topic == TopicCampaigns {
			n, err := s.Store.CleanCampaigns(ctx, now.AddDate(0, 0, -rows), cleanAtOnce)
			if err != nil {
				return false, err
			}
			more = more || n == cleanAtOnce
		}
	}
	return more, nil
}
