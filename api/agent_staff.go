package api

import (
	"context"
	"net/http"
	"time"

	"onecard/models"
	"onecard/models/hotline"
)

// StaffOffice are the use cases of administrators: who is staff, and what they may.
type StaffOffice interface {
	ListMembers(ctx context.Context, by models.Actor) ([]hotline.StaffMember, error)
	AddStaff(ctx context.Context, by models.Actor, in hotline.AddStaffInput) (hotline.Enrolment, error)
	ChangeDuties(ctx context.Context, by models.Actor, who string, in hotline.Duties) (hotline.Staff, error)
	ResetStaff(ctx context.Context, by models.Actor, who, password string) (hotline.Enrolment, error)
	DisableStaff(ctx context.Context, by models.Actor, who string) error
	UnlockStaff(ctx context.Context, by models.Actor, who string) (hotline.Staff, error)
	LinkSignOn(ctx context.Context, by models.Actor, who, subject string) (hotline.Staff, error)
	SetExtension(ctx context.Context, by models.Actor, who, extension string) error
}

func (s *server) registerAgentStaff() {
	about := func(path, id, summary string, status int, errs ...*models.Error) op {
		return op{
			Method: http.MethodPost, Path: "/agent/v1/staff/{staff_id}/" + path, ID: id, Summary: summary,
			Audience: Agent, May: hotline.MayManageStaff, Limit: LimitWrite, Statuses: []int{status},
			Errs: append([]*models.Error{models.ErrNotFound, models.ErrConflict, hotline.ErrStaffUnchanged, hotline.ErrOwnRoles}, errs...),
		}
	}
	duties := []*models.Error{hotline.ErrRoleUnknown, hotline.ErrRolesClash, hotline.ErrLiaisonDepartment, hotline.ErrDistrictFormat}
	register(s, op{
		Method: http.MethodGet, Path: "/agent/v1/staff", ID: "listStaff", Summary: "Every account by login, disabled ones too; names masked",
		Audience: Agent, May: hotline.MayManageStaff, Limit: LimitRead,
	}, s.listStaff)
	register(s, op{
		Method: http.MethodPost, Path: "/agent/v1/staff", ID: "addStaff", Summary: "Add an account; answers a one-time password, shown this once, with which the newcomer enrols",
		Audience: Agent, May: hotline.MayManageStaff, Limit: LimitWrite, Statuses: []int{http.StatusCreated},
		Errs: append([]*models.Error{hotline.ErrLoginTaken, hotline.ErrStaffNameForm, models.ErrNameForm, hotline.ErrLogInBusy}, duties...),
	}, s.addStaff)
	register(s, about("duties", "changeDuties", "Other roles, district or department; counts with the member's next request", http.StatusOK,
		append(duties, hotline.ErrLastAdministrator)...), s.changeDuties)
	register(s, about("reset", "resetStaff", "A new one-time password; second factor, recovery codes, lock and session end", http.StatusOK, hotline.ErrLogInBusy), s.resetStaff)
	register(s, about("disable", "disableStaff", "Close an account for good, its session at once", http.StatusNoContent, hotline.ErrLastAdministrator), s.disableStaff)
	register(s, about("unlock", "unlockStaff", "End the lock of failed log-ins", http.StatusOK), s.unlockStaff)
	register(s, about("sign-on", "linkSignOn", "Name the account of the bureau's sign-on that opens this one; an empty subject ends it", http.StatusOK, hotline.ErrSubjectTaken), s.linkSignOn)
	register(s, about("extension", "setExtension", "Say which telephone rings at the account's seat; an empty one takes it away", http.StatusNoContent, hotline.ErrExtensionForm, hotline.ErrExtensionTaken), s.setExtension)
}

type staffFacts struct {
	StaffID    string     `json:"staff_id"`
	Login      string     `json:"login"`
	Name       string     `json:"name" doc:"Masked"`
	Roles      []string   `json:"roles" nullable:"false"`
	District   string     `json:"district"`
	Department string     `json:"department"`
	State      string     `json:"state" enum:"active,enrolling,disabled" doc:"enrolling: has a one-time password and opens nothing yet"`
	OneTime    *time.Time `json:"one_time_until,omitempty" doc:"While enrolling; after it only a reset helps"`
	SignOn     bool       `json:"sign_on" doc:"An account of the bureau's sign-on opens it too"`
	Extension  string     `json:"extension,omitempty" doc:"In the list: the telephone that rings at this seat"`
	Locked     bool       `json:"locked,omitempty" doc:"In the list: by failed log-ins, for 30 minutes (R56)"`
	Demo       bool       `json:"demo,omitempty"`
	CreatedAt  time.Time  `json:"created_at"`
	DisabledAt *time.Time `json:"disabled_at,omitempty"`
}

func newStaffFacts(m hotline.Staff) staffFacts {
	r := newStaffReply(m)
	f := staffFacts{
		StaffID: r.StaffID, Login: r.Login, Name: r.Name, Roles: r.Roles, District: m.District, Department: m.Department, State: "active",
		OneTime: instantOrNone(m.OneTimeUntil), SignOn: m.Subject != "", Demo: m.Demo, CreatedAt: m.CreatedAt, DisabledAt: instantOrNone(m.DisabledAt),
	}
	switch {
	case f.DisabledAt != nil:
		f.State = "disabled"
	case !m.Enrolled():
		f.State = "enrolling"
	}
	return f
}

type listStaffOutput struct{ Body list[staffFacts] }

func (s *server) listStaff(ctx context.Context, _ *struct{}) (*listStaffOutput, error) {
	all, err := s.StaffOffice.ListMembers(ctx, actorFrom(ctx))
	if err != nil {
		return nil, err
	}
	items := make([]staffFacts, len(all))
	for i, m := range all {
		items[i] = newStaffFacts(m.Staff)
		items[i].Locked, items[i].Extension = m.Locked, m.Extension
	}
	return &listStaffOutput{listOf(items, "")}, nil
}

type dutiesBody struct {
	Roles      []string `json:"roles" minItems:"1" maxItems:"8" doc:"auditor and administrator are never one person's"`
	District   string   `json:"district,omitempty" maxLength:"6" doc:"Six digits; empty is the city"`
	Department string   `json:"department,omitempty" maxLength:"64" doc:"A liaison must have one"`
}

type addStaffInput struct {
	Body struct {
		Login      string   `json:"login" maxLength:"64"`
		Name       string   `json:"name" maxLength:"64"`
		Roles      []string `json:"roles" minItems:"1" maxItems:"8"`
		District   string   `json:"district,omitempty" maxLength:"6"`
		Department string   `json:"department,omitempty" maxLength:"64"`
	}
}

type enrolmentOutput struct {
	Body struct {
		Staff   staffFacts `json:"staff"`
		OneTime string     `json:"one_time_password,omitempty" doc:"The one-time password; hand it over in person. Left out in the answer to a repeat"`
		Until   time.Time  `json:"until"`
	}
}

func newEnrolmentOutput(e hotline.Enrolment, err error) (*enrolmentOutput, error) {
	if err != nil {
		return nil, err
	}
	out := &enrolmentOutput{}
	out.Body.Staff, out.Body.OneTime, out.Body.Until = newStaffFacts(e.Staff), e.Password, e.Until
	return out, nil
}

func (s *server) addStaff(ctx context.Context, in *addStaffInput) (*enrolmentOutput, error) {
	return newEnrolmentOutput(s.StaffOffice.AddStaff(ctx, actorFrom(ctx), hotline.AddStaffInput{
		Login: in.Body.Login, Name: in.Body.Name, Roles: in.Body.Roles, District: in.Body.District, Department: in.Body.Department,
	}))
}

// StaffPath names an account in an address: by its id, never by its login.
type StaffPath struct {
	StaffID string `path:"staff_id" maxLength:"36"`
}

// id is the account's; whatever else stands in the address, a login for one, is nobody's.
func (p StaffPath) id() string {
	id, err := models.ParseID(p.StaffID)
	if err != nil {
		return ""
	}
	return string(id)
}

type memberOutput struct{ Body staffFacts }

func newMemberOutput(m hotline.Staff, err error) (*memberOutput, error) {
	if err != nil {
		return nil, err
	}
	return &memberOutput{newStaffFacts(m)}, nil
}

type changeDutiesInput struct {
	StaffPath
	Body dutiesBody
}

func (s *server) changeDuties(ctx context.Context, in *changeDutiesInput) (*memberOutput, error) {
	return newMemberOutput(s.StaffOffice.ChangeDuties(ctx, actorFrom(ctx), in.id(), hotline.Duties(in.Body)))
}

func (s *server) resetStaff(ctx context.Context, in *StaffPath) (*enrolmentOutput, error) {
	return newEnrolmentOutput(s.StaffOffice.ResetStaff(ctx, actorFrom(ctx), in.id(), ""))
}

func (s *server) disableStaff(ctx context.Context, in *StaffPath) (*struct{}, error) {
	return nil, s.StaffOffice.DisableStaff(ctx, actorFrom(ctx), in.id())
}

func (s *server) unlockStaff(ctx context.Context, in *StaffPath) (*memberOutput, error) {
	return newMemberOutput(s.StaffOffice.UnlockStaff(ctx, actorFrom(ctx), in.id()))
}

type linkSignOnInput struct {
	StaffPath
	Body struct {
		Subject string `json:"subject" maxLength:"255" doc:"sub of the bureau's sign-on, as its administrator reads it; never an e-mail"`
	}
}

func (s *server) linkSignOn(ctx context.Context, in *linkSignOnInput) (*memberOutput, error) {
	return newMemberOutput(s.StaffOffice.LinkSignOn(ctx, actorFrom(ctx), in.id(), in.Body.Subject))
}

type setExtensionInput struct {
	StaffPath
	Body struct {
		Extension string `json:"extension" maxLength:"8" doc:"2 to 8 digits, or nothing"`
	}
}

func (s *server) setExtension(ctx context.Context, in *setExtensionInput) (*struct{}, error) {
	return nil, s.StaffOffice.SetExtension(ctx, actorFrom(ctx), in.id(), in.Body.Extension)
}
