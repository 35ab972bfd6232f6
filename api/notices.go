package api

import (
	"context"
	"net/http"
	"time"

	"onecard/models"
	"onecard/models/notice"
)

// Notices are the use cases of the citizen's inbox.
type Notices interface {
	Inbox(ctx context.Context, by models.Actor, before models.ID, limit int) ([]notice.Entry, models.ID, error)
	NumberOf(ctx context.Context, by models.Actor) (models.Phone, error)
	IsItOurs(ctx context.Context, by models.Actor, a notice.Asked) (notice.Authentic, error)
	NotMe(ctx context.Context, by models.Actor, id models.ID) (notice.Disputed, error)
}

func (s *server) registerNotices() {
	register(s, op{
		Method: http.MethodGet, Path: "/v1/notices", ID: "listNotices", Summary: "What one was told, newest first; never a one-time code",
		Act: models.ActCardRead, Audience: Citizen, Limit: LimitRead,
	}, s.listNotices)
}

type noticeReply struct {
	NoticeID string    `json:"notice_id"`
	Kind     string    `json:"kind" doc:"e.g. loss_effective, arrival; unknown kinds show their title and text"`
	Title    string    `json:"title"`
	Text     string    `json:"text" doc:"The text of the SMS, without its signature"`
	Object   string    `json:"object,omitempty" doc:"What it is about: loss_report, application, payment"`
	ObjectID string    `json:"object_id,omitempty"`
	At       time.Time `json:"at" doc:"When it happened"`
	SMS      string    `json:"sms" enum:"waiting,sent,delivered,not_sent,by_bank,none" doc:"delivered only when the carrier said so; none where no SMS was meant to go"`

	NotMe bool       `json:"not_me" doc:"disputeNotice takes it: something was done in her name"`
	Story []wayReply `json:"story" doc:"Each way it went, or did not, in that order"`
}

type wayReply struct {
	Channel string    `json:"channel" doc:"sms, wechat_mini, wechat_oa, alipay_mini, alipay_life"`
	State   string    `json:"state" enum:"waiting,sent,delivered,not_sent,by_bank" doc:"delivered only when the carrier said so"`
	Why     string    `json:"why,omitempty" doc:"Why it did not arrive, and how to repair that"`
	At      time.Time `json:"at" doc:"Of the last word on it"`
}

func newNoticeReply(e notice.Entry) noticeReply {
	out := noticeReply{
		NoticeID: string(e.ID), Kind: string(e.Kind), Title: e.Title, Text: e.Text, Object: e.Object, ObjectID: string(e.ObjectID),
		At: e.At, SMS: string(e.SMS), NotMe: e.NotMe, Story: []wayReply{},
	}
	for _, told := range e.Story {
		out.Story = append(out.Story, wayReply{string(told.Channel), string(told.Word), told.Why, told.At})
	}
	return out
}

func newNoticeReplies(entries []notice.Entry) []noticeReply {
	items := make([]noticeReply, len(entries))
	for i, e := range entries {
		items[i] = newNoticeReply(e)
	}
	return items
}

type listNoticesOutput struct {
	ETag string `header:"ETag"`
	Body list[noticeReply]
}

func (s *server) listNotices(ctx context.Context, in *struct{ Page }) (*listNoticesOutput, error) {
	before, err := s.place(ctx, "", in.Cursor)
	if err != nil {
		return nil, err
	}
	entries, next, err := s.Notices.Inbox(ctx, actorFrom(ctx), models.ID(before), in.Limit)
	if err != nil {
		return nil, err
	}
	out := &listNoticesOutput{Body: listOf(newNoticeReplies(entries), s.cursor(ctx, "", string(next)))}
	out.ETag = s.etag(out.Body)
	return out, nil
}
