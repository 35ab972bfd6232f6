package registry

import (
	"errors"
	"strings"
	"time"

	"onecard/models"
	"onecard/models/card"
	"onecard/models/citizen"
	"onecard/models/policy"
)

// What makes a fact unreadable; the words are reasons of parked events.
var (
	errNoReference = errors.New("reference_missing")
	errNameForm    = errors.New("name_form")
	errNumberForm  = errors.New("id_number_form")
	errStateForm   = errors.New("state_form")
)

var livingStates = map[string]citizen.LivingStatus{
	"1": citizen.Alive, "2": citizen.Deceased, "3": citizen.Imprisoned, "4": citizen.Missing, "5": citizen.Undefined,
}

// person reads a person. A phone that cannot take an SMS counts as none; a name or number we cannot hold is refused.
func (w wirePerson) person(now time.Time) (citizen.PersonFact, error) {
	f := citizen.PersonFact{Ref: models.PersonRef(w.Ref), BirthDate: models.Date(w.BirthDate), District: w.District, HouseholdRef: w.HouseholdRef,
		IsHead: w.IsHead, Version: w.Version, ChangedAt: models.Instant(w.ChangedAt), MergedInto: models.PersonRef(w.MergedInto)}
	for _, ref := range w.GuardianRefs {
		f.Guardians = append(f.Guardians, models.PersonRef(ref))
	}
	if w.Ref == "" {
		return f, errNoReference
	}
	var err error
	if f.Name, err = models.ParseName(w.Name); err != nil {
		return f, errNameForm
	}
	if f.IDNumber, err = models.ParseIDNumber(w.IDNumber, now); err != nil {
		return f, errNumberForm
	}
	if f.Phone, err = models.ParsePhone(w.Phone); err != nil {
		f.Phone = models.Phone{}
	}
	if f.LivingStatus = livingStates[w.LivingStatus]; f.LivingStatus == "" {
		f.LivingStatus = citizen.Undefined
	}
	return f, nil
}

// fact reads a card. Of the printed number only the mask is kept.
func (w wireCard) fact() (card.Fact, error) {
	f := card.Fact{Ref: models.CardRef(w.Ref), PersonRef: models.PersonRef(w.PersonRef), NumberMask: maskNumber(w.CardNo), Area: w.IssuingArea,
		BankCode: w.BankCode, AccountTail: lastFour(w.AccountTail), OutletRef: w.OutletRef, Social: w.social(), Financial: w.financial(), Holding: w.holding(), Version: w.Version,
		ChangedAt: models.Instant(w.ChangedAt)}
	if w.Ref == "" || w.PersonRef == "" {
		return f, errNoReference
	}
	if l := w.Loss; l != nil {
		f.Loss = &card.LossFact{Source: l.Source, Kind: card.LossKind(l.Kind), RequestID: l.RequestID, Reference: l.Reference,
			ReportedAt: orZero(l.ReportedAt), ExpiresAt: orZero(l.ExpiresAt)}
	}
	if e := w.LossEnd; e != nil {
		f.Ended = &card.EndFact{How: e.How, Source: e.Source, RequestID: e.RequestID, At: orZero(e.At)}
	}
	return f, nil
}

// social is the state of the social-security account: AAZ502, together with whether the card was collected and its
// initial PIN changed.
func (w wireCard) social() card.SocialState {
	switch {
	case w.End != nil && w.End.Kind == "void":
		return card.SocialVoid
	case w.AAZ502 == "9":
		return card.SocialCancelled
	case w.AAZ502 == "0":
		return card.SocialSealed
	case w.AAZ502 == "2":
		return card.SocialLoss
	case w.AAZ502 == "3":
		return card.SocialLocked
	case w.AAZ502 == "4":
		return card.SocialLossTemp
	case w.AAZ502 != "1":
		return card.SocialUnknown
	}
	switch w.PersonStatus {
	case "00", "01", "02":
		return card.SocialNone
	case "03":
		return card.SocialInactive
	}
	return card.SocialNormal
}

func (w wireCard) financial() card.FinancialState {
	switch s := card.FinancialState(w.FinancialState); s {
	case card.FinancialNotOpened, card.FinancialInactive, card.FinancialActive, card.FinancialLoss, card.FinancialFrozen, card.FinancialClosed:
		return s
	}
	return card.FinancialUnknown
}

func (w wireCard) holding() card.Holding {
	switch w.PersonStatus {
	case "00", "01":
		return card.InProduction
	case "02":
		return card.AtOutlet
	}
	return card.Collected
}

// maskNumber keeps the first character and the last three.
func maskNumber(no string) string {
	if len(no) < 5 {
		return strings.Repeat("*", len(no))
	}
	return no[:1] + strings.Repeat("*", len(no)-4) + no[len(no)-3:]
}

// fact reads an application: how far it is, by which times of its production record are filled (R27).
func (w wireApplication) fact() (card.ApplicationFact, error) {
	f := card.ApplicationFact{RequestID: models.ID(w.RequestID), Reference: w.Ref, PersonRef: models.PersonRef(w.PersonRef), Event: w.event(),
		OutletRef: w.OutletRef, ReasonCode: w.ReasonCode, Version: w.Version, ChangedAt: models.Instant(w.ChangedAt)}
	if w.Ref == "" || w.PersonRef == "" {
		return f, errNoReference
	}
	for _, d := range w.Defects {
		f.Defects = append(f.Defects, card.Defect{Code: d.Code, Text: d.Text, Wanted: d.Wanted})
	}
	return f, nil
}

func (w wireApplication) event() card.ApplicationEvent {
	z := w.AZ03
	switch {
	case z.ValidTag == "0" && w.Status == "01":
		return card.ApplicationGone
	case z.ValidTag == "0":
		return card.ApplicationNo
	case len(w.Defects) > 0:
		return card.ApplicationSentBack
	case !z.GetTime.IsZero():
		return card.StageCollected
	case !z.CityTime.IsZero():
		return card.StageAtOutlet
	case !z.InsureTime.IsZero() && z.InsureFinishTime.IsZero() && w.Status == "04":
		return card.StageProductionBad
	case !z.InsureTime.IsZero():
		return card.StageProducing
	case !z.BankFinishTime0.IsZero() && w.AccountTail == "":
		return card.StageBankFailed
	case !z.BankTime0.IsZero():
		return card.StageBankOpening
	case z.BatchNo != "":
		return card.StageBatched
	}
	return card.ApplicationTaken
}

func (w wireOutlet) outlet() (policy.Outlet, error) {
	kind := policy.OutletKind(w.Kind)
	if w.Ref == "" {
		return policy.Outlet{}, errNoReference
	}
	if !policy.KnownOutletKind(kind) {
		return policy.Outlet{}, errStateForm
	}
	return policy.Outlet{Ref: w.Ref, Name: w.Name, Kind: kind, BankCode: w.BankCode, District: w.District, Town: w.Town, Address: w.Address,
		Phone: w.Phone, Hours: w.Hours, Opening: w.opening(), Services: w.Services, Longitude: w.Longitude, Latitude: w.Latitude, Open: w.Open,
		Successor: w.Successor, Version: w.Version, ChangedAt: models.Instant(w.ChangedAt)}, nil
}

// opening is nothing where any part of it cannot be read: hours are then not known to a machine, never half known.
func (w wireOutlet) opening() []policy.Opening {
	out := make([]policy.Opening, 0, len(w.Opening))
	for _, o := range w.Opening {
		one := policy.Opening{From: o.From, To: o.To}
		for _, day := range o.On {
			one.On = append(one.On, policy.DayKind(day))
		}
		if !one.Sound() {
			return nil
		}
		out = append(out, one)
	}
	return out
}

func (w wireBank) bank() (policy.Bank, error) {
	if w.Code == "" {
		return policy.Bank{}, errNoReference
	}
	b := policy.Bank{Code: w.Code, Name: w.Name, ShortName: w.ShortName, Phone: w.Phone, ValidFrom: models.Date(w.ValidFrom),
		ValidTo: models.Date(w.ValidTo), Successor: w.Successor, Version: w.Version, ChangedAt: models.Instant(w.ChangedAt)}
	for _, p := range w.CardService {
		b.Services = append(b.Services, policy.BankService{Kind: policy.CardService, Area: p.Area, From: models.Date(p.From), To: models.Date(p.To)})
	}
	for _, p := range w.Paying {
		b.Services = append(b.Services, policy.BankService{Kind: policy.Paying, Area: p.Area, From: models.Date(p.From), To: models.Date(p.To)})
	}
	return b, nil
}

// orZero brings an instant into our form and leaves a missing one zero.
func orZero(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return models.Instant(t)
}
