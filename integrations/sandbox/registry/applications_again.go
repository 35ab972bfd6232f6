package registry

import "time"

// ownApplication is the open application a command names, or a refusal.
func (r *Registry) ownApplication(rec *CommandRecord) *Application {
	a := r.st.applications.byID[rec.Request.ApplicationRef]
	switch {
	case a == nil || a.PersonRef != rec.Request.PersonRef:
		rec.refuse("APPLICATION_UNKNOWN", "没有这份申请")
		return nil
	case !a.open() && a.Status != "01":
		rec.refuse("APPLICATION_CLOSED", "申请已经结束")
		return nil
	}
	return a
}

// takeCorrection takes a returned application back into review, under its acceptance number.
func (r *Registry) takeCorrection(rec *CommandRecord, now time.Time) change {
	a := r.ownApplication(rec)
	if a == nil {
		return change{}
	}
	d := rec.Request.Application
	switch {
	case a.Status == "01":
		rec.refuse("APPLICATION_CLOSED", "申请已经撤回")
		return change{}
	case len(a.Defects) == 0:
		rec.refuse("APPLICATION_NOT_RETURNED", "申请没有被退回")
		return change{}
	}
	if code, reason := r.correctionObstacle(a, d, now); code != "" {
		rec.refuse(code, reason)
		return change{}
	}
	next := *a
	next.Status, next.Defects, next.ReasonCode, next.BankCode, next.OutletRef, next.Version, next.ChangedAt = "00", nil, "", d.BankCode, d.OutletRef, a.Version+1, now
	rec.Answer.Outcome, rec.Answer.Reference, rec.Answer.ApplicationVersion = "accepted", a.Ref, next.Version
	return change{Events: []event{happened(&next, "application.corrected")}, Effect: &Effect{RequestID: rec.RequestID, Kind: "correction", Version: next.Version, At: now}}
}

// correctionObstacle is what stands against the form as it is now to be: a replacement has a card already, and no photo of
// its own need come with it.
func (r *Registry) correctionObstacle(a *Application, d *ApplicationDetail, now time.Time) (code, reason string) {
	p := r.st.persons.byID[a.PersonRef]
	if a.Replaces == "" {
		return r.obstacle(p, d, a.Ref, now)
	}
	if d.BusinessType != a.BusinessType {
		return "REASON_UNKNOWN", "补换卡原因与业务类型不符"
	}
	if code, reason := r.placeObstacle(p, d, a.Ref, dayOf(now)); code != "" {
		return code, reason
	}
	return r.attachmentObstacle(d)
}

// takeWithdrawal ends an application that no production batch holds yet.
func (r *Registry) takeWithdrawal(rec *CommandRecord, now time.Time) change {
	a := r.ownApplication(rec)
	switch {
	case a == nil:
		return change{}
	case a.Status == "01":
		rec.Answer.Outcome, rec.Answer.Code, rec.Answer.Reference, rec.Answer.ApplicationVersion = "already", "01", a.Ref, a.Version
		return change{}
	case a.AZ03.BatchNo != "":
		rec.refuse("TOO_LATE", "申请已进入制卡批次")
		return change{}
	}
	next := *a
	next.Status, next.Defects, next.AZ03.ValidTag, next.Version, next.ChangedAt = "01", nil, "0", a.Version+1, now
	rec.Answer.Outcome, rec.Answer.Code, rec.Answer.Reference, rec.Answer.ApplicationVersion = "done", "00", a.Ref, next.Version
	return change{Events: []event{happened(&next, "application.withdrawn")}, Effect: &Effect{RequestID: rec.RequestID, Kind: "withdrawal", Version: next.Version, At: now}}
}
