package hotline

import (
	"context"
	"slices"
	"strings"

	"onecard/models"
)

// Duties are what an administrator changes of an account: what it may, and where.
type Duties struct {
	Roles                []string
	District, Department string
}

// StaffMember is one account as administrators see it.
type StaffMember struct {
	Staff
	Locked    bool   // by failed log-ins, for half an hour (R56)
	Extension string // of the telephone at the seat; empty: none
}

// ListMembers is every account by login, with its lock and its telephone; without secrets.
func (s *Service) ListMembers(ctx context.Context, by models.Actor) ([]StaffMember, error) {
	all, err := s.ListStaff(ctx, by)
	if err != nil {
		return nil, err
	}
	logins := make([]string, len(all))
	for i, m := range all {
		logins[i] = m.Login
	}
	locked, err := s.Attempts.LockedLogins(ctx, logins, s.Clock.Now().Add(-lockFor), attemptLimit)
	if err != nil {
		return nil, err
	}
	seats, err := s.Extensions.AllExtensions(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]StaffMember, len(all))
	for i, m := range all {
		out[i] = StaffMember{m, slices.Contains(locked, m.Login), seats[m.ID]}
	}
	return out, nil
}

// ChangeDuties gives an account other roles, another district or department; it counts with the member's next request.
// ErrRoleUnknown, ErrRolesClash, ErrLiaisonDepartment, ErrDistrictFormat; ErrOwnRoles; ErrLastAdministrator.
func (s *Service) ChangeDuties(ctx context.Context, by models.Actor, who string, in Duties) (Staff, error) {
	roles, err := ParseRoles(in.Roles)
	if err != nil {
		return Staff{}, err
	}
	return s.changeStaff(ctx, by, who, "hotline.staff.duties_changed", func(ctx context.Context, m *Staff) ([]string, error) {
		before := roleCodes(m.Roles)
		m.Roles, m.District, m.Department = roles, strings.TrimSpace(in.District), strings.TrimSpace(in.Department)
		if err := m.checkDuties(); err != nil {
			return nil, err
		}
		return []string{"before", before, "roles", roleCodes(roles)}, s.Staff.UpdateDuties(ctx, *m)
	})
}

// DisableStaff closes an account for good and ends its sessions in the same commit. ErrOwnRoles, ErrLastAdministrator.
func (s *Service) DisableStaff(ctx context.Context, by models.Actor, who string) error {
	_, err := s.changeStaff(ctx, by, who, "hotline.staff.disabled", func(ctx context.Context, m *Staff) ([]string, error) {
		m.DisabledAt = models.Instant(s.Clock.Now())
		return nil, s.closeDoors(ctx, *m, "disabled")
	})
	return err
}

// ResetStaff gives a new one-time password, takes second factor, recovery codes and sign-on away, lifts the lock and ends the
// sessions in the same commit. ErrOwnRoles: one's own factors are changed with both of them.
func (s *Service) ResetStaff(ctx context.Context, by models.Actor, who, password string) (Enrolment, error) {
	if err := s.mayManage(ctx, by); err != nil {
		return Enrolment{}, err
	}
	renewed, err := s.findStaff(ctx, who)
	if err != nil {
		return Enrolment{}, err
	}
	e, err := s.renewFactors(ctx, &renewed, password) // slow, so before the transaction; the version holds it together
	if err != nil {
		return Enrolment{}, err
	}
	done := false
	e.Staff, err = s.changeStaff(ctx, by, who, "hotline.staff.reset", func(ctx context.Context, m *Staff) ([]string, error) {
		if done = true; m.Version != renewed.Version {
			return nil, models.ErrConflict
		}
		*m = renewed
		m.Subject = "" // the account of the sign-on is a door too; an administrator links it again
		if err := s.Factors.ReplaceRecoveryCodes(ctx, m.ID, nil); err != nil {
			return nil, err
		}
		return nil, s.closeDoors(ctx, *m, "reset")
	})
	if !done {
		e.Password = "" // a repeat: it was shown once
	}
	return e, err
}

// UnlockStaff ends the lock of failed log-ins before its half hour is over.
func (s *Service) UnlockStaff(ctx context.Context, by models.Actor, who string) (Staff, error) {
	return s.changeStaff(ctx, by, who, "hotline.staff.unlocked", func(ctx context.Context, m *Staff) ([]string, error) {
		return nil, s.Attempts.ForgetAttempts(ctx, m.Login)
	})
}

// LinkSignOn names the account of the bureau's sign-on that opens this one; empty ends it. Nothing else ever links them.
// ErrSubjectTaken, ErrOwnRoles.
func (s *Service) LinkSignOn(ctx context.Context, by models.Actor, who, subject string) (Staff, error) {
	return s.changeStaff(ctx, by, who, "hotline.staff.sign_on_linked", func(ctx context.Context, m *Staff) ([]string, error) {
		m.Subject = strings.TrimSpace(subject)
		linked := "yes"
		if m.Subject == "" {
			linked = "no"
		}
		return []string{"linked", linked}, s.Staff.UpdateStaff(ctx, *m)
	})
}

// closeDoors writes m and ends what is open to it.
func (s *Service) closeDoors(ctx context.Context, m Staff, reason string) error {
	if err := s.Staff.UpdateStaff(ctx, m); err != nil {
		return err
	}
	if err := s.Attempts.ForgetAttempts(ctx, m.Login); err != nil {
		return err
	}
	_, err := s.Sessions.EndSessionsOf(ctx, m.ID, s.Clock.Now(), reason)
	return err
}

// changeStaff is one decision about another's account. The administrators are held while it is made, and who decides is
// looked at again under that: of two who disable each other one stays. A repeat with the same key changes nothing.
func (s *Service) changeStaff(ctx context.Context, by models.Actor, who, action string,
	change func(ctx context.Context, m *Staff) (notes []string, err error),
) (Staff, error) {
	if err := s.mayManage(ctx, by); err != nil {
		return Staff{}, err
	}
	var m Staff
	err := s.Journal.InTx(ctx, func(ctx context.Context) error {
		prior, err := s.Journal.Remember(ctx, by, "staff", who)
		if err != nil {
			return err
		}
		admins, err := s.Staff.HoldAdministrators(ctx)
		if err != nil {
			return err
		}
		if err := s.mayManage(ctx, by); err != nil {
			return err
		}
		if m, err = s.findStaff(ctx, who); err != nil || prior != "" {
			return err
		}
		switch {
		case m.ID == by.ID:
			return ErrOwnRoles
		case !m.DisabledAt.IsZero():
			return ErrStaffUnchanged
		}
		notes, err := change(ctx, &m)
		if err != nil {
			return err
		}
		others := slices.DeleteFunc(admins, func(id models.ID) bool { return id == m.ID })
		if len(others) < len(admins) && len(others) == 0 && !m.Can(MayManageStaff) {
			return ErrLastAdministrator
		}
		return s.record(ctx, by, action, "staff", string(m.ID), "done", notes...)
	})
	if err != nil {
		return Staff{}, err
	}
	return m, nil
}

// findStaff reads an account by login, as it is typed, or by id: no login has the form of an id.
func (s *Service) findStaff(ctx context.Context, who string) (Staff, error) {
	if id, err := models.ParseID(who); err == nil {
		return s.Staff.StaffByID(ctx, id)
	}
	return s.Staff.StaffByLogin(ctx, normaliseLogin(who))
}
