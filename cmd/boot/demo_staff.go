package boot

import "onecard/models/hotline"

// DemoOffice are those who see to the staff and to what they did, as public as the agent: with the first one a new agent is
// added, who then enrols herself.
var DemoOffice = []hotline.DemoStaff{
	{Login: "demo-admin", Name: "演示管理员", Password: "Door-12333-demo", TOTPSecret: "ONSWG4TFOQQGIZLTNNXW4YLEON2GC3TE", Roles: []string{"administrator"}}, //nolint:gosec // public on purpose
	{Login: "demo-auditor", Name: "演示审计员", Password: "Door-12333-demo", TOTPSecret: "MF2WI2LUN5ZGIZLTNNXW4YLEON2GC3TE", Roles: []string{"auditor"}},     //nolint:gosec // public on purpose
}

// demoStaff is everybody whose password is printed at the start.
func demoStaff() []hotline.DemoStaff {
	return append(append([]hotline.DemoStaff{DemoAgent}, DemoReviewers...), DemoOffice...)
}
