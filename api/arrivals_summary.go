package api

import (
	"context"
	"time"

	"onecard/models/subsidy"
)

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
	Others     []stateTotalReply     `json:"others" nullable:"false" doc:"What has not arrived, came back or was taken back; not in the sums above"`
}

type stateTotalReply struct {
	State      string `json:"state"`
	Label      string `json:"label"`
	Count      int    `json:"count"`
	AmountFen  int64  `json:"amount_fen"`
	AmountYuan string `json:"amount_yuan"`
}

type summariseArrivalsInput struct {
	Year      int    `query:"year" doc:"One ledger year; every year where it is left out"`
	Programme string `query:"programme" maxLength:"32" doc:"Code of one programme; one whose name needs a fresh check needs it here too"`
}

type summariseArrivalsOutput struct {
	ETag string `header:"ETag"`
	Body struct {
		Years []yearReply `json:"years" nullable:"false"`
		AsOf  *time.Time  `json:"as_of,omitempty"`
	}
}

func (s *server) summariseArrivals(ctx context.Context, in *summariseArrivalsInput) (*summariseArrivalsOutput, error) {
	years, asOf, err := s.Subsidies.Summary(ctx, actorFrom(ctx), subsidy.SummaryQuery{Year: in.Year, Programme: in.Programme})
	if err != nil {
		return nil, err
	}
	out := &summariseArrivalsOutput{}
	out.Body.Years = []yearReply{}
	for _, y := range years {
		r := yearReply{y.Year, y.Count, int64(y.AmountFen), y.AmountFen.Yuan(), []programmeTotalReply{}, []stateTotalReply{}}
		for _, t := range y.Items {
			r.Programmes = append(r.Programmes, programmeTotalReply{t.Programme, t.Name, t.Count, int64(t.AmountFen), t.AmountFen.Yuan()})
		}
		for _, o := range y.Others {
			r.Others = append(r.Others, stateTotalReply{string(o.State), o.Label, o.Count, int64(o.AmountFen), o.AmountFen.Yuan()})
		}
		out.Body.Years = append(out.Body.Years, r)
	}
	out.ETag, out.Body.AsOf = s.etag(out.Body.Years), instantOrNone(asOf)
	return out, nil
}
