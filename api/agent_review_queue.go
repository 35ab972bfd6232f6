package api

import (
	"context"
	"net/http"
	"time"

	"onecard/models"
	"onecard/models/hotline"
)

// ReviewQueue is what waits for those who decide.
type ReviewQueue interface {
	ReviewQueue(ctx context.Context, by models.Actor, kind string, after hotline.ReviewPlace, limit int) (hotline.Reviewing, error)
}

func (s *server) registerReviewQueue() {
	register(s, op{
		Method: http.MethodGet, Path: "/agent/v1/review-queue", ID: "showReviewQueue",
		Summary: "Everything that waits for oneself to decide, of every kind, the longest waiting first; it names no person", Audience: Agent,
		May: hotline.MaySeeQueue, Limit: LimitRead, Errs: []*models.Error{hotline.ErrNotPermitted},
	}, s.showReviewQueue)
}

type waitingReply struct {
	Kind       string     `json:"kind" enum:"held,guardianship,policy_proposal,policy_stop,article,campaign"`
	ID         string     `json:"id" doc:"Under the kind's own path: held_id, guardianship_id, proposal_id, article_id/versions/version, campaign_id"`
	Title      string     `json:"title"`
	Since      time.Time  `json:"since"`
	AgeHours   int        `json:"age_hours"`
	DueAt      *time.Time `json:"due_at,omitempty"`
	Overdue    bool       `json:"overdue"`
	Owner      string     `json:"owner,omitempty" doc:"Whose task it is: department, finance, operations, or a department's name"`
	AssignedTo string     `json:"assigned_to,omitempty" doc:"Of the staff"`
	Own        bool       `json:"own" doc:"One's own proposal or text: a second person decides"`
}

type reviewKindReply struct {
	Kind    string     `json:"kind"`
	Count   int        `json:"count"`
	More    bool       `json:"more" doc:"There are more than were counted"`
	Overdue int        `json:"overdue"`
	Oldest  *time.Time `json:"oldest,omitempty"`
}

type reviewQueueInput struct {
	Kind   string `query:"kind" enum:",held,guardianship,policy_proposal,policy_stop,article,campaign" doc:"Left out: all"`
	Limit  int    `query:"limit" default:"50" minimum:"1" maximum:"200"`
	Cursor string `query:"cursor" maxLength:"512"`
}

type reviewQueueOutput struct {
	Body struct {
		Items      []waitingReply    `json:"items" nullable:"false"`
		NextCursor string            `json:"next_cursor" doc:"Empty at the end"`
		Kinds      []reviewKindReply `json:"kinds" nullable:"false" doc:"Those that a role of one's own opens"`
	}
}

func (s *server) showReviewQueue(ctx context.Context, in *reviewQueueInput) (*reviewQueueOutput, error) {
	by := actorFrom(ctx)
	place, err := s.placeOf(ctx, by.ID, in.Kind, in.Cursor)
	if err != nil {
		return nil, err
	}
	found, err := s.ReviewQueue.ReviewQueue(ctx, by, in.Kind, hotline.ParseReviewPlace(place), in.Limit)
	if err != nil {
		return nil, err
	}
	out, now := &reviewQueueOutput{}, s.Clock.Now()
	if next := found.Next.String(); next != "" {
		out.Body.NextCursor = s.cursorOf(ctx, by.ID, in.Kind, next)
	}
	out.Body.Items, out.Body.Kinds = make([]waitingReply, len(found.Items)), make([]reviewKindReply, len(found.Kinds))
	for i, w := range found.Items {
		out.Body.Items[i] = waitingReply{
			Kind: w.Kind, ID: w.ID, Title: w.Title, Since: w.Since, AgeHours: int(now.Sub(w.Since).Hours()), DueAt: instantOrNone(w.DueAt), Overdue: w.Overdue,
			Owner: w.Owner, AssignedTo: string(w.AssignedTo), Own: w.Own,
		}
	}
	for i, k := range found.Kinds {
		out.Body.Kinds[i] = reviewKindReply{k.Kind, k.Count, k.More, k.Overdue, instantOrNone(k.Oldest)}
	}
	return out, nil
}
