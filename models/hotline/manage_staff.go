package hotline

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"onecard/models"
)

// Operator is the actor of the command line, where whoever may run it is already the machine's administrator.
func Operator() models.Actor { return models.Actor{Kind: models.SystemActor, Channel: models.Console} }

// AddStaffInput is a new account. An empty Password asks for one to be made.
type AddStaffInput struct {
	Login, Name, Password string
	Roles                 []string
	District, Department  string
}

// Enrolment is what a new or reset member of staff needs: a password that opens an enrolment, once, and nothing else. It is
// shown once and kept nowhere.
type Enrolment struct {
	Staff    Staff
	Password string
	Until    time.Time
}

// AddStaff makes an account with a one-time password. Administrators and the command line may; ErrLoginTaken, ErrRolesClash,
// ErrPasswordWeak, ErrLiaisonDepartment, ErrDistrictFormat. A repeat with the same key is the same account, without the password.
func (s *Service) AddStaff(ctx context.Context, by models.Actor, in AddStaffInput) (Enrolment, error) {
	if err := s.mayManage(ctx, by); err != nil {
		return Enrolment{}, err
	}
	m, err := newStaff(in)
	if err != nil {
		return Enrolment{}, err
	}
	m.CreatedAt = s.Clock.Now()
	e, err := s.renewFactors(ctx, &m, in.Password)
	if err != nil {
		return Enrolment{}, err
	}
	err = s.Journal.InTx(ctx, func(ctx context.Context) error {
		prior, err := s.Journal.Remember(ctx, by, "staff", string(m.ID))
		if err != nil {
			return err
		}
		if prior != "" {
			e.Password = ""
			e.Staff, err = s.Staff.StaffByID(ctx, models.ID(prior))
			return err
		}
		if err := s.Staff.CreateStaff(ctx, m); err != nil {
			return err
		}
		return s.record(ctx, by, "hotline.staff.added", "staff", string(m.ID), "done", "roles", roleCodes(m.Roles))
	})
	return e, err
}

func newStaff(in AddStaffInput) (Staff, error) {
	login := normaliseLogin(in.Login)
	if !loginForm.MatchString(login) {
		return Staff{}, ErrStaffNameForm
	}
	name, err := models.ParseName(in.Name)
	if err != nil {
		return Staff{}, err
	}
	roles, err := ParseRoles(in.Roles)
	if err != nil {
		return Staff{}, err
	}
	m := Staff{
		ID: models.NewID(), Login: login, Name: name, Roles: roles,
		District: in.District, Department: strings.TrimSpace(in.Department), Version: 1,
	}
	return m, m.checkDuties()
}

// checkDuties holds what roles ask of an account: a liaison answers for a department, of one district or of the city.
func (s Staff) checkDuties() error {
	switch {
	case slices.Contains(s.Roles, RoleLiaison) && s.Department == "":
		return ErrLiaisonDepartment
	case s.District != "" && !districtForm.MatchString(s.District):
		return ErrDistrictFormat
	}
	return nil
}

// roleCodes are roles as an audit entry holds them.
func roleCodes(roles []Role) string {
	words := make([]string, len(roles))
	for i, r := range roles {
		words[i] = string(r)
	}
	return strings.Join(words, "+")
}

// renewFactors gives m a one-time password (made when empty) and takes its second factor away. What stands in its place is a
// secret nobody has seen: a program of before enrolments, running beside this one, opens nothing with it either.
func (s *Service) renewFactors(ctx context.Context, m *Staff, password string) (Enrolment, error) {
	var err error
	if password == "" {
		if password, err = newPassword(m.Login); err != nil {
			return Enrolment{}, err
		}
	}
	if err := checkPassword(m.Login, password); err != nil {
		return Enrolment{}, err
	}
	if m.PasswordHash, err = hashPassword(ctx, password); err != nil {
		return Enrolment{}, err
	}
	if m.TOTPSecret, err = newTOTPSecret(); err != nil {
		return Enrolment{}, err
	}
	m.TOTPPending, m.OneTimeUntil = "", models.Instant(s.Clock.Now().Add(s.OneTimeLife))
	return Enrolment{Staff: *m, Password: password, Until: m.OneTimeUntil}, nil
}

// ListStaff is every account, without secrets.
func (s *Service) ListStaff(ctx context.Context, by models.Actor) ([]Staff, error) {
	if err := s.mayManage(ctx, by); err != nil {
		return nil, err
	}
	return s.Staff.ListStaff(ctx)
}

func (s *Service) mayManage(ctx context.Context, by models.Actor) error {
	if by.Kind == models.SystemActor && by.Channel == models.Console {
		return nil
	}
	_, err := s.member(ctx, by, MayManageStaff)
	return err
}

// DemoStaff is an account whose factors everyone knows.
type DemoStaff struct {
	Login, Name, Password, TOTPSecret string
	Roles                             []string
}

// EnsureStaff makes the demo account of dev and demo if it is not there yet. Production gets ErrDemoInUse, and would
// refuse its log-in even if the row came over with a copied database.
func (s *Service) EnsureStaff(ctx context.Context, in DemoStaff) error {
	if s.Production {
		return ErrDemoInUse
	}
	old, err := s.Staff.StaffByLogin(ctx, normaliseLogin(in.Login))
	if err == nil && !old.Demo {
		return ErrLoginTaken
	}
	if err == nil || !errors.Is(err, models.ErrNotFound) {
		return err
	}
	m, err := newStaff(AddStaffInput{Login: in.Login, Name: in.Name, Roles: in.Roles})
	if err != nil {
		return err
	}
	m.Demo, m.TOTPSecret, m.CreatedAt = true, in.TOTPSecret, s.Clock.Now()
	if m.PasswordHash, err = hashPublic(ctx, in.Password); err != nil {
		return err
	}
	err = s.Journal.InTx(ctx, func(ctx context.Context) error {
		if err := s.Staff.CreateStaff(ctx, m); err != nil {
			return err
		}
		return s.record(ctx, Operator(), "hotline.staff.added", "staff", string(m.ID), "done", "demo", "yes")
	})
	if errors.Is(err, ErrLoginTaken) { // a second process was first
		return nil
	}
	return err
}
