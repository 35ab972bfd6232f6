package hotline

import (
	"context"

	"onecard/models"
)

// ReportMisuseInCall takes a report down for the caller of the agent's own call, also after the hang-up while notes are taken
// (R68). It is ReportMisuse with the agent at the pen: nobody has to be known for it, and the report is of no one unless the
// caller, verified, wants it under her name. The audit says of the report what it says of any, and of the agent's call that a report
// was taken in it, never which: no search about the caller leads to her report. Repeated with the same request key it is the same report, whatever became of the call.
//
// Errors: those of any act in a call but a lock on look-ups; ErrVerificationRequired to name somebody who was not verified.
func (m *Misuse) ReportMisuseInCall(ctx context.Context, by models.Actor, callID models.ID, in MisuseInput, named bool) (MisuseTaken, error) {
	call, err := m.ownCall(ctx, by, callID)
	if err != nil {
		return m.misuseDecided(ctx, by, err)
	}
	var person models.ID
	if named {
		if person, _ = call.proved(); person == "" {
			return MisuseTaken{}, ErrVerificationRequired
		}
	}
	in.Arrival = "" // a payment is the caller's to point at, in her own app
	return m.take(ctx, by, person, in, func(ctx context.Context) error {
		by.CallID, by.Subject = call.ID, ""
		return m.record(ctx, by, "hotline.misuse.reported", "calls", string(call.ID), "done")
	})
}

// misuseDecided is the report of the very same request, if there was one before its call was closed; else the refusal.
func (m *Misuse) misuseDecided(ctx context.Context, by models.Actor, refusal error) (MisuseTaken, error) {
	prior, err := m.Journal.Remembered(ctx, by)
	if err != nil {
		return MisuseTaken{}, err
	}
	if prior == "" {
		return MisuseTaken{}, refusal
	}
	return m.taken(ctx, models.ID(prior))
}

// ReadBack is what the agent reads out once a report is taken: its number, the code where it is still there to be said, until
// when it is answered, and how to ask for the answer.
func (t MisuseTaken) ReadBack() string {
	due := t.Report.DueAt.In(models.Shanghai).Format("2006年1月2日")
	said := "您的反映已登记,编号" + t.Report.Number
	if t.Code != "" {
		said += ",查询码" + t.Code + ",只说这一次,请记下"
	} else {
		said += ",查询码在登记时已经告知"
	}
	said += "。最晚" + due + "答复。请在微信或支付宝的“反映问题”页面凭编号和查询码查看答复,不需要登录"
	if t.Report.PersonID != "" {
		said += ";您选择了实名反映,答复后还会给您发通知"
	}
	return said + "。被反映的部门看不到这条反映。"
}
