package api

import (
	"context"
	"net/http"
	"time"

	"onecard/models"
	"onecard/models/subsidy"
)

// Feedbacks are the use cases of "did it arrive?".
type Feedbacks interface {
	AnswerArrival(ctx context.Context, by models.Actor, in subsidy.FeedbackInput) (subsidy.FeedbackTaken, error)
}

func (s *server) registerFeedback() {
	register(s, op{
		Method: http.MethodPost, Path: "/v1/arrivals/{arrival_id}/feedback", ID: "answerArrival",
		Summary: "Did it arrive? Not received and a wrong amount open one enquiry; nothing changes the payment (R1)",
		Act:     models.ActArrivals, Audience: Citizen, Limit: LimitWrite, Statuses: []int{http.StatusOK},
		Errs: []*models.Error{subsidy.ErrArrivalNotFound, subsidy.ErrFeedbackTooEarly, models.ErrForbidden, models.ErrConflict},
	}, s.answerArrival)
}

// feedbackReply is one's own latest answer.
type feedbackReply struct {
	Answer     string    `json:"answer" enum:"received,not_received,wrong_amount"`
	SeenFen    *int64    `json:"seen_fen,omitempty"`
	Note       string    `json:"note,omitempty"`
	AnsweredAt time.Time `json:"answered_at"`
	Number     string    `json:"enquiry_number,omitempty" doc:"Of the enquiry that an answer opened; it is in GET /v1/enquiries"`
}

func newFeedbackReply(f subsidy.Feedback) feedbackReply {
	r := feedbackReply{Answer: string(f.Answer), Note: f.Note, AnsweredAt: f.AnsweredAt, Number: f.Number}
	if f.SeenFen != subsidy.NoSum {
		seen := int64(f.SeenFen)
		r.SeenFen = &seen
	}
	return r
}

type answerArrivalInput struct {
	ArrivalID string `path:"arrival_id" maxLength:"96"`
	Body      struct {
		Answer  string `json:"answer" enum:"received,not_received,wrong_amount"`
		SeenFen *int64 `json:"seen_fen,omitempty" doc:"What came instead; with wrong_amount only"`
		Note    string `json:"note,omitempty" maxLength:"800" doc:"At most 200 characters"`
	}
}

type answerArrivalOutput struct {
	Body struct {
		FeedbackReply
		Explanation *explanationReply `json:"explanation,omitempty" doc:"What can be said about it now; with not_received and wrong_amount"`
	}
}

func (s *server) answerArrival(ctx context.Context, in *answerArrivalInput) (*answerArrivalOutput, error) {
	taken, err := s.Feedbacks.AnswerArrival(ctx, actorFrom(ctx), subsidy.FeedbackInput{
		Arrival: in.ArrivalID, Answer: subsidy.FeedbackAnswer(in.Body.Answer), SeenFen: in.Body.SeenFen, Note: in.Body.Note,
	})
	if err != nil {
		return nil, err
	}
	out := &answerArrivalOutput{}
	out.Body.FeedbackReply = newFeedbackReply(taken.Feedback)
	if taken.Explained != nil {
		x := newExplanationReply(*taken.Explained)
		out.Body.Explanation = &x
	}
	return out, nil
}
