package api

import (
	"context"
	"net/http"
	"time"

	"onecard/models"
	"onecard/models/citizen"
)

func (s *server) registerHelpers() {
	register(s, op{
		Method: http.MethodPost, Path: "/v1/helpers", ID: "nameHelper",
		Summary: "Name a family helper (亲属协助), after a fresh check; the helper has to accept",
		Act:     models.ActHelpers, Audience: Citizen, Limit: LimitWrite, Statuses: []int{http.StatusCreated},
		Errs: append([]*models.Error{citizen.ErrHolderTooYoung, citizen.ErrHelperSelf, citizen.ErrHelperTooYoung, citizen.ErrHelperUnknown, citizen.ErrHelpersFull,
			citizen.ErrIdentityNotMatched, models.ErrConflict}, relativeErrors...),
	}, s.nameHelper)
	register(s, op{
		Method: http.MethodGet, Path: "/v1/helpers", ID: "listHelpers", Summary: "Whom one has named, and whom one helps, masked",
		Audience: Citizen, Limit: LimitRead,
	}, s.listHelpers)
	register(s, op{
		Method: http.MethodPost, Path: "/v1/helpers/{helper_id}/acceptance", ID: "acceptHelper", Summary: "Accept to be a helper; the months count from now",
		Act: models.ActHelp, Audience: Citizen, Limit: LimitWrite, Statuses: []int{http.StatusOK}, Errs: []*models.Error{citizen.ErrIdentityNotMatched, models.ErrConflict},
	}, s.acceptHelper)
	register(s, op{
		Method: http.MethodPost, Path: "/v1/helper-slips", ID: "redeemHelperSlip",
		Summary: "Become the helper of somebody without a phone, by the one-time slip that a window made for her",
		Act:     models.ActHelp, Audience: Citizen, Limit: LimitWrite, Statuses: []int{http.StatusOK},
		Errs: append([]*models.Error{citizen.ErrCodeInvalid, citizen.ErrHelperTooYoung, citizen.ErrHolderTooYoung, citizen.ErrHelperSelf, citizen.ErrHelpersFull, citizen.ErrIdentityNotMatched,
			models.ErrConflict}, relativeErrors...),
	}, s.redeemHelperSlip)
	register(s, op{
		Method: http.MethodDelete, Path: "/v1/helpers/{helper_id}", ID: "endHelper", Summary: "The holder revokes, the helper declines or gives up; at any level",
		Audience: Citizen, Limit: LimitWrite, Statuses: []int{http.StatusNoContent}, Errs: []*models.Error{models.ErrConflict},
	}, s.endHelper)
}

type helperReply struct {
	HelperID  string     `json:"helper_id" doc:"Who helps sends it as Onecard-For"`
	State     string     `json:"state" enum:"named,active,declined,revoked,expired,ended"`
	Reason    string     `json:"reason,omitempty" doc:"Why it is over, a code"`
	Name      string     `json:"name" doc:"Of the other side, masked"`
	NamedAt   time.Time  `json:"named_at"`
	DecidedAt *time.Time `json:"decided_at,omitempty"`
	EndsAt    *time.Time `json:"ends_at,omitempty" doc:"When the powers end by themselves"`
	EndedAt   *time.Time `json:"ended_at,omitempty"`
}

func newHelperReplies(list []citizen.RelationView) []helperReply {
	out := make([]helperReply, len(list))
	for i, v := range list {
		out[i] = helperReply{
			HelperID: string(v.ID), State: string(v.State), Reason: v.ReasonCode, Name: v.Other.Name.String(), NamedAt: v.MadeAt,
			DecidedAt: instantOrNone(v.DecidedAt), EndsAt: instantOrNone(v.EndsAt), EndedAt: instantOrNone(v.EndedAt),
		}
	}
	return out
}

func (s *server) nameHelper(ctx context.Context, in *claimInput) (*relationOutput, error) {
	r, err := s.Citizens.NameHelper(ctx, actorFrom(ctx), in.claim())
	if err != nil {
		return nil, err
	}
	return newRelationOutput(http.StatusCreated, r), nil
}

type helpersOutput struct {
	ETag string `header:"ETag"`
	Body struct {
		Helpers []helperReply `json:"helpers" nullable:"false" doc:"Whom one has named"`
		Helping []helperReply `json:"helping" nullable:"false" doc:"Who has named one"`
	}
}

func (s *server) listHelpers(ctx context.Context, _ *struct{}) (*helpersOutput, error) {
	named, helping, err := s.Citizens.Helpers(ctx, actorFrom(ctx))
	if err != nil {
		return nil, err
	}
	out := &helpersOutput{}
	out.Body.Helpers, out.Body.Helping = newHelperReplies(named), newHelperReplies(helping)
	out.ETag = s.etag(out.Body)
	return out, nil
}

type helperPath struct {
	HelperID string `path:"helper_id" maxLength:"36"`
}

func (s *server) acceptHelper(ctx context.Context, in *helperPath) (*relationOutput, error) {
	r, err := s.Citizens.AcceptHelper(ctx, actorFrom(ctx), models.ID(in.HelperID))
	if err != nil {
		return nil, err
	}
	return newRelationOutput(http.StatusOK, r), nil
}

func (s *server) redeemHelperSlip(ctx context.Context, in *slipInput) (*relationOutput, error) {
	r, err := s.Citizens.RedeemHelperSlip(ctx, actorFrom(ctx), in.Body.Code, in.Body.IDNumber)
	if err != nil {
		return nil, err
	}
	return newRelationOutput(http.StatusOK, r), nil
}

func (s *server) endHelper(ctx context.Context, in *helperPath) (*struct{}, error) {
	return nil, s.Citizens.EndRelation(ctx, actorFrom(ctx), models.AsHelper, models.ID(in.HelperID))
}
