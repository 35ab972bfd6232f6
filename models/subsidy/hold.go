package subsidy

import (
	"time"

	"onecard/models"
)

// Hold says why a line is not shown as a normal payment.
type Hold string

// The reasons for holding a line.
const (
	HoldNone             Hold = ""
	HoldPayeeMismatch    Hold = "PAYEE_MISMATCH"        // R3: a personal subsidy paid to someone else
	HoldNotHead          Hold = "PAYEE_NOT_HEAD"        // R4: a household subsidy paid to another than the head, without reason and approver
	HoldStageUnknown     Hold = "STAGE_UNKNOWN"         // R8, or a step that the flow does not know
	HoldCreditedUnsent   Hold = "CREDITED_WITHOUT_SENT" // R14
	HoldProgrammeUnknown Hold = "PROGRAMME_UNKNOWN"     // the list does not have this version of the item (yet)
	HoldAmount           Hold = "AMOUNT_ABSURD"         // not above zero, or more than any subsidy
	HoldDeceased         Hold = "PAYEE_DECEASED"        // not credited before the registry told us of the death
	HoldWithdrawn        Hold = "BATCH_WITHDRAWN"       // the whole batch was announced by mistake
	HoldRejected         Hold = "REJECTED"              // two reviewers decided that it is never shown
	HoldPayeeUnknown     Hold = PayeeUnknown            // by the registry's word it is for somebody we do not know; a newer version waits among the parked
)

// mostFen is above what any programme pays to anybody at once: ten million yuan. It only holds a line for a look;
// amounts are never judged or changed (R1).
const mostFen models.Fen = 1_000_000_000

// Kinds of payee, as a payment names them.
const (
	ToIndividual = "individual"
	ToHousehold  = "household"
)

// weigh decides whether a payment may be shown as it is. What would show it to the wrong person comes first.
func weigh(p Payment, known bool, payee PayeePerson) Hold {
	switch {
	case !known:
		return HoldProgrammeUnknown
	case p.AmountFen <= 0 || p.AmountFen > mostFen:
		return HoldAmount
	case p.PayeeKind != ToHousehold && p.PersonID != p.BeneficiaryID:
		return HoldPayeeMismatch
	case p.PayeeKind == ToHousehold && !paidToHead(p, payee) && !excepted(p):
		return HoldNotHead
	case payee.Deceased && !creditedBefore(p, payee.Since):
		return HoldDeceased
	case p.State == Credited && p.SentAt.IsZero() && !p.OldChannel:
		return HoldCreditedUnsent
	case p.State == Unknown, p.State == Credited && p.CreditedAt.IsZero():
		return HoldStageUnknown
	}
	return HoldNone
}

// paidToHead reports whether a household's payment goes to its head. The payment itself names the head (its
// beneficiary); only where the registry holds the payee for another member of that very household is it not believed.
func paidToHead(p Payment, payee PayeePerson) bool {
	if p.PersonID != p.BeneficiaryID {
		return false
	}
	return payee.IsHead || p.HouseholdRef == "" || payee.HouseholdRef != p.HouseholdRef
}

// livesElsewhere reports whether the payee has moved to another district than pays: no reason to hold anything, but one
// to look.
func livesElsewhere(p *Payment, payee PayeePerson) bool {
	return payee.District != "" && p.District != "" && payee.District != p.District
}

// creditedBefore reports whether the money had arrived on an earlier day: what a family received in a person's lifetime
// stays as it is.
func creditedBefore(p Payment, day time.Time) bool {
	return !p.CreditedAt.IsZero() && models.DateOf(p.CreditedAt) < models.DateOf(day)
}

// excepted reports whether a payment to another than the head carries reason and approver (R4).
func excepted(p Payment) bool { return p.ExceptionWhy != "" && p.ExceptionBy != "" }

// hidden lists the holds whose lines are not the payee's to see; a line without a stage is shown as such (R8).
func hidden(h Hold) bool { return h != HoldNone && h != HoldStageUnknown }
