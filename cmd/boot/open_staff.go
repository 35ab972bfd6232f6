package boot

import (
	"context"
	"errors"

	"onecard/configs"
	"onecard/models/hotline"
)

// OpenStaff runs fn on the hotline's accounts in the database that cfg names, without starting anything else.
func OpenStaff(ctx context.Context, cfg configs.Config, fn func(StaffAdmin) error) (err error) {
	a, err := openForOperator(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if err := a.db.CheckSchema(ctx); err != nil {
		return err
	}
	return fn(hotline.New(hotline.Deps{
		Journal: a.db, Staff: a.db.Staff(), Factors: a.db.StaffFactors(), Trail: a.db.AuditTrail(), Attempts: a.db.StaffAttempts(), Sessions: a.db.StaffSessions(), Calls: a.db.Calls(),
		Checks: a.db.CallChecks(), Looks: a.db.CallLooks(), Enquiries: a.db.Enquiries(), People: a.db.Callers(), Facts: a.db.Callers(), Clock: a.clock,
		Production: cfg.Mode == configs.ModeProduction, OneTimeLife: cfg.Staff.OneTimeLife,
		TelephoneDeps: hotline.TelephoneDeps{Extensions: a.db.Extensions()},
	}))
}
