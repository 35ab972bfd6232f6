package models_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
)

// OK of R50, line by line: every kind of number that people hold is taken, and what is wrong is named.
func TestR50_NumbersThatPeopleHold(t *testing.T) {
	t.Parallel()
	now := time.Date(2021, 12, 20, 2, 0, 0, 0, time.UTC)
	for text, birth := range map[string]models.Date{
		"410303198001010015": "1980-01-01", "41030319800101004x": "1980-01-01", " 41030319800101004X ": "1980-01-01",
		"410381198001010014": "1980-01-01", // an area that is none any more
		"810000199408230021": "1994-08-23", "830000199201300022": "1992-01-30", "911124198108030024": "1981-08-03",
		"ABC123456789012": "", "abc123456789012": "", // an old foreigner's card
	} {
		n, err := models.ParseIDNumber(text, now)
		require.NoError(t, err, text)
		require.Equal(t, birth, n.Birth(), text)
		require.Equal(t, strings.ToUpper(strings.TrimSpace(text)), n.Reveal())
	}
	for text, want := range map[string]*models.Error{
		"410303198001010014": models.ErrIDChecksum, "910303198001010014": models.ErrIDChecksum,
		"410303198102290012": models.ErrIDDate, // no leap year
		"410303202112210019": models.ErrIDDate, // born tomorrow
		"410303180001010015": models.ErrIDDate,
		"":                   models.ErrIDForm, "41030319800101001": models.ErrIDForm, "010303198001010015": models.ErrIDForm, "41030319800101001Y": models.ErrIDForm,
		"４１０３０３１９８００１０１００１５": models.ErrIDForm, "410303800101001": models.ErrIDForm, "AB1123456789012": models.ErrIDForm,
	} {
		_, err := models.ParseIDNumber(text, now)
		require.ErrorIs(t, err, want, text)
		if text != "" {
			require.NotContains(t, err.Error(), text)
		}
	}
	upgraded, ok := models.UpgradeIDNumber("410303800101001")
	require.True(t, ok)
	require.Equal(t, "410303198001010015", upgraded)
}

// OK of R51, line by line.
func TestR51_NamesThatPeopleHave(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"阿卜杜•热合曼": "阿卜杜·热合曼", "阿卜杜・热合曼": "阿卜杜·热合曼", "阿卜杜．热合曼": "阿卜杜·热合曼", "阿卜杜.热合曼": "阿卜杜·热合曼", "阿卜杜·热合曼": "阿卜杜·热合曼",
		"王𠅤": "王𠅤", "𠅤𠅤": "𠅤𠅤", "王〇": "王〇", "Anna  Maria O'Neil": "Anna Maria O'Neil", strings.Repeat("𠅤", 50): strings.Repeat("𠅤", 50),
	} {
		n, err := models.ParseName(text)
		require.NoError(t, err, text)
		require.Equal(t, want, n.Reveal())
	}
	for _, text := range []string{"", "王", "王3", "王３", "·王建", "王建·", "王,建", "<b>王", "王\x00建", strings.Repeat("王", 51)} {
		_, err := models.ParseName(text)
		require.ErrorIs(t, err, models.ErrNameForm, text)
	}
}

// However they are printed, logged or sent, number and name show their mask only (R54).
func TestR54_PersonalValuesPrintMasked(t *testing.T) {
	t.Parallel()
	id, err := models.ParseIDNumber("410303198001010015", time.Now())
	require.NoError(t, err)
	name, err := models.ParseName("王建国")
	require.NoError(t, err)
	asJSON, err := json.Marshal(map[string]any{"id": id, "name": name})
	require.NoError(t, err)
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "id", id, "name", name)
	for _, out := range []string{
		string(asJSON), log.String(), fmt.Sprint(id, name), fmt.Sprintf("%v %+v %#v %s %q", id, id, id, id, id), fmt.Sprintf("%v %+v %#v %s %q", name, name, name, name, name),
	} {
		require.NotContains(t, out, "198001010015")
		require.NotContains(t, out, "王建国")
		require.NotContains(t, out, "建")
	}
	require.Equal(t, "410***********0015", id.String())
	require.Equal(t, "王*国", name.String())
}
