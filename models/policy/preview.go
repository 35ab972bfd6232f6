package policy

import (
	"context"
	"slices"
	"strings"
	"time"

	"onecard/models"
)

// PreviewText is one text that people read, or that an agent says.
type PreviewText struct {
	Where string // guide, act, article, notice ...
	ID    string
	Text  string
}

// Change is a text that a proposal changes.
type Change struct{ Where, ID, Before, After string }

// Preview is what a proposal would change, and what rests on the same rule and should be read over.
type Preview struct {
	Before, After string // the setting's value at the time
	At            time.Time
	Changes       []Change
	ReadOver      []PreviewText
}

// TextSource is another capability's texts that hang on policy. It renders them with the policy that it is given, which is
// the present one or the proposed one, so that no rule is written a second time.
type TextSource interface {
	Texts(ctx context.Context, p *Service, in SetInput, at time.Time) ([]PreviewText, error)
	// ReadOver are texts that rest on the setting or one of its rules and name no figure of policy themselves.
	ReadOver(ctx context.Context, key string, rules []string) ([]PreviewText, error)
}

// Preview renders every text with the present value and with the proposed one at its date, and tells the differences.
// Nothing is written. ErrSettingUnknown, ErrSettingRefused.
func (s *Service) Preview(ctx context.Context, by models.Actor, in SetInput) (Preview, error) {
	if err := s.Deciders.Decider(ctx, by); err != nil {
		return Preview{}, err
	}
	r, err := s.wish(ctx, by, in)
	if err != nil {
		return Preview{}, err
	}
	out := Preview{At: r.ValidFrom}
	now, then, err := s.imagine(ctx, r)
	if err != nil {
		return Preview{}, err
	}
	if out.Before, err = now.At(ctx, r.Key, r.Scope, r.ValidFrom); err != nil {
		return Preview{}, err
	}
	if out.After, err = then.At(ctx, r.Key, r.Scope, r.ValidFrom); err != nil {
		return Preview{}, err
	}
	for _, source := range append([]TextSource{ownTexts{}}, s.Previews...) {
		before, err := source.Texts(ctx, now, in, r.ValidFrom)
		if err != nil {
			return Preview{}, err
		}
		after, err := source.Texts(ctx, then, in, r.ValidFrom)
		if err != nil {
			return Preview{}, err
		}
		out.Changes = append(out.Changes, changes(before, after)...)
		over, err := source.ReadOver(ctx, r.Key, rulesOf(byKey[r.Key]))
		if err != nil {
			return Preview{}, err
		}
		out.ReadOver = append(out.ReadOver, over...)
	}
	return out, nil
}

// imagine gives policy as it stands at the row's date without it and with it: two views in memory that read nothing.
func (s *Service) imagine(ctx context.Context, r Row) (now, then *Service, err error) {
	v, err := s.look(ctx)
	if err != nil {
		return nil, nil, err
	}
	with := func(more ...Row) *Service {
		clock := models.NewManualClock(r.ValidFrom)
		rows := map[string][]Row{}
		for key, list := range v.rows {
			rows[key] = list
		}
		rows[r.Key] = append(slices.Clone(rows[r.Key]), more...)
		out := New(s.store, clock)
		out.seen.view = &view{at: clock.Now(), rows: rows, banks: v.banks, order: v.order, stops: v.stops}
		return out
	}
	return with(), with(r), nil
}

func changes(before, after []PreviewText) []Change {
	var out []Change
	was := map[[2]string]string{}
	for _, t := range before {
		was[[2]string{t.Where, t.ID}] = t.Text
	}
	for _, t := range after {
		k := [2]string{t.Where, t.ID}
		if was[k] != t.Text {
			out = append(out, Change{t.Where, t.ID, was[k], t.Text})
		}
		delete(was, k)
	}
	for _, t := range before {
		if text, gone := was[[2]string{t.Where, t.ID}]; gone {
			out = append(out, Change{Where: t.Where, ID: t.ID, Before: text})
		}
	}
	return out
}

// ownTexts are the texts of policy itself: guides for windows, and what each channel says about each act.
type ownTexts struct{}

func (ownTexts) ReadOver(context.Context, string, []string) ([]PreviewText, error) { return nil, nil }

func (ownTexts) Texts(ctx context.Context, p *Service, in SetInput, at time.Time) ([]PreviewText, error) {
	var out []PreviewText
	for _, g := range actGuides {
		for _, by := range comers {
			ask := GuideInput{Act: g.act, By: by}
			if kind, code, scoped := in.Scope.parts(); scoped && kind == ByDistrict {
				ask.District = code
			} else if scoped && kind == ByBank {
				ask.Bank = code
			}
			guide, err := p.Guide(ctx, ask)
			if err != nil {
				return nil, err
			}
			id := string(g.act) + "." + string(by)
			out = append(out, PreviewText{"guide", id, guide.Sentence.Text}, PreviewText{"notice", "guide_sms." + id,
				"办理" + guide.Short() + "请带" + guide.ShortPapers() + ",到" + guide.ShortPlace(false) + "办理," + guide.ShortFee() + "。"})
			if guide.Priority.On() {
				out = append(out, PreviewText{"banner", "priority_groups", guide.Priority.Banner})
			}
		}
	}
	for _, a := range models.Acts {
		for _, c := range channels {
			one, err := p.publicAct(ctx, a.Act, c, at)
			if err != nil {
				return nil, err
			}
			out = append(out, PreviewText{"act", ModeKey(a.Act, c), one.says(c)})
		}
	}
	return out, nil
}

// says is what somebody on the channel reads or hears about the act.
func (a PublicAct) says(channel models.Channel) string {
	switch a.Mode {
	case models.ModeHere:
		return actWords[a.Act] + ":可在" + channelWords[channel] + "办理(核验要求:" + levelWords[a.Level] + ")。"
	case models.ModeHandOver:
		return actWords[a.Act] + ":请到" + a.HandOverName + "办理。" + ErrHandedOver.Message
	case models.ModeWindowOnly:
	}
	if banner := stoppedBanner(a.Act, channel, a.Mode); banner != "" {
		return banner
	}
	return windowOnly(a.Act, channel).Message
}

var levelWords = map[models.Level]string{
	models.LevelGuest: "不用登录", models.LevelPlatform: "登录", models.LevelPhone: "登记手机验证", models.LevelReal: "实人核验", models.LevelFresh: "十分钟内实人核验",
}

// rulesOf are the rules behind a setting.
func rulesOf(s Setting) []string { return strings.Fields(s.Rule) }
