package hotline

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"onecard/models"
)

// Role is a duty of a member of staff.
type Role string

// The roles. An auditor looks at what administrators did, so no one is both.
const (
	RoleAgent           Role = "agent"
	RoleSupervisor      Role = "supervisor"
	RoleReviewer        Role = "reviewer"
	RolePolicyManager   Role = "policy_manager"
	RoleKnowledgeEditor Role = "knowledge_editor"
	RoleLiaison         Role = "liaison" // of a department: own department and district only
	RoleAuditor         Role = "auditor"
	RoleAdministrator   Role = "administrator"
)

// Permission is one thing a role opens.
type Permission string

// The permissions. None of them opens a release, an activation or a replacement: no role has those (R36).
const (
	MayTakeCalls    Permission = "take_calls"
	MaySeeCases     Permission = "see_cases"
	MayReviewHeld   Permission = "review_held"
	MayReviewBooks  Permission = "review_books" // household books of guardians
	MayCampaign     Permission = "campaigns"    // reminders to many: draft, approve another's, stop
	MayReadMisuse   Permission = "read_misuse"  // never of one's own department (R68)
	MaySupervise    Permission = "supervise"    // the board, call-backs of others, samples, exports
	MaySetPolicy    Permission = "set_policy"   // propose a setting, approve another's
	MayEditArticles Permission = "edit_articles"
	MayWorkOrders   Permission = "work_orders"   // the work orders of one's queue, and what one sees of others
	MayReadArticles Permission = "read_articles" // the desk's own too
	MaySeeQueue     Permission = "see_queue"     // what waits for oneself to decide, of every kind
	MayAnswerOrders Permission = "answer_orders" // work orders of one's own department and district
	MayReadAudit    Permission = "read_audit"
	MayManageStaff  Permission = "manage_staff"
)

// AnyStaff stands where a permission is asked for and none is needed: whoever is logged in may.
const AnyStaff Permission = "any_staff"

// allPermissions are those of every role, in the order of their words; each request of the console is held against them.
var allPermissions = func() []Permission {
	var all []Permission
	for _, of := range Permissions {
		all = append(all, of...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}()

// AllPermissions are those of every role, in the order of their words.
func AllPermissions() []Permission { return slices.Clone(allPermissions) }

// RolesWith are the roles that p is open to; every role for AnyStaff.
func RolesWith(p Permission) []Role {
	var roles []Role
	for role, of := range Permissions {
		if p == AnyStaff || slices.Contains(of, p) {
			roles = append(roles, role)
		}
	}
	slices.Sort(roles)
	return roles
}

// Permissions is the whole table of who may do what at the console.
var Permissions = map[Role][]Permission{
	RoleAgent:           {MayTakeCalls, MaySeeCases, MayWorkOrders, MayReadArticles},
	RoleSupervisor:      {MayTakeCalls, MaySeeCases, MayReadMisuse, MayCampaign, MaySupervise, MayWorkOrders, MayReadArticles, MaySeeQueue},
	RoleReviewer:        {MayReviewHeld, MayReadMisuse, MayReviewBooks, MayCampaign, MayReadArticles, MaySeeQueue},
	RolePolicyManager:   {MaySetPolicy, MayReadArticles, MaySeeQueue},
	RoleKnowledgeEditor: {MayEditArticles, MayReadArticles, MaySeeQueue},
	RoleLiaison:         {MayWorkOrders, MayAnswerOrders, MayReadArticles},
	RoleAuditor:         {MayReadAudit},
	RoleAdministrator:   {MayManageStaff},
}

// Staff is one account at the console.
type Staff struct {
	ID           models.ID
	Login        string
	Name         models.Name
	Roles        []Role
	PasswordHash string // argon2id in PHC form
	TOTPSecret   string // base32; sealed in the store, never shown after enrolment
	TOTPPending  string // shown to a newcomer and not confirmed yet
	LastStep     int64  // the newest TOTP step that opened a session: an older or equal one is a replay
	Demo         bool   // known password and secret; production refuses it
	District     string // of the hotline's seat; empty is the city
	Department   string
	CreatedAt    time.Time
	DisabledAt   time.Time
	OneTimeUntil time.Time // not zero: the password is one that opens an enrolment and nothing else, until then
	PasswordAt   time.Time // when the member chose it; zero: it is as old as the account
	Subject      string    // of the bureau's sign-on, linked by an administrator; empty: none
	Version      int
}

// Enrolled reports whether both factors are the member's own.
func (s Staff) Enrolled() bool { return s.OneTimeUntil.IsZero() }

// Can reports whether one of the roles opens p.
func (s Staff) Can(p Permission) bool {
	return s.DisabledAt.IsZero() && (p == AnyStaff || slices.ContainsFunc(s.Roles, func(r Role) bool { return slices.Contains(Permissions[r], p) }))
}

// Permissions are what the roles open together; none once the account is closed.
func (s Staff) Permissions() []Permission {
	return slices.DeleteFunc(AllPermissions(), func(p Permission) bool { return !s.Can(p) })
}

// ParseRoles reads role words, refuses unknown ones and the pair auditor and administrator.
func ParseRoles(words []string) ([]Role, error) {
	var roles []Role
	for _, w := range words {
		r := Role(strings.TrimSpace(w))
		if _, ok := Permissions[r]; !ok {
			return nil, ErrRoleUnknown
		}
		if !slices.Contains(roles, r) {
			roles = append(roles, r)
		}
	}
	if len(roles) == 0 {
		return nil, ErrRoleUnknown
	}
	if slices.Contains(roles, RoleAuditor) && slices.Contains(roles, RoleAdministrator) {
		return nil, ErrRolesClash
	}
	slices.Sort(roles)
	return roles, nil
}

var loginForm = regexp.MustCompile(`^[a-z][a-z0-9._-]{2,31}$`)

// normaliseLogin is the form in which a login is stored, counted and compared.
func normaliseLogin(s string) string { return strings.ToLower(strings.TrimSpace(s)) }
