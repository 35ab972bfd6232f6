package api

import (
	"context"
	"net/http"
	"time"

	"onecard/models"
	"onecard/models/card"
	"onecard/models/citizen"
)

// Family are the use cases of acting for somebody else.
type Family interface {
	ActFor(ctx context.Context, by models.Actor, in citizen.ActingFor) (models.Actor, error)

	AddDependant(ctx context.Context, by models.Actor, in citizen.AddDependantInput) (citizen.Relation, error)
	Dependants(ctx context.Context, by models.Actor) ([]citizen.RelationView, error)
	ChooseRecipients(ctx context.Context, by models.Actor, id models.ID, to citizen.Recipients) (citizen.RelationView, error)
	EndRelation(ctx context.Context, by models.Actor, kind models.Capacity, id models.ID) error

	NameHelper(ctx context.Context, by models.Actor, in citizen.Claim) (citizen.Relation, error)
	Helpers(ctx context.Context, by models.Actor) (named, helping []citizen.RelationView, err error)
	AcceptHelper(ctx context.Context, by models.Actor, id models.ID) (citizen.Relation, error)
	RedeemHelperSlip(ctx context.Context, by models.Actor, code, idNumber string) (citizen.Relation, error)

	HelpersByPhone(ctx context.Context, by models.Actor) ([]citizen.RelationView, error)
	RevokeHelperByPhone(ctx context.Context, by models.Actor, id models.ID) error

	GuardianshipsToReview(ctx context.Context, by models.Actor, after models.ID, limit int) ([]citizen.ToReview, error)
	HouseholdPage(ctx context.Context, by models.Actor, id models.ID, page string) ([]byte, error)
	ReviewGuardianship(ctx context.Context, by models.Actor, id models.ID, prove bool, reason string) (citizen.Relation, error)
}

// relativeErrors are those of saying who a relative is.
var relativeErrors = []*models.Error{models.ErrIDForm, models.ErrIDDate, models.ErrIDChecksum, models.ErrNameForm, citizen.ErrRelativeTries}

func (s *server) registerDependants() {
	register(s, op{
		Method: http.MethodPost, Path: "/v1/dependants", ID: "addDependant",
		Summary: "Say whose guardian one is (监护人代办, R23): 201 proved by the registry, 202 the household book is being looked at",
		Act:     models.ActGuard, Audience: Citizen, Limit: LimitWrite, Statuses: []int{http.StatusCreated, http.StatusAccepted},
		Errs: append([]*models.Error{citizen.ErrGuardianTooYoung, citizen.ErrDependantOfAge, citizen.ErrDependantNotProved, citizen.ErrIdentityNotMatched,
			citizen.ErrConsentRequired, card.ErrUploadUnknown, models.ErrConflict}, relativeErrors...),
	}, s.addDependant)
	register(s, op{
		Method: http.MethodGet, Path: "/v1/dependants", ID: "listDependants", Summary: "The children one is guardian of, masked, and who is told what",
		Audience: Citizen, Limit: LimitRead,
	}, s.listDependants)
	register(s, op{
		Method: http.MethodPatch, Path: "/v1/dependants/{dependant_id}", ID: "chooseRecipients", Summary: "Choose who is told of a child's progress; a loss is told to both",
		Act: models.ActGuard, Audience: Citizen, Limit: LimitWrite, Errs: []*models.Error{citizen.ErrChildIsToldToo, citizen.ErrRecipientsWrong, models.ErrConflict},
	}, s.chooseRecipients)
	register(s, op{
		Method: http.MethodDelete, Path: "/v1/dependants/{dependant_id}", ID: "endDependant", Summary: "Give up acting for a child",
		Audience: Citizen, Limit: LimitWrite, Statuses: []int{http.StatusNoContent}, Errs: []*models.Error{models.ErrConflict},
	}, s.endDependant)
}

type toldReply struct {
	Who     string `json:"who" enum:"guardian,child"`
	Phone   string `json:"phone" doc:"Masked"`
	Routine bool   `json:"routine" doc:"Told of progress; of a loss both are always told"`
}

type dependantReply struct {
	DependantID string      `json:"dependant_id" doc:"To be sent as Onecard-For with what is done for the child"`
	State       string      `json:"state" enum:"requested,proved,refused,ended"`
	Reason      string      `json:"reason,omitempty" doc:"Why it was refused or has ended, a code"`
	Proof       string      `json:"proof" enum:"registry,household_book"`
	Name        string      `json:"name" doc:"Masked"`
	Age         int         `json:"age"`
	Recipients  string      `json:"recipients" enum:"guardian,both" doc:"Who is told of progress; from 14 on the child always is"`
	Told        []toldReply `json:"told" nullable:"false" doc:"Shown before anything is submitted"`
	MadeAt      time.Time   `json:"made_at"`
	EndedAt     *time.Time  `json:"ended_at,omitempty"`
}

func newDependantReply(v citizen.RelationView) dependantReply {
	out := dependantReply{
		DependantID: string(v.ID), State: string(v.State), Reason: v.ReasonCode, Proof: string(v.Proof), Name: v.Other.Name.String(), Age: v.Age,
		Recipients: string(v.Recipients), Told: []toldReply{}, MadeAt: v.MadeAt, EndedAt: instantOrNone(v.EndedAt),
	}
	for _, t := range v.Told {
		out.Told = append(out.Told, toldReply{t.Who, t.Phone.String(), t.Routine})
	}
	return out
}

type addDependantInput struct {
	Body struct {
		Name          string `json:"name,omitempty" maxLength:"400"`
		IDNumber      string `json:"id_number,omitempty" maxLength:"64"`
		HouseholdBook struct {
			Front string `json:"front,omitempty" maxLength:"36" doc:"Of takeUpload, purpose household_front"`
			Child string `json:"child,omitempty" maxLength:"36" doc:"Of takeUpload, purpose household_page"`
		} `json:"household_book,omitempty" doc:"Only after HOUSEHOLD_BOOK_REQUIRED"`
	}
}

type relationOutput struct {
	Status int
	Body   struct {
		RelationID string `json:"relation_id" doc:"To be sent as Onecard-For once it is proved or active"`
		State      string `json:"state" enum:"requested,proved,named,active"`
	}
}

func newRelationOutput(status int, r citizen.Relation) *relationOutput {
	out := &relationOutput{Status: status}
	out.Body.RelationID, out.Body.State = string(r.ID), string(r.State)
	return out
}

func (s *server) addDependant(ctx context.Context, in *addDependantInput) (*relationOutput, error) {
	r, err := s.Citizens.AddDependant(ctx, actorFrom(ctx), citizen.AddDependantInput{
		Claim:     citizen.Claim{Name: in.Body.Name, IDNumber: in.Body.IDNumber},
		BookFront: models.ID(in.Body.HouseholdBook.Front), BookChild: models.ID(in.Body.HouseholdBook.Child),
	})
	if err != nil {
		return nil, err
	}
	status := http.StatusCreated
	if !r.Counts() {
		status = http.StatusAccepted
	}
	return newRelationOutput(status, r), nil
}

type dependantsOutput struct {
	ETag string `header:"ETag"`
	Body list[dependantReply]
}

func (s *server) listDependants(ctx context.Context, _ *struct{}) (*dependantsOutput, error) {
	list, err := s.Citizens.Dependants(ctx, actorFrom(ctx))
	if err != nil {
		return nil, err
	}
	items := make([]dependantReply, len(list))
	for i, v := range list {
		items[i] = newDependantReply(v)
	}
	body := listOf(items, "")
	return &dependantsOutput{s.etag(body), body}, nil
}

type chooseRecipientsInput struct {
	DependantID string `path:"dependant_id" maxLength:"36"`
	Body        struct {
		Recipients string `json:"recipients,omitempty" maxLength:"16" doc:"guardian or both"`
	}
}

type dependantOutput struct{ Body dependantReply }

func (s *server) chooseRecipients(ctx context.Context, in *chooseRecipientsInput) (*dependantOutput, error) {
	v, err := s.Citizens.ChooseRecipients(ctx, actorFrom(ctx), models.ID(in.DependantID), citizen.Recipients(in.Body.Recipients))
	if err != nil {
		return nil, err
	}
	return &dependantOutput{newDependantReply(v)}, nil
}

type dependantPath struct {
	DependantID string `path:"dependant_id" maxLength:"36"`
}

func (s *server) endDependant(ctx context.Context, in *dependantPath) (*struct{}, error) {
	return nil, s.Citizens.EndRelation(ctx, actorFrom(ctx), models.AsGuardian, models.ID(in.DependantID))
}
