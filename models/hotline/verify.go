package hotline

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"onecard/models"
)

// Verify compares what the caller said with what is on file and answers match or no match, never what is on file
// (R58). Three failures in a call, or five of a day for the number given or the caller's number, close look-ups until
// the next day in Shanghai: then only Basic from the phone on file passes, for a loss report, and all else answers
// ErrPhoneLocked (a right Basic still opens the call back). A match ties the call to the person for good
// (ErrCallHasPerson) and never lowers what an earlier try proved.
func (s *Service) Verify(ctx context.Context, by models.Actor, callID models.ID, in VerifyInput) (Verification, error) {
	call, err := s.ownOpenCall(ctx, by, callID)
	if err != nil {
		return Verification{}, err
	}
	a, err := in.parse(s.Clock.Now())
	if err != nil {
		return Verification{}, err
	}
	person, facts, err := s.find(ctx, call, a) // outside the transaction: the registry may be asked
	found := err == nil
	if errors.Is(err, ErrFullIDNeeded) {
		return Verification{}, s.refuseTry(ctx, by, call, "", err)
	}
	if err != nil && !errors.Is(err, models.ErrNotFound) {
		return Verification{}, err
	}
	j := judge(call, a, person, found, facts)
	var v Verification
	over := 0
	err = s.Journal.InTx(ctx, func(ctx context.Context) (err error) {
		v, over, err = s.settle(ctx, by, call, a, j, person)
		return err
	})
	if errors.Is(err, ErrCallHasPerson) {
		return Verification{}, s.refuseTry(ctx, by, call, person.ID, err)
	}
	if err != nil {
		return Verification{}, err
	}
	v.ByHand = call.ByHand()
	s.watch(ctx, by, over)
	if v.Locked && !v.MayReportLoss() {
		return v, s.lockedFor(s.Clock.Now())
	}
	return v, nil
}

// find is the person the answers name, and her facts if they are asked about.
func (s *Service) find(ctx context.Context, call Call, a answers) (Person, Facts, error) {
	person, err := s.candidate(ctx, call, a)
	if err != nil || !a.wantsFull() {
		return person, Facts{}, err
	}
	facts, err := s.Facts.FactsOf(ctx, person.ID)
	if errors.Is(err, models.ErrNotFound) {
		return person, Facts{}, nil
	}
	return person, facts, err
}

func (s *Service) candidate(ctx context.Context, call Call, a answers) (Person, error) {
	if !a.id.IsZero() {
		return s.People.PersonByIDNumber(ctx, a.name, a.id)
	}
	people, err := s.People.PeopleByNameAndLast6(ctx, a.name, a.last6)
	if err != nil {
		return Person{}, err
	}
	if len(people) > 1 { // one of several: the phone on file decides, else the whole number is needed
		calling := slices.IndexFunc(people, func(p Person) bool {
			return call.fromPhone(p)
		})
		if calling < 0 {
			return Person{}, ErrFullIDNeeded
		}
		return people[calling], nil
	}
	if len(people) == 0 {
		return Person{}, models.ErrNotFound
	}
	return people[0], nil
}

// settle counts, decides and writes one try down. It runs in the transaction, holding the day's counters: tries of all
// calls for one number stand in line, so that nobody gets a sixth; the call's version does the same within one call.
func (s *Service) settle(ctx context.Context, by models.Actor, call Call, a answers, j judged, p Person) (Verification, int, error) {
	now := s.Clock.Now()
	v := Verification{ID: models.NewID(), CallID: call.ID, StaffID: by.ID, At: now, Asked: j.asked, Fitting: j.fitting}
	prior, err := s.Journal.Remember(ctx, by, "call_verifications", string(v.ID))
	if err != nil {
		return v, 0, err
	}
	if prior != "" {
		v, err = s.Checks.VerificationByID(ctx, models.ID(prior))
		return v, 0, err
	}
	id := a.id
	if j.basic {
		id = p.IDNumber
	}
	keys := lockKeys(id, a.last6, call.Caller)
	if err := s.Checks.HoldFailures(ctx, keys, models.DateOf(now)); err != nil {
		return v, 0, err
	}
	worst, err := s.worst(ctx, keys, now)
	if err != nil {
		return v, 0, err
	}
	v.Locked = call.Failures >= FailuresPerCall || worst >= FailuresPerDay
	v.Match = j.passed()
	if v.Locked { // only what a loss report needs; past twice the limit, only from the phone on file
		v.Match = j.basic && (j.number || j.calledBack || worst < 2*FailuresPerDay) && !call.isOfAnother(p)
		j.full = false
	}
	if v.Match && call.isOfAnother(p) {
		return v, 0, ErrCallHasPerson
	}
	if v.Match {
		call.PersonID, v.PersonID = p.ID, p.ID
		call.FullID = call.FullID || !a.id.IsZero()
		call.raise(j.strength())
	} else {
		call.Failures++
		for _, k := range failureKeys(a.id, a.last6, call.Caller) {
			n, err := s.Checks.CountFailure(ctx, k, models.DateOf(now))
			if err != nil {
				return v, 0, err
			}
			worst = max(worst, n)
		}
	}
	call.UsedAt, v.Level, v.Strength, v.Failures = now, call.Level, call.Strength, call.Failures
	if err := s.Calls.UpdateCall(ctx, call); err != nil {
		return v, 0, err
	}
	if v.Match {
		if err := s.Looks.TieLocks(ctx, call.ID, lockKeys(p.IDNumber, "", call.Caller), now); err != nil {
			return v, 0, err
		}
	}
	if err := s.Checks.AddVerification(ctx, v); err != nil {
		return v, 0, err
	}
	over, err := s.countLookUp(ctx, by, call, v.PersonID, "verification")
	if err != nil {
		return v, 0, err
	}
	by.CallID, by.Subject = call.ID, v.PersonID
	return v, over, s.record(ctx, by, "hotline.call.verified", "call_verifications", string(v.ID), resultOf(v.Match, v.Locked),
		"strength", string(v.Strength), "asked", strings.Join(v.Asked, " "), "fitting", strings.Join(v.Fitting, " "))
}

// refuseTry answers a try that is no failure and still told that there is such a person: it is a look, counted and
// audited like every other (R59), for that person to read.
func (s *Service) refuseTry(ctx context.Context, by models.Actor, call Call, person models.ID, refusal error) error {
	over := 0
	err := s.Journal.InTx(ctx, func(ctx context.Context) (err error) {
		if over, err = s.countLookUp(ctx, by, call, person, "verification"); err != nil {
			return err
		}
		by.CallID, by.Subject = call.ID, person
		return s.record(ctx, by, "hotline.call.verified", "calls", string(call.ID), "refused")
	})
	if err != nil {
		return err
	}
	s.watch(ctx, by, over)
	return refusal
}

// isOfAnother reports whether the call is tied to somebody else than p.
func (c Call) isOfAnother(p Person) bool { return c.PersonID != "" && c.PersonID != p.ID }

func resultOf(match, locked bool) string {
	switch {
	case match && locked:
		return "match_loss_only"
	case match:
		return "match"
	case locked:
		return "locked"
	}
	return "no_match"
}

// raise keeps the strongest proof of the call. One opened by hand stays at Basic: nobody but the agent says that there is
// a caller at all.
func (c *Call) raise(to Strength) {
	if c.ByHand() && to.Level() == LevelFull {
		to = StrengthBasic
	}
	c.Strength = c.Strength.Stronger(to)
	if full, ok := withWholeNumber[c.Strength]; ok && c.FullID && !c.ByHand() {
		c.Strength = full
	}
	c.Level = c.Strength.Level()
}

// worst is the largest count of today among the keys.
func (s *Service) worst(ctx context.Context, keys []FailureKey, now time.Time) (int, error) {
	most := 0
	for _, k := range keys {
		n, err := s.Checks.Failures(ctx, k, models.DateOf(now))
		if err != nil {
			return 0, err
		}
		most = max(most, n)
	}
	return most, nil
}

func (s *Service) lockedFor(now time.Time) error {
	return ErrPhoneLocked.After(models.NextMidnight(now).Sub(now))
}
