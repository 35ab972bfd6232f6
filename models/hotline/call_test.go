package hotline_test

import (
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/hotline"
)

func TestOneOpenCallPerAgent(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	by := r.agent("zuoxi1")
	var wg sync.WaitGroup
	opened := make(chan models.ID, 8)
	for range 8 {
		wg.Go(func() {
			if c, err := r.OpenCall(t.Context(), by, ""); err == nil {
				opened <- c.ID
			}
		})
	}
	wg.Wait()
	require.Len(t, opened, 1)
	_, err := r.OpenCall(t.Context(), by, "")
	require.ErrorIs(t, err, hotline.ErrCallOpen)
	id := <-opened
	_, err = r.CloseCall(t.Context(), by, id)
	require.NoError(t, err)
	_, err = r.CloseCall(t.Context(), by, id)
	require.NoError(t, err)
	require.Len(t, r.entries("hotline.call.closed"), 1)
	_, err = r.CurrentCall(t.Context(), by)
	require.ErrorIs(t, err, models.ErrNotFound)
	again, by := r.call(by, "")
	r.clock.Advance(61 * time.Minute) // left: the next call closes it
	next, err := r.OpenCall(t.Context(), by, "")
	require.NoError(t, err)
	require.NotEqual(t, again.ID, next.ID)
}

func TestOpenCallRefusesANumberThatIsNone(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	by := r.agent("zuoxi1")
	for _, number := range []string{"12", "abcdef", "1380000123412345", "138；0000"} {
		_, err := r.OpenCall(t.Context(), by, number)
		require.ErrorIs(t, err, hotline.ErrCallerNumber)
	}
}

func TestOnlyAgentsAndSupervisorsTakeCalls(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, role := range []string{"auditor", "administrator"} {
		_, err := r.OpenCall(t.Context(), r.agent(role+"1", role), "")
		require.ErrorIs(t, err, hotline.ErrNotPermitted)
	}
	_, err := r.OpenCall(t.Context(), models.Actor{Kind: models.CitizenActor, ID: models.NewID()}, "")
	require.ErrorIs(t, err, hotline.ErrNotLoggedIn)
	_, err = r.OpenCall(t.Context(), r.agent("banzhang", "supervisor"), "")
	require.NoError(t, err)
}

func TestR54_PersonIsMaskedInAnyPrinting(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	call, by := r.call(r.agent("zuoxi1"), wangPhone)
	_, err := r.Verify(t.Context(), by, call.ID, basic)
	require.NoError(t, err)
	view, err := r.PersonOf(t.Context(), by, call.ID)
	require.NoError(t, err)
	require.Equal(t, "410***********0015", view.Person.IDNumber.String())
	require.Equal(t, "138****1234", view.Person.Phone.String())
	require.Equal(t, "138****1234", call.Caller.String())
	text, err := json.Marshal(view)
	require.NoError(t, err)
	for _, printed := range []string{string(text), fmt.Sprintf("%v %+v %#v", view, view, view), fmt.Sprintf("%v %+v %#v", call, call, call)} {
		require.NotContains(t, printed, wangID)
		require.NotContains(t, printed, wangPhone)
		require.NotContains(t, printed, "王小明")
	}
}

func TestR59_NoLookWithoutAnOpenCall(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	by := r.agent("zuoxi1")
	_, err := r.PersonOf(t.Context(), by, models.NewID())
	require.ErrorIs(t, err, hotline.ErrNoActiveCall)
	_, err = r.Verify(t.Context(), by, models.NewID(), basic)
	require.ErrorIs(t, err, hotline.ErrNoActiveCall)
	call, by := r.call(by, wangPhone)
	_, err = r.PersonOf(t.Context(), by, call.ID)
	require.ErrorIs(t, err, hotline.ErrVerificationRequired)
	_, err = r.PersonOf(t.Context(), by, models.NewID())
	require.ErrorIs(t, err, models.ErrNotFound)
	_, err = r.Verify(t.Context(), by, call.ID, basic)
	require.NoError(t, err)
	_, err = r.PersonOf(t.Context(), by, call.ID)
	require.NoError(t, err)
	seen := r.entries("hotline.person.seen")
	require.Len(t, seen, 1)
	require.Equal(t, call.ID, seen[0].CallID)
	require.Equal(t, r.wang.ID, seen[0].SubjectID)

	other := r.agent("zuoxi2")
	_, err = r.PersonOf(t.Context(), other, call.ID)
	require.ErrorIs(t, err, models.ErrNotFound, "another agent's call")
	_, err = r.CloseCall(t.Context(), other, call.ID)
	require.ErrorIs(t, err, models.ErrNotFound)

	_, err = r.CloseCall(t.Context(), by, call.ID)
	require.NoError(t, err)
	_, err = r.PersonOf(t.Context(), by, call.ID)
	require.ErrorIs(t, err, hotline.ErrNoActiveCall)
}

func TestR59_LookAndItsAuditCommitTogether(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	call, by := r.call(r.agent("zuoxi1"), wangPhone)
	_, err := r.Verify(t.Context(), by, call.ID, basic)
	require.NoError(t, err)
	looks := len(r.m.rows.looks)
	r.m.failStep = "hotline.person.seen"
	_, err = r.PersonOf(t.Context(), by, call.ID)
	require.Error(t, err)
	require.Len(t, r.m.rows.looks, looks)
}

func TestR59_MoreThanSixtyLookUpsAnHourAlarm(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	call, by := r.call(r.agent("zuoxi1"), wangPhone)
	_, err := r.Verify(t.Context(), by, call.ID, basic)
	require.NoError(t, err)
	for range 59 {
		_, err = r.PersonOf(t.Context(), by, call.ID)
		require.NoError(t, err)
	}
	require.Empty(t, r.m.over)
	_, err = r.PersonOf(t.Context(), by, call.ID)
	require.NoError(t, err)
	require.Equal(t, []int{61}, r.m.over)
	raised := r.entries("hotline.flag.raised")
	require.Len(t, raised, 1)
	require.Equal(t, "many_looks", raised[0].Result)
	require.Empty(t, raised[0].SubjectID, "a flag is about the agent")
	r.clock.Advance(59 * time.Minute)
	_, err = r.PersonOf(t.Context(), by, call.ID)
	require.NoError(t, err)
	r.clock.Advance(59 * time.Minute)
	_, err = r.PersonOf(t.Context(), by, call.ID)
	require.NoError(t, err)
	require.Len(t, r.m.over, 2)
}

func TestR36_ReleaseIsNeverDoneByPhone(t *testing.T) {
	t.Parallel()
	for _, role := range []string{"agent", "supervisor", "auditor", "administrator"} {
		r := newRig(t)
		by := r.agent("staff1", role)
		err := r.Refuse(t.Context(), by, models.NewID(), hotline.ForbidRelease)
		require.ErrorIs(t, err, hotline.ErrReleaseByPhone)
		require.Equal(t, models.Forbidden, models.KindOf(err))
		require.Equal(t, "ACTION_NOT_ON_CHANNEL", r.entries("hotline.act.refused")[0].Detail["code"])
	}
}

func TestR31_ActivationIsNeverDoneByPhone(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	call, by := r.call(r.agent("zuoxi1"), "")
	for _, act := range []hotline.ForbiddenAct{hotline.ForbidActivation, hotline.ForbidReplacement} {
		err := r.Refuse(t.Context(), by, call.ID, act)
		var refusal *models.Error
		require.ErrorAs(t, err, &refusal)
		require.Equal(t, "ACTION_NOT_ON_CHANNEL", refusal.Code)
		require.Equal(t, refusal.Message, refusal.Extra["say"])
	}
	require.Len(t, r.entries("hotline.act.refused"), 2)
	require.Equal(t, call.ID, r.entries("hotline.act.refused")[0].CallID)
}

func TestR39_FinancialAccountIsTheBanksAlsoByPhone(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	call, by := r.call(r.agent("zuoxi1"), wangPhone)
	var refusal *models.Error
	require.ErrorAs(t, r.Refuse(t.Context(), by, call.ID, hotline.ForbidFinancialLoss), &refusal)
	require.Equal(t, "BANK_IN_PERSON_ONLY", refusal.Code)
	require.NotContains(t, refusal.Extra, "bank_name", "the bank is a question of R58: not named before verification")
	_, err := r.Verify(t.Context(), by, call.ID, basic)
	require.NoError(t, err)
	require.ErrorAs(t, r.Refuse(t.Context(), r.in(by), call.ID, hotline.ForbidFinancialLoss), &refusal)
	require.Equal(t, "中原银行(卡面:洛阳银行)", refusal.Extra["bank_name"])
	require.Contains(t, refusal.Extra["say"], "中原银行(卡面:洛阳银行)96699")

	call, by = r.call(r.agent("zuoxi2"), "") // Basic alone
	_, err = r.Verify(t.Context(), by, call.ID, basic)
	require.NoError(t, err)
	require.ErrorAs(t, r.Refuse(t.Context(), r.in(by), call.ID, hotline.ForbidFinancialLoss), &refusal)
	require.NotContains(t, refusal.Extra, "bank_name")
}

func TestR58_NoAnswerIsShownBelowFull(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	call, by := r.call(r.agent("zuoxi1"), wangPhone)
	_, err := r.Verify(t.Context(), by, call.ID, basic)
	require.NoError(t, err)
	view, err := r.PersonOf(t.Context(), by, call.ID)
	require.NoError(t, err)
	require.Empty(t, view.Person.District)
	_, err = r.Verify(t.Context(), by, call.ID, full)
	require.NoError(t, err)
	view, err = r.PersonOf(t.Context(), by, call.ID)
	require.NoError(t, err)
	require.Equal(t, "410303", view.Person.District)
}

func TestR33_LossByPhoneCanBeSwitchedOff(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	call, by := r.call(r.agent("zuoxi1"), wangPhone)
	_, err := r.Verify(t.Context(), by, call.ID, basic)
	require.NoError(t, err)
	r.m.allowed = models.ErrForbidden
	_, err = r.MayReportLoss(t.Context(), r.in(by))
	require.ErrorIs(t, err, models.ErrForbidden)
}

func TestALockedCallTellsNothingOfAnotherPerson(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.citizen("李小花", "410327201006150039", "13700000000")
	call, by := r.call(r.agent("zuoxi1"), wangPhone)
	_, err := r.Verify(t.Context(), by, call.ID, basic)
	require.NoError(t, err)
	for range 3 {
		_, err = r.Verify(t.Context(), by, call.ID, hotline.VerifyInput{Name: "王大明", IDNumber: wangID})
		require.NoError(t, err)
	}
	for _, name := range []string{"李小花", "李大花"} {
		_, err = r.Verify(t.Context(), by, call.ID, hotline.VerifyInput{Name: name, IDNumber: "410327201006150039"})
		require.ErrorIs(t, err, hotline.ErrPhoneLocked, name)
	}
}
