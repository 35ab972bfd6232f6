package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"onecard/models"
	"onecard/models/subsidy"
)

// Subsidies are the use cases of payments and of the public catalogue.
type Subsidies interface {
	Arrivals(ctx context.Context, by models.Actor, q subsidy.ListQuery) (subsidy.Arrivals, error)
	Summary(ctx context.Context, by models.Actor) ([]subsidy.YearTotals, time.Time, error)
	Arrival(ctx context.Context, by models.Actor, id string) (subsidy.Detail, error)
	Programmes(ctx context.Context, q subsidy.CatalogueQuery) (subsidy.Catalogue, error)
}

func (s *server) registerArrivals() {
	register(s, op{
		Method: http.MethodGet, Path: "/v1/arrivals", ID: "listArrivals", Summary: "Payments of one year to one's own card (到账, R3)",
		Act: models.ActArrivals, Audience: Citizen, Limit: LimitRead, Errs: []*models.Error{subsidy.ErrYear, subsidy.ErrProgrammeNotFound},
	}, s.listArrivals)
	register(s, op{
		Method: http.MethodGet, Path: "/v1/arrivals/summary", ID: "summariseArrivals", Summary: "What arrived, by year and programme",
		Act: models.ActArrivals, Audience: Citizen, Limit: LimitRead,
	}, s.summariseArrivals)
	register(s, op{
		Method: http.MethodGet, Path: "/v1/arrivals/{arrival_id}", ID: "getArrival", Summary: "One payment: full name, timeline, what to do",
		Act: models.ActArrivals, Audience: Citizen, Limit: LimitRead, Errs: []*models.Error{subsidy.ErrArrivalNotFound},
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

type listArrivalsInput struct {
	Page
	Year      int    `query:"year" doc:"Ledger year; this year where it is left out"`
	Programme string `query:"programme" maxLength:"32" doc:"Code of one programme; one whose name needs a fresh check needs it here too"`
}

type listArrivalsOutput struct {
	ETag string `header:"ETag"`
	Body struct {
		list[arrivalReply]
		Year  int        `json:"year"`
		Note  string     `json:"note,omitempty" doc:"On the first page: why payments are missing, in plain words"`
		Cause string     `json:"cause,omitempty" doc:"PAID_BY_OLD_CHANNEL: what came before the card is not shown (R13)"`
		AsOf  *time.Time `json:"as_of,omitempty"`
	}
}

func (s *server) listArrivals(ctx context.Context, in *listArrivalsInput) (*listArrivalsOutput, error) {
	filter := strconv.Itoa(in.Year) + "|" + in.Programme
	place, err := s.place(ctx, filter, in.Cursor)
	if err != nil {
		return nil, err
	}
	q := subsidy.ListQuery{Year: in.Year, Programme: in.Programme, Limit: in.Limit}
	q.After, _ = subsidy.ParseKey(place)
	page, err := s.Subsidies.Arrivals(ctx, actorFrom(ctx), q)
	if err != nil {
		return nil, err
	}
	items, next := make([]arrivalReply, len(page.Items)), ""
	for i, a := range page.Items {
		items[i] = newArrivalReply(a)
	}
	if page.More {
		next = s.cursor(ctx, filter, items[len(items)-1].ArrivalID)
	}
	out := &listArrivalsOutput{}
	out.Body.list, out.Body.Year, out.Body.Note, out.Body.Cause = listOf(items, next), page.Year, page.Note, page.Cause
	out.ETag, out.Body.AsOf = s.etag(out.Body), instantOrNone(page.AsOf)
	return out, nil
}

type programmeTotalReply struct {
	Programme  string `json:"programme,omitempty" doc:"Code; left out where it alone would name the programme (R55)"`
	Name       string `json:"name"`
	Count      int    `json:"count"`
	AmountFen  int64  `json:"amount_fen"`
	AmountYuan string `json:"amount_yuan"`
}

type yearReply struct {
	Year       int                   `json:"year"`
	Count      int                   `json:"count"`
	AmountFen  int64                 `json:"amount_fen"`
	AmountYuan string                `json:"amount_yuan"`
	Programmes []programmeTotalReply `json:"programmes" nullable:"false"`
}

type summariseArrivalsOutput struct {
	ETag string `header:"ETag"`
	Body struct {
		Years []yearReply `json:"years" nullable:"false"`
		AsOf  *time.Time  `json:"as_of,omitempty"`
	}
}

func (s *server) summariseArrivals(ctx context.Context, _ *struct{}) (*summariseArrivalsOutput, error) {
	years, asOf, err := s.Subsidies.Summary(ctx, actorFrom(ctx))
	if err != nil {
		return nil, err
	}
	out := &summariseArrivalsOutput{}
	out.Body.Years = []yearReply{}
	for _, y := range years {
		r := yearReply{y.Year, y.Count, int64(y.AmountFen), y.AmountFen.Yuan(), []programmeTotalReply{}}
		for _, t := range y.Items {
			r.Programmes = append(r.Programmes, programmeTotalReply{t.Programme, t.Name, t.Count, int64(t.AmountFen), t.AmountFen.Yuan()})
		}
		out.Body.Years = append(out.Body.Years, r)
	}
	out.ETag, out.Body.AsOf = s.etag(out.Body.Years), instantOrNone(asOf)
	return out, nil
}

type stageReply struct {
	State string    `json:"state"`
	Label string    `json:"label"`
	At    time.Time `json:"at"`
}

type getArrivalInput struct {
	ArrivalID string `path:"arrival_id" maxLength:"96"`
}

type getArrivalOutput struct {
	ETag string `header:"ETag"`
	Body struct {
		arrivalReply
		Department string       `json:"department"`
		PolicyDoc  string       `json:"policy_document"`
		Bank       string       `json:"bank" doc:"The receiving bank as it is called now"`
		Timeline   []stageReply `json:"timeline" nullable:"false"`
		Reason     string       `json:"reason,omitempty" doc:"Why the bank sent it back, in a few words (R15)"`
		Advice     string       `json:"advice,omitempty" doc:"What to do where the money came back (R15)"`
		AsOf       *time.Time   `json:"as_of,omitempty"`
	}
}

func (s *server) getArrival(ctx context.Context, in *getArrivalInput) (*getArrivalOutput, error) {
	d, err := s.Subsidies.Arrival(ctx, actorFrom(ctx), in.ArrivalID)
	if err != nil {
		return nil, err
	}
	out := &getArrivalOutput{}
	out.Body.arrivalReply, out.Body.Department, out.Body.PolicyDoc = newArrivalReply(d.Arrival), d.Programme.Department, d.Programme.PolicyDoc
	out.Body.Bank, out.Body.Reason, out.Body.Advice, out.Body.Timeline = d.Bank, d.Reason, d.Advice, []stageReply{}
	for _, st := range d.Timeline {
		out.Body.Timeline = append(out.Body.Timeline, stageReply{string(st.State), st.Label, st.At})
	}
	out.ETag, out.Body.AsOf = s.etag(out.Body), instantOrNone(d.AsOf)
	return out, nil
}
