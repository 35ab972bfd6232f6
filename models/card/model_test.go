package card_test

import (
	"testing"

	"pgregory.net/rapid"

	"onecard/models"
	"onecard/models/card/cardtest"
)

// TestModelOfLossAndRelease drives everything that can happen to a loss in random order (design 11).
func TestModelOfLossAndRelease(t *testing.T) {
	t.Parallel()
	for name, v := range map[string]cardtest.Variant{
		"with the fence": {Fence: true}, "without the fence": {}, "without the fence, state only": {Mute: true}, "with the fence, state only": {Fence: true, Mute: true},
		"only asked": {Asked: true}, "only asked, one thing at a time": {Asked: true, OneByOne: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) {
				cardtest.Run(t, v, func(clock models.Clock) cardtest.Backend {
					m := cardtest.NewMemory(clock)
					return cardtest.Backend{Store: m, AddPerson: m.AddPerson}
				})
			})
		})
	}
}
