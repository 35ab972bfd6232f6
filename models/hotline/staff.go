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
	MayAnswerOrders Permission = "answer_orders" // work orders of one's own department and district
	MayReadAudit    Permission = "read_audit"
	MayManageStaff  Permission = "manage_staff"
)

// Permissions is the whole table of who may do what at the console.
var Permissions = map[Role][]Permission{
	RoleAgent:           {MayTakeCalls, MaySeeCases},
	RoleSupervisor:      {MayTakeCalls, MaySeeCases, MayReadMisuse, MayCampaign, MaySupervise},
	RoleReviewer:        {MayReviewHeld, MayReadMisuse, MayReviewBooks, MayCampaign},
	RolePolicyManager:   {MaySetPolicy},
	RoleKnowledgeEditor: {MayEditArticles},
	RoleLiaison:         {MayAnswerOrders},
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
	LastStep     int64  // the newest TOTP step that opened a session: an older or equal one is a replay
	Demo         bool   // known password and secret; production refuses it
	District     string // of the hotline's seat; empty is the city
	Department   string
	CreatedAt    time.Time
	DisabledAt   time.Time
	Version      int
}

// Can reports whether one of the roles opens p.
func (s Staff) Can(p Permission) bool {
	return s.DisabledAt.IsZero() && slices.ContainsFunc(s.Roles, func(r Role) bool { return slices.Contains(Permissions[r], p) })
}

// RolesWith are the roles that open p, sorted.
func RolesWith(p Permission) []Role {
	var out []Role
	for r, opens := range Permissions {
		if slices.Contains(opens, p) {
			out = append(out, r)
		}
	}
	slices.Sort(out)
	return out
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
