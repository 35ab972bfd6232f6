package api

import (
	"context"
	"net/http"
	"time"

	"onecard/models"
	"onecard/models/subsidy"
)

// Subsidies are the use cases of payments and of the public catalogue.
type Subsidies interface {
	ArrivalLists
	Summary(ctx context.Context, by models.Actor, q subsidy.SummaryQuery) ([]subsidy.YearTotals, time.Time, error)
	Arrival(ctx context.Context, by models.Actor, id string) (subsidy.Detail, error)
	Programmes
	HouseholdArrivals
	YearStatements
	Postings
	PublicTotals
}

func (s *server) registerArrivals() {
	s.registerArrivalList()
	register(s, op{
		Method: http.MethodGet, Path: "/v1/arrivals/summary", ID: "summariseArrivals", Summary: "What arrived, by year and programme",
		Act: models.ActArrivals, For: byFamily, Audience: Citizen, Limit: LimitRead, Errs: []*models.Error{subsidy.ErrYear, subsidy.ErrProgrammeNotFound},
	}, s.summariseArrivals)
	s.registerHousehold()
	s.registerStatements()
	register(s, op{
		Method: http.MethodGet, Path: "/v1/arrivals/{arrival_id}", ID: "getArrival", Summary: "One payment: full name, timeline, what to do",
		Act: models.ActArrivals, For: byFamily, Audience: Citizen, Limit: LimitRead, Errs: []*models.Error{subsidy.ErrArrivalNotFound},
	}, s.getArrival)
}

type arrivalReply struct {
	ArrivalID   string     `json:"arrival_id"`
	Programme   string     `json:"programme,omitempty" doc:"Code in the catalogue; left out of lists where the code alone would name it (R55)"`
	Name        string     `json:"name" doc:"Neutral where the programme is sensitive (R55)"`
	AmountFen   int64      `json:"amount_fen"`
	AmountYuan  string     `json:"amount_yuan"`
	Period      string     `json:"period"`
	LedgerMonth string     `json:"ledger_month"`
	State       string     `json:"state" enum:"planned,publicised,approved,sent,credited,returned,reissued,recovering,recovered,processing"`
	Label       string     `json:"label" doc:"The state in Chinese; 已到账 only when the bank said so"`
	CreditedAt  *time.Time `json:"credited_at,omitempty" doc:"Only while the bank says the money is there"`
	AccountTail string     `json:"account_tail" doc:"Last four of the receiving account"`
	ReissueOf   string     `json:"reissue_of,omitempty" doc:"The returned payment that this one repeats (R15)"`
	ReissuedAs  string     `json:"reissued_as,omitempty"`
}

func newArrivalReply(a subsidy.Arrival) arrivalReply {
	p := a.Payment
	state := string(p.State)
	if p.Hold == subsidy.HoldStageUnknown {
		state = string(subsidy.Unknown)
	}
	if state != string(subsidy.Credited) {
		p.CreditedAt = time.Time{}
	}
	return arrivalReply{
		ArrivalID: p.Key.String(), Programme: a.Code, Name: a.Name, AmountFen: int64(p.AmountFen), AmountYuan: p.AmountFen.Yuan(),
		Period: p.Period, LedgerMonth: p.Key.LedgerMonth, State: state, Label: a.Label, CreditedAt: instantOrNone(p.CreditedAt),
		AccountTail: p.AccountTail, ReissueOf: p.ReissueOf, ReissuedAs: p.ReissuedAs,
	}
}
