package scenario

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/cmd/boot/boottest"
	"onecard/models/hotline"
)

var pathName = regexp.MustCompile(`\{[a-z_]+\}`)

// TestR56_NobodyGoesThroughADoorOfAnotherRole knocks at every agents' operation of the running product as members of staff
// none of whose roles open it: whatever the address names, the answer is that of the role, and each try is audited.
func TestR56_NobodyGoesThroughADoorOfAnotherRole(t *testing.T) {
	t.Parallel()
	r := boottest.Start(t)
	staff := map[hotline.Role]*boottest.Caller{}
	tries := 0
	for path, item := range r.Nobody().Get("/openapi.json").Is(http.StatusOK).At("paths").(map[string]any) {
		for method, o := range item.(map[string]any) {
			may, _ := o.(map[string]any)["x-permission"].(string)
			if may == "" || may == string(hotline.AnyStaff) {
				continue
			}
			without := slices.DeleteFunc([]hotline.Role{hotline.RoleKnowledgeEditor, hotline.RoleLiaison, hotline.RoleAuditor, hotline.RoleAdministrator},
				func(r hotline.Role) bool { return slices.Contains(hotline.RolesWith(hotline.Permission(may)), r) })
			require.NotEmpty(t, without, may)
			role := without[0]
			if staff[role] == nil {
				staff[role], _ = r.StaffOf("市民政局", strings.ReplaceAll(string(role), "_", "-"), string(role))
			}
			staff[role].Send(strings.ToUpper(method), pathName.ReplaceAllString(path, "nobody"), map[string]any{}).
				Refused(http.StatusForbidden, "ROLE_NOT_PERMITTED")
			tries++
		}
	}
	require.Greater(t, tries, 35)
	require.Len(t, r.Decisions("hotline.act.refused"), tries)
}
