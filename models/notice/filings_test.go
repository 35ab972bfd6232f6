package notice

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/audit"
)

var errNoDatabase = errors.New("the database is gone")

// filingRows is the table as a fake.
type filingRows struct {
	clock *models.ManualClock
	rows  []Filing
	audit []audit.Entry
	gone  bool
	reads int
}

func (s *filingRows) InTx(ctx context.Context, fn func(ctx context.Context) error) error {
	return fn(ctx)
}

func (s *filingRows) RecordAudit(_ context.Context, e audit.Entry) error {
	s.audit = append(s.audit, e)
	return nil
}
func (s *filingRows) Now(context.Context) (time.Time, error) { return s.clock.Now(), nil }

func (s *filingRows) Filings(context.Context) ([]Filing, error) {
	s.reads++
	if s.gone {
		return nil, errNoDatabase
	}
	return slices.Clone(s.rows), nil
}

func (s *filingRows) AddFilings(_ context.Context, list []Filing) ([]models.ID, error) {
	var ids []models.ID
	for _, f := range list {
		s.rows = append(s.rows, f)
		ids = append(ids, f.ID)
	}
	return ids, nil
}

func (s *filingRows) MoveFiling(_ context.Context, f Filing, from FilingState) (bool, error) {
	at := slices.IndexFunc(s.rows, func(r Filing) bool { return r.ID == f.ID && r.State == from })
	if at < 0 {
		return false, nil
	}
	s.rows[at] = f
	return true, nil
}

// console is what a vendor says of templates.
type console struct {
	list []VendorTemplate
	err  error
}

func (c *console) AskTemplates(context.Context, []string) ([]VendorTemplate, error) {
	return c.list, c.err
}

type filingRig struct {
	rows   *filingRows
	places []FilingPlace
	desk   *console
	*Filings
	*Book
}

// newFilingRig has one SMS vendor with a code for one kind, one whose variables are numbered, and one app.
func newFilingRig(t *testing.T) *filingRig {
	t.Helper()
	clock := models.NewManualClock(models.Date("2021-12-20").Start())
	r := &filingRig{rows: &filingRows{clock: clock}, desk: &console{}}
	r.places = []FilingPlace{
		{Vendor: "first", Channel: SMS, Codes: map[string]string{"arrival": "SMS_1"}, Asker: r.desk},
		{Vendor: "second", Channel: SMS, Codes: map[string]string{"arrival": "77"}, Numbered: true},
		{Vendor: PlaceOf(WechatMini, "wx1"), Channel: WechatMini, Codes: map[string]string{"arrivals": "T1"}, Keys: map[string][]string{"arrivals": {"thing3", "phrase1", "thing4", "thing5", "thing9"}}},
	}
	r.Filings, r.Book = NewFilings(r.rows, r.places), NewBook(r.rows, clock, r.places)
	return r
}

func (r *filingRig) carried(t *testing.T, vendor string) string {
	t.Helper()
	r.rows.clock.Advance(bookFresh)
	f, err := r.Carried(t.Context(), SMS, vendor, "arrival")
	if err == nil {
		return f.Code
	}
	var refusal *SendError
	require.ErrorAs(t, err, &refusal)
	require.Equal(t, NotAccepted, refusal.Class, "the message waits, or goes elsewhere")
	return refusal.Code
}

var desk = models.Actor{Kind: models.SystemActor, Channel: models.Console}

func arrivalText() string { s, _ := SpecOf(Arrival); return s.Text }

func TestATextGoesOutOnlyOnceItsVendorApprovedIt(t *testing.T) {
	t.Parallel()
	r := newFilingRig(t)
	require.Equal(t, ReasonNotApproved, r.carried(t, "first"))
	added, err := r.File(t.Context(), desk)
	require.NoError(t, err)
	require.Len(t, added, 3)
	require.Len(t, r.rows.audit, 3, "one row for each place")
	require.Equal(t, ReasonNotApproved, r.carried(t, "first"), "filed is not approved")
	again, err := r.File(t.Context(), desk)
	require.NoError(t, err)
	require.Empty(t, again)

	for _, step := range []struct {
		told VendorTemplate
		want string
		says FilingState
	}{
		{VendorTemplate{"SMS_1", FilingFiled, "", arrivalText(), nil}, ReasonNotApproved, FilingFiled},
		{VendorTemplate{"SMS_1", FilingRefused, "变量不规范", arrivalText(), nil}, ReasonNotApproved, FilingRefused},
		{VendorTemplate{"SMS_1", FilingApproved, "", " " + strings.NewReplacer(",", "\uff0c", "(", "\uff08").Replace(arrivalText()) + "\n", nil}, "SMS_1", FilingApproved},
		{VendorTemplate{"SMS_1", FilingApproved, "", "另一句话${amount}", nil}, ReasonNotApproved, FilingPaused},
		{VendorTemplate{"SMS_1", FilingApproved, "", arrivalText(), nil}, "SMS_1", FilingApproved},
		{VendorTemplate{"SMS_2", FilingApproved, "", arrivalText(), nil}, ReasonNotApproved, FilingWithdrawn},
	} {
		r.desk.list = []VendorTemplate{step.told}
		before := len(r.rows.audit)
		changes, err := r.Sync(t.Context(), desk)
		require.NoError(t, err)
		require.Equal(t, step.want, r.carried(t, "first"), "%v", step)
		require.Equal(t, step.says, r.rows.rows[0].State)
		require.Len(t, r.rows.audit, before+len(changes))
	}
	require.Equal(t, ReasonNotThere, r.rows.rows[0].Reason)
	require.Equal(t, ReasonNotApproved, r.carried(t, "second"), "nobody asked it")

	r.desk.err = errNoDatabase
	_, err = r.Sync(t.Context(), desk)
	require.ErrorIs(t, err, errNoDatabase)
	require.Equal(t, FilingWithdrawn, r.rows.rows[0].State, "silence changes nothing")
}

func TestAnOlderApprovedTextGoesOutUntilTheNewOneIsApproved(t *testing.T) {
	t.Parallel()
	r := newFilingRig(t)
	old := Filing{
		ID: models.NewID(), Vendor: "first", Template: "arrival", Version: version("旧"), Code: "SMS_0", Body: "旧${amount}元,12333", Variables: "amount",
		State: FilingApproved, FiledAt: r.rows.clock.Now().Add(-time.Hour),
	}
	r.rows.rows = append(r.rows.rows, old)
	require.Equal(t, "SMS_0", r.carried(t, "first"))
	standings, err := r.Standings(t.Context())
	require.NoError(t, err)
	require.Equal(t, StandsOlder, standings[Arrival])
	require.Equal(t, StandsNowhere, standings[Bound])

	_, err = r.File(t.Context(), desk)
	require.NoError(t, err)
	require.Equal(t, "SMS_0", r.carried(t, "first"), "filed is not approved")
	r.desk.list = []VendorTemplate{{"SMS_0", FilingApproved, "", "旧${amount}元,12333", nil}, {"SMS_1", FilingApproved, "", arrivalText(), nil}}
	_, err = r.Sync(t.Context(), desk)
	require.NoError(t, err)
	require.Equal(t, "SMS_1", r.carried(t, "first"))
	standings, err = r.Standings(t.Context())
	require.NoError(t, err)
	require.Equal(t, StandsCurrent, standings[Arrival])

	r.desk.list = r.desk.list[1:]
	r.desk.list[0].State = FilingPaused
	_, err = r.Sync(t.Context(), desk)
	require.NoError(t, err)
	require.Equal(t, ReasonNotApproved, r.carried(t, "first"))

	r.rows.rows = []Filing{old}
	r.rows.rows[0].Variables, r.rows.rows[0].Body = "amount county", "旧${amount}${county}"
	require.Equal(t, ReasonNotApproved, r.carried(t, "first"), "a variable that nobody fills any more")
}

func TestACodeOfAnOlderTextIsNotTheNewOnes(t *testing.T) {
	t.Parallel()
	r := newFilingRig(t)
	r.rows.rows = []Filing{{ID: models.NewID(), Vendor: "first", Template: "arrival", Version: "old", Code: "SMS_1", Body: "旧", State: FilingApproved}}
	added, err := r.File(t.Context(), desk)
	require.NoError(t, err)
	require.Len(t, added, 2, "the other places only")
	list, err := r.List(t.Context())
	require.NoError(t, err)
	require.True(t, slices.ContainsFunc(list, func(f Filing) bool {
		return f.Vendor == "first" && f.Template == "arrival" && f.State == FilingDraft && f.Body == arrivalText()
	}), "it stands there as a draft")

	r.places[1].Codes["arrival"] = "78" // the second vendor refused 77, and the text was filed anew
	added, err = r.File(t.Context(), desk)
	require.NoError(t, err)
	require.Len(t, added, 1)
	require.Equal(t, []any{"78", FilingFiled}, []any{added[0].Code, added[0].State})
}

func TestAVendorWithNumberedVariablesAndAPlatformAreCompared(t *testing.T) {
	t.Parallel()
	r := newFilingRig(t)
	_, err := r.File(t.Context(), desk)
	require.NoError(t, err)
	second, app := r.rows.rows[1], r.rows.rows[2]
	spec, _ := SpecOf(Arrival)
	require.Equal(t, spec.Numbered(), second.Numbered())
	require.True(t, r.places[1].sameText(second, VendorTemplate{Text: spec.Numbered()}))
	require.False(t, r.places[1].sameText(second, VendorTemplate{Text: strings.Replace(spec.Numbered(), "{1}{2}", "{2}{1}", 1)}))
	require.True(t, r.places[2].sameText(app, VendorTemplate{Keys: []string{"thing9", "phrase1", "thing3", "thing4", "thing5"}}), "in any order")
	require.False(t, r.places[2].sameText(app, VendorTemplate{Keys: []string{"thing9", "phrase1"}}))
	require.False(t, FilingPlace{}.sameText(app, VendorTemplate{Keys: []string{"thing9", "phrase1", "thing3", "thing4", "thing5"}}), "our own numbers are others")

	_, err = r.Set(t.Context(), desk, app.Vendor, "arrivals", "", FilingApproved, "控制台已显示通过", "cli:root")
	require.NoError(t, err)
	r.rows.clock.Advance(bookFresh)
	f, err := r.Carried(t.Context(), WechatMini, app.Vendor, "arrivals")
	require.NoError(t, err)
	require.Equal(t, "T1", f.Code)
	r.rows.rows[2].Version = "older"
	r.rows.clock.Advance(bookFresh)
	_, err = r.Carried(t.Context(), WechatMini, app.Vendor, "arrivals")
	require.Error(t, err, "an older template there has other fields")
}

func TestAnOperatorsWordHasItsReason(t *testing.T) {
	t.Parallel()
	r := newFilingRig(t)
	_, err := r.File(t.Context(), desk)
	require.NoError(t, err)
	_, err = r.Set(t.Context(), desk, "second", "arrival", "", FilingApproved, "ok", "cli:root")
	require.ErrorIs(t, err, ErrFilingReason)
	for _, wrong := range [][3]string{{"third", "arrival", ""}, {"second", "bound", ""}, {"second", "arrival", "0000"}} {
		_, err = r.Set(t.Context(), desk, wrong[0], wrong[1], wrong[2], FilingApproved, "审核通过", "cli:root")
		require.ErrorIs(t, err, ErrNoFiling)
	}
	_, err = r.Set(t.Context(), desk, "second", "arrival", "", FilingDraft, "审核通过", "cli:root")
	require.ErrorIs(t, err, ErrNoFiling, "a draft is no row")
	c, err := r.Set(t.Context(), desk, "second", "arrival", "", FilingApproved, "电话 13800138000 告知", "cli:root")
	require.NoError(t, err)
	require.Equal(t, []any{FilingFiled, FilingApproved, "电话 … 告知", "cli:root"}, []any{c.From, c.State, c.Reason, c.SetBy})
	require.Equal(t, "77", r.carried(t, "second"))
	require.Equal(t, "notice.template.changed", r.rows.audit[len(r.rows.audit)-1].Action)
}

func TestTheBookAsksSeldomAndOutlivesItsDatabase(t *testing.T) {
	t.Parallel()
	r := newFilingRig(t)
	r.rows.gone = true
	_, err := r.Carried(t.Context(), SMS, "first", "arrival")
	require.ErrorContains(t, err, reasonBookUnread, "nothing is sent on no knowledge")
	r.rows.gone = false
	require.NoError(t, r.StartApproved(t.Context()))
	reads := r.rows.reads
	for range 100 {
		f, err := r.Carried(t.Context(), SMS, "first", "arrival")
		require.NoError(t, err)
		require.Equal(t, "SMS_1", f.Code)
	}
	require.Equal(t, reads+1, r.rows.reads)
	r.rows.gone = true
	require.Equal(t, "SMS_1", r.carried(t, "first"))
}

// A platform that has not approved the template is asked for nothing: her consent is kept, and the SMS goes at once.
func TestATemplateThatAPlatformHasNotApprovedIsFollowedByTheSMS(t *testing.T) {
	t.Parallel()
	b, r := newBench(), newFilingRig(t)
	r.places[2].Vendor, r.places[2].Codes = PlaceOf(WechatMini, "app"), map[string]string{"progress": "T2"}
	r.Filings, r.Book = NewFilings(r.rows, r.places), NewBook(r.rows, b.clock, r.places)
	_, err := r.File(t.Context(), desk)
	require.NoError(t, err)
	me, account := models.NewID(), models.NewID()
	b.wishes[me] = Wishes{Accounts: []Hop{{WechatMini, account}}}
	b.consents[account] = 1
	s := b.process(t, nil)
	s.Filed = r.Book
	sweep := func(cause string) []string {
		id := b.add(t, progress(cause, me))
		for range 3 {
			_, err := s.Dispatch(t.Context())
			require.NoError(t, err)
		}
		return b.to(id)
	}
	require.Equal(t, []string{"wechat_mini suppressed", "sms submitted"}, sweep("application:1"))
	require.Equal(t, 1, b.consents[account])

	_, err = r.Set(t.Context(), desk, r.places[2].Vendor, "progress", "", FilingApproved, "控制台已显示", "cli:root")
	require.NoError(t, err)
	b.clock.Advance(bookFresh)
	require.Equal(t, []string{"wechat_mini submitted"}, sweep("application:2"))
	require.Zero(t, b.consents[account])
}
