package docs_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/api"
	"onecard/models/hotline"
)

const permissionsHead = `# Who of the staff may do what

Generated from the operations' own declarations and the table of roles in models/hotline/staff.go; do not edit. Each operation of
the console names one permission. The edge refuses whoever has no role with it (` + "`403 ROLE_NOT_PERMITTED`" + `, with an audit entry),
before anything of the request is read, and the use case asks again. *any member of staff* is open to whoever is logged in. Nothing
opens a release, an activation or a replacement: the operations that refuse them are there so that the sentence can be said (R36).

`

func TestPermissionsAreWrittenDown(t *testing.T) {
	t.Parallel()
	v, err := api.New(api.Deps{})
	require.NoError(t, err)
	var b strings.Builder
	b.WriteString(permissionsHead)
	b.WriteString("## By role\n\n| role | permissions |\n| --- | --- |\n")
	for _, role := range hotline.RolesWith(hotline.AnyStaff) {
		words := make([]string, 0, len(hotline.Permissions[role]))
		for _, p := range hotline.Permissions[role] {
			words = append(words, "`"+string(p)+"`")
		}
		fmt.Fprintf(&b, "| `%s` | %s |\n", role, strings.Join(words, " "))
	}
	b.WriteString("\n## By operation\n\n| operation | permission | roles |\n| --- | --- | --- |\n")
	used := map[hotline.Permission]bool{}
	for _, o := range v.Operations() {
		if o.Audience != api.Agent {
			continue
		}
		used[o.May] = true
		may, roles := "`"+string(o.May)+"`", make([]string, 0, 4)
		for _, role := range hotline.RolesWith(o.May) {
			roles = append(roles, string(role))
		}
		if o.May == hotline.AnyStaff {
			may, roles = "any member of staff", []string{"all"}
		}
		fmt.Fprintf(&b, "| `%s %s` | %s | %s |\n", o.Method, o.Path, may, strings.Join(roles, ", "))
	}
	golden(t, "permissions.md", b.String())
	require.True(t, used[hotline.AnyStaff])
}
