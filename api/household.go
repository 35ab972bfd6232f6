package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"onecard/models"
	"onecard/models/subsidy"
)

// HouseholdArrivals is the use case of the household's payments.
type HouseholdArrivals interface {
	HouseholdArrivals(ctx context.Context, by models.Actor, ask subsidy.HouseholdAsk) (subsidy.HouseholdView, error)
}

func (s *server) registerHousehold() {
	register(s, op{
		Method: http.MethodGet, Path: "/v1/arrivals/household", ID: "listHouseholdArrivals",
		Summary: "Payments of one year to one's household: all of them for its head, that the head was paid for the others (R4)",
		Act:     models.ActArrivals, Audience: Citizen, Limit: LimitRead, Errs: []*models.Error{subsidy.ErrYear, subsidy.ErrMemberNotFound},
	}, s.listHouseholdArrivals)
}

type householdMemberReply struct {
	MemberID string `json:"member_id" doc:"Means something to this person only"`
	Name     string `json:"name" doc:"Masked"`
	IsHead   bool   `json:"is_head"`
	Self     bool   `json:"self"`
}

type householdItemReply struct {
	ArrivalID   string     `json:"arrival_id,omitempty" doc:"Of a payment to oneself: it can be opened"`
	MemberID    string     `json:"member_id" doc:"Who was paid"`
	Name        string     `json:"name" doc:"Neutral where the programme is sensitive; such a one is seen by the one it is for alone (R55)"`
	AmountFen   *int64     `json:"amount_fen,omitempty" doc:"Left out where policy keeps it to the head (household.members_see)"`
	AmountYuan  string     `json:"amount_yuan,omitempty"`
	Period      string     `json:"period"`
	LedgerMonth string     `json:"ledger_month"`
	State       string     `json:"state" enum:"planned,publicised,approved,sent,credited,returned,reissued,recovering,recovered,processing"`
	Label       string     `json:"label" doc:"The state in Chinese; 已发给户主 where it went to the head"`
	ToTheHead   bool       `json:"to_the_head"`
	CreditedAt  *time.Time `json:"credited_at,omitempty"`
}

type listHouseholdArrivalsInput struct {
	Page
	Year   int    `query:"year" doc:"Ledger year; this year where it is left out"`
	Member string `query:"member" maxLength:"32" doc:"member_id of who was paid"`
}

type listHouseholdArrivalsOutput struct {
	ETag string `header:"ETag"`
	Body struct {
		List[householdItemReply]
		Year    int                    `json:"year"`
		Role    string                 `json:"role" enum:"head,member,no_household,unclear" doc:"As the registry holds it; unclear: no head, or several"`
		Note    string                 `json:"note" doc:"What is shown here and what is not, in plain words"`
		Members []householdMemberReply `json:"members" nullable:"false"`
		AsOf    *time.Time             `json:"as_of,omitempty"`
	}
}

func (s *server) listHouseholdArrivals(ctx context.Context, in *listHouseholdArrivalsInput) (*listHouseholdArrivalsOutput, error) {
	filter := "household|" + strconv.Itoa(in.Year) + "|" + in.Member
	place, err := s.place(ctx, filter, in.Cursor)
	if err != nil {
		return nil, err
	}
	ask := subsidy.HouseholdAsk{Year: in.Year, Member: in.Member, Limit: in.Limit}
	ask.After, _ = subsidy.ParseKey(place)
	view, err := s.Subsidies.HouseholdArrivals(ctx, actorFrom(ctx), ask)
	if err != nil {
		return nil, err
	}
	items, next := make([]householdItemReply, len(view.Items)), ""
	for i, it := range view.Items {
		items[i] = newHouseholdItemReply(it)
	}
	if view.More {
		next = s.cursor(ctx, filter, view.Items[len(items)-1].Payment.Key.String())
	}
	out := &listHouseholdArrivalsOutput{}
	out.Body.List, out.Body.Year, out.Body.Role, out.Body.Note = listOf(items, next), view.Year, string(view.Role), view.Note
	out.Body.Members = []householdMemberReply{}
	for _, m := range view.Members {
		out.Body.Members = append(out.Body.Members, householdMemberReply{m.ID, m.Name.String(), m.IsHead, m.Self})
	}
	out.ETag, out.Body.AsOf = s.etag(out.Body), instantOrNone(view.AsOf)
	return out, nil
}

func newHouseholdItemReply(it subsidy.HouseholdItem) householdItemReply {
	whole := newArrivalReply(subsidy.Arrival{Payment: it.Payment, Name: it.Name, Label: it.Label})
	r := householdItemReply{
		MemberID: it.Payee, Name: it.Name, Period: whole.Period, LedgerMonth: whole.LedgerMonth, State: whole.State, Label: it.Label,
		ToTheHead: it.ToTheHead, CreditedAt: whole.CreditedAt,
	}
	if it.Amount {
		r.AmountFen, r.AmountYuan = &whole.AmountFen, whole.AmountYuan
	}
	if it.Openable {
		r.ArrivalID = whole.ArrivalID
	}
	return r
}
