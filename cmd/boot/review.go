package boot

import (
	"context"
	"errors"
	"strconv"
	"time"

	"onecard/models"
	"onecard/models/hotline"
	"onecard/models/policy"
	"onecard/models/subsidy"
)

// reviewers shows the staff who decide about held payments.
type reviewers struct{ hotline *hotline.Service }

func (r reviewers) Reviewer(ctx context.Context, by models.Actor) (subsidy.Reviewer, error) {
	m, err := r.hotline.Reviewer(ctx, by)
	return subsidy.Reviewer{ID: m.ID, District: m.District, Department: m.Department}, err
}

func (r reviewers) ReviewerByID(ctx context.Context, id models.ID) (subsidy.Reviewer, error) {
	m, err := r.hotline.ReviewerByID(ctx, id)
	return subsidy.Reviewer{ID: m.ID, District: m.District, Department: m.Department}, err
}

// heldTime reads from policy how long something may stay held.
type heldTime struct{ policy *policy.Service }

func (h heldTime) HeldHours(ctx context.Context, reason string, at time.Time) (int, error) {
	value, err := h.policy.At(ctx, policy.HeldHoursKey(reason), policy.Everywhere, at)
	if errors.Is(err, policy.ErrSettingUnknown) {
		value, err = h.policy.At(ctx, policy.HeldHoursKey("OTHER"), policy.Everywhere, at)
	}
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(value)
}
