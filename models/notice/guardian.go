package notice

import "onecard/models"

// copied is a notice about a child's card as her guardian gets it.
type copied struct{ d Draft }

// AboutLoss reports whether the notice is about a loss or its end: told to everybody who acts for the person.
func (d Draft) AboutLoss() bool {
	spec, _ := SpecOf(d.Kind)
	return spec.Lane == LaneLoss
}

// ForGuardian is the notice as a guardian of the person reads it: it names the account as the child's. Only what is told
// about cards has such a form.
func (d Draft) ForGuardian() (forGuardian interface {
	To(guardian models.ID) Draft
}, ok bool) {
	spec, known := SpecOf(d.Kind)
	if !known {
		return nil, false
	}
	out := Draft{Kind: GuardianProgress, Params: map[string]string{"step": spec.Title}, Object: d.Object, ObjectID: d.ObjectID, At: d.At, Expires: d.Expires, Cause: d.Cause}
	switch d.Kind {
	case LossEffective, LossElsewhere:
		out.Kind, out.Params = GuardianLoss, map[string]string{"bank": d.Params["bank"], "bank_phone": d.Params["bank_phone"]}
	case LossRefused, LossReleased, LossRenewed, LossLapsed, LossExpiring, ReleaseRefused, ReleaseExpired:
		out.Kind = GuardianLossStep
	case ApplicationAccepted, ApplicationRefused, ApplicationBankFailed, ApplicationProducing, ApplicationReady, ApplicationCollected,
		ApplicationReturned, ApplicationUncollected, ApplicationWithdrawn, ApplicationNotWithdrawn, CardVoided:
	default:
		return nil, false
	}
	for _, cause := range d.Replaces {
		out.Replaces = append(out.Replaces, cause)
	}
	return copied{out}, true
}

// To addresses the copy to one guardian.
func (c copied) To(guardian models.ID) Draft {
	d := c.d
	mark := ":to:" + string(guardian)
	d.PersonID, d.Cause = guardian, d.Cause+mark
	d.Replaces = nil
	for _, cause := range c.d.Replaces {
		d.Replaces = append(d.Replaces, cause+mark)
	}
	return d
}
