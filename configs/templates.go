package configs

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"
)

// Templates are the codes that our texts got at the carrier when they were filed, one setting for each kind of notice
// (docs/texts.md), so that a missing one is told by its name. cmd/boot holds the kinds to those of the program.
type Templates struct {
	Code                    string `koanf:"code" doc:"one-time code to bind"`
	CodePhoneChange         string `koanf:"code_phone_change" doc:"one-time code to a new phone"`
	CodeCall                string `koanf:"code_call" doc:"one-time code that a caller keys in"`
	LossEffective           string `koanf:"loss_effective" doc:"loss confirmed"`
	LossElsewhere           string `koanf:"loss_elsewhere" doc:"loss made elsewhere"`
	LossRefused             string `koanf:"loss_refused" doc:"loss refused"`
	LossReleased            string `koanf:"loss_released" doc:"loss released"`
	LossRenewed             string `koanf:"loss_renewed" doc:"loss renewed"`
	LossLapsed              string `koanf:"loss_lapsed" doc:"loss lapsed"`
	LossExpiring            string `koanf:"loss_expiring" doc:"loss about to lapse"`
	ReleaseRefused          string `koanf:"release_refused" doc:"release refused"`
	ReleaseExpired          string `koanf:"release_expired" doc:"release not confirmed in time"`
	CardVoided              string `koanf:"card_voided" doc:"old card void after a replacement"`
	Arrival                 string `koanf:"arrival" doc:"subsidy credited"`
	ArrivalReversed         string `koanf:"arrival_reversed" doc:"credit taken back by the bank"`
	ArrivalReturned         string `koanf:"arrival_returned" doc:"payment returned by the bank"`
	ArrivalWithdrawn        string `koanf:"arrival_withdrawn" doc:"batch taken back by its source"`
	PaydayAccount           string `koanf:"payday_account" doc:"subsidy coming, account cannot take it"`
	PaydayCard              string `koanf:"payday_card" doc:"subsidy coming, no card in hand"`
	ApplicationAccepted     string `koanf:"application_accepted" doc:"application accepted"`
	ApplicationRefused      string `koanf:"application_refused" doc:"application refused"`
	ApplicationBankFailed   string `koanf:"application_bank_failed" doc:"bank did not open the account"`
	ApplicationProducing    string `koanf:"application_producing" doc:"card being made"`
	ApplicationReady        string `koanf:"application_ready" doc:"card may be collected"`
	ApplicationCollected    string `koanf:"application_collected" doc:"card collected"`
	ApplicationReturned     string `koanf:"application_returned" doc:"application sent back with its defects"`
	ApplicationUncollected  string `koanf:"application_uncollected" doc:"card still waits at its outlet"`
	ApplicationWithdrawn    string `koanf:"application_withdrawn" doc:"application withdrawn"`
	ApplicationNotWithdrawn string `koanf:"application_not_withdrawn" doc:"application not withdrawn, the batch was faster"`
	FeePaid                 string `koanf:"fee_paid" doc:"fee paid"`
	FeeRefunded             string `koanf:"fee_refunded" doc:"fee given back"`
	FeeReceipt              string `koanf:"fee_receipt" doc:"fiscal receipt of a fee issued"`
	ReplacementAccepted     string `koanf:"replacement_accepted" doc:"replacement accepted"`
	ReplacementRefused      string `koanf:"replacement_refused" doc:"replacement refused"`
	ReplacementBankFailed   string `koanf:"replacement_bank_failed" doc:"bank did not open the account of a replacement"`
	ReplacementReady        string `koanf:"replacement_ready" doc:"new card may be collected"`
	ReplacementUncollected  string `koanf:"replacement_uncollected" doc:"new card not collected"`
	ReplacementCompleted    string `koanf:"replacement_completed" doc:"new card in hand, old one void"`
	ReplacementActivate     string `koanf:"replacement_activate" doc:"new card not activated"`
	ReplacementReturned     string `koanf:"replacement_returned" doc:"replacement sent back"`
	ReplacementWithdrawn    string `koanf:"replacement_withdrawn" doc:"replacement taken back"`
	ReplacementNotWithdrawn string `koanf:"replacement_not_withdrawn" doc:"replacement could not be taken back"`
	ReplacementLapsed       string `koanf:"replacement_lapsed" doc:"replacement not paid in time"`
	PhoneChangeOld          string `koanf:"phone_change_old" doc:"to the old phone, before a change"`
	PhoneChanged            string `koanf:"phone_changed" doc:"to the new phone, after a change"`
	PhoneChangeCancelled    string `koanf:"phone_change_cancelled" doc:"phone change stopped by an agent"`
	ReportAnswered          string `koanf:"report_answered" doc:"an answer is there"`
	EnquiryAnswered         string `koanf:"enquiry_answered" doc:"an enquiry is answered"`
	EnquiryExtended         string `koanf:"enquiry_extended" doc:"an enquiry is answered later"`
	EnquiryClosed           string `koanf:"enquiry_closed" doc:"an enquiry is closed"`
	GuideSlip               string `koanf:"guide_slip" doc:"what to bring, to a caller who asked"`
	OutletSlip              string `koanf:"outlet_slip" doc:"where to go, to a caller who asked"`
	AgentTask               string `koanf:"agent_task" doc:"what to do oneself after a call"`
	GuardianProved          string `koanf:"guardian_proved" doc:"guardianship proved"`
	GuardianRefused         string `koanf:"guardian_refused" doc:"guardianship refused"`
	GuardianAdded           string `koanf:"guardian_added" doc:"to the child's other guardians, one more proved"`
	GuardianForYou          string `koanf:"guardian_for_you" doc:"to the child from 14 on, guardianship proved"`
	GuardianOver            string `koanf:"guardian_over" doc:"to the guardian, child of age"`
	OfAge                   string `koanf:"of_age" doc:"to the child, of age"`
	GuardianProgress        string `koanf:"guardian_progress" doc:"to the guardian, step of the child's card"`
	GuardianLoss            string `koanf:"guardian_loss" doc:"to the guardian, loss of the child's card"`
	GuardianLossStep        string `koanf:"guardian_loss_step" doc:"to the guardian, what became of that loss"`
	HelperNamed             string `koanf:"helper_named" doc:"to who is named a family helper"`
	HelperActive            string `koanf:"helper_active" doc:"to the holder, helper accepted"`
	HelperActed             string `koanf:"helper_acted" doc:"to the holder, act of the helper"`
	RelationEnded           string `koanf:"relation_ended" doc:"right to act for another is over"`
	Bound                   string `koanf:"bound" doc:"bound"`
	Unbound                 string `koanf:"unbound" doc:"unbound"`
	TextsOff                string `koanf:"texts_off" doc:"text messages switched off"`
	CampaignRenewal         string `koanf:"campaign_renewal" doc:"look at the card's date"`
	CampaignCertification   string `koanf:"campaign_certification" doc:"yearly check of who draws social insurance"`
}

// ByKind is the code of each kind that has one.
func (t Templates) ByKind() map[string]string {
	out := map[string]string{}
	walk(reflect.ValueOf(&t).Elem(), "", "", func(l leaf) {
		if code := l.value.String(); code != "" {
			out[l.key] = code
		}
	}, func(list) {})
	return out
}

// DemoTemplates are the codes under which the pretend carrier has our texts on file.
func DemoTemplates() Templates {
	var t Templates
	walk(reflect.ValueOf(&t).Elem(), "", "", func(l leaf) { l.value.SetString("SMS_DEMO_" + strings.ToUpper(l.key)) }, func(list) {})
	return t
}

// DemoNumbers are the same for the second pretend carrier, whose codes are numbers; they begin with a zero, as no real one.
func DemoNumbers() Templates {
	var t Templates
	n := 0
	walk(reflect.ValueOf(&t).Elem(), "", "", func(l leaf) { n++; l.value.SetString(fmt.Sprintf("0%04d", n)) }, func(list) {})
	return t
}

// filedCode and filedNumber are the forms of the carriers' codes, which the demo's have not.
var (
	filedCode   = regexp.MustCompile(`^SMS_\d{1,20}$`)
	filedNumber = regexp.MustCompile(`^[1-9]\d{3,9}$`)
)

// filed checks that every text that may be sent has a code of its own at a carrier.
func (t Templates) filed(found *Findings, at string, form *regexp.Regexp, like string) {
	by := map[string]string{}
	walk(reflect.ValueOf(&t).Elem(), at, "", func(l leaf) {
		code := l.value.String()
		switch {
		case code == "":
			found.add(l.key, "is empty; file the text of this kind (docs/texts.md) and write the code it got")
		case !form.MatchString(code):
			found.add(l.key, "is not a code of the carrier's, like %s", like)
		case by[code] != "":
			found.add(l.key, "is the same as %s; each text has a code of its own", by[code])
		}
		by[code] = l.key
	}, func(list) {})
}
