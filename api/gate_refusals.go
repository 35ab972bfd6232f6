package api

import (
	"onecard/models"
	"onecard/models/policy"
)

// gateRefusals are what policy may answer to whoever asks for an act (design 4): declared once for every operation that
// names its act, so no resource file has to.
func gateRefusals(o op) []*models.Error {
	if o.Act == "" {
		return nil
	}
	errs := []*models.Error{policy.ErrNotOnChannel}
	if !o.TakesBack {
		errs = append(errs, policy.ErrHandedOver)
	}
	if o.Audience == Agent {
		return errs // how well an agent knows the caller is the hotline's to judge (R58)
	}
	errs = append(errs, policy.ErrBindingRequired, policy.ErrRecheckRequired)
	switch o.Act {
	case models.ActApply:
		errs = append(errs, policy.ErrApplyAtWindow)
	case models.ActReplace:
		errs = append(errs, policy.ErrReplaceAtWindow)
	case models.ActRelease:
		errs = append(errs, policy.ErrReleaseAtOutlet) // R35
	case models.ActReplaceDeleg:
		errs = append(errs, policy.ErrDelegateAtWindow) // R45
	case models.ActReplaceMinor:
		errs = append(errs, policy.ErrMinorAtWindow) // R46
	}
	return errs
}
