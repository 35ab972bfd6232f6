package citizen

import (
	"onecard/models"
	"onecard/models/notice"
)

// forGuardian is a notice about a child's card as a guardian reads it: it names the account as the child's. Only what is
// told about cards has such a form (whatever models/card drafts), and the fiscal receipt of a card's fee.
func forGuardian(d notice.Draft) (out notice.Draft, ok bool) {
	spec, known := notice.SpecOf(d.Kind)
	if !known {
		return out, false
	}
	out = d
	out.Kind, out.Params = notice.GuardianProgress, map[string]string{"step": spec.Title}
	switch d.Kind {
	case notice.LossEffective, notice.LossElsewhere:
		out.Kind, out.Params = notice.GuardianLoss, map[string]string{"bank": d.Params["bank"], "bank_phone": d.Params["bank_phone"]}
	case notice.LossRefused, notice.LossReleased, notice.LossRenewed, notice.LossLapsed, notice.LossExpiring, notice.LossUnclear, notice.ReleaseRefused, notice.ReleaseExpired:
		out.Kind = notice.GuardianLossStep
	case notice.ApplicationAccepted, notice.ApplicationRefused, notice.ApplicationBankFailed, notice.ApplicationProducing, notice.ApplicationReady,
		notice.ApplicationCollected, notice.ApplicationReturned, notice.ApplicationUncollected, notice.ApplicationWithdrawn,
		notice.ApplicationNotWithdrawn, notice.CardVoided, notice.FeeReceipt,
		notice.ReplacementAccepted, notice.ReplacementRefused, notice.ReplacementBankFailed, notice.ReplacementReady, notice.ReplacementUncollected,
		notice.ReplacementCompleted, notice.ReplacementActivate, notice.ReplacementReturned, notice.ReplacementWithdrawn,
		notice.ReplacementNotWithdrawn, notice.ReplacementLapsed:
	default:
		return out, false
	}
	return out, true
}

// aboutLoss reports whether a notice is about a loss or its end: told to everybody who acts for the person.
func aboutLoss(d notice.Draft) bool {
	spec, _ := notice.SpecOf(d.Kind)
	return spec.Lane == notice.LaneLoss
}

// sentTo addresses the copy to one guardian; what it takes the place of is the guardian's own earlier copy.
// It stays about the child: a guardian switches a child's notices apart from her own.
func sentTo(d notice.Draft, guardian models.ID) notice.Draft {
	mark := ":to:" + string(guardian)
	replaces := make([]string, len(d.Replaces))
	for i, cause := range d.Replaces {
		replaces[i] = cause + mark
	}
	d.About, d.PersonID, d.Cause, d.Replaces = d.PersonID, guardian, d.Cause+mark, replaces
	return d
}
