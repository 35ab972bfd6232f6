package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"onecard/models"
	"onecard/models/citizen"
	"onecard/models/hotline"
)

func (s *server) registerAgentFamily() {
	register(s, op{
		Method: http.MethodGet, Path: "/agent/v1/calls/{call_id}/helpers", ID: "helpersOfCaller", Summary: "The family helpers of the caller, known as for a loss report; masked; a look at the person (R59)",
		Audience: Agent, May: hotline.MayTakeCalls, Limit: LimitRead, Errs: append([]*models.Error{hotline.ErrVerificationRequired}, inCall...),
	}, s.helpersOfCaller)
	register(s, op{
		Method: http.MethodPost, Path: "/agent/v1/calls/{call_id}/helpers/{helper_id}/revocation", ID: "revokeHelperByPhone",
		Summary: "End a family helper's powers for the caller; both are told", Audience: Agent, May: hotline.MayTakeCalls, Limit: LimitWrite, Statuses: []int{http.StatusNoContent},
		Errs: append([]*models.Error{hotline.ErrVerificationRequired, citizen.ErrRelationUnknown}, inCall...),
	}, s.revokeHelperByPhone)
	register(s, op{
		Method: http.MethodGet, Path: "/agent/v1/guardianships", ID: "listGuardianships", Summary: "Guardians whose household book waits for a reviewer, the oldest first; names masked",
		Audience: Agent, May: hotline.MayReviewBooks, Limit: LimitRead, Errs: []*models.Error{hotline.ErrNotPermitted},
	}, s.listGuardianships)
	register(s, op{
		Method: http.MethodGet, Path: "/agent/v1/guardianships/{guardianship_id}/pages/{page}", ID: "showHouseholdPage",
		Summary: "One page of the household book, while the request is open; audited", Audience: Agent, May: hotline.MayReviewBooks, Limit: LimitRead, Produces: "image/jpeg",
		Errs: []*models.Error{hotline.ErrNotPermitted, citizen.ErrPageUnknown},
	}, s.showHouseholdPage)
	register(s, op{
		Method: http.MethodPost, Path: "/agent/v1/guardianships/{guardianship_id}/decision", ID: "decideGuardianship", Summary: "Whether the household book proves the guardian",
		Audience: Agent, May: hotline.MayReviewBooks, Limit: LimitWrite, Statuses: []int{http.StatusOK},
		Errs: []*models.Error{hotline.ErrNotPermitted, models.ErrNotFound, models.ErrConflict, citizen.ErrReviewReason, citizen.ErrRelationOver, citizen.ErrDependantOfAge, citizen.ErrIdentityNotMatched},
	}, s.decideGuardianship)
}

type callHelpersOutput struct {
	Body struct {
		Helpers []helperReply `json:"helpers" nullable:"false"`
	}
}

func (s *server) helpersOfCaller(ctx context.Context, in *CallPath) (*callHelpersOutput, error) {
	var list []citizen.RelationView
	_, err := s.Calls.Looking(ctx, actorFrom(ctx), in.id(), hotline.SeesHelpers, func(ctx context.Context, by models.Actor) (err error) {
		list, err = s.Citizens.HelpersByPhone(ctx, by)
		return err
	})
	if err != nil {
		return nil, err
	}
	out := &callHelpersOutput{}
	out.Body.Helpers = newHelperReplies(list)
	return out, nil
}

type callHelperPath struct {
	CallPath
	HelperID string `path:"helper_id" maxLength:"36"`
}

func (s *server) revokeHelperByPhone(ctx context.Context, in *callHelperPath) (*struct{}, error) {
	by, err := s.Calls.ActorIn(ctx, actorFrom(ctx), in.id())
	if err != nil {
		return nil, err
	}
	return nil, s.Citizens.RevokeHelperByPhone(ctx, by, models.ID(in.HelperID))
}

type guardianshipReply struct {
	GuardianshipID string    `json:"guardianship_id"`
	Guardian       string    `json:"guardian" doc:"Masked"`
	GuardianID     string    `json:"guardian_id_number" doc:"Masked"`
	Child          string    `json:"child" doc:"Masked"`
	ChildID        string    `json:"child_id_number" doc:"Masked"`
	Pages          []string  `json:"pages" nullable:"false"`
	MadeAt         time.Time `json:"made_at"`
}

type guardianshipsOutput struct {
	ETag string `header:"ETag"`
	Body list[guardianshipReply]
}

func (s *server) listGuardianships(ctx context.Context, in *struct{ Page }) (*guardianshipsOutput, error) {
	by := actorFrom(ctx)
	after, err := s.placeOf(ctx, by.ID, "", in.Cursor)
	if err != nil {
		return nil, err
	}
	list, err := s.Citizens.GuardianshipsToReview(ctx, by, models.ID(after), in.Limit+1)
	if err != nil {
		return nil, err
	}
	next := ""
	if len(list) > in.Limit {
		list = list[:in.Limit]
		next = string(list[in.Limit-1].ID)
	}
	items := make([]guardianshipReply, len(list))
	for i, r := range list {
		items[i] = guardianshipReply{
			GuardianshipID: string(r.ID), Guardian: r.Guardian.Name.String(), GuardianID: r.Guardian.IDNumber.String(), Child: r.Child.Name.String(),
			ChildID: r.Child.IDNumber.String(), Pages: []string{"front", "child"}, MadeAt: r.MadeAt,
		}
	}
	body := listOf(items, s.cursorOf(ctx, by.ID, "", next))
	return &guardianshipsOutput{s.etag(body), body}, nil
}

type householdPageInput struct {
	GuardianshipID string `path:"guardianship_id" maxLength:"36"`
	Page           string `path:"page" maxLength:"16" doc:"front or child"`
}

type householdPageOutput struct {
	Type string `header:"Content-Type"`
	Body []byte
}

func (s *server) showHouseholdPage(ctx context.Context, in *householdPageInput) (*householdPageOutput, error) {
	id, err := models.ParseID(in.GuardianshipID)
	if err != nil || !slices.Contains([]string{"front", "child"}, in.Page) {
		return nil, citizen.ErrPageUnknown
	}
	page, err := s.Citizens.HouseholdPage(ctx, actorFrom(ctx), id, in.Page)
	if err != nil {
		return nil, err
	}
	return &householdPageOutput{"image/jpeg", page}, nil
}

type decideGuardianshipInput struct {
	GuardianshipID string `path:"guardianship_id" maxLength:"36"`
	Body           struct {
		Proved bool   `json:"proved"`
		Reason string `json:"reason,omitempty" maxLength:"32" doc:"Of a refusal: BOOK_UNCLEAR, NOT_SAME_CHILD or NOT_GUARDIAN"`
	}
}

type decidedGuardianshipOutput struct {
	Body struct {
		State string `json:"state" enum:"proved,refused"`
	}
}

func (s *server) decideGuardianship(ctx context.Context, in *decideGuardianshipInput) (*decidedGuardianshipOutput, error) {
	id, err := models.ParseID(in.GuardianshipID)
	if err != nil {
		return nil, models.ErrNotFound
	}
	r, err := s.Citizens.ReviewGuardianship(ctx, actorFrom(ctx), id, in.Body.Proved, in.Body.Reason)
	if err != nil {
		return nil, err
	}
	out := &decidedGuardianshipOutput{}
	out.Body.State = string(r.State)
	return out, nil
}
