package policy

import (
	"flag"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
)

var update = flag.Bool("update", false, "write the generated documents")

func TestDecisionCountsFromItsDateAndKeepsHistory(t *testing.T) {
	t.Parallel()
	r := setup(t)
	newYear := models.Date("2022-01-01").Start()
	_, err := r.Set(t.Context(), models.System(), SetInput{Key: ReplacementFee, Value: "2000", From: newYear, Basis: "豫发改收费〔2021〕9号", SetBy: "cli"})
	require.NoError(t, err)
	r.decide(t, ReplacementFee, "0", InDistrict("410303"))

	fee := func(district string, at time.Time) models.Fen {
		got, err := r.ReplacementFee(t.Context(), district, at)
		require.NoError(t, err)
		return got
	}
	require.EqualValues(t, 1600, fee("410302", r.clock.Now()), "R21: the default until the new year")
	require.EqualValues(t, 2000, fee("410302", newYear))
	require.EqualValues(t, 0, fee("410303", newYear), "the district's own row counts first")
	require.EqualValues(t, 1600, fee("410303", r.clock.Now().Add(-time.Hour)), "yesterday is not rewritten")

	r.clock.Advance(time.Minute)
	r.decide(t, ReplacementFee, "800", InDistrict("410303"))
	require.EqualValues(t, 800, fee("410303", r.clock.Now()))
	require.EqualValues(t, 0, fee("410303", r.clock.Now().Add(-30*time.Second)))
	current, err := r.List(t.Context(), r.clock.Now())
	require.NoError(t, err)
	require.Len(t, current, len(settings))
	for _, c := range current {
		if c.Key == ReplacementFee {
			require.Equal(t, "1600", c.Value)
			require.Len(t, c.Rows, 3)
			require.Equal(t, "2000", c.Rows[0].Value, "the latest date first")
		}
	}
}

func TestDecisionIsAuditedInItsOwnCommit(t *testing.T) {
	t.Parallel()
	r := setup(t)
	row, err := r.Set(t.Context(), models.System(), SetInput{Key: "act.loss.wechat_mini", Value: "window_only", Basis: "b", SetBy: "cli"})
	require.NoError(t, err)
	require.Len(t, r.store.entries, 1)
	e := r.store.entries[0]
	require.Equal(t, "policy.set", e.Action)
	require.Equal(t, string(row.ID), e.ObjectID)
	require.Equal(t, map[string]string{"key": "act.loss.wechat_mini", "scope": "*", "value": "window_only"}, e.Detail)

	r.store.noAudit = true
	_, err = r.Set(t.Context(), models.System(), SetInput{Key: "act.loss.wechat_mini", Value: "here", Basis: "b", SetBy: "cli"})
	require.ErrorIs(t, err, errBroken)
	require.Len(t, r.store.rows, 1, "no audit row, no decision")
	mode, err := r.Mode(t.Context(), models.ActLoss, models.WechatMini, r.clock.Now())
	require.NoError(t, err)
	require.Equal(t, models.ModeWindowOnly, mode)
}

func TestBadDecisionsAreRefusedWithEveryReason(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		in     SetInput
		fields []string
	}{
		"an unknown word":         {SetInput{Key: FeeRoute, Value: "cash", Basis: "b", SetBy: "s"}, []string{"value"}},
		"a level that is none":    {SetInput{Key: "level.loss", Value: "sure", Basis: "b", SetBy: "s"}, []string{"value"}},
		"a negative fee":          {SetInput{Key: ReplacementFee, Value: "-1", Basis: "b", SetBy: "s"}, []string{"value"}},
		"a fee with a sign":       {SetInput{Key: ReplacementFee, Value: "+5", Basis: "b", SetBy: "s"}, []string{"value"}},
		"no codes at all":         {SetInput{Key: CodesPerDay, Value: "0", Basis: "b", SetBy: "s"}, []string{"value"}},
		"maybe":                   {SetInput{Key: PriorityGroups, Value: "maybe", Basis: "b", SetBy: "s"}, []string{"value"}},
		"a scope it has not":      {SetInput{Key: FeeRoute, Value: "merchant", Scope: AtBank("103"), Basis: "b", SetBy: "s"}, []string{"scope"}},
		"a district that is none": {SetInput{Key: ReplacementFee, Value: "1", Scope: "district:4103", Basis: "b", SetBy: "s"}, []string{"scope"}},
		"the past":                {SetInput{Key: FeeRoute, Value: "merchant", From: time.Date(2021, 12, 1, 0, 0, 0, 0, time.UTC), Basis: "b", SetBy: "s"}, []string{"from"}},
		"nothing said":            {SetInput{Key: FeeRoute}, []string{"value", "basis", "set_by"}},
		"an owner without link":   {SetInput{Key: "hand_over.apply", Value: "河南社会保障卡", Basis: "b", SetBy: "s"}, []string{"value"}},
		"nobody to hand over to":  {SetInput{Key: "act.apply.wechat_oa", Value: "hand_over", Basis: "b", SetBy: "s"}, []string{"value"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := setup(t)
			_, err := r.Set(t.Context(), models.System(), tc.in)
			require.ErrorIs(t, err, ErrSettingRefused)
			var e *models.Error
			require.ErrorAs(t, err, &e)
			var fields []string
			for _, f := range e.Fields {
				fields = append(fields, f.Field)
			}
			require.Equal(t, tc.fields, fields)
			require.Empty(t, r.store.rows)
			require.Empty(t, ErrSettingRefused.Fields, "the shared error is not written to")
		})
	}
	_, err := setup(t).Set(t.Context(), models.System(), SetInput{Key: "act.fly.wechat_mini", Value: "here"})
	require.ErrorIs(t, err, ErrSettingUnknown)
	_, err = setup(t).At(t.Context(), "no.such", Everywhere, time.Now())
	require.ErrorIs(t, err, ErrSettingUnknown)
}

func TestChangeOfAnotherProcessCountsWithinSeconds(t *testing.T) {
	t.Parallel()
	r := setup(t)
	read := func() string {
		how, err := r.ReleaseAfterPhoneLoss(t.Context(), r.clock.Now())
		require.NoError(t, err)
		return how
	}
	require.Equal(t, "same", read())
	other := New(r.store, r.clock)
	_, err := other.Set(t.Context(), models.System(), SetInput{Key: ReleaseAfterPhoneLoss, Value: "window_only", Basis: "b", SetBy: "s"})
	require.NoError(t, err)
	for range 100 {
		require.Equal(t, "same", read())
	}
	require.LessOrEqual(t, r.store.reads, 3, "policy is not read for every question")
	r.clock.Advance(rereadAfter)
	require.Equal(t, "window_only", read(), "R38")

	r.store.broken = true
	r.clock.Advance(usableFor / 2)
	require.Equal(t, "window_only", read(), "a database that is away for a moment does not change policy")
	r.clock.Advance(usableFor)
	_, err = r.ReleaseAfterPhoneLoss(t.Context(), r.clock.Now())
	require.ErrorIs(t, err, errBroken)
}

func TestReadersAndADeciderDoNotRace(t *testing.T) {
	t.Parallel()
	r := setup(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				_ = r.Allow(t.Context(), citizen(models.WechatMini, models.LevelPhone), models.ActLoss)
				r.clock.Advance(time.Second)
			}
		})
	}
	wg.Wait()
	r.decide(t, "act.loss.wechat_mini", "window_only", Everywhere)
	require.ErrorIs(t, r.Allow(t.Context(), citizen(models.WechatMini, models.LevelPhone), models.ActLoss), ErrNotOnChannel)
}

func TestR12_ProductionNeedsANamedSender(t *testing.T) {
	t.Parallel()
	r := setup(t)
	err := r.ReadyForProduction(t.Context())
	require.ErrorIs(t, err, ErrNotDecided)
	require.ErrorContains(t, err, "arrival_sms.sender, fee.route", "the reason names both")

	r.decide(t, FeeRoute, "non_tax", Everywhere)
	for _, code := range []string{"103", "313LY"} {
		require.NoError(t, r.ApplyBank(t.Context(), Bank{Code: code, Version: 1, Services: []BankService{{Kind: Paying, Area: "410303", From: "2019-01-01"}}}))
	}
	require.NoError(t, r.ApplyBank(t.Context(), Bank{Code: "301", Version: 1, Services: []BankService{{Kind: CardService, Area: "410300", From: "2019-01-01"}}}))
	r.decide(t, ArrivalSMSSender, "bank", AtBank("103"))
	require.ErrorIs(t, r.ReadyForProduction(t.Context()), ErrNotDecided, "one paying bank is not named")
	r.decide(t, ArrivalSMSSender, "platform", AtBank("313LY"))
	require.NoError(t, r.ReadyForProduction(t.Context()), "every paying bank is named; a bank that only issues cards need not be")

	sender, err := r.ArrivalSender(t.Context(), "103", r.clock.Now())
	require.NoError(t, err)
	require.Equal(t, "bank", sender)
	sender, err = r.ArrivalSender(t.Context(), "402", r.clock.Now())
	require.NoError(t, err)
	require.Equal(t, "platform", sender)
}

func TestR43_KindOfLossByChannel(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.decide(t, "loss.kind.phone", "temporary", Everywhere)
	for channel, want := range map[models.Channel]string{
		models.Phone12333: "temporary", models.WechatMini: "registry", models.Registry: "registry",
	} {
		got, err := r.LossKind(t.Context(), channel, r.clock.Now())
		require.NoError(t, err)
		require.Equal(t, want, got, channel)
	}
}

func TestCatalogueIsWhole(t *testing.T) {
	t.Parallel()
	require.Len(t, byKey, len(settings), "a key is declared twice")
	for _, s := range settings {
		require.NotEmpty(t, s.Rule, s.Key)
		require.NotEmpty(t, s.Doc, s.Key)
		if s.Type != Owner {
			require.Empty(t, s.check(s.Default), "the default of %s could not be set", s.Key)
		}
	}
	for _, a := range models.Acts {
		require.NotEmpty(t, actRules[a.Act], a.Act)
	}
	n, err := setup(t).CodesPerDay(t.Context(), time.Now())
	require.NoError(t, err)
	require.Equal(t, 50000, n)
}

func TestDocumentIsCurrent(t *testing.T) {
	t.Parallel()
	path := filepath.Join("..", "..", "docs", "policies.md")
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(Document()), 0o644))
	}
	onDisk, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(onDisk), Document(), "run make golden")
}

// R26: nobody can set the two ends of the byte window so that they cross, or a ground brighter than white.
func TestR26_PhotoSettingsHaveTwoEnds(t *testing.T) {
	t.Parallel()
	least, most := byKey[PhotoLeastBytes], byKey[PhotoMostBytes]
	require.Less(t, least.Most, most.Least)
	for key, bad := range map[string][]string{
		PhotoLeastBytes: {"999", "19001", "-1", "x"}, PhotoMostBytes: {"19999", "200001"}, PhotoLeastGround: {"149", "256"},
		PhotoInfantYears: {"-1", "17"}, PhotoInfantRelief: {"everything", ""},
	} {
		for _, value := range bad {
			require.NotEmpty(t, byKey[key].check(value), "%s %s", key, value)
		}
	}
	for key, good := range map[string][]string{
		PhotoLeastBytes: {"1000", "19000"}, PhotoMostBytes: {"20000", "200000"}, PhotoLeastGround: {"150", "255"}, PhotoInfantYears: {"0", "16"},
	} {
		for _, value := range good {
			require.Empty(t, byKey[key].check(value), "%s %s", key, value)
		}
	}
}
