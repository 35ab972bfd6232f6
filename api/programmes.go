package api

import (
	"context"
	"net/http"
	"time"

	"onecard/models"
	"onecard/models/subsidy"
)

func (s *server) registerProgrammes() {
	register(s, op{
		Method: http.MethodGet, Path: "/v1/programmes", ID: "listProgrammes", Summary: "The public list of programmes valid on a day (R6); no login",
		Audience: Public, Limit: LimitRead, Cacheable: true, Errs: []*models.Error{errDay},
	}, s.listProgrammes)
}

var errDay = models.NewError(models.Invalid, "DATE_INVALID", "请选择正确的日期;如有疑问请拨打12333。")

type programmeReply struct {
	Code         string `json:"code"`
	Edition      int    `json:"edition" doc:"Which version of the item; payments keep the one they were paid under (R9)"`
	Number       int    `json:"number" doc:"1 to 45; 0 for a local item outside the list (R10)"`
	Name         string `json:"name"`
	ShortName    string `json:"short_name"`
	Domain       string `json:"domain"`
	Department   string `json:"department"`
	PayeeKind    string `json:"payee_kind" doc:"individual, household, either"`
	Cadence      string `json:"cadence"`
	District     string `json:"district,omitempty" doc:"Of a local item"`
	PolicyDoc    string `json:"policy_document"`
	OfficialLink string `json:"official_link"`
	PublishedOn  string `json:"published_on"`
	ValidFrom    string `json:"valid_from"`
	ValidTo      string `json:"valid_to,omitempty"`
}

type listProgrammesInput struct {
	On   string `query:"on" maxLength:"10" doc:"A day, 2006-01-02; today where it is left out"`
	Text string `query:"q" maxLength:"60" doc:"Part of a name, a department or a code"`
}

type listProgrammesOutput struct {
	ETag string `header:"ETag"`
	Body struct {
		On          string           `json:"on"`
		VersionDate string           `json:"version_date" doc:"When the newest version in it was published"`
		Official    string           `json:"official_copy" doc:"Where the list is published"`
		Items       []programmeReply `json:"items" nullable:"false" doc:"The items of the list, by number"`
		Local       []programmeReply `json:"local_items" nullable:"false" doc:"Paid through the card without being in the list (R10)"`
		AsOf        *time.Time       `json:"as_of,omitempty"`
	}
}

func (s *server) listProgrammes(ctx context.Context, in *listProgrammesInput) (*listProgrammesOutput, error) {
	q := subsidy.CatalogueQuery{Text: in.Text}
	if in.On != "" {
		day, err := models.ParseDate(in.On)
		if err != nil {
			return nil, errDay
		}
		q.On = day
	}
	c, err := s.Subsidies.Programmes(ctx, q)
	if err != nil {
		return nil, err
	}
	out := &listProgrammesOutput{}
	out.Body.On, out.Body.VersionDate, out.Body.Official = string(c.On), string(c.VersionDate), subsidy.OfficialList
	out.Body.Items, out.Body.Local = programmeReplies(c.Programmes), programmeReplies(c.Local)
	out.ETag, out.Body.AsOf = s.etag(out.Body), instantOrNone(c.AsOf)
	return out, nil
}

func programmeReplies(list []subsidy.Programme) []programmeReply {
	out := make([]programmeReply, len(list))
	for i, p := range list {
		out[i] = programmeReply{
			p.Code, p.Edition, p.Number, p.Name, p.ShortName, p.Domain, p.Department, p.PayeeKind, p.Cadence, p.District, p.PolicyDoc, p.OfficialLink,
			string(p.PublishedOn), string(p.ValidFrom), string(p.ValidTo),
		}
	}
	return out
}
