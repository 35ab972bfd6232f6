package notice

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"onecard/models"
	"onecard/models/audit"
)

// PeopleMost is how many people one request brings to a list.
const PeopleMost = 5000

// startWithin is how far ahead a campaign may be set: what was approved is not forgotten until then.
const startWithin = 30 * 24 * time.Hour

// CampaignView is a campaign as staff see it; nobody is named.
type CampaignView struct {
	Campaign
	Text   string          // what people read
	Counts []CampaignCount // of Show only
}

// DraftInput is a new campaign.
type DraftInput struct {
	Kind      Kind
	ByDate    models.Date
	Rule      CampaignRule
	PerMinute int // 0: as many as policy allows
	StartAt   time.Time
	Note      string
}

// Draft writes a campaign down. Its people are picked in the background, or brought by AddPeople; nobody is told before a
// second person approves. INVALID_INPUT for what does not fit, by field.
func (s *Campaigns) Draft(ctx context.Context, by models.Actor, in DraftInput) (CampaignView, error) {
	staff, err := s.Staff(ctx, by)
	if err != nil {
		return CampaignView{}, err
	}
	now := s.Clock.Now()
	most, err := s.MostRate(ctx, now)
	if err != nil {
		return CampaignView{}, err
	}
	in.Note, in.Rule.Township = strings.TrimSpace(in.Note), strings.TrimSpace(in.Rule.Township)
	wrong := in.wrong(staff, most, now)
	if c := (Campaign{ByDate: in.ByDate, StartAt: in.StartAt}); len(wrong) == 0 && c.lateAt(s.next(c, now)) {
		wrong = append(wrong, models.FieldError{Field: "start_at", Code: "TOO_LATE", Message: "开始发送的日期须早于办理期限;晚间不发送,顺延到次日。"})
	}
	if len(wrong) > 0 {
		return CampaignView{}, models.InvalidInput(wrong...)
	}
	if in.PerMinute == 0 {
		in.PerMinute = most
	}
	c := Campaign{
		ID: models.NewID(), Kind: in.Kind, ByDate: in.ByDate, Rule: in.Rule, PerMinute: in.PerMinute, StartAt: in.StartAt, Note: in.Note,
		State: CampaignDraft, Gathered: in.Rule.Listed, CreatedBy: by.ID, CreatedAt: now,
	}
	err = s.Store.InTx(ctx, func(ctx context.Context) error {
		prior, err := s.Store.Remember(ctx, by, "campaigns", string(c.ID))
		if err != nil {
			return err
		}
		if prior != "" {
			c, err = s.seen(ctx, staff, models.ID(prior))
			return err
		}
		if err := s.Store.AddCampaign(ctx, c); err != nil {
			return err
		}
		return s.record(ctx, by, c, "drafted")
	})
	if err != nil {
		return CampaignView{}, err
	}
	return viewOf(c), nil
}

var districtForm = regexp.MustCompile(`^\d{6}$`)

// wrong names what does not fit.
func (in DraftInput) wrong(staff CampaignStaff, most int, now time.Time) []models.FieldError {
	var out []models.FieldError
	bad := func(field, code, say string) {
		out = append(out, models.FieldError{Field: field, Code: code, Message: say})
	}
	r := in.Rule
	if !slices.Contains(CampaignKinds(), in.Kind) {
		bad("kind", "UNKNOWN", "请从列出的提醒中选择。")
	}
	if in.Kind.dated() != (in.ByDate != "") || in.ByDate != "" && in.ByDate <= models.DateOf(now) {
		bad("by_date", "UNFIT", "这项提醒写明办理期限的,请填写今天以后的日期;不写期限的请留空。")
	}
	switch {
	case r.District != "" && !districtForm.MatchString(r.District):
		bad("district", "FORM", "请填写6位区县代码。")
	case staff.District != "" && r.District != staff.District:
		bad("district", "NOT_YOURS", "只能选择您业务范围内的区县。")
	}
	if r.Township != "" && r.District == "" || utf8.RuneCountInString(r.Township) > 64 {
		bad("township", "UNFIT", "选择乡镇(街道)时请同时选择区县。")
	}
	if !slices.Contains(CardFacts, r.Card) {
		bad("card", "UNKNOWN", "请从列出的社保卡情况中选择。")
	}
	if in.PerMinute < 0 || in.PerMinute > most {
		bad("per_minute", "TOO_MANY", "每分钟人数超过允许的上限,请改小。")
	}
	if !in.StartAt.IsZero() && (in.StartAt.Before(now) || in.StartAt.After(now.Add(startWithin))) {
		bad("start_at", "UNFIT", "开始时间请选择今后30天内。")
	}
	if n := utf8.RuneCountInString(in.Note); n < 4 || n > 500 {
		bad("note", "LENGTH", "请用4至500字说明依据。")
	}
	return out
}

// AddPeople brings people to the list of a draft, by the ids we know them by. Who is not of the rule, or is there already,
// changes nothing. ErrCampaignNotOwn for another than who drafted it, ErrCampaignState once it was approved.
func (s *Campaigns) AddPeople(ctx context.Context, by models.Actor, id models.ID, people []models.ID) (CampaignView, error) {
	if len(people) == 0 || len(people) > PeopleMost {
		return CampaignView{}, models.InvalidInput(models.FieldError{Field: "people", Code: "COUNT", Message: "每次请提交1至5000人。"})
	}
	return s.act(ctx, by, id, func(ctx context.Context, c Campaign) error {
		switch {
		case c.State != CampaignDraft || !c.Rule.Listed:
			return ErrCampaignState
		case c.CreatedBy != by.ID:
			return ErrCampaignNotOwn
		}
		n, err := s.Store.AddPeople(ctx, c, people)
		if err != nil || n == 0 {
			return err
		}
		c.Planned += n
		if err := s.Store.SaveCampaign(ctx, c, CampaignDraft); err != nil {
			return err
		}
		return s.record(ctx, by, c, "people_added")
	})
}

// List shows campaigns, the newest first, before the given id, within the district of who asks.
func (s *Campaigns) List(ctx context.Context, by models.Actor, before models.ID, limit int) (list []CampaignView, more bool, err error) {
	staff, err := s.Staff(ctx, by)
	if err != nil {
		return nil, false, err
	}
	found, err := s.Store.Campaigns(ctx, staff.District, before, limit+1)
	if err != nil {
		return nil, false, err
	}
	if more = len(found) > limit; more {
		found = found[:limit]
	}
	for _, c := range found {
		list = append(list, viewOf(c))
	}
	return list, more, nil
}

// Show is one campaign with what became of its messages.
func (s *Campaigns) Show(ctx context.Context, by models.Actor, id models.ID) (CampaignView, error) {
	staff, err := s.Staff(ctx, by)
	if err != nil {
		return CampaignView{}, err
	}
	c, err := s.seen(ctx, staff, id)
	if err != nil {
		return CampaignView{}, err
	}
	v := viewOf(c)
	v.Counts, err = s.Store.CampaignCounts(ctx, id)
	return v, err
}

func viewOf(c Campaign) CampaignView {
	spec, _ := SpecOf(c.Kind)
	return CampaignView{Campaign: c, Text: spec.Render(c.draft("", c.StartAt).Params)}
}

// seen reads a campaign that the member of staff may see; another's is not found.
func (s *Campaigns) seen(ctx context.Context, staff CampaignStaff, id models.ID) (Campaign, error) {
	if _, err := models.ParseID(string(id)); err != nil {
		return Campaign{}, ErrCampaignNotFound
	}
	c, err := s.Store.Campaign(ctx, id)
	if errors.Is(err, models.ErrNotFound) || err == nil && staff.District != "" && staff.District != c.Rule.District {
		return Campaign{}, ErrCampaignNotFound
	}
	return c, err
}

// act runs one act on one campaign in one commit; a repeat of the request answers with the campaign as it is. The answer is
// read in that commit and counts no messages: nothing that takes long, or fails, comes between an act and its answer.
func (s *Campaigns) act(ctx context.Context, by models.Actor, id models.ID, do func(ctx context.Context, c Campaign) error) (CampaignView, error) {
	staff, err := s.Staff(ctx, by)
	if err != nil {
		return CampaignView{}, err
	}
	var c Campaign
	err = s.Store.InTx(ctx, func(ctx context.Context) error {
		prior, err := s.Store.Remember(ctx, by, "campaigns", string(id))
		if err != nil {
			return err
		}
		if c, err = s.seen(ctx, staff, id); err != nil || prior != "" {
			return err
		}
		if err := do(ctx, c); err != nil {
			return err
		}
		c, err = s.seen(ctx, staff, id)
		return err
	})
	if err != nil {
		return CampaignView{}, err
	}
	return viewOf(c), nil
}

func (s *Campaigns) record(ctx context.Context, by models.Actor, c Campaign, what string) error {
	e := audit.Of(by, s.Clock.Now(), "notice.campaign."+what, "campaigns", string(c.ID), what).Noting("kind", string(c.Kind))
	if c.EndReason != "" {
		e = e.Noting("reason", c.EndReason)
	}
	return s.Store.RecordAudit(ctx, e)
}
