package models_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"onecard/models"
)

func TestR63_YuanIsReadExactly(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]models.Fen{"16.00": 1600, "16": 1600, "0.01": 1, "0.1": 10, "8700.00": 870000, "100000000.00": 10000000000} {
		got, err := models.ParseYuan(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
	for _, text := range []string{"", ".", "16.", ".5", "16.001", "-16.00", "+16.00", " 16.00", "16.00 ", "1,600.00", "16e2", "１６.00", "0x10", "16.0.0", "1234567890123.00", "NaN"} {
		_, err := models.ParseYuan(text)
		require.Error(t, err, text)
	}
	rapid.Check(t, func(rt *rapid.T) {
		fen := models.Fen(rapid.Int64Range(0, 99999999999999).Draw(rt, "fen"))
		got, err := models.ParseYuan(fen.Yuan())
		require.NoError(rt, err)
		require.Equal(rt, fen, got)
	})
}
