package citizen

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/audit"
	"onecard/models/notice"
)

var today = time.Date(2021, 12, 20, 2, 0, 0, 0, time.UTC)

const (
	adultA = "410303198001010015"
	childB = "410327201006150039"
)

// fakeTries counts in memory; it is also the Decisions of a service that needs no database.
type fakeTries struct {
	mu      sync.Mutex
	tries   map[string]int
	fails   error // at the next transaction
	entries []audit.Entry
}

func (f *fakeTries) InTx(ctx context.Context, fn func(context.Context) error) error {
	if f.fails != nil {
		return f.fails
	}
	return fn(ctx)
}
func (f *fakeTries) RecordAudit(_ context.Context, e audit.Entry) error {
	f.entries = append(f.entries, e)
	return nil
}
func (f *fakeTries) AddNotice(context.Context, notice.Draft) error { return nil }
func (f *fakeTries) Remember(context.Context, models.Actor, string, string) (string, error) {
	return "", nil
}
func (f *fakeTries) AfterCommit(_ context.Context, do func()) { do() }
func (f *fakeTries) ForgetTries(context.Context, time.Time) (int64, error) {
	return 0, nil
}
func (f *fakeTries) Digests(field, value string) [][]byte { return [][]byte{[]byte(field + value)} }

func (f *fakeTries) TakeTry(_ context.Context, keys [][]byte, _ models.Date, limit int) (bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, k := range keys {
		if f.tries[string(k)] >= limit {
			return false, nil
		}
	}
	for _, k := range keys {
		f.tries[string(k)]++
	}
	return true, nil
}

func (f *fakeTries) GiveBackTry(_ context.Context, keys [][]byte, _ models.Date) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, k := range keys {
		f.tries[string(k)]--
	}
	return nil
}

// oneAdult is a registry that holds adult A.
type oneAdult struct {
	fact PersonFact
	err  error
}

func (r oneAdult) MatchPerson(_ context.Context, name models.Name, id models.IDNumber) (PersonFact, error) {
	if r.err != nil {
		return PersonFact{}, r.err
	}
	if name != r.fact.Name || id != r.fact.IDNumber {
		return PersonFact{}, ErrNoMatch
	}
	return r.fact, nil
}

func newMatcher(t *testing.T, r oneAdult, step time.Duration) (*Service, *[]time.Duration) {
	t.Helper()
	tries := &fakeTries{tries: map[string]int{}}
	s := New(Ports{Decisions: tries, Tries: tries, Registry: r, Clock: models.NewManualClock(today)}, Settings{AnswerStep: step})
	var waits []time.Duration
	s.wait = func(_ context.Context, d time.Duration) { waits = append(waits, d) }
	return s, &waits
}

func adult(t *testing.T, s *Service) PersonFact {
	t.Helper()
	c, err := s.read(Claim{Name: "王建国", IDNumber: adultA, Phone: "13800000001"}, true)
	require.NoError(t, err)
	return PersonFact{Ref: "P-1", Name: c.name, IDNumber: c.id, Phone: c.phone, LivingStatus: Alive, Version: 1}
}

func TestR52_EveryWrongClaimIsHeldToTheSameMoment(t *testing.T) {
	t.Parallel()
	const step = time.Hour // nothing takes an hour, so every answer leaves at the end of the first step
	probe, _ := newMatcher(t, oneAdult{}, step)
	right := adult(t, probe)
	noPhone, dead := right, right
	noPhone.Phone, dead.LivingStatus = models.Phone{}, Deceased
	var first *audit.Entry
	for name, c := range map[string]struct {
		registry oneAdult
		claim    Claim
	}{
		"unknown person":    {oneAdult{fact: right}, Claim{Name: "王建国", IDNumber: "810000199408230021", Phone: "13800000001"}},
		"wrong name":        {oneAdult{fact: right}, Claim{Name: "王建华", IDNumber: adultA, Phone: "13800000001"}},
		"wrong phone":       {oneAdult{fact: right}, Claim{Name: "王建国", IDNumber: adultA, Phone: "13900000009"}},
		"no phone on file":  {oneAdult{fact: noPhone}, Claim{Name: "王建国", IDNumber: adultA, Phone: "13800000001"}},
		"a person who died": {oneAdult{fact: dead}, Claim{Name: "王建国", IDNumber: adultA, Phone: "13800000001"}},
	} {
		s, waits := newMatcher(t, c.registry, step)
		claim, err := s.read(c.claim, true)
		require.NoError(t, err, name)
		tries := s.Decisions.(*fakeTries)
		s.wait = func(_ context.Context, d time.Duration) {
			require.Len(t, tries.entries, 1, "written before the answer is held back: "+name)
			*waits = append(*waits, d)
		}
		_, _, err = s.match(t.Context(), models.Actor{AccountID: "account"}, claim, true)
		require.Equal(t, ErrIdentityNotMatched, err, name)
		require.Len(t, *waits, 1, name)
		require.Greater(t, (*waits)[0], step-time.Minute, name)
		require.LessOrEqual(t, (*waits)[0], step, name)
		written := tries.entries[0]
		written.ID = ""
		if first == nil {
			first = &written
		}
		require.Equal(t, *first, written, "one row for every cause: "+name)
	}
}

func TestR52_WhatTheRegistryCouldNotAnswerCostsNoTry(t *testing.T) {
	t.Parallel()
	s, waits := newMatcher(t, oneAdult{err: models.ErrUnavailable}, time.Hour)
	claim, err := s.read(Claim{Name: "王建国", IDNumber: adultA, Phone: "13800000001"}, true)
	require.NoError(t, err)
	for range 2 * bindTries {
		_, _, err = s.match(t.Context(), models.Actor{AccountID: "account"}, claim, true)
		require.ErrorIs(t, err, models.ErrUnavailable)
	}
	require.Empty(t, *waits)
}

func TestR52_WithoutTheCounterNothingIsAsked(t *testing.T) {
	t.Parallel()
	s, _ := newMatcher(t, oneAdult{err: errors.New("asked")}, 0)
	s.Decisions.(*fakeTries).fails = models.ErrUnavailable
	_, _, err := s.match(t.Context(), models.Actor{AccountID: "account"}, claimed{}, true)
	require.ErrorIs(t, err, models.ErrUnavailable)
}

func TestR50_ClaimsNameTheirRulesCode(t *testing.T) {
	t.Parallel()
	s, _ := newMatcher(t, oneAdult{}, 0)
	read := func(id string) error {
		_, err := s.read(Claim{Name: "王建国", IDNumber: id}, false)
		return err
	}
	for _, good := range []string{"41030319800101004x", "810000199408230021", adultA, childB} {
		require.NoError(t, read(good), good)
	}
	var refused *models.Error
	require.ErrorAs(t, read("410303198001010014"), &refused)
	require.Equal(t, "ID_CHECKSUM", refused.Code)
	require.Equal(t, []models.FieldError{{Field: "id_number", Code: "ID_CHECKSUM", Message: refused.Message}}, refused.Fields)
	require.ErrorAs(t, read("410303202113010015"), &refused)
	require.Equal(t, "ID_DATE", refused.Code)
	require.ErrorAs(t, read(""), &refused)
	require.Equal(t, "ID_FORMAT", refused.Code)

	_, err := s.read(Claim{Name: "王1", IDNumber: "x", Phone: "1"}, true)
	require.ErrorAs(t, err, &refused)
	require.Equal(t, "INVALID_INPUT", refused.Code)
	require.Len(t, refused.Fields, 3, "all at once (R69)")
	require.NotContains(t, err.Error(), "王1")
}

func TestR51_NamesAsPeopleTypeThem(t *testing.T) {
	t.Parallel()
	s, _ := newMatcher(t, oneAdult{}, 0)
	c, err := s.read(Claim{Name: "阿卜杜•热合曼", IDNumber: adultA}, false)
	require.NoError(t, err)
	require.Equal(t, "阿卜杜·热合曼", c.name.Reveal())
	_, err = s.read(Claim{Name: "𠅤𠅤", IDNumber: adultA}, false)
	require.NoError(t, err)
	_, err = s.read(Claim{Name: "王3", IDNumber: adultA}, false)
	require.ErrorIs(t, err, models.ErrNameForm)
}

func TestR48_EveryRefusalHereHasAWayForward(t *testing.T) {
	t.Parallel()
	for _, e := range Errors() {
		require.True(t, strings.Contains(e.Message, "12333") || strings.Contains(e.Message, "网点"), e.Code)
	}
}
