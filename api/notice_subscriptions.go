package api

import (
	"context"
	"net/http"

	"onecard/models"
	"onecard/models/notice"
)

// Subscriptions are the use cases of what a citizen allows a platform to send her.
type Subscriptions interface {
	ListSubscriptions(ctx context.Context, by models.Actor) (notice.SubscriptionView, error)
	AnswerSubscriptions(ctx context.Context, by models.Actor, answers []notice.TemplateAnswer) (notice.SubscriptionView, error)
}

func (s *server) registerSubscriptions() {
	register(s, op{
		Method: http.MethodGet, Path: "/v1/notices/subscriptions", ID: "listSubscriptions",
		Summary: "Topics the app's platform can send messages of: the template ids to ask it for, how each stands, and how to repair it (R62)",
		Act:     models.ActCardRead, Audience: Citizen, Limit: LimitRead,
		Errs: []*models.Error{notice.ErrSubscriptionBorrowed, models.ErrForbidden, models.ErrNotFound},
	}, s.listSubscriptions)
	register(s, op{
		Method: http.MethodPost, Path: "/v1/notices/subscriptions", ID: "answerSubscriptions",
		Summary: "What the platform's pop-up was answered (wx.requestSubscribeMessage, my.requestSubscribeMessage); each accept allows one message",
		Act:     models.ActCardRead, Audience: Citizen, Limit: LimitWrite, Statuses: []int{http.StatusOK},
		Errs: []*models.Error{notice.ErrSubscriptionBorrowed, notice.ErrSubscriptionFollow, notice.ErrSubscriptionUnknown, models.ErrForbidden, models.ErrNotFound},
	}, s.answerSubscriptions)
}

type subscriptionTopic struct {
	Topic      string `json:"topic" doc:"loss, account, arrivals, payday, progress, fees, answers, dependants, campaigns"`
	Title      string `json:"title"`
	TemplateID string `json:"template_id,omitempty" doc:"What to ask the platform for; absent where following the account is enough"`
	State      string `json:"state" enum:"on,none,off" doc:"none: not asked for yet, or every consent used up; the SMS goes then"`
	Always     bool   `json:"always" doc:"A standing consent"`
	OnceLeft   int    `json:"once_left" doc:"Messages that may still be sent by consents to one each"`
	OffReason  string `json:"off_reason,omitempty" enum:"rejected,switched,refused,banned,unfollowed,blocked,gone"`
	Repair     string `json:"repair,omitempty" doc:"What to do to get messages here again"`
}

type subscriptionsReply struct {
	Channel     string              `json:"channel" enum:"wechat_mini,wechat_oa,alipay_mini,alipay_life"`
	ByFollowing bool                `json:"by_following" doc:"Messages go to followers: there is nothing to ask for"`
	Items       []subscriptionTopic `json:"items" nullable:"false"`
}

type subscriptionsOutput struct {
	ETag string `header:"ETag"`
	Body subscriptionsReply
}

type answeredOutput struct {
	Body subscriptionsReply
}

func newSubscriptionsReply(v notice.SubscriptionView) subscriptionsReply {
	out := subscriptionsReply{Channel: string(v.Channel), ByFollowing: v.ByFollowing, Items: []subscriptionTopic{}}
	for _, t := range v.Topics {
		out.Items = append(out.Items, subscriptionTopic{
			Topic: string(t.Topic), Title: t.Title, TemplateID: t.TemplateID, State: string(t.State), Always: t.Always, OnceLeft: t.OnceLeft,
			OffReason: string(t.OffReason), Repair: t.Repair,
		})
	}
	return out
}

func (s *server) listSubscriptions(ctx context.Context, _ *struct{}) (*subscriptionsOutput, error) {
	v, err := s.Subscriptions.ListSubscriptions(ctx, actorFrom(ctx))
	if err != nil {
		return nil, err
	}
	body := newSubscriptionsReply(v)
	return &subscriptionsOutput{s.etag(body), body}, nil
}

type answerSubscriptionsInput struct {
	Body struct {
		Answers []struct {
			TemplateID string `json:"template_id" maxLength:"64"`
			Answer     string `json:"answer" enum:"accept,reject,ban,filter,always" doc:"The platform's own word; filter (not shown) is left out; always only where a standing consent was given"`
		} `json:"answers" minItems:"1" maxItems:"10"`
	}
}

func (s *server) answerSubscriptions(ctx context.Context, in *answerSubscriptionsInput) (*answeredOutput, error) {
	answers := make([]notice.TemplateAnswer, len(in.Body.Answers))
	for i, a := range in.Body.Answers {
		answers[i] = notice.TemplateAnswer{TemplateID: a.TemplateID, Answer: notice.Answered(a.Answer)}
	}
	v, err := s.Subscriptions.AnswerSubscriptions(ctx, actorFrom(ctx), answers)
	if err != nil {
		return nil, err
	}
	return &answeredOutput{newSubscriptionsReply(v)}, nil
}
