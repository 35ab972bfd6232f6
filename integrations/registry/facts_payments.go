package registry

import (
	"errors"

	"onecard/models"
	"onecard/models/subsidy"
)

// Why a fact of the payments source cannot be read, beside the reasons of facts_cards.go.
var (
	errDateForm = errors.New("date_form")
	errKeyForm  = errors.New("key_form")
	errFigures  = errors.New("figures")      // less than nothing
	errWord     = errors.New("word_unknown") // one that decides what is done, and that this release does not know
	errTooMuch  = errors.New("not_storable") // a word too long, a zero byte, a year that no calendar has
)

// dates reports whether each is a day of the calendar or empty.
func dates(all ...string) bool {
	for _, d := range all {
		if _, err := models.ParseDate(d); d != "" && err != nil {
			return false
		}
	}
	return true
}

func (w wireProgramme) programme() (subsidy.Programme, error) {
	if w.Code == "" || w.Edition < 1 {
		return subsidy.Programme{}, errNoReference
	}
	if !dates(w.PublishedOn, w.ValidFrom, w.ValidTo) {
		return subsidy.Programme{}, errDateForm
	}
	p := subsidy.Programme{Code: w.Code, Edition: w.Edition, Number: w.Number, Name: w.Name, ShortName: w.ShortName, SMSName: w.SMSName,
		Domain: w.Domain, Department: w.Department, PayeeKind: w.PayeeKind, Cadence: w.Cadence, Sensitivity: subsidy.Sensitivity(w.Sensitivity),
		District: w.Local, PolicyDoc: w.PolicyDoc, OfficialLink: w.OfficialLink, PublishedOn: models.Date(w.PublishedOn),
		ValidFrom: models.Date(w.ValidFrom), ValidTo: models.Date(w.ValidTo), Onboarded: make(map[string]models.Date, len(w.Onboarded)),
		Version: w.Version, ChangedAt: models.Instant(w.ChangedAt)}
	for _, o := range w.Onboarded {
		if !dates(o.From) {
			return subsidy.Programme{}, errDateForm
		}
		p.Onboarded[o.District] = models.Date(o.From)
	}
	return p, nil
}

func (w wirePayee) payee() (subsidy.Payee, error) {
	if w.PersonRef == "" {
		return subsidy.Payee{}, errNoReference
	}
	if !dates(w.RegisteredOn) {
		return subsidy.Payee{}, errDateForm
	}
	return subsidy.Payee{PersonRef: models.PersonRef(w.PersonRef), InSystem: w.InSystem, PhoneOnFile: w.PhoneOnFile,
		RegisteredOn: models.Date(w.RegisteredOn), Version: w.Version, ChangedAt: models.Instant(w.ChangedAt)}, nil
}

func (w wireBatch) batch() (subsidy.Batch, error) {
	if w.ID == "" || w.LedgerMonth == "" {
		return subsidy.Batch{}, errNoReference
	}
	if key := (subsidy.Key{LedgerMonth: w.LedgerMonth, BatchID: w.ID, Line: 1}); !key.Proper() {
		return subsidy.Batch{}, errKeyForm
	}
	if w.Count < 0 || w.TotalFen < 0 {
		return subsidy.Batch{}, errFigures
	}
	if by := subsidy.LinesBy(w.LinesBy); by != "" && by != subsidy.ByFeed && by != subsidy.ByStream || w.State != "" && w.State != "announced" && w.State != "withdrawn" {
		return subsidy.Batch{}, errWord
	}
	if !dates(w.Posting.From, w.Posting.To) {
		return subsidy.Batch{}, errDateForm
	}
	b := subsidy.Batch{ID: w.ID, LedgerMonth: w.LedgerMonth, Programme: w.Programme, Edition: w.Edition, District: w.District,
		Department: w.Department, PayingUnit: w.PayingUnit, PayingBank: w.PayingBank, Period: w.Period, Reissue: w.Reissue, Count: w.Count,
		TotalFen: models.Fen(w.TotalFen), Digest: w.DigestSM3,
		Posting: subsidy.Posting{Place: w.Posting.Place, From: models.Date(w.Posting.From), To: models.Date(w.Posting.To),
			Office: subsidy.Office{Name: w.Posting.Office, Phone: w.Posting.Phone}},
		LinesBy: subsidy.LinesBy(w.LinesBy), Withdrawn: w.State == "withdrawn", AnnouncedAt: models.Instant(w.AnnouncedAt), Version: w.Version,
		ChangedAt: models.Instant(w.ChangedAt)}
	if !b.Storable() {
		return subsidy.Batch{}, errTooMuch
	}
	return b, nil
}

func (k wireLineKey) key() subsidy.Key {
	return subsidy.Key{LedgerMonth: k.LedgerMonth, BatchID: k.BatchID, Line: k.LineNo}
}

// link names another payment; one that cannot be named is not linked.
func (k *wireLineKey) link() string {
	if k == nil || !k.key().Proper() {
		return ""
	}
	return k.key().String()
}

// lastFour is all that we keep of an account, whatever the source sends.
func lastFour(account string) string {
	if len(account) <= 4 {
		return account
	}
	r := []rune(account)
	return string(r[max(0, len(r)-4):])
}

// line reads a payment. A state this release does not know is passed on as unknown and held there (R8).
func (w wireLine) line() (subsidy.Line, error) {
	if w.BatchID == "" || w.PayeeRef == "" {
		return subsidy.Line{}, errNoReference
	}
	if !w.key().Proper() {
		return subsidy.Line{}, errKeyForm
	}
	l := w.told()
	if !l.Storable() {
		return subsidy.Line{}, errTooMuch
	}
	return l, nil
}

// told is the payment as the source tells it.
func (w *wireLine) told() subsidy.Line {
	p := subsidy.Payment{Key: w.key(), Programme: w.Programme, Edition: w.Edition, District: w.District, PayeeKind: w.PayeeKind,
		HouseholdRef: w.HouseholdRef, ExceptionWhy: w.Exception.Reason, ExceptionBy: w.Exception.Approver, AmountFen: models.Fen(w.AmountFen),
		Period: w.Period, State: w.state(), PlannedAt: orZero(w.PlannedAt), PublicisedAt: orZero(w.PublicisedAt), ApprovedAt: orZero(w.ApprovedAt),
		SentAt: orZero(w.SentAt), CreditedAt: orZero(w.CreditedAt), ReturnedAt: orZero(w.ReturnedAt), CreditNo: w.CreditNo, PayingBank: w.PayingBank,
		AccountBank: w.AccountBank, AccountTail: lastFour(w.AccountTail), OldChannel: w.OldChannel, ReturnReason: w.ReturnReason, Version: w.Version,
		ChangedAt: models.Instant(w.ChangedAt)}
	p.ReissueOf, p.ReissuedAs = w.ReissueOf.link(), w.ReissuedAs.link()
	return subsidy.Line{Payment: p, PayeeRef: models.PersonRef(w.PayeeRef), BeneficiaryRef: models.PersonRef(w.BeneficiaryRef)}
}

func (w wireLine) state() subsidy.State {
	switch s := subsidy.State(w.State); s {
	case subsidy.Planned, subsidy.Publicised, subsidy.Approved, subsidy.Sent, subsidy.Credited, subsidy.Returned, subsidy.Reissued,
		subsidy.Recovering, subsidy.Recovered:
		return s
	}
	return subsidy.Unknown
}
