package api

import (
	"context"
	"net/http"
	"time"

	"onecard/models/policy"
)

// Outlets are the use cases this file calls.
type Outlets interface {
	FindOutlets(ctx context.Context, in policy.FindOutletsInput) (policy.FoundOutlets, error)
}

func (s *server) registerOutlets() {
	register(s, op{
		Method: http.MethodGet, Path: "/v1/outlets", ID: "listOutlets", Summary: "Card windows of banks and of the bureau (R18, R19); no login",
		Audience: Public, Limit: LimitRead, Cacheable: true,
	}, s.listOutlets)
}

type listOutletsInput struct {
	Page
	District string `query:"district" pattern:"^[0-9]{6}$" doc:"Code of a district, 410303 is Xigong"`
	Kind     string `query:"kind" enum:"bank,hrss" doc:"Windows of banks, or of the bureau"`
	Bank     string `query:"bank" maxLength:"12" doc:"Code of the bank on the card's face; its successor's windows are listed too (R30)"`
	Name     string `query:"name" maxLength:"40" doc:"A part of the name or the address"`
}

type outletReply struct {
	Ref       string           `json:"ref"`
	Name      string           `json:"name"`
	Kind      string           `json:"kind"`
	Bank      *listedBankReply `json:"bank,omitempty" doc:"Whose window it is, as the bank is called today"`
	District  string           `json:"district"`
	Town      string           `json:"town"`
	Address   string           `json:"address"`
	Phone     string           `json:"phone"`
	Hours     string           `json:"hours"`
	Services  []string         `json:"services" nullable:"false"`
	Longitude float64          `json:"longitude"`
	Latitude  float64          `json:"latitude"`
}

type listedBankReply struct {
	Code  string `json:"code"`
	Name  string `json:"name" doc:"中原银行(卡面:洛阳银行) where a bank was taken over (R16)"`
	Phone string `json:"phone"`
}

type listOutletsOutput struct {
	ETag string `header:"ETag"`
	Body struct {
		list[outletReply]
		AsOf *time.Time `json:"as_of,omitempty" doc:"How fresh our copy is"`
	}
}

func (s *server) listOutlets(ctx context.Context, in *listOutletsInput) (*listOutletsOutput, error) {
	filter := in.District + "|" + in.Kind + "|" + in.Bank + "|" + in.Name
	after, err := s.place(ctx, filter, in.Cursor)
	if err != nil {
		return nil, err
	}
	found, err := s.Outlets.FindOutlets(ctx, policy.FindOutletsInput{
		District: in.District, Kind: policy.OutletKind(in.Kind), Bank: in.Bank, Name: in.Name, After: after, Limit: in.Limit,
	})
	if err != nil {
		return nil, err
	}
	var items []outletReply
	for _, o := range found.Items {
		items = append(items, newOutletReply(o))
	}
	out := &listOutletsOutput{}
	out.Body.list = listOf(items, s.cursor(ctx, filter, found.Next))
	out.ETag, out.Body.AsOf = s.etag(out.Body.list), instantOrNone(found.AsOf)
	return out, nil
}

func newOutletReply(o policy.FoundOutlet) outletReply {
	reply := outletReply{
		Ref: o.Ref, Name: o.Name, Kind: string(o.Kind), District: o.District, Town: o.Town, Address: o.Address, Phone: o.Phone,
		Hours: o.Hours, Services: emptyNotNull(o.Services), Longitude: o.Longitude, Latitude: o.Latitude,
	}
	if o.Bank.Code != "" {
		reply.Bank = &listedBankReply{o.Bank.Code, o.Bank.Name, o.Bank.Phone}
	}
	return reply
}
