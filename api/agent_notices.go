package api

import (
	"context"
	"net/http"

	"onecard/models"
	"onecard/models/hotline"
	"onecard/models/notice"
)

// atFull are the refusals of what is told after Full verification alone.
var atFull = append([]*models.Error{hotline.ErrVerificationRequired, hotline.ErrPhoneLocked, models.ErrForbidden}, inCall...)

func (s *server) registerAgentNotices() {
	register(s, op{
		Method: http.MethodGet, Path: "/agent/v1/calls/{call_id}/notices", ID: "noticesOfCall",
		Summary: "What a caller known at Full was told, with the same story on each channel as she reads; no codes. Counted and audited as a look (R59)",
		Act:     models.ActCardRead, Audience: Agent, May: hotline.MayTakeCalls, Limit: LimitRead, Errs: atFull,
	}, s.noticesOfCall)
	register(s, op{
		Method: http.MethodPost, Path: "/agent/v1/calls/{call_id}/notices/checks", ID: "checkMessageInCall",
		Summary: "Is this message really from you? As the caller's own check; of an unknown caller only the sender's number is checked",
		Act:     models.ActCardRead, Audience: Agent, May: hotline.MayTakeCalls, Limit: LimitWrite, BodyLimit: 4 << 10, Statuses: []int{http.StatusOK}, Errs: atFull,
	}, s.checkMessageInCall)
	register(s, op{
		Method: http.MethodPost, Path: "/agent/v1/calls/{call_id}/notices/{notice_id}/not-me", ID: "disputeNoticeInCall",
		Summary: "The caller says that it was not her: the same enquiry, and how to undo it, to be read out",
		Act:     models.ActCardRead, Audience: Agent, May: hotline.MayTakeCalls, Limit: LimitWrite, Statuses: []int{http.StatusOK},
		Errs: append([]*models.Error{notice.ErrNotDisputable}, atFull...),
	}, s.disputeNoticeInCall)
}

type noticesOfCallInput struct {
	CallPath
	Page
}

type noticesOfCallOutput struct {
	ETag string `header:"ETag"`
	Body struct {
		List[noticeReply]
		Phone string `json:"phone" doc:"The number that text messages go to, masked; empty where there is none"`
	}
}

func (s *server) noticesOfCall(ctx context.Context, in *noticesOfCallInput) (*noticesOfCallOutput, error) {
	out := &noticesOfCallOutput{}
	_, err := s.Calls.Looking(ctx, actorFrom(ctx), in.id(), hotline.SeesNotices, func(ctx context.Context, by models.Actor) error {
		before, err := s.placeOf(ctx, by.Subject, "", in.Cursor)
		if err != nil {
			return err
		}
		entries, next, err := s.Notices.Inbox(ctx, by, models.ID(before), in.Limit)
		if err != nil {
			return err
		}
		out.Body.List = listOf(newNoticeReplies(entries), s.cursorOf(ctx, by.Subject, "", string(next)))
		phone, err := s.Notices.NumberOf(ctx, by)
		out.Body.Phone = phone.String()
		return err
	})
	if err != nil {
		return nil, err
	}
	out.ETag = s.etag(out.Body)
	return out, nil
}

type checkMessageInCallInput struct {
	CallPath
	Body MessageDoubted
}

func (s *server) checkMessageInCall(ctx context.Context, in *checkMessageInCallInput) (*authenticOutput, error) {
	by, err := s.Calls.FullActorIn(ctx, actorFrom(ctx), in.id())
	if err != nil {
		return nil, err
	}
	return s.messageChecked(ctx, by, in.Body)
}

type disputeNoticeInCallInput struct {
	CallPath
	NoticePath
}

func (s *server) disputeNoticeInCall(ctx context.Context, in *disputeNoticeInCallInput) (*disputedOutput, error) {
	by, err := s.Calls.FullActorIn(ctx, actorFrom(ctx), in.id())
	if err != nil {
		return nil, err
	}
	return s.noticeDisputed(ctx, by, models.ID(in.NoticeID))
}
