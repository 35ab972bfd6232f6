package api

import (
	"context"
	"net/http"
	"time"

	"onecard/models"
	"onecard/models/hotline"
	"onecard/models/policy"
)

// Guides are the use cases of what to bring and where to go, and of the history of what is asked for.
type Guides interface {
	Guide(ctx context.Context, in policy.GuideInput) (policy.Guide, error)
	PrintGuide(ctx context.Context, in policy.GuideInput) ([]byte, error)
	History(ctx context.Context, key string) (policy.History, error)
}

// guideErrs are what asking for a guide may be refused with.
var guideErrs = []*models.Error{policy.ErrGuideUnknown, policy.ErrBankUnknown, policy.ErrOutletUnknown, policy.ErrOutletNotFor}

func (s *server) registerGuides() {
	register(s, op{
		Method: http.MethodGet, Path: "/v1/guides/{act}", ID: "showGuide", Summary: "All about one act at a window at once: papers, places, hours, fee, telephone (R18, R29, R30, R37, R45); no login",
		Audience: Public, Limit: LimitRead, Cacheable: true, Errs: guideErrs,
	}, s.showGuide)
	// Drawing costs more than reading: counted as a write, and by the hour.
	register(s, op{
		Method: http.MethodGet, Path: "/v1/guides/{act}/slip", ID: "printGuide", Summary: "The same on one sheet to take along, as PDF; it names nobody; no login",
		Audience: Public, Limit: LimitWrite, Hourly: 240, Cacheable: true, Produces: "application/pdf", Errs: append([]*models.Error{policy.ErrGuideNotPrinted}, guideErrs...),
	}, s.printGuide)
	register(s, op{
		Method: http.MethodGet, Path: "/v1/policies/history", ID: "showPolicyHistory", Summary: "What was decided about a public setting, and when: papers, fees, holidays, modes; no login",
		Audience: Public, Limit: LimitRead, Cacheable: true, Errs: []*models.Error{policy.ErrHistoryUnknown},
	}, s.showPolicyHistory)
	register(s, op{
		Method: http.MethodGet, Path: "/agent/v1/guides/{act}", ID: "sayGuide", Summary: "The same guide with what to say; consultation needs no identification",
		Audience: Agent, May: hotline.AnyStaff, Limit: LimitRead, Errs: guideErrs,
	}, s.sayGuide)
}

// GuidePath is what a guide is about. It holds nothing of a person.
type GuidePath struct {
	Act      string `path:"act" maxLength:"32" enum:"apply,collect,replace,loss,release,activate_social_security,activate_financial,financial_loss,financial_release,phone_change,binding_slip"`
	By       string `query:"by" enum:"self,delegate,guardian" default:"self" doc:"Who comes: the holder, a delegate 代办人, a child's guardian"`
	Holder   string `query:"holder" enum:"mainland,minor,hk_macao_taiwan,foreigner" default:"mainland" doc:"What kind of document proves the holder"`
	District string `query:"district" pattern:"^[0-9]{6}$" doc:"Whose outlets; left out: the whole city's"`
	Bank     string `query:"bank" maxLength:"12" doc:"Code of the bank on the card's face; without it nothing is listed for what only that bank does (R30, R39)"`
	Outlet   string `query:"outlet" maxLength:"64" doc:"The one to go to, where it is chosen"`
	Channel  string `query:"channel" enum:"wechat_mini,wechat_oa,alipay_mini,alipay_life" doc:"The door asked through: the answer then tells whether it can be done there"`
}

func (p GuidePath) input() policy.GuideInput {
	return policy.GuideInput{
		Act: policy.WindowAct(p.Act), By: policy.Comer(p.By), Holder: policy.HolderKind(p.Holder), District: p.District, Bank: p.Bank,
		Outlet: p.Outlet, Channel: models.Channel(p.Channel),
	}
}

type sentenceReply struct {
	ID   string `json:"id" doc:"Names the words: an agent quotes it; a changed sentence gets a new one"`
	Text string `json:"text" doc:"To be shown, and said, as it is"`
}

type guidePaperReply struct {
	Code  string `json:"code"`
	Label string `json:"label"`
	Hint  string `json:"hint,omitempty"`
}

type guideReply struct {
	Act      string            `json:"act"`
	Title    string            `json:"title"`
	By       string            `json:"by" enum:"self,delegate,guardian"`
	Holder   string            `json:"holder" enum:"mainland,minor,hk_macao_taiwan,foreigner"`
	Possible string            `json:"possible" enum:"yes,no,ask" doc:"no: who comes like this cannot have it done; ask: the rules do not say, 12333 does"`
	Sentence sentenceReply     `json:"sentence"`
	Papers   []guidePaperReply `json:"papers" nullable:"false"`
	Place    string            `json:"place" doc:"Where, in words"`
	OnlyBank bool              `json:"only_bank" doc:"The bank on the card's face and no other (R30, R39)"`
	Bank     *listedBankReply  `json:"bank,omitempty"`
	Outlets  []outletReply     `json:"outlets" nullable:"false" doc:"The chosen one, or a few"`
	More     bool              `json:"more" doc:"There are more: listOutlets with service, district and bank has them all"`
	FeeFen   int64             `json:"fee_fen"`
	Fee      string            `json:"fee" doc:"For people"`
	Note     string            `json:"note"`
	Hotline  string            `json:"hotline" doc:"12333"`
	Online   *policyActReply   `json:"online,omitempty" doc:"What the channel does with the same act; absent where no channel was asked about or it is done at windows only"`
	Priority *priorityReply    `json:"priority,omitempty" doc:"Only while windows serve five groups first (R22)"`
	Basis    guideBasisReply   `json:"basis" doc:"The decision about the papers that counts today"`
}

// GuideReply is guideReply where it is embedded.
type GuideReply = guideReply

type guideBasisReply struct {
	Key       string     `json:"key" doc:"Of showPolicyHistory"`
	Document  string     `json:"document,omitempty"`
	ValidFrom *time.Time `json:"valid_from,omitempty" doc:"Absent: as the service was delivered"`
}

type priorityReply struct {
	Banner   string               `json:"banner"`
	Question string               `json:"question"`
	Groups   []priorityGroupReply `json:"groups" doc:"The answers, each with what is then to be shown: which one is chosen is never sent to us"`
}

type priorityGroupReply struct {
	Code   string `json:"code" enum:"subsidy_recipient,new_pensioner,patient,elderly,urgent,none"`
	Label  string `json:"label"`
	First  bool   `json:"first" doc:"Served first"`
	Advice string `json:"advice"`
}

type guideOutput struct {
	ETag string `header:"ETag"`
	Body struct {
		GuideReply
		AsOf *time.Time `json:"as_of,omitempty" doc:"How fresh our copy of outlets and banks is"`
	}
}

func (s *server) showGuide(ctx context.Context, in *GuidePath) (*guideOutput, error) {
	g, err := s.Guides.Guide(ctx, in.input())
	if err != nil {
		return nil, err
	}
	out := &guideOutput{}
	out.Body.GuideReply = s.guideReply(g)
	out.ETag, out.Body.AsOf = s.etag(out.Body.GuideReply), instantOrNone(g.AsOf)
	return out, nil
}

func (s *server) printGuide(ctx context.Context, in *GuidePath) (*printStatementOutput, error) {
	out, err := s.Guides.PrintGuide(ctx, in.input())
	if err != nil {
		return nil, err
	}
	return &printStatementOutput{
		ETag: s.etagOf(out), Type: "application/pdf", Body: out, Disposition: `attachment; filename="guide-` + in.Act + `.pdf"`,
	}, nil
}

type sayGuideOutput struct {
	Body struct {
		GuideReply
		Say  []string   `json:"say" nullable:"false" doc:"Line by line; the sentence is the one that citizens read"`
		AsOf *time.Time `json:"as_of,omitempty"`
	}
}

// sayGuide is the citizen's guide, and the lines to say in order: whom windows serve first (R22), the sentence, the places.
func (s *server) sayGuide(ctx context.Context, in *GuidePath) (*sayGuideOutput, error) {
	g, err := s.Guides.Guide(ctx, in.input())
	if err != nil {
		return nil, err
	}
	out := &sayGuideOutput{}
	out.Body.GuideReply, out.Body.Say, out.Body.AsOf = s.guideReply(g), g.Script(), instantOrNone(g.AsOf)
	return out, nil
}

func (s *server) guideReply(g policy.Guide) guideReply {
	r := guideReply{
		Act: string(g.Act), Title: g.Title, By: string(g.By), Holder: string(g.Holder), Possible: string(g.Possible),
		Sentence: sentenceReply{g.Sentence.ID, g.Sentence.Text}, Papers: []guidePaperReply{}, Place: g.Place, OnlyBank: g.OnlyBank,
		Outlets: s.outletReplies(g.Outlets), More: g.More, FeeFen: int64(g.Fee), Fee: g.FeeWords(), Note: g.Note, Hotline: "12333",
		Basis: guideBasisReply{g.Basis.Key, g.Basis.Document, instantOrNone(g.Basis.ValidFrom)}, Priority: newPriorityReply(g.Priority),
	}
	for _, p := range g.Papers {
		r.Papers = append(r.Papers, guidePaperReply{p.Code, p.Label, p.Hint})
	}
	if g.Bank.Code != "" {
		r.Bank = &listedBankReply{g.Bank.Code, g.Bank.Name, g.Bank.Phone}
	}
	if g.Online.Act != "" {
		online := newPolicyActReply(g.Online)
		r.Online = &online
	}
	return r
}

func newPriorityReply(p policy.Priority) *priorityReply {
	if !p.On() {
		return nil
	}
	out := &priorityReply{Banner: p.Banner, Question: p.Question}
	for _, g := range p.Groups {
		out.Groups = append(out.Groups, priorityGroupReply(g))
	}
	return out
}

type policyHistoryInput struct {
	Key string `query:"key" required:"true" maxLength:"80" pattern:"^[a-z0-9_.]+$" doc:"A key of docs/policies.md, e.g. papers.release.delegate"`
}

type policyRowReply struct {
	Value     string    `json:"value"`
	Scope     string    `json:"scope" doc:"* or one district or bank"`
	ValidFrom time.Time `json:"valid_from"`
	Basis     string    `json:"basis" doc:"The document behind it"`
}

type policyHistoryOutput struct {
	ETag string `header:"ETag"`
	Body struct {
		Key     string           `json:"key"`
		Rule    string           `json:"rule"`
		Default string           `json:"default" doc:"What counts where nobody has decided"`
		Value   string           `json:"value" doc:"For the whole city, now"`
		Items   []policyRowReply `json:"items" nullable:"false" doc:"Every decision, the latest first; those to come too"`
	}
}

func (s *server) showPolicyHistory(ctx context.Context, in *policyHistoryInput) (*policyHistoryOutput, error) {
	h, err := s.Guides.History(ctx, in.Key)
	if err != nil {
		return nil, err
	}
	out := &policyHistoryOutput{}
	out.Body.Key, out.Body.Rule, out.Body.Default, out.Body.Value, out.Body.Items = h.Key, h.Rule, h.Default, h.Value, []policyRowReply{}
	for _, r := range h.Rows {
		out.Body.Items = append(out.Body.Items, policyRowReply{r.Value, string(r.Scope), r.ValidFrom, r.Basis})
	}
	out.ETag = s.etag(out.Body)
	return out, nil
}
