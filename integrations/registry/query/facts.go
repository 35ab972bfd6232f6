package query

import (
	"regexp"
	"strings"
	"time"

	"onecard/models"
	"onecard/models/card"
	"onecard/models/citizen"
)

// refForm is what the source's own names of a person (AAC001) and a card (AAZ501) may look like.
var refForm = regexp.MustCompile(`^[0-9A-Za-z_-]{1,64}$`)

var livingStates = map[string]citizen.LivingStatus{
	"1": citizen.Alive, "2": citizen.Deceased, "3": citizen.Imprisoned, "4": citizen.Missing, "5": citizen.Undefined,
}

// ours reports whether an answer is about the person who was asked for.
func (a answer) ours(name models.Name, id models.IDNumber) bool {
	told, err := models.ParseName(a.fields["AAC003"])
	return err == nil && told == name && strings.EqualFold(a.fields["AAC002"], id.Reveal())
}

// sight reads who somebody is and her card. Both are as of the question, under its number.
func (a answer) sight(name models.Name, id models.IDNumber, ticket int64, asked time.Time) (sight, error) {
	f := a.fields
	if !a.ours(name, id) {
		return sight{}, errNotOurs
	}
	if !refForm.MatchString(f["AAC001"]) {
		return sight{}, errForm
	}
	p := citizen.PersonFact{Ref: models.PersonRef(f["AAC001"]), Name: name, IDNumber: id, BirthDate: birth(f["AAC006"], id), District: area(f["AAB301"]),
		LivingStatus: livingStates[f["AAC060"]], Version: ticket, ChangedAt: asked, Partial: true}
	if p.LivingStatus == "" {
		p.LivingStatus = citizen.Undefined
	}
	if phone, err := models.ParsePhone(f["AAE005"]); err == nil {
		p.Phone = phone
	}
	s := sight{person: p}
	if f["AAZ500"] == "" && f["AAZ501"] == "" {
		return s, nil
	}
	if !refForm.MatchString(f["AAZ501"]) || f["AAZ500"] == "" || f["AAZ502"] == "" {
		return sight{}, errForm
	}
	s.cardNo = f["AAZ500"]
	s.card = &card.Fact{Ref: models.CardRef(f["AAZ501"]), PersonRef: p.Ref, NumberMask: mask(f["AAZ500"]), Area: area(f["AAB301"]), BankCode: f["AAE008"],
		AccountTail: tail(f["AAE010"]), OutletRef: f["ORGANID"], Social: social(f["AAZ502"], f["STATUS"]), Financial: card.FinancialUnknown,
		Holding: holding(f["STATUS"]), HandedOver: handedOver(f["STATUS"]), Version: ticket, ChangedAt: asked, AskedAt: asked}
	return s, nil
}

// birth is the date told, else that of the number.
func birth(told string, id models.IDNumber) models.Date {
	if t, err := time.Parse("20060102", told); err == nil {
		return models.Date(t.Format(time.DateOnly))
	}
	return id.Birth()
}

var areaForm = regexp.MustCompile(`^[0-9]{6}$`)

func area(code string) string {
	if areaForm.MatchString(code) {
		return code
	}
	return ""
}

// social is AAZ502, with the person status telling whether a working card was collected and its PIN changed.
func social(aaz502, status string) card.SocialState {
	switch aaz502 {
	case "0":
		return card.SocialSealed
	case "2":
		return card.SocialLoss
	case "3":
		return card.SocialLocked
	case "4":
		return card.SocialLossTemp
	case "9":
		return card.SocialCancelled // that another card stands in its place (R42) is seen by that card
	case "1":
	default:
		return card.SocialUnknown
	}
	switch {
	case holding(status) != card.Collected:
		return card.SocialNone
	case status == "03":
		return card.SocialInactive
	}
	return card.SocialNormal
}

// holding: 10 to 18 are the ways in which production fails, and the card is not made yet.
func holding(status string) card.Holding {
	switch {
	case status == "00", status == "01", status >= "10" && status <= "18" && len(status) == 2:
		return card.InProduction
	case status == "02":
		return card.AtOutlet
	}
	return card.Collected
}

// handedOver: a status that is empty, or that nobody knows, says of no card that it took another one's place (R42).
func handedOver(status string) bool { return len(status) == 2 && status >= "03" && status <= "08" }

// mask keeps the first character of the printed number and the last three.
func mask(no string) string {
	if len(no) < 5 {
		return strings.Repeat("*", len(no))
	}
	return no[:1] + strings.Repeat("*", len(no)-4) + no[len(no)-3:]
}

// tail is all that is kept of the bank account.
func tail(account string) string {
	if len(account) < 8 {
		return ""
	}
	return account[len(account)-4:]
}

// progress reads a production record (AZ03): how far it is, is which of its times are filled (R27).
func (a answer) progress(name models.Name, id models.IDNumber, ticket int64, asked time.Time) (card.ApplicationFact, error) {
	if !a.ours(name, id) {
		return card.ApplicationFact{}, errNotOurs
	}
	at := map[string]time.Time{}
	for n, v := range a.fields {
		if v == "" || !strings.HasSuffix(n, "TIME") && n != "BANKTIME0" && n != "BANKFINISHTIME0" {
			continue
		}
		t, err := time.ParseInLocation("20060102150405", v, models.Shanghai)
		if err != nil {
			return card.ApplicationFact{}, errForm
		}
		at[n] = models.Instant(t)
	}
	f := card.ApplicationFact{Version: ticket, ChangedAt: asked, AppliedAt: at["APPLYTIME"], Event: stage(a.fields, at)}
	return f, nil
}

// stage does not read VALIDTAG: provinces disagree about what 0 means there.
func stage(f map[string]string, at map[string]time.Time) card.ApplicationEvent {
	filled := func(n string) bool { return !at[n].IsZero() }
	switch {
	case filled("GETTIME"):
		return card.StageCollected
	case filled("CITYTIME"):
		return card.StageAtOutlet
	case filled("INSURETIME"):
		return card.StageProducing
	case filled("BANKFINISHTIME0") && f["AAE010"] == "":
		return card.StageBankFailed
	case filled("BANKTIME0"):
		return card.StageBankOpening
	case f["BATCHNO"] != "":
		return card.StageBatched
	}
	return card.ApplicationTaken
}
