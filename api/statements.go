package api

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"onecard/models"
	"onecard/models/subsidy"
)

// YearStatements are the use cases of yearly statements.
type YearStatements interface {
	PrintStatement(ctx context.Context, by models.Actor, year int) (subsidy.File, error)
	CheckStatement(ctx context.Context, code string) (subsidy.StatementCheck, error)
}

func (s *server) registerStatements() {
	register(s, op{
		Method: http.MethodGet, Path: "/v1/arrivals/statement", ID: "printStatement", Summary: "The statement of one year as PDF, with a code to verify it",
		Act: models.ActArrivals, Audience: Citizen, Limit: LimitWrite, Produces: "application/pdf",
		Errs: []*models.Error{subsidy.ErrYear, subsidy.ErrStatementTooLong, subsidy.ErrStatementGlyph, models.ErrOutcomeUnknown},
	}, s.printStatement)
	// Counted as writes are: nobody verifies many by hand, and who tries codes is slowed.
	register(s, op{
		Method: http.MethodGet, Path: "/v1/statement-checks/{code}", ID: "checkStatement", Summary: "Whether a statement is genuine; no login",
		Audience: Public, Limit: LimitWrite, Errs: []*models.Error{subsidy.ErrStatementUnknown},
	}, s.checkStatement)
}

type printStatementInput struct {
	Year int `query:"year" required:"true" doc:"Ledger year, this one at most"`
}

type printStatementOutput struct {
	ETag        string `header:"ETag"`
	Type        string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Body        []byte
}

func (s *server) printStatement(ctx context.Context, in *printStatementInput) (*printStatementOutput, error) {
	f, err := s.Subsidies.PrintStatement(ctx, actorFrom(ctx), in.Year)
	if err != nil {
		return nil, err
	}
	return &printStatementOutput{
		ETag: s.etag([]any{"statement", f.Statement.Code, f.Full}), Type: "application/pdf", Body: f.PDF,
		Disposition: fmt.Sprintf(`attachment; filename="statement-%d.pdf"; filename*=UTF-8''%%E5%%AF%%B9%%E8%%B4%%A6%%E5%%8D%%95-%d.pdf`, in.Year, in.Year),
	}, nil
}

type checkStatementInput struct {
	Code string `path:"code" maxLength:"64" doc:"As printed; capitals, dashes and blanks do not matter"`
}

type checkStatementOutput struct {
	ETag string `header:"ETag"`
	Body struct {
		Genuine   bool       `json:"genuine" doc:"Always true: a code that is not one of ours is 404"`
		Code      string     `json:"code" doc:"As printed, to be compared"`
		Holder    string     `json:"holder" doc:"The family name alone"`
		Year      int        `json:"year"`
		Count     int        `json:"count" doc:"Credited payments"`
		TotalFen  int64      `json:"total_fen"`
		TotalYuan string     `json:"total_yuan"`
		AsOf      *time.Time `json:"as_of,omitempty" doc:"How fresh the facts were when it was made"`
		MadeAt    time.Time  `json:"made_at"`
	}
}

func (s *server) checkStatement(ctx context.Context, in *checkStatementInput) (*checkStatementOutput, error) {
	c, err := s.Subsidies.CheckStatement(ctx, in.Code)
	if err != nil {
		return nil, err
	}
	out := &checkStatementOutput{}
	out.Body.Genuine, out.Body.Code, out.Body.Holder, out.Body.Year = true, subsidy.ShowCheckCode(c.Code), c.Holder, c.Year
	out.Body.Count, out.Body.TotalFen, out.Body.TotalYuan = c.Count, int64(c.TotalFen), c.TotalFen.Yuan()
	out.Body.AsOf, out.Body.MadeAt = instantOrNone(c.AsOf), c.MadeAt
	out.ETag = s.etag(out.Body) // a sheet's as_of is what was printed on it: it never moves
	return out, nil
}
