package hotline_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/audit"
	"onecard/models/hotline"
)

const (
	goodPassword = "Hotline-2021-xigong"
	goodSecret   = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
	wangID       = "410303198001010015"
	wangLast6    = "010015"
	wangPhone    = "13800001234"
)

// rig is a service over memory with the clock at noon of 2021-12-20 in Shanghai, one agent, and citizen Wang on file.
type rig struct {
	*testing.T
	*hotline.Service
	m     *memory
	line  *line
	clock *models.ManualClock
	wang  hotline.Person
}

func newRig(t *testing.T, change ...func(*hotline.Deps)) *rig {
	t.Helper()
	m, clock := newMemory(), models.NewManualClock(time.Date(2021, 12, 20, 4, 0, 0, 0, time.UTC))
	d := hotline.Deps{
		Journal: m, Staff: m, Factors: m, Attempts: m, Sessions: m, Calls: m, Checks: m, Looks: m, Flags: m, Enquiries: m,
		People: m, Facts: m, Banks: m, Gate: m, Watch: m, Guides: m, Outlets: m, Notices: m, Trail: m, Clock: clock,
	}
	m.now = clock.Now
	l := &line{memory: m, holidays: map[models.Date]bool{}, counted: map[string]int{}}
	d.TelephoneDeps = l.deps()
	for _, c := range change {
		c(&d)
	}
	r := &rig{T: t, Service: hotline.New(d), m: m, line: l, clock: clock}
	r.wang = r.citizen("王小明", wangID, wangPhone)
	m.facts[r.wang.ID] = hotline.Facts{
		CardTail: "788", District: "410303", Bank: "lyb", LastApplicationMonth: "2019-03",
	}
	return r
}

func (r *rig) citizen(name, id, phone string) hotline.Person {
	r.Helper()
	n, err := models.ParseName(name)
	require.NoError(r, err)
	number, err := models.ParseIDNumber(id, r.clock.Now())
	require.NoError(r, err)
	p, err := models.ParsePhone(phone)
	require.NoError(r, err)
	person := hotline.Person{ID: models.NewID(), Name: n, IDNumber: number, Phone: p, District: "410303"}
	r.m.people = append(r.m.people, person)
	return person
}

// member makes a member of staff with known factors.
func (r *rig) member(login string, roles ...string) {
	r.Helper()
	require.NoError(r, r.EnsureStaff(r.Context(), hotline.DemoStaff{
		Login: login, Name: "坐席甲", Password: goodPassword, TOTPSecret: goodSecret, Roles: roles,
	}))
}

func (r *rig) code() string {
	r.Helper()
	code, err := totp.GenerateCode(goodSecret, r.clock.Now())
	require.NoError(r, err)
	return code
}

// agent is a logged-in member with no call.
func (r *rig) agent(login string, roles ...string) models.Actor {
	r.Helper()
	if len(roles) == 0 {
		roles = []string{"agent"}
	}
	r.member(login, roles...)
	in, err := r.LogIn(r.Context(), hotline.LogInInput{Login: login, Password: goodPassword, Code: r.code()})
	require.NoError(r, err)
	return r.auth(in.Token)
}

func (r *rig) auth(token string) models.Actor {
	r.Helper()
	by, err := r.Authenticate(r.Context(), token)
	require.NoError(r, err)
	return by
}

// call has somebody ring from a number and the agent answer, and gives the actor as the next request would see it.
func (r *rig) call(by models.Actor, number string) (hotline.Call, models.Actor) {
	r.Helper()
	ref := r.rings(by, number)
	r.happens(hotline.CallAnswered, ref, r.extension(by), number, "")
	c, err := r.CurrentCall(r.Context(), by)
	require.NoError(r, err)
	require.Equal(r, hotline.SourceTelephone, c.Source)
	by.CallID, by.Subject = c.ID, ""
	return c, by
}

// rings has somebody ring the agent's telephone, and gives the conversation's reference.
func (r *rig) rings(by models.Actor, number string) string {
	r.Helper()
	ref := "in-" + string(models.NewID())
	r.happens(hotline.CallRinging, ref, r.extension(by), number, "")
	return ref
}

// extension is the agent's, given now where there is none.
func (r *rig) extension(by models.Actor) string {
	r.Helper()
	e, err := r.line.ExtensionOf(r.Context(), by.ID)
	require.NoError(r, err)
	if e == "" {
		e = fmt.Sprint(8001 + len(r.m.rows.tel.extensions))
		require.NoError(r, r.line.SetExtension(r.Context(), by.ID, e, r.clock.Now()))
	}
	return e
}

// happens has the exchange tell an event, and works it; it gives what came of it.
func (r *rig) happens(kind hotline.EventKind, ref, extension, number, digits string) string {
	r.Helper()
	return r.tells(hotline.TelephoneEvent{Kind: kind, CallRef: ref, Extension: extension, Digits: hotline.NewKeyed(digits)}, number)
}

func (r *rig) tells(e hotline.TelephoneEvent, number string) string {
	r.Helper()
	if e.EventID == "" {
		e.EventID = "ev-" + string(models.NewID())
	}
	e.At = r.clock.Now()
	e, err := hotline.ParseEvent(e, number)
	require.NoError(r, err)
	require.NoError(r, r.TakeEvent(r.Context(), e))
	_, err = r.WorkTelephone(r.Context(), 10)
	require.NoError(r, err)
	i := slices.IndexFunc(r.m.rows.tel.events, func(o hotline.TelephoneEvent) bool { return o.EventID == e.EventID })
	require.Equal(r, hotline.EventWorked, r.m.rows.tel.events[i].State)
	return r.m.rows.tel.events[i].Outcome
}

// byHand opens a call by hand.
func (r *rig) byHand(by models.Actor, number string) (hotline.Call, models.Actor) {
	r.Helper()
	c, err := r.OpenCall(r.Context(), by, number)
	require.NoError(r, err)
	by.CallID, by.Subject = c.ID, ""
	return c, by
}

// in is the actor of a later request in the same call.
func (r *rig) in(by models.Actor) models.Actor {
	r.Helper()
	again, err := r.ActorIn(r.Context(), by, by.CallID)
	require.NoError(r, err)
	return again
}

func (r *rig) entries(action string) []audit.Entry {
	var out []audit.Entry
	for _, e := range r.m.rows.audit {
		if e.Action == action {
			out = append(out, e)
		}
	}
	return out
}

var basic = hotline.VerifyInput{Name: "王小明", IDLast6: wangLast6}

var full = hotline.VerifyInput{
	Name: "王小明", IDNumber: wangID, CardLast4: "7788", District: "410303", LastApplicationMonth: "2019-03",
}
