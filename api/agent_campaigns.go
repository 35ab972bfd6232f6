package api

import (
	"context"
	"net/http"
	"time"

	"onecard/models"
	"onecard/models/hotline"
	"onecard/models/notice"
)

// Campaigns are the use cases of staff who send a fixed reminder to many; two people decide.
type Campaigns interface {
	Draft(ctx context.Context, by models.Actor, in notice.DraftInput) (notice.CampaignView, error)
	AddPeople(ctx context.Context, by models.Actor, id models.ID, people []models.ID) (notice.CampaignView, error)
	List(ctx context.Context, by models.Actor, before models.ID, limit int) (list []notice.CampaignView, more bool, err error)
	Show(ctx context.Context, by models.Actor, id models.ID) (notice.CampaignView, error)
	Approve(ctx context.Context, by models.Actor, id models.ID, in notice.ApproveCampaignInput) (notice.CampaignView, error)
	Pause(ctx context.Context, by models.Actor, id models.ID, reason string) (notice.CampaignView, error)
	Resume(ctx context.Context, by models.Actor, id models.ID) (notice.CampaignView, error)
	Cancel(ctx context.Context, by models.Actor, id models.ID, reason string) (notice.CampaignView, error)
}

// peopleBody is room for as many ids as one request brings.
const peopleBody = 256 << 10

func (s *server) registerAgentCampaigns() {
	refusals := func(more ...*models.Error) []*models.Error {
		return append([]*models.Error{hotline.ErrNotPermitted, notice.ErrCampaignNotFound, models.ErrConflict, notice.ErrCampaignState}, more...)
	}
	post := func(path, id, summary string, body int64, errs ...*models.Error) op {
		return op{
			Method: http.MethodPost, Path: "/agent/v1/campaigns/{campaign_id}/" + path, ID: id, Summary: summary,
			Audience: Agent, May: hotline.MayCampaign, Limit: LimitWrite, Statuses: []int{http.StatusOK}, BodyLimit: body, Errs: refusals(errs...),
		}
	}
	register(s, op{
		Method: http.MethodGet, Path: "/agent/v1/campaigns", ID: "listCampaigns", Summary: "Reminders to many, the newest first",
		Audience: Agent, May: hotline.MayCampaign, Limit: LimitRead, Errs: []*models.Error{hotline.ErrNotPermitted},
	}, s.listCampaigns)
	register(s, op{
		Method: http.MethodPost, Path: "/agent/v1/campaigns", ID: "draftCampaign", Summary: "Draft one: a filed text, and the rule of who is told",
		Audience: Agent, May: hotline.MayCampaign, Limit: LimitWrite, Statuses: []int{http.StatusCreated}, Errs: []*models.Error{hotline.ErrNotPermitted},
	}, s.draftCampaign)
	register(s, op{
		Method: http.MethodGet, Path: "/agent/v1/campaigns/{campaign_id}", ID: "getCampaign", Summary: "One of them, and what became of its messages",
		Audience: Agent, May: hotline.MayCampaign, Limit: LimitRead, Errs: []*models.Error{hotline.ErrNotPermitted, notice.ErrCampaignNotFound},
	}, s.getCampaign)
	register(s, post("people", "addCampaignPeople", "Bring people to the list of one's own draft", peopleBody, notice.ErrCampaignNotOwn), s.addCampaignPeople)
	register(s, post("approvals", "approveCampaign", "Approve or decline what another person drafted", 0,
		notice.ErrCampaignSecond, notice.ErrCampaignUnready, notice.ErrCampaignChanged, notice.ErrCampaignLate), s.approveCampaign)
	register(s, post("pauses", "pauseCampaign", "Keep back whatever was not handed over yet", 0), s.pauseCampaign)
	register(s, post("resumptions", "resumeCampaign", "Go on after a pause", 0, notice.ErrCampaignLate), s.resumeCampaign)
	register(s, post("cancellations", "cancelCampaign", "End it for good", 0), s.cancelCampaign)
}

type campaignCountReply struct {
	State  string `json:"state" doc:"Of messages: queued, held, submitting, submitted, delivered, failed, unknown, expired, suppressed"`
	Reason string `json:"reason,omitempty" doc:"Code"`
	Count  int    `json:"count"`
}

type campaignReply struct {
	CampaignID string               `json:"campaign_id"`
	Kind       string               `json:"kind" enum:"campaign_renewal,campaign_certification"`
	Text       string               `json:"text" doc:"What people read"`
	State      string               `json:"state" enum:"draft,approved,running,paused,done,cancelled"`
	Gathering  bool                 `json:"gathering" doc:"Its people are still being picked"`
	District   string               `json:"district,omitempty"`
	Township   string               `json:"township,omitempty"`
	Card       string               `json:"card,omitempty"`
	Listed     bool                 `json:"listed"`
	PerMinute  int                  `json:"per_minute"`
	StartAt    *time.Time           `json:"start_at,omitempty"`
	Note       string               `json:"note"`
	Planned    int                  `json:"planned" doc:"People on the list; an approval names it"`
	Told       int                  `json:"told" doc:"People who have it in their inbox"`
	LeftOut    int                  `json:"left_out" doc:"People of whom the text was not true any more"`
	Messages   []campaignCountReply `json:"messages" nullable:"false" doc:"Where one is read, not in lists and answers to acts. One person's message may be tried on several channels"`
	DraftedBy  string               `json:"drafted_by" doc:"Of the staff"`
	DraftedAt  time.Time            `json:"drafted_at"`
	ApprovedBy string               `json:"approved_by,omitempty"`
	ApprovedAt *time.Time           `json:"approved_at,omitempty"`
	Reason     string               `json:"reason,omitempty" doc:"Why it was paused or cancelled"`
	ClosedAt   *time.Time           `json:"closed_at,omitempty" doc:"Nothing of it is on its way any more"`
}

func newCampaignReply(v notice.CampaignView) campaignReply {
	r := campaignReply{
		CampaignID: string(v.ID), Kind: string(v.Kind), Text: v.Text, State: string(v.State), Gathering: !v.Gathered, District: v.Rule.District, Township: v.Rule.Township,
		Card: string(v.Rule.Card), Listed: v.Rule.Listed, PerMinute: v.PerMinute, StartAt: instantOrNone(v.StartAt), Note: v.Note, Planned: v.Planned, Told: v.Queued,
		LeftOut: v.Skipped, Messages: []campaignCountReply{}, DraftedBy: string(v.CreatedBy), DraftedAt: v.CreatedAt, ApprovedBy: string(v.ApprovedBy),
		ApprovedAt: instantOrNone(v.ApprovedAt), Reason: v.EndReason, ClosedAt: instantOrNone(v.ClosedAt),
	}
	for _, n := range v.Counts {
		r.Messages = append(r.Messages, campaignCountReply{string(n.State), n.Reason, n.Count})
	}
	return r
}

type campaignOutput struct{ Body campaignReply }

func campaignOut(v notice.CampaignView, err error) (*campaignOutput, error) {
	if err != nil {
		return nil, err
	}
	return &campaignOutput{newCampaignReply(v)}, nil
}

type listCampaignsOutput struct{ Body list[campaignReply] }

func (s *server) listCampaigns(ctx context.Context, in *Page) (*listCampaignsOutput, error) {
	before, err := s.place(ctx, "", in.Cursor)
	if err != nil {
		return nil, err
	}
	found, more, err := s.Campaigns.List(ctx, actorFrom(ctx), models.ID(before), in.Limit)
	if err != nil {
		return nil, err
	}
	items, next := make([]campaignReply, len(found)), ""
	for i, v := range found {
		items[i] = newCampaignReply(v)
	}
	if more {
		next = s.cursor(ctx, "", string(found[len(found)-1].ID))
	}
	return &listCampaignsOutput{listOf(items, next)}, nil
}

type draftCampaignInput struct {
	Body struct {
		Kind      string     `json:"kind" enum:"campaign_renewal,campaign_certification"`
		ByDate    string     `json:"by_date,omitempty" maxLength:"10" doc:"For a text that names a day: 2021-12-31"`
		District  string     `json:"district,omitempty" maxLength:"6" doc:"Six digits; left out: the whole city"`
		Township  string     `json:"township,omitempty" maxLength:"64" doc:"Of that district: who declared a subsidy there"`
		Card      string     `json:"card,omitempty" enum:"uncollected,inactive,in_hand,none" doc:"Left out: whatever her card"`
		Listed    bool       `json:"listed,omitempty" doc:"Only people of a list that is brought afterwards"`
		PerMinute int        `json:"per_minute,omitempty" doc:"People a minute; left out: as many as policy allows"`
		StartAt   *time.Time `json:"start_at,omitempty" doc:"Left out: once it is approved"`
		Note      string     `json:"note" maxLength:"2000" doc:"4 to 500 characters: why, and on which papers"`
	}
}

func (s *server) draftCampaign(ctx context.Context, in *draftCampaignInput) (*campaignOutput, error) {
	b := in.Body
	d := notice.DraftInput{
		Kind: notice.Kind(b.Kind), PerMinute: b.PerMinute, Note: b.Note,
		Rule: notice.CampaignRule{District: b.District, Township: b.Township, Card: notice.CardFact(b.Card), Listed: b.Listed},
	}
	if b.StartAt != nil {
		d.StartAt = *b.StartAt
	}
	if b.ByDate != "" {
		day, err := models.ParseDate(b.ByDate)
		if err != nil {
			return nil, models.InvalidInput(models.FieldError{Field: "by_date", Code: "FORM", Message: "请填写形如2021-12-31的日期。"})
		}
		d.ByDate = day
	}
	return campaignOut(s.Campaigns.Draft(ctx, actorFrom(ctx), d))
}

// CampaignPath names the campaign of the path.
type CampaignPath struct {
	CampaignID string `path:"campaign_id" maxLength:"36" format:"uuid"`
}

func (p CampaignPath) id() models.ID { return models.ID(p.CampaignID) }

func (s *server) getCampaign(ctx context.Context, in *CampaignPath) (*campaignOutput, error) {
	return campaignOut(s.Campaigns.Show(ctx, actorFrom(ctx), in.id()))
}

type addCampaignPeopleInput struct {
	CampaignPath
	Body struct {
		People []string `json:"people" minItems:"1" maxItems:"5000" nullable:"false" doc:"Our ids of people; who is not of the rule is left out"`
	}
}

func (s *server) addCampaignPeople(ctx context.Context, in *addCampaignPeopleInput) (*campaignOutput, error) {
	people := make([]models.ID, len(in.Body.People))
	for i, text := range in.Body.People {
		id, err := models.ParseID(text)
		if err != nil {
			return nil, models.InvalidInput(models.FieldError{Field: "people", Code: "FORM", Message: "名单中只能填写系统内的人员编号。"})
		}
		people[i] = id
	}
	return campaignOut(s.Campaigns.AddPeople(ctx, actorFrom(ctx), in.id(), people))
}

type approveCampaignInput struct {
	CampaignPath
	Body struct {
		Approve bool `json:"approve" doc:"false declines: it is cancelled"`
		Planned int  `json:"planned,omitempty" doc:"People, as looked at; an approval of another number is refused"`
	}
}

func (s *server) approveCampaign(ctx context.Context, in *approveCampaignInput) (*campaignOutput, error) {
	return campaignOut(s.Campaigns.Approve(ctx, actorFrom(ctx), in.id(), notice.ApproveCampaignInput{Approve: in.Body.Approve, Planned: in.Body.Planned}))
}

type stopCampaignInput struct {
	CampaignPath
	Body struct {
		Reason string `json:"reason" enum:"wrong_people,wrong_text,complaints,vendor_trouble,declined,other"`
	}
}

func (s *server) pauseCampaign(ctx context.Context, in *stopCampaignInput) (*campaignOutput, error) {
	return campaignOut(s.Campaigns.Pause(ctx, actorFrom(ctx), in.id(), in.Body.Reason))
}

func (s *server) resumeCampaign(ctx context.Context, in *CampaignPath) (*campaignOutput, error) {
	return campaignOut(s.Campaigns.Resume(ctx, actorFrom(ctx), in.id()))
}

func (s *server) cancelCampaign(ctx context.Context, in *stopCampaignInput) (*campaignOutput, error) {
	return campaignOut(s.Campaigns.Cancel(ctx, actorFrom(ctx), in.id(), in.Body.Reason))
}
