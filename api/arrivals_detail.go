package api

import (
	"context"
	"time"
)

type stageReply struct {
	State string    `json:"state"`
	Label string    `json:"label"`
	At    time.Time `json:"at"`
}

type linkReply struct {
	Relation   string `json:"relation" enum:"repeats,repeated_by" doc:"repeats: the other is the earlier line of the same money"`
	Relates    string `json:"relation_label" doc:"In Chinese"`
	ArrivalID  string `json:"arrival_id"`
	State      string `json:"state"`
	Label      string `json:"label"`
	AmountYuan string `json:"amount_yuan"`
}

type postingReply struct {
	Place  string `json:"place"`
	From   string `json:"from,omitempty"`
	To     string `json:"to,omitempty"`
	Office string `json:"office" doc:"Who takes objections; 12333 where no office is named"`
	Phone  string `json:"office_phone,omitempty"`
}

type getArrivalInput struct {
	ArrivalID string `path:"arrival_id" maxLength:"96"`
}

type getArrivalOutput struct {
	ETag string `header:"ETag"`
	Body struct {
		ArrivalReply
		Department string         `json:"department"`
		PolicyDoc  string         `json:"policy_document"`
		Bank       string         `json:"bank" doc:"The receiving bank as it is called now"`
		Timeline   []stageReply   `json:"timeline" nullable:"false"`
		Links      []linkReply    `json:"links" nullable:"false" doc:"The other lines of the same money: what was sent back or taken back never vanishes (R15)"`
		Posting    *postingReply  `json:"posting,omitempty" doc:"Where the list was posted, where the source tells it (R8)"`
		Feedback   *feedbackReply `json:"feedback,omitempty" doc:"One's own latest answer to: did it arrive?"`
		Edition    int            `json:"programme_edition" doc:"The version of the programme that was valid when it was paid (R9)"`
		Reason     string         `json:"reason,omitempty" doc:"Why the bank sent it back, in a few words (R15)"`
		Advice     string         `json:"advice,omitempty" doc:"What to do where the money came back (R15)"`
		AsOf       *time.Time     `json:"as_of,omitempty"`
	}
}

func (s *server) getArrival(ctx context.Context, in *getArrivalInput) (*getArrivalOutput, error) {
	d, err := s.Subsidies.Arrival(ctx, actorFrom(ctx), in.ArrivalID)
	if err != nil {
		return nil, err
	}
	out := &getArrivalOutput{}
	out.Body.ArrivalReply, out.Body.Department, out.Body.PolicyDoc = newArrivalReply(d.Arrival), d.Programme.Department, d.Programme.PolicyDoc
	out.Body.Bank, out.Body.Reason, out.Body.Advice, out.Body.Timeline = d.Bank, d.Reason, d.Advice, []stageReply{}
	for _, st := range d.Timeline {
		out.Body.Timeline = append(out.Body.Timeline, stageReply{string(st.State), st.Label, st.At})
	}
	out.Body.Edition, out.Body.Links = d.Programme.Edition, []linkReply{}
	for _, l := range d.Links {
		a := newArrivalReply(l.Arrival)
		out.Body.Links = append(out.Body.Links, linkReply{string(l.Relation), l.Words, a.ArrivalID, a.State, a.Label, a.AmountYuan})
	}
	if d.Posting.Place != "" {
		out.Body.Posting = &postingReply{d.Posting.Place, string(d.Posting.From), string(d.Posting.To), d.Posting.Office.Name, d.Posting.Office.Phone}
	}
	if d.Feedback != nil {
		f := newFeedbackReply(*d.Feedback)
		out.Body.Feedback = &f
	}
	out.ETag, out.Body.AsOf = s.etag(out.Body), instantOrNone(d.AsOf)
	return out, nil
}
