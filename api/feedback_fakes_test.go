package api

import (
	"context"
	"time"

	"onecard/models"
	"onecard/models/hotline"
	"onecard/models/subsidy"
)

func (f *fakeSubsidies) Postings(_ context.Context, q subsidy.PostingQuery) (subsidy.Postings, error) {
	f.calls++
	return subsidy.Postings{On: "2021-12-20", AsOf: f.asOf, Next: subsidy.PostingPlace{To: "2021-12-22", Batch: "b1"}, Items: []subsidy.PostedList{{
		BatchID: "b1", Programme: subsidy.Programme{Code: "P28", Name: "高龄津贴"}, District: "410303", Department: "民政局", Period: "2021年12月",
		Posting: subsidy.Posting{Place: "王城路街道公示栏" + q.After.Batch, From: "2021-12-15", To: "2021-12-22", Office: subsidy.Office{Name: "西工区民政局", Phone: "0379-63000001"}},
	}}}, f.err
}

func (f *fakeSubsidies) PublicTotals(_ context.Context, q subsidy.TotalsQuery) (subsidy.PublicSheet, error) {
	f.calls++
	return subsidy.PublicSheet{AsOf: f.asOf, Least: 5, More: q.Limit > 0 && q.After.Month == "", Names: map[string]string{"P28": "=高龄津贴"}, Items: []subsidy.PublicTotal{
		{LedgerMonth: "2021-11", Programme: "P28", District: subsidy.WholeCity},
		{LedgerMonth: "2021-11", Programme: "P28", District: "410303", Shown: true, People: 6, Payments: 7, TotalFen: 35_000},
	}}, f.err
}

// fakeMisuse takes every report and remembers it.
type fakeMisuse struct {
	took []hotline.MisuseInput
	by   []models.Actor
}

var aReport = hotline.MisuseReport{ID: "0190f3c4-0000-7000-8000-000000000001", Number: "20211220-00000042-7", Kind: "held_card", Department: "民政局", Text: "三张卡",
	Contact: "联系我", PersonID: "0190f3c4-0000-7000-8000-0000000000ff", State: hotline.MisuseReceived, OpenedAt: time.Date(2021, 12, 20, 1, 0, 0, 0, time.UTC),
	DueAt: time.Date(2022, 1, 4, 16, 0, 0, 0, time.UTC)}

func (f *fakeMisuse) ReportMisuseInCall(ctx context.Context, by models.Actor, _ models.ID, in hotline.MisuseInput, _ bool) (hotline.MisuseTaken, error) {
	return f.ReportMisuse(ctx, by, in)
}

func (f *fakeMisuse) ReportMisuse(_ context.Context, by models.Actor, in hotline.MisuseInput) (hotline.MisuseTaken, error) {
	f.took, f.by = append(f.took, in), append(f.by, by)
	return hotline.MisuseTaken{Report: aReport, Code: "ABCD-EFGH-JKMN-PQRS"}, nil
}

func (f *fakeMisuse) MisuseDepartments(context.Context) ([]string, error) {
	return []string{"民政局"}, nil
}

func (f *fakeMisuse) MisuseOutcome(_ context.Context, number, code string) (hotline.MisuseReport, error) {
	if number != aReport.Number || code != "ABCD-EFGH-JKMN-PQRS" {
		return hotline.MisuseReport{}, hotline.ErrMisuseNotFound
	}
	return aReport, nil
}

func (f *fakeMisuse) MyMisuse(context.Context, models.Actor, hotline.Page) ([]hotline.MisuseReport, error) {
	return []hotline.MisuseReport{aReport}, nil
}

func (f *fakeMisuse) MisuseQueue(context.Context, models.Actor, hotline.MisuseState, hotline.Page) ([]hotline.MisuseReport, error) {
	return []hotline.MisuseReport{aReport}, nil
}

func (f *fakeMisuse) ReadMisuse(context.Context, models.Actor, models.ID) (hotline.MisuseReport, error) {
	return aReport, nil
}

func (f *fakeMisuse) AnswerMisuse(context.Context, models.Actor, models.ID, string) (hotline.MisuseReport, error) {
	return aReport, nil
}

func (f *fakeMisuse) CloseMisuse(context.Context, models.Actor, models.ID) (hotline.MisuseReport, error) {
	return aReport, nil
}
