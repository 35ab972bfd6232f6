package api

import (
	"bytes"
	"context"
	"encoding/csv"
	"net/http"
	"strconv"
	"strings"
	"time"

	"onecard/models"
	"onecard/models/subsidy"
)

// PublicTotals are the use cases of the public totals.
type PublicTotals interface {
	PublicTotals(ctx context.Context, q subsidy.TotalsQuery) (subsidy.PublicSheet, error)
}

func (s *server) registerPublicTotals() {
	errs := []*models.Error{subsidy.ErrPeriod, subsidy.ErrProgrammeNotFound}
	register(s, op{
		Method: http.MethodGet, Path: "/v1/public-totals", ID: "listPublicTotals",
		Summary:  "What was credited by programme, district and month; no login, no figure about fewer than five people (R68)",
		Audience: Public, Limit: LimitRead, Cacheable: true, Errs: errs,
	}, s.listPublicTotals)
	register(s, op{
		Method: http.MethodGet, Path: "/v1/public-totals.csv", ID: "downloadPublicTotals", Summary: "The same as a sheet: UTF-8 with BOM, RFC 4180; no login",
		Audience: Public, Limit: LimitRead, Cacheable: true, Produces: "text/csv", Errs: errs,
	}, s.downloadPublicTotals)
}

// TotalsAbout says which totals are wanted.
type TotalsAbout struct {
	Programme string `query:"programme" maxLength:"32" doc:"Code of a programme"`
	District  string `query:"district" pattern:"^([0-9]{6}|\\*)$" doc:"Code of a district; * is the whole city"`
	Period    string `query:"period" maxLength:"7" doc:"A ledger month 2021-11 or a year 2021; this year where it is left out"`
}

func (a TotalsAbout) query() subsidy.TotalsQuery {
	return subsidy.TotalsQuery{Programme: a.Programme, District: a.District, Period: a.Period}
}

type publicTotalReply struct {
	LedgerMonth string `json:"ledger_month"`
	Programme   string `json:"programme"`
	Name        string `json:"name"`
	District    string `json:"district" doc:"* is the whole city: people count once in each district that paid them. High programmes have no other (R55)"`
	Suppressed  bool   `json:"suppressed" doc:"Too few people, or the figure would tell one that is suppressed"`
	People      *int64 `json:"people,omitempty"`
	Payments    *int64 `json:"payments,omitempty"`
	TotalFen    *int64 `json:"total_fen,omitempty"`
	TotalYuan   string `json:"total_yuan,omitempty"`
}

func publicTotalReplies(sheet subsidy.PublicSheet) []publicTotalReply {
	out := make([]publicTotalReply, 0, len(sheet.Items))
	for _, c := range sheet.Items {
		r := publicTotalReply{LedgerMonth: c.LedgerMonth, Programme: c.Programme, Name: sheet.Names[c.Programme], District: c.District, Suppressed: !c.Shown}
		if c.Shown {
			people, payments, fen := c.People, c.Payments, int64(c.TotalFen)
			r.People, r.Payments, r.TotalFen, r.TotalYuan = &people, &payments, &fen, c.TotalFen.Yuan()
		}
		out = append(out, r)
	}
	return out
}

type listPublicTotalsInput struct {
	Page
	TotalsAbout
}

type listPublicTotalsOutput struct {
	ETag string `header:"ETag"`
	Body struct {
		List[publicTotalReply]
		Least int64      `json:"least_people" doc:"Figures about fewer people are suppressed"`
		AsOf  *time.Time `json:"as_of,omitempty" doc:"When the oldest of these figures was counted"`
	}
}

func (s *server) listPublicTotals(ctx context.Context, in *listPublicTotalsInput) (*listPublicTotalsOutput, error) {
	filter := in.Programme + "|" + in.District + "|" + in.Period
	after, err := s.place(ctx, filter, in.Cursor)
	if err != nil {
		return nil, err
	}
	q := in.query()
	q.Limit = in.Limit
	if at := strings.Split(after, "|"); len(at) == 3 {
		q.After = subsidy.TotalPlace{Month: at[0], Programme: at[1], District: at[2]}
	}
	sheet, err := s.Subsidies.PublicTotals(ctx, q)
	if err != nil {
		return nil, err
	}
	next := ""
	if sheet.More {
		last := sheet.Items[len(sheet.Items)-1]
		next = last.LedgerMonth + "|" + last.Programme + "|" + last.District
	}
	out := &listPublicTotalsOutput{}
	out.Body.List, out.Body.Least = listOf(publicTotalReplies(sheet), s.cursor(ctx, filter, next)), sheet.Least
	out.ETag, out.Body.AsOf = s.etag([]any{out.Body.List, sheet.Least}), instantOrNone(sheet.AsOf)
	return out, nil
}

type downloadPublicTotalsOutput struct {
	ETag        string `header:"ETag"`
	Type        string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Body        []byte
}

func (s *server) downloadPublicTotals(ctx context.Context, in *struct{ TotalsAbout }) (*downloadPublicTotalsOutput, error) {
	sheet, err := s.Subsidies.PublicTotals(ctx, in.query())
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	b.WriteString("\uFEFF")
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	rows := [][]string{{"发放月份", "项目编码", "项目名称", "区县", "人数", "笔数", "金额(元)"}}
	for _, r := range publicTotalReplies(sheet) {
		row := []string{r.LedgerMonth, r.Programme, r.Name, r.District, "", "", r.TotalYuan}
		if row[3] == subsidy.WholeCity {
			row[3] = "全市"
		}
		if row[4] = "未公布"; !r.Suppressed {
			row[4], row[5] = strconv.FormatInt(*r.People, 10), strconv.FormatInt(*r.Payments, 10)
		}
		for i := range row {
			row[i] = inert(row[i])
		}
		rows = append(rows, row)
	}
	if err := w.WriteAll(rows); err != nil {
		return nil, err
	}
	return &downloadPublicTotalsOutput{
		ETag: s.etag(b.Bytes()), Type: "text/csv; charset=utf-8", Disposition: `attachment; filename="public-totals.csv"`, Body: b.Bytes(),
	}, nil
}
