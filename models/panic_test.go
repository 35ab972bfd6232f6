package models_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models"
)

func TestAGuardedPanicIsAnErrorThatTellsNothingOfAPerson(t *testing.T) {
	t.Parallel()
	var p *models.Panic
	err := models.Guard(func() error { panic("410305199001011234") })
	require.ErrorAs(t, err, &p)
	require.NotContains(t, p.Error()+p.Stack, "410305199001011234")
	require.Contains(t, p.Stack, "panic_test.go")

	var none []int
	err = models.Guard(func() error { _ = none[len(none)]; return nil })
	require.ErrorAs(t, err, &p)
	require.Contains(t, p.Error(), "index out of range")

	other := errors.New("x")
	require.Equal(t, other, models.Guard(func() error { return other }))
	require.NoError(t, models.Guard(func() error { return nil }))
}
