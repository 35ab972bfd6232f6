package policy

import (
	"context"
	"time"

	"onecard/models/notice"
)

// LadderKey is the setting that says over which channels a topic is told (R62).
func LadderKey(t notice.Topic) string { return "notice.ladder." + string(t) }

// ladderSettings are one for each topic but codes, which go by SMS.
func ladderSettings() []Setting {
	var out []Setting
	for _, topic := range notice.Topics {
		choices := notice.LadderChoices[topic]
		if len(choices) == 0 {
			continue
		}
		words := make([]string, len(choices))
		for i, c := range choices {
			words[i] = string(c)
		}
		out = append(out, Setting{
			Key: LadderKey(topic), Type: Word, Default: words[0], OneOf: words, Rule: "R62",
			Doc: "over which channels notices of this topic go; the inbox shows each of them besides",
		})
	}
	return out
}

// SMSLimits are how many text messages of the bulk a person gets a day.
func (s *Service) SMSLimits(ctx context.Context, at time.Time) (notice.Limits, error) {
	person, err := s.count(ctx, SMSPerPerson, Everywhere, at)
	if err != nil {
		return notice.Limits{}, err
	}
	kind, err := s.count(ctx, SMSPerKind, Everywhere, at)
	return notice.Limits{Person: int(person), Kind: int(kind)}, err
}

// Ladder is over which channels a topic is told.
func (s *Service) Ladder(ctx context.Context, t notice.Topic, at time.Time) (notice.Ladder, error) {
	word, err := s.At(ctx, LadderKey(t), Everywhere, at)
	return notice.Ladder(word), err
}
