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
	ValidFrom    string `json:"valid_from"`
	ValidTo      string `json:"valid_to,omitempty"`
}

type listProgrammesInput struct {
	On string `query:"on" maxLength:"10" doc:"A day, 2006-01-02; today where it is left out"`
}

type listProgrammesOutput struct {
	ETag string `header:"ETag"`
	Body struct {
		On       string           `json:"on"`
		Official string           `json:"official_copy" doc:"Where the list is published"`
		Items    []programmeReply `json:"items" nullable:"false"`
		AsOf     *time.Time       `json:"as_of,omitempty"`
	}
}

func (s *server) listProgrammes(ctx context.Context, in *listProgrammesInput) (*listProgrammesOutput, error) {
	on := models.Date("")
	if in.On != "" {
		day, err := models.ParseDate(in.On)
		if err != nil {
			return nil, errDay
		}
		on = day
	}
	c, err := s.Subsidies.Programmes(ctx, on)
	if err != nil {
		return nil, err
	}
	out := &listProgrammesOutput{}
	out.Body.On, out.Body.Official, out.Body.Items = string(c.On), subsidy.OfficialList, []programmeReply{}
	for _, p := range c.Programmes {
		out.Body.Items = append(out.Body.Items, programmeReply{
			p.Code, p.Edition, p.Number, p.Name, p.ShortName, p.Domain, p.Department, p.PayeeKind, p.Cadence, p.District, p.PolicyDoc, p.OfficialLink,
			string(p.ValidFrom), string(p.ValidTo),
		})
	}
	out.ETag, out.Body.AsOf = s.etag(out.Body), instantOrNone(c.AsOf)
	return out, nil
}
