package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"onecard/models"
	"onecard/models/hotline"
)

// AuditSearch is the use case of auditors.
type AuditSearch interface {
	SearchAudit(ctx context.Context, by models.Actor, in hotline.AuditSearch) ([]hotline.AuditLine, error)
}

func (s *server) registerAgentAudit() {
	register(s, op{
		Method: http.MethodGet, Path: "/agent/v1/audit", ID: "searchAudit",
		Summary:  "The trace of a member of staff, of a call, or about a person named by a receipt or a call; codes only, newest first. Each page is audited (R57)",
		Audience: Agent, May: hotline.MayReadAudit, Limit: LimitRead,
		Errs: []*models.Error{models.ErrNotFound, hotline.ErrAuditFilter, hotline.ErrAuditWindow},
	}, s.searchAudit)
}

type searchAuditInput struct {
	Page
	From         string `query:"from" required:"true" format:"date" maxLength:"10" doc:"First civil day"`
	To           string `query:"to" required:"true" format:"date" maxLength:"10" doc:"Last civil day; at most 31 days together"`
	Staff        string `query:"staff" maxLength:"36" doc:"Login or id"`
	CallID       string `query:"call_id" maxLength:"36" doc:"What happened in this call"`
	Receipt      string `query:"receipt" maxLength:"19" pattern:"^[0-9]{8}-[0-9]{8}-[0-9]$" doc:"About whom this receipt is: of a loss report, application, replacement or enquiry"`
	PersonOfCall string `query:"person_of_call" maxLength:"36" doc:"About the caller who was verified in this call"`
}

func (in searchAuditInput) filter() string {
	return strings.Join([]string{in.From, in.To, in.Staff, in.CallID, in.Receipt, in.PersonOfCall}, "|")
}

type auditReply struct {
	EntryID     string            `json:"entry_id"`
	At          time.Time         `json:"at"`
	ActorKind   string            `json:"actor_kind" enum:"citizen,agent,system"`
	Staff       string            `json:"staff,omitempty" doc:"Login of who of the staff it was"`
	Channel     string            `json:"channel"`
	Level       string            `json:"level"`
	AboutPerson bool              `json:"about_person" doc:"Whether it is about somebody; whom, no search says"`
	CallID      string            `json:"call_id,omitempty"`
	Action      string            `json:"action" doc:"E.g. card.loss.reported"`
	Object      string            `json:"object"`
	ObjectID    string            `json:"object_id,omitempty" doc:"Left out where it names a person"`
	Result      string            `json:"result"`
	Detail      map[string]string `json:"detail,omitempty" doc:"Codes"`
}

func newAuditReply(l hotline.AuditLine) auditReply {
	r := auditReply{
		EntryID: string(l.ID), At: l.At, ActorKind: string(l.ActorKind), Staff: l.Login, Channel: string(l.Channel), Level: l.Level,
		AboutPerson: l.SubjectID != "", CallID: string(l.CallID), Action: l.Action, Object: l.Object, ObjectID: l.ObjectID, Result: l.Result, Detail: l.Detail,
	}
	if l.Object == "persons" || l.ObjectID == string(l.SubjectID) {
		r.ObjectID = ""
	}
	return r
}

type searchAuditOutput struct{ Body list[auditReply] }

func (s *server) searchAudit(ctx context.Context, in *searchAuditInput) (*searchAuditOutput, error) {
	by := actorFrom(ctx)
	before, err := s.placeOf(ctx, by.ID, in.filter(), in.Cursor)
	if err != nil {
		return nil, err
	}
	found, err := s.Audit.SearchAudit(ctx, by, hotline.AuditSearch{
		Staff: in.Staff, CallID: models.ID(in.CallID), Receipt: in.Receipt, PersonOfCall: uuidOrNobody(in.PersonOfCall),
		From: models.Date(in.From), To: models.Date(in.To), Before: models.ID(before), Limit: in.Limit + 1,
	})
	if err != nil {
		return nil, err
	}
	next := ""
	if len(found) > in.Limit {
		found = found[:in.Limit]
		next = s.cursorOf(ctx, by.ID, in.filter(), string(found[in.Limit-1].ID))
	}
	items := make([]auditReply, len(found))
	for i, l := range found {
		items[i] = newAuditReply(l)
	}
	return &searchAuditOutput{listOf(items, next)}, nil
}

// nobodysID is an id no row has.
const nobodysID = "00000000-0000-0000-0000-000000000000"

// uuidOrNobody keeps what has no form of an id away from a column of ids.
func uuidOrNobody(s string) models.ID {
	if s == "" {
		return ""
	}
	if id, err := models.ParseID(s); err == nil {
		return id
	}
	return nobodysID
}
