package registry

import (
	"fmt"
	"time"
)

// takeReplacement takes the order of a new card for an old one in, or says why not. The old card stays what it is until
// the new one is handed over.
func (r *Registry) takeReplacement(rec *CommandRecord, now time.Time) change {
	in, d := rec.Request, rec.Request.Application
	card := r.st.cards.byID[in.CardRef]
	code, reason := "", ""
	switch {
	case card == nil:
		code, reason = "CARD_UNKNOWN", "没有这张卡"
	case card.PersonRef != in.PersonRef:
		code, reason = "CARD_NOT_OF_PERSON", "卡与持卡人不一致"
	case card.AAZ502 != "0":
		code, reason = ended(card)
	}
	if code == "" && (d.BusinessType == "05") != (d.ReplaceReason == "lost") || d.BusinessType != "05" && d.BusinessType != "06" {
		code, reason = "REASON_UNKNOWN", "补换卡原因与业务类型不符"
	}
	if code == "" {
		code, reason = r.placeObstacle(r.st.persons.byID[in.PersonRef], d, "", dayOf(now))
	}
	if code == "" {
		code, reason = r.attachmentObstacle(d)
	}
	if code != "" {
		rec.refuse(code, reason)
		return change{}
	}
	a := &Application{Ref: r.reference("BH", now), RequestID: in.RequestID, PersonRef: in.PersonRef, ApplicantRef: d.ApplicantRef, BusinessType: d.BusinessType,
		Status: "00", BankCode: d.BankCode, OutletRef: d.OutletRef, Replaces: card.Ref, PromisedDays: promisedDays, Version: 1, ChangedAt: now,
		AZ03: AZ03{ApplyTime: now, ValidTag: "1"}}
	rec.Answer.Outcome, rec.Answer.Reference, rec.Answer.ApplicationVersion = "accepted", a.Ref, a.Version
	return change{Events: []event{happened(a, "replacement.accepted")},
		Effect: &Effect{RequestID: in.RequestID, Kind: "replacement", CardRef: card.Ref, Version: 1, At: now}}
}

// replaced is what becomes of a card whose successor is handed over, and the successor: collected, not activated.
func (r *Registry) replaced(card *Card, now time.Time) (old, fresh *Card) {
	next, was := *card, *card
	next.Ref, next.CardNo, next.Replaces = fmt.Sprintf("c%012x", r.serial()), fmt.Sprintf("K%08d", r.serial()%100_000_000), card.Ref
	next.AccountTail = fmt.Sprintf("%04d", r.serial()%10_000)
	next.AAZ502, next.PersonStatus, next.FinancialState, next.Loss, next.LossEnd, next.End = "1", "03", "opened_inactive", nil, nil, nil
	next.IssuedOn, next.ValidUntil, next.CollectedAt, next.ActivatedAt = dayOf(now), dayOf(now.AddDate(10, 0, 0)), &now, nil
	next.Version, next.ChangedAt = 1, now
	if card.Loss != nil {
		was.LossEnd = &LossEnd{How: "voided", Source: "registry", At: now}
	}
	was.AAZ502, was.PersonStatus, was.FinancialState, was.Loss = "9", "09", "closed", nil
	was.End = &CardEnd{Kind: "void", Reason: "replaced", At: now, ReplacedBy: next.Ref}
	was.Version, was.ChangedAt = card.Version+1, now
	return &was, &next
}

// handOver gives the new card of an ordered replacement out: the old one is void from then on.
func (r *Registry) handOver(a *Application, now time.Time) []event {
	old, fresh := r.replaced(r.st.cards.byID[a.Replaces], now)
	fresh.BankCode, fresh.BankFaceName, fresh.OutletRef = a.BankCode, r.st.banks.byID[a.BankCode].Name, a.OutletRef
	if a.AccountTail != "" {
		fresh.AccountTail = a.AccountTail
	}
	a.CardRef = fresh.Ref
	return []event{happened(old, "card.replacement_completed"), happened(fresh, "card.issued")}
}

// orderedFor is the open replacement of a card; nil where there is none.
func (r *Registry) orderedFor(card *Card) *Application {
	for _, id := range r.st.applications.order {
		if a := r.st.applications.byID[id]; a.open() && a.Replaces == card.Ref {
			return a
		}
	}
	return nil
}
