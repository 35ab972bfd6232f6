package policy

import (
	"context"
	"strconv"
	"time"

	"onecard/models/notice"
)

// NoticeContentKey and NoticeRowsKey are the settings that say for how many days notices of a topic are kept.
func NoticeContentKey(t notice.Topic) string { return "notice.content_days." + string(t) }

// NoticeRowsKey is as NoticeContentKey, for the whole notice.
func NoticeRowsKey(t notice.Topic) string { return "notice.keep_days." + string(t) }

// Days below which nothing goes: a vendor's receipt may come for three, and a notice is worth sending for seven. The rest
// is the evidence that somebody was told, and of her consent.
const (
	leastContentDays = 10
	leastNoticeDays  = 153
)

func noticeDaySettings() []Setting {
	var out []Setting
	for _, t := range notice.Topics {
		kept, least := notice.Kept[t], leastNoticeDays
		if t == notice.TopicCodes {
			least = leastContentDays
		}
		out = append(out, Setting{
			Key: NoticeContentKey(t), Type: Count, Default: strconv.Itoa(kept.Content), Least: leastContentDays, Most: 1830, Rule: "R55",
			Doc: "days after which sums, dates and names leave notices of this topic; the inbox then shows neutral words",
		}, Setting{
			Key: NoticeRowsKey(t), Type: Count, Default: strconv.Itoa(kept.Rows), Least: int64(least), Most: 1830, Rule: "R57",
			Doc: "days after which notices of this topic leave the inbox, with their deliveries and receipts",
		})
	}
	return out
}

// NoticeDays is for how many days the content and the rows of a topic's notices are kept.
func (s *Service) NoticeDays(ctx context.Context, t notice.Topic, at time.Time) (content, rows int, err error) {
	c, err := s.count(ctx, NoticeContentKey(t), Everywhere, at)
	if err != nil {
		return 0, 0, err
	}
	r, err := s.count(ctx, NoticeRowsKey(t), Everywhere, at)
	return int(c), int(r), err
}
