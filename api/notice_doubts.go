package api

import (
	"context"
	"net/http"

	"onecard/models"
	"onecard/models/notice"
)

func (s *server) registerNoticeDoubts() {
	register(s, op{
		Method: http.MethodPost, Path: "/v1/notices/checks", ID: "checkMessage",
		Summary: "Is this message really from you? By its text or the day it came, against one's own notices; kept nowhere (R55)",
		Act:     models.ActCardRead, Audience: Citizen, Limit: LimitWrite, BodyLimit: 4 << 10, Statuses: []int{http.StatusOK},
		Errs: []*models.Error{models.ErrForbidden},
	}, s.checkMessage)
	// POST, so that the number stands in no address and no log of addresses.
	register(s, op{
		Method: http.MethodPost, Path: "/v1/notices/sender-checks", ID: "checkSender",
		Summary:  "Is this a number that you send from? No login, nothing of anybody; agents ask here too",
		Audience: Public, Limit: LimitWrite, Hourly: 60, BodyLimit: 1 << 10, Statuses: []int{http.StatusOK},
	}, s.checkSender)
	register(s, op{
		Method: http.MethodPost, Path: "/v1/notices/{notice_id}/not-me", ID: "disputeNotice",
		Summary: "This was not me: one enquiry for each notice, and how to undo what it told; nothing is undone by it",
		Act:     models.ActCardRead, Audience: Citizen, Limit: LimitWrite, Statuses: []int{http.StatusOK},
		Errs: []*models.Error{notice.ErrNotDisputable, models.ErrNotFound, models.ErrForbidden},
	}, s.disputeNotice)
}

// MessageDoubted is what is asked about a message; never logged.
type MessageDoubted struct {
	Text string `json:"text,omitempty" maxLength:"2000" doc:"As copied from the phone; at most 500 characters"`
	Day  string `json:"received_on,omitempty" format:"date" maxLength:"10" doc:"The day it came, by the city's clock"`
}

func (d MessageDoubted) asked() notice.Asked {
	return notice.Asked{Text: d.Text, Day: models.Date(d.Day)}
}

type authenticReply struct {
	Verdict string        `json:"verdict" enum:"ours,code,not_found,compare" doc:"code: in the form of our codes, which are kept nowhere. compare: no text was given"`
	Say     string        `json:"say" doc:"In Chinese, to be shown or read out"`
	Match   *noticeReply  `json:"match,omitempty"`
	SentOn  []noticeReply `json:"sent_on" nullable:"false" doc:"What was sent on received_on"`
}

func newAuthenticReply(a notice.Authentic) authenticReply {
	out := authenticReply{Verdict: string(a.Verdict), Say: a.Say, SentOn: []noticeReply{}}
	if a.Match != nil {
		match := newNoticeReply(*a.Match)
		out.Match = &match
	}
	for _, e := range a.SentOn {
		out.SentOn = append(out.SentOn, newNoticeReply(e))
	}
	return out
}

type checkMessageInput struct{ Body MessageDoubted }

type authenticOutput struct{ Body authenticReply }

func (s *server) checkMessage(ctx context.Context, in *checkMessageInput) (*authenticOutput, error) {
	return s.messageChecked(ctx, actorFrom(ctx), in.Body)
}

func (s *server) messageChecked(ctx context.Context, by models.Actor, d MessageDoubted) (*authenticOutput, error) {
	a, err := s.Notices.IsItOurs(ctx, by, d.asked())
	if err != nil {
		return nil, err
	}
	return &authenticOutput{newAuthenticReply(a)}, nil
}

type checkSenderInput struct {
	Body struct {
		Sender string `json:"sender" maxLength:"40" doc:"The number that the phone shows as the sender"`
	}
}

type checkSenderOutput struct {
	Body struct {
		Verdict   string `json:"verdict" enum:"listed,not_listed,cannot_say" doc:"cannot_say: no numbers are published"`
		Signature string `json:"signature" doc:"With which every message of ours begins"`
		Say       string `json:"say" doc:"In Chinese, to be shown or read out"`
	}
}

func (s *server) checkSender(_ context.Context, in *checkSenderInput) (*checkSenderOutput, error) {
	verdict, say, err := s.Senders.Check(in.Body.Sender)
	if err != nil {
		return nil, err
	}
	out := &checkSenderOutput{}
	out.Body.Verdict, out.Body.Signature, out.Body.Say = string(verdict), notice.Signature, say
	return out, nil
}

// NoticePath names the notice of the path.
type NoticePath struct {
	NoticeID string `path:"notice_id" maxLength:"36" format:"uuid"`
}

type undoReply struct {
	Act  string `json:"act" enum:"release,report_loss,end_session,unbind,bind,cancel_phone_change,change_phone,end_helper,window" doc:"Which page to open"`
	Text string `json:"text"`
}

type disputedOutput struct {
	Body struct {
		Number string      `json:"number" doc:"What people read aloud; the answer comes to GET /v1/enquiries"`
		Say    string      `json:"say"`
		Undo   []undoReply `json:"undo" nullable:"false"`
	}
}

func (s *server) disputeNotice(ctx context.Context, in *NoticePath) (*disputedOutput, error) {
	return s.noticeDisputed(ctx, actorFrom(ctx), models.ID(in.NoticeID))
}

func (s *server) noticeDisputed(ctx context.Context, by models.Actor, id models.ID) (*disputedOutput, error) {
	d, err := s.Notices.NotMe(ctx, by, id)
	if err != nil {
		return nil, err
	}
	out := &disputedOutput{}
	out.Body.Number, out.Body.Say, out.Body.Undo = d.Number, d.Say, []undoReply{}
	for _, u := range d.Undo {
		out.Body.Undo = append(out.Body.Undo, undoReply{u.Act, u.Text})
	}
	return out, nil
}
