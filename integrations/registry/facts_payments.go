package registry

import (
	"onecard/models"
	"onecard/models/subsidy"
)

func (w wireProgramme) programme() (subsidy.Programme, error) {
	if w.Code == "" || w.Edition < 1 {
		return subsidy.Programme{}, errNoReference
	}
	p := subsidy.Programme{Code: w.Code, Edition: w.Edition, Number: w.Number, Name: w.Name, ShortName: w.ShortName, SMSName: w.SMSName,
		Domain: w.Domain, Department: w.Department, PayeeKind: w.PayeeKind, Cadence: w.Cadence, Sensitivity: subsidy.Sensitivity(w.Sensitivity),
		District: w.Local, PolicyDoc: w.PolicyDoc, OfficialLink: w.OfficialLink, PublishedOn: models.Date(w.PublishedOn),
		ValidFrom: models.Date(w.ValidFrom), ValidTo: models.Date(w.ValidTo), Onboarded: make(map[string]models.Date, len(w.Onboarded)),
		Version: w.Version, ChangedAt: models.Instant(w.ChangedAt)}
	for _, o := range w.Onboarded {
		p.Onboarded[o.District] = models.Date(o.From)
	}
	return p, nil
}

func (w wirePayee) payee() (subsidy.Payee, error) {
	if w.PersonRef == "" {
		return subsidy.Payee{}, errNoReference
	}
	return subsidy.Payee{PersonRef: models.PersonRef(w.PersonRef), InSystem: w.InSystem, PhoneOnFile: w.PhoneOnFile,
		RegisteredOn: models.Date(w.RegisteredOn), Version: w.Version, ChangedAt: models.Instant(w.ChangedAt)}, nil
}

func (w wireBatch) batch() (subsidy.Batch, error) {
	if w.ID == "" || w.LedgerMonth == "" {
		return subsidy.Batch{}, errNoReference
	}
	return subsidy.Batch{ID: w.ID, LedgerMonth: w.LedgerMonth, Programme: w.Programme, Edition: w.Edition, District: w.District,
		Department: w.Department, PayingUnit: w.PayingUnit, PayingBank: w.PayingBank, Period: w.Period, Reissue: w.Reissue, Count: w.Count,
		TotalFen: models.Fen(w.TotalFen), Digest: w.DigestSM3, AnnouncedAt: models.Instant(w.AnnouncedAt), Version: w.Version,
		ChangedAt: models.Instant(w.ChangedAt)}, nil
}

func (k wireLineKey) key() subsidy.Key {
	return subsidy.Key{LedgerMonth: k.LedgerMonth, BatchID: k.BatchID, Line: k.LineNo}
}

// line reads a payment. A state this release does not know is passed on as unknown and held there (R8).
func (w wireLine) line() (subsidy.Line, error) {
	if w.BatchID == "" || w.LedgerMonth == "" || w.LineNo < 1 || w.PayeeRef == "" {
		return subsidy.Line{}, errNoReference
	}
	p := subsidy.Payment{Key: w.key(), Programme: w.Programme, Edition: w.Edition, District: w.District, PayeeKind: w.PayeeKind,
		HouseholdRef: w.HouseholdRef, ExceptionWhy: w.Exception.Reason, ExceptionBy: w.Exception.Approver, AmountFen: models.Fen(w.AmountFen),
		Period: w.Period, State: w.state(), PlannedAt: orZero(w.PlannedAt), PublicisedAt: orZero(w.PublicisedAt), ApprovedAt: orZero(w.ApprovedAt),
		SentAt: orZero(w.SentAt), CreditedAt: orZero(w.CreditedAt), ReturnedAt: orZero(w.ReturnedAt), CreditNo: w.CreditNo, PayingBank: w.PayingBank,
		AccountBank: w.AccountBank, AccountTail: w.AccountTail, OldChannel: w.OldChannel, ReturnReason: w.ReturnReason, Version: w.Version,
		ChangedAt: models.Instant(w.ChangedAt)}
	if w.ReissueOf != nil {
		p.ReissueOf = w.ReissueOf.key().String()
	}
	if w.ReissuedAs != nil {
		p.ReissuedAs = w.ReissuedAs.key().String()
	}
	return subsidy.Line{Payment: p, PayeeRef: models.PersonRef(w.PayeeRef), BeneficiaryRef: models.PersonRef(w.BeneficiaryRef)}, nil
}

func (w wireLine) state() subsidy.State {
	switch s := subsidy.State(w.State); s {
	case subsidy.Planned, subsidy.Publicised, subsidy.Approved, subsidy.Sent, subsidy.Credited, subsidy.Returned, subsidy.Reissued,
		subsidy.Recovering, subsidy.Recovered:
		return s
	}
	return subsidy.Unknown
}
