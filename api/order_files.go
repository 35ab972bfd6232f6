package api

import (
	"context"
	"net/http"

	"onecard/models"
	"onecard/models/hotline"
)

// OrderFiles exchange work orders with districts without a log-in.
type OrderFiles interface {
	ExportFile(ctx context.Context, by models.Actor, department, district, after string) (hotline.OrderFileMade, error)
	ImportFile(ctx context.Context, by models.Actor, file []byte) ([]hotline.LineReport, error)
	FilePartners(ctx context.Context, by models.Actor) ([]hotline.FilePartner, error)
}

// answerFileBytes bounds a file of answers: five hundred short lines.
const answerFileBytes = 1 << 20

func (s *server) registerOrderFiles() {
	register(s, op{
		Method: http.MethodPost, Path: "/agent/v1/order-files", ID: "exportWorkOrders",
		Summary:  "The oldest work orders that wait for a department's district, as a signed and watermarked file; written down, and so many a day",
		Audience: Agent, May: hotline.MaySupervise, Limit: LimitWrite, Statuses: []int{http.StatusOK}, Produces: "application/x-ndjson",
		Errs: []*models.Error{hotline.ErrNotPermitted, hotline.ErrNoOrders, hotline.ErrNoOrderExchange, hotline.ErrExportsUsedUp, models.ErrConflict},
	}, s.exportWorkOrders)
	register(s, op{
		Method: http.MethodPost, Path: "/agent/v1/order-files/answers", ID: "importWorkOrderAnswers",
		Summary:  "Take a district's file of answers back; says of each line what became of it, and twice is once",
		Audience: Agent, May: hotline.MaySupervise, Limit: LimitWrite, BodyLimit: answerFileBytes, Accept: []string{"application/x-ndjson"}, Statuses: []int{http.StatusOK},
		Errs: []*models.Error{hotline.ErrNotPermitted, hotline.ErrAnswerFile},
	}, s.importWorkOrderAnswers)
}

type exportWorkOrdersInput struct {
	Body struct {
		Department string `json:"department" maxLength:"40" doc:"As the catalogue of programmes names it"`
		District   string `json:"district" maxLength:"6"`
		After      string `json:"after,omitempty" maxLength:"19" doc:"Orders-After of the file before: what is behind it"`
	}
}

type exportWorkOrdersOutput struct {
	Type        string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Left        int    `header:"Orders-Left" doc:"How many more wait behind this file"`
	After       string `header:"Orders-After" doc:"The number to go on after, where any are left"`
	Body        []byte
}

func (s *server) exportWorkOrders(ctx context.Context, in *exportWorkOrdersInput) (*exportWorkOrdersOutput, error) {
	made, err := s.OrderFiles.ExportFile(ctx, actorFrom(ctx), in.Body.Department, in.Body.District, in.Body.After)
	if err != nil {
		return nil, err
	}
	return &exportWorkOrdersOutput{"application/x-ndjson", `attachment; filename="` + made.Name + `"`, made.Left, made.After, made.File}, nil
}

type importWorkOrderAnswersInput struct {
	RawBody []byte `contentType:"application/x-ndjson"`
}

type answerLineReply struct {
	Line    int      `json:"line"`
	Number  string   `json:"number,omitempty" doc:"The order's, where the line could be believed"`
	Verdict string   `json:"verdict" enum:"taken,repeated,tampered,foreign,stale,refused"`
	Codes   []string `json:"codes" nullable:"false" doc:"What is wrong with a refused answer"`
}

type importWorkOrderAnswersOutput struct {
	Body struct {
		Items []answerLineReply `json:"items" nullable:"false"`
	}
}

func (s *server) importWorkOrderAnswers(ctx context.Context, in *importWorkOrderAnswersInput) (*importWorkOrderAnswersOutput, error) {
	report, err := s.OrderFiles.ImportFile(ctx, actorFrom(ctx), in.RawBody)
	if err != nil {
		return nil, err
	}
	out := &importWorkOrderAnswersOutput{}
	out.Body.Items = make([]answerLineReply, len(report))
	for i, r := range report {
		out.Body.Items[i] = answerLineReply{r.Line, r.Order, string(r.Verdict), emptyNotNull(r.Codes)}
	}
	return out, nil
}
