package api

import (
	"context"
	"net/http"
	"time"

	"onecard/models"
	"onecard/models/subsidy"
)

// Programmes are the use cases of the public catalogue.
type Programmes interface {
	Programmes(ctx context.Context, q subsidy.CatalogueQuery) (subsidy.Catalogue, error)
	Programme(ctx context.Context, code string, on models.Date) (subsidy.Programme, time.Time, error)
	ProgrammeHistory(ctx context.Context, code string) ([]subsidy.Edition, time.Time, error)
	WholeCatalogue(ctx context.Context) ([]subsidy.Programme, time.Time, error)
}

func (s *server) registerProgrammes() {
	register(s, op{
		Method: http.MethodGet, Path: "/v1/programmes", ID: "listProgrammes", Summary: "The public list of programmes valid on a day (R6); no login",
		Audience: Public, Limit: LimitRead, Cacheable: true, Errs: []*models.Error{errDay},
	}, s.listProgrammes)
	register(s, op{
		Method: http.MethodGet, Path: "/v1/programmes/{code}", ID: "getProgramme", Summary: "One programme as it is valid on a day; no login",
		Audience: Public, Limit: LimitRead, Cacheable: true, Errs: []*models.Error{errDay, subsidy.ErrProgrammeNotFound},
	}, s.getProgramme)
	register(s, op{
		Method: http.MethodGet, Path: "/v1/programmes/{code}/history", ID: "showProgrammeHistory",
		Summary: "The versions of one programme and what each changed (R9); no login", Audience: Public, Limit: LimitRead, Cacheable: true,
		Errs: []*models.Error{subsidy.ErrProgrammeNotFound},
	}, s.showProgrammeHistory)
	s.registerProgrammeFiles()
}

var errDay = models.NewError(models.Invalid, "DATE_INVALID", "请选择正确的日期;如有疑问请拨打12333。")

type programmeReply struct {
	Code           string `json:"code"`
	Edition        int    `json:"edition" doc:"Which version of the item; payments keep the one they were paid under (R9)"`
	Number         int    `json:"number" doc:"1 to 45; 0 for a local item outside the list (R10)"`
	Name           string `json:"name"`
	ShortName      string `json:"short_name"`
	SMSName        string `json:"sms_name" doc:"What lists and messages call it; neutral where the programme is sensitive (R55)"`
	Domain         string `json:"domain"`
	DomainLabel    string `json:"domain_label" doc:"In Chinese"`
	Department     string `json:"department"`
	PayeeKind      string `json:"payee_kind" doc:"individual, household, either"`
	PayeeKindLabel string `json:"payee_kind_label"`
	Cadence        string `json:"cadence" doc:"monthly, quarterly, termly, yearly, once"`
	CadenceLabel   string `json:"cadence_label"`
	Sensitivity    string `json:"sensitivity" enum:"normal,medium,high" doc:"Where its name may be shown (R55); the class that counts"`
	District       string `json:"district,omitempty" doc:"Of a local item"`
	PolicyDoc      string `json:"policy_document" doc:"The legal basis"`
	OfficialLink   string `json:"official_link"`
	PublishedOn    string `json:"published_on"`
	ValidFrom      string `json:"valid_from"`
	ValidTo        string `json:"valid_to,omitempty" doc:"Its last day; left out while it is in force"`
}

type listProgrammesInput struct {
	On         string `query:"on" maxLength:"10" doc:"A day, 2006-01-02; today where it is left out"`
	Text       string `query:"q" maxLength:"60" doc:"Words; each is part of a name, a domain, a department or a code"`
	Domain     string `query:"domain" maxLength:"32" doc:"A domain's code, e.g. education"`
	Department string `query:"department" maxLength:"40" doc:"Part of a department's name"`
	PayeeKind  string `query:"payee_kind" enum:"individual,household,either"`
}

type listProgrammesOutput struct {
	ETag string `header:"ETag"`
	Body struct {
		On          string           `json:"on"`
		VersionDate string           `json:"version_date" doc:"When the newest version in it was published"`
		Official    string           `json:"official_copy" doc:"Where the list is published"`
		Source      string           `json:"source" enum:"registry,shipped" doc:"shipped: the copy of the start version, until the registry was heard"`
		Items       []programmeReply `json:"items" nullable:"false" doc:"The items of the list, by number"`
		Local       []programmeReply `json:"local_items" nullable:"false" doc:"Paid through the card without being in the list (R10)"`
		AsOf        *time.Time       `json:"as_of,omitempty"`
	}
}

// dayOf reads a day of a query; empty is empty.
func dayOf(text string) (models.Date, error) {
	if text == "" {
		return "", nil
	}
	day, err := models.ParseDate(text)
	if err != nil {
		return "", errDay
	}
	return day, nil
}

func (s *server) listProgrammes(ctx context.Context, in *listProgrammesInput) (*listProgrammesOutput, error) {
	day, err := dayOf(in.On)
	if err != nil {
		return nil, err
	}
	c, err := s.Subsidies.Programmes(ctx, subsidy.CatalogueQuery{
		On: day, Text: in.Text, Domain: in.Domain, Department: in.Department, PayeeKind: in.PayeeKind,
	})
	if err != nil {
		return nil, err
	}
	out := &listProgrammesOutput{}
	out.Body.On, out.Body.VersionDate, out.Body.Official = string(c.On), string(c.VersionDate), subsidy.OfficialList
	out.Body.Source = sourceOf(c.Shipped)
	out.Body.Items, out.Body.Local = programmeReplies(c.Programmes), programmeReplies(c.Local)
	out.ETag, out.Body.AsOf = s.etag(out.Body), instantOrNone(c.AsOf)
	return out, nil
}

func sourceOf(shipped bool) string {
	if shipped {
		return "shipped"
	}
	return "registry"
}

func newProgrammeReply(p subsidy.Programme) programmeReply {
	return programmeReply{
		Code: p.Code, Edition: p.Edition, Number: p.Number, Name: p.Name, ShortName: p.ShortName, SMSName: p.NeutralName(), Domain: p.Domain,
		DomainLabel: p.DomainLabel(), Department: p.Department, PayeeKind: p.PayeeKind, PayeeKindLabel: p.PayeeKindLabel(), Cadence: p.Cadence,
		CadenceLabel: p.CadenceLabel(), Sensitivity: string(p.Class()), District: p.District, PolicyDoc: p.PolicyDoc, OfficialLink: p.OfficialLink,
		PublishedOn: string(p.PublishedOn), ValidFrom: string(p.ValidFrom), ValidTo: string(p.ValidTo),
	}
}

func programmeReplies(list []subsidy.Programme) []programmeReply {
	out := make([]programmeReply, len(list))
	for i, p := range list {
		out[i] = newProgrammeReply(p)
	}
	return out
}

type getProgrammeInput struct {
	Code string `path:"code" maxLength:"32"`
	On   string `query:"on" maxLength:"10" doc:"A day, 2006-01-02; today where it is left out"`
}

type getProgrammeOutput struct {
	ETag string `header:"ETag"`
	Body struct {
		ProgrammeReply
		Official string     `json:"official_copy" doc:"Where the list is published"`
		Source   string     `json:"source" enum:"registry,shipped"`
		AsOf     *time.Time `json:"as_of,omitempty"`
	}
}

func (s *server) getProgramme(ctx context.Context, in *getProgrammeInput) (*getProgrammeOutput, error) {
	day, err := dayOf(in.On)
	if err != nil {
		return nil, err
	}
	p, asOf, err := s.Subsidies.Programme(ctx, in.Code, day)
	if err != nil {
		return nil, err
	}
	out := &getProgrammeOutput{}
	out.Body.ProgrammeReply, out.Body.Official, out.Body.Source = newProgrammeReply(p), subsidy.OfficialList, sourceOf(p.Shipped)
	out.ETag, out.Body.AsOf = s.etag(out.Body), instantOrNone(asOf)
	return out, nil
}

type changeReply struct {
	Field  string `json:"field"`
	Label  string `json:"label" doc:"The field in Chinese"`
	Before string `json:"before"`
	After  string `json:"after"`
}

type editionReply struct {
	ProgrammeReply
	Changes []changeReply `json:"changes" nullable:"false" doc:"Against the version before; none in the first"`
}

type showProgrammeHistoryInput struct {
	Code string `path:"code" maxLength:"32"`
}

type showProgrammeHistoryOutput struct {
	ETag string `header:"ETag"`
	Body struct {
		Editions []editionReply `json:"editions" nullable:"false" doc:"Oldest first"`
		AsOf     *time.Time     `json:"as_of,omitempty"`
	}
}

func (s *server) showProgrammeHistory(ctx context.Context, in *showProgrammeHistoryInput) (*showProgrammeHistoryOutput, error) {
	editions, asOf, err := s.Subsidies.ProgrammeHistory(ctx, in.Code)
	if err != nil {
		return nil, err
	}
	out := &showProgrammeHistoryOutput{}
	for _, e := range editions {
		one := editionReply{newProgrammeReply(e.Programme), []changeReply{}}
		for _, c := range e.Changes {
			one.Changes = append(one.Changes, changeReply(c))
		}
		out.Body.Editions = append(out.Body.Editions, one)
	}
	out.ETag, out.Body.AsOf = s.etag(out.Body), instantOrNone(asOf)
	return out, nil
}
