package api

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"onecard/models"
	"onecard/models/policy"
)

// Outlets are the use cases this file and outlets_near.go call.
type Outlets interface {
	FindOutlets(ctx context.Context, in policy.FindOutletsInput) (policy.FoundOutlets, error)
	FindNear(ctx context.Context, in policy.FindNearInput) (policy.FoundOutlets, error)
	ShowOutlet(ctx context.Context, ref string) (policy.ShownOutlet, error)
}

func (s *server) registerOutlets() {
	register(s, op{
		Method: http.MethodGet, Path: "/v1/outlets", ID: "listOutlets", Summary: "Card windows of banks and of the bureau (R18, R19), by what they offer and when they are open; no login",
		Audience: Public, Limit: LimitRead, Cacheable: true,
	}, s.listOutlets)
	register(s, op{
		Method: http.MethodGet, Path: "/v1/outlets/{outlet_ref}", ID: "showOutlet", Summary: "One outlet, a closed one with who took over; no login",
		Audience: Public, Limit: LimitRead, Cacheable: true, Errs: []*models.Error{policy.ErrOutletUnknown},
	}, s.showOutlet)
	s.registerNearOutlets()
}

// outletFilter is what both searches narrow by.
type outletFilter struct {
	District string
	Kind     string
	Bank     string
	Service  string
	Name     string
	OpenNow  bool
	OpenOn   string
}

func (f outletFilter) input(after string, limit int) policy.FindOutletsInput {
	return policy.FindOutletsInput{
		District: f.District, Kind: policy.OutletKind(f.Kind), Bank: f.Bank, Service: policy.WindowAct(f.Service), Name: f.Name,
		OpenNow: f.OpenNow, OpenOn: models.Date(f.OpenOn), After: after, Limit: limit,
	}
}

// key binds a cursor to the filter.
func (f outletFilter) key() string {
	return strings.Join([]string{f.District, f.Kind, f.Bank, f.Service, f.Name, strconv.FormatBool(f.OpenNow), f.OpenOn}, "|")
}

type listOutletsInput struct {
	Page
	District string `query:"district" pattern:"^[0-9]{6}$" doc:"Code of a district, 410303 is Xigong"`
	Kind     string `query:"kind" enum:"bank,hrss,hospital,pharmacy" doc:"Windows of banks, or of the bureau (R18); hospitals and pharmacies that activate the social-security account (R29) are listed where they are asked for, by kind or service"`
	Bank     string `query:"bank" maxLength:"12" doc:"Code of the bank on the card's face; its successor's windows are listed too (R30)"`
	Service  string `query:"service" enum:"apply,collect,replace,loss,release,activate_social_security,activate_financial,financial_loss,financial_release,phone_change,binding_slip" doc:"What the outlet has to offer"`
	Name     string `query:"name" maxLength:"40" doc:"A part of the name or the address"`
	OpenNow  bool   `query:"open_now" doc:"Open at this moment, holidays and weekends worked instead considered"`
	OpenOn   string `query:"open_on" format:"date" doc:"Open on this day; the answer then shows the hours of that day"`
}

type outletReply struct {
	Ref       string           `json:"ref"`
	Name      string           `json:"name"`
	Kind      string           `json:"kind" enum:"bank,hrss,hospital,pharmacy"`
	Bank      *listedBankReply `json:"bank,omitempty" doc:"Whose window it is, as the bank is called today"`
	District  string           `json:"district"`
	Town      string           `json:"town"`
	Address   string           `json:"address"`
	Phone     string           `json:"phone"`
	Hours     string           `json:"hours" doc:"In words, as the outlet gives them"`
	Opening   *openingReply    `json:"opening,omitempty" doc:"Of one day; absent where the hours are known in words only"`
	Services  []string         `json:"services" nullable:"false"`
	Longitude float64          `json:"longitude" doc:"GCJ-02, as the maps of WeChat and Alipay; 0 with latitude 0: not known"`
	Latitude  float64          `json:"latitude" doc:"GCJ-02"`
	DistanceM *int             `json:"distance_m,omitempty" doc:"As the crow flies, in tens of metres; of a search by distance"`
}

// OutletReply is outletReply where it is embedded.
type OutletReply = outletReply

type openingReply struct {
	Date      string      `json:"date" format:"date"`
	Day       string      `json:"day" enum:"workday,weekend,holiday" doc:"In the calendar of holidays; a weekend worked instead of a holiday is a workday"`
	Announced bool        `json:"announced" doc:"false: the holidays of that year are not announced yet, and the weekday alone was looked at"`
	Spans     []spanReply `json:"spans" nullable:"false" doc:"Empty: closed that day"`
	OpenNow   *bool       `json:"open_now,omitempty" doc:"Of today only"`
}

type spanReply struct {
	From string `json:"from"`
	To   string `json:"to"`
}

type listedBankReply struct {
	Code  string `json:"code"`
	Name  string `json:"name" doc:"中原银行(卡面:洛阳银行) where a bank was taken over (R16)"`
	Phone string `json:"phone"`
}

type listOutletsOutput struct {
	ETag string `header:"ETag"`
	Body struct {
		List[outletReply]
		AsOf *time.Time `json:"as_of,omitempty" doc:"How fresh our copy is"`
	}
}

func (s *server) listOutlets(ctx context.Context, in *listOutletsInput) (*listOutletsOutput, error) {
	f := outletFilter{in.District, in.Kind, in.Bank, in.Service, in.Name, in.OpenNow, in.OpenOn}
	after, err := s.place(ctx, f.key(), in.Cursor)
	if err != nil {
		return nil, err
	}
	found, err := s.Outlets.FindOutlets(ctx, f.input(after, in.Limit))
	if err != nil {
		return nil, err
	}
	out := &listOutletsOutput{}
	out.Body.List = listOf(s.outletReplies(found.Items), s.cursor(ctx, f.key(), found.Next))
	out.ETag, out.Body.AsOf = s.etag(out.Body.List), instantOrNone(found.AsOf)
	return out, nil
}

type showOutletInput struct {
	OutletRef string `path:"outlet_ref" maxLength:"64"`
}

type showOutletOutput struct {
	ETag string `header:"ETag"`
	Body struct {
		OutletReply
		Closed    bool         `json:"closed" doc:"Serves nobody any more, or until further notice"`
		Successor *outletReply `json:"successor,omitempty" doc:"Of a closed outlet: the open one that took over"`
		AsOf      *time.Time   `json:"as_of,omitempty" doc:"How fresh our copy is"`
	}
}

func (s *server) showOutlet(ctx context.Context, in *showOutletInput) (*showOutletOutput, error) {
	o, err := s.Outlets.ShowOutlet(ctx, in.OutletRef)
	if err != nil {
		return nil, err
	}
	out := &showOutletOutput{}
	out.Body.OutletReply, out.Body.Closed = s.outletReply(o.FoundOutlet), !o.Open
	if o.Successor.Ref != "" {
		heir := s.outletReply(o.Successor)
		out.Body.Successor = &heir
	}
	out.ETag = s.etag(out.Body)
	out.Body.AsOf = instantOrNone(o.AsOf)
	return out, nil
}

func (s *server) outletReplies(found []policy.FoundOutlet) []outletReply {
	items := []outletReply{}
	for _, o := range found {
		items = append(items, s.outletReply(o))
	}
	return items
}

func (s *server) outletReply(o policy.FoundOutlet) outletReply {
	reply := outletReply{
		Ref: o.Ref, Name: o.Name, Kind: string(o.Kind), District: o.District, Town: o.Town, Address: o.Address, Phone: o.Phone,
		Hours: o.Hours, Services: emptyNotNull(o.Services), Longitude: o.Longitude, Latitude: o.Latitude,
	}
	if o.Bank.Code != "" {
		reply.Bank = &listedBankReply{o.Bank.Code, o.Bank.Name, o.Bank.Phone}
	}
	if day := o.Today; day.Known {
		reply.Opening = &openingReply{Date: string(day.Day.Date), Day: string(day.Day.Kind), Announced: day.Day.Announced, Spans: []spanReply{}}
		for _, span := range day.Spans {
			reply.Opening.Spans = append(reply.Opening.Spans, spanReply(span))
		}
		if day.Day.Date == models.DateOf(s.Clock.Now()) {
			reply.Opening.OpenNow = &day.Now
		}
	}
	return reply
}
