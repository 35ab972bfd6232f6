package boot

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models/notice"
	"onecard/models/policy"
	"onecard/models/subsidy"
)

// A new text that is not classed would be left out of every preview without anybody noticing.
func TestEveryTextNamesTheRulesItRestsOn(t *testing.T) {
	t.Parallel()
	for _, spec := range notice.Templates() {
		require.NotEmpty(t, noticeRules[spec.Kind], spec.Kind)
	}
	require.Len(t, noticeRules, len(notice.Templates()))
	for _, c := range subsidy.CauseSpecs() {
		require.NotEmpty(t, causeRules[c.Cause], c.Cause)
	}
	require.Len(t, causeRules, len(subsidy.CauseSpecs()))
	for _, s := range agentSentences {
		require.NotEmpty(t, s.refusal.Message)
	}
}

// Whatever setting is proposed, each message and sentence of its rules is there to be read over, or shown as it would read.
func TestAPreviewListsEveryTextOfTheSettingsRules(t *testing.T) {
	t.Parallel()
	listed := 0
	for _, s := range policy.Catalogue() {
		rules := strings.Fields(s.Rule)
		texts, err := noticeTexts{}.ReadOver(t.Context(), s.Key, rules)
		require.NoError(t, err)
		ids := map[string]bool{}
		for _, text := range texts {
			require.NotContains(t, text.Text, "${", "as somebody reads it")
			ids[text.ID] = true
		}
		said, err := sentenceTexts{}.ReadOver(t.Context(), s.Key, rules)
		require.NoError(t, err)
		listed += len(texts) + len(said)
		if strings.HasPrefix(s.Key, "notice.") || strings.HasPrefix(s.Key, "notices.") {
			continue // by topic and lane
		}
		for kind, of := range noticeRules {
			shown := s.Key == policy.ReplacementFee && (kind == notice.FeePaid || kind == notice.FeeRefunded)
			require.Equal(t, restsOn(of, rules) && !shown, ids[string(kind)], "%s %s", s.Key, kind)
		}
	}
	require.Greater(t, listed, 100)
	arrivals, err := noticeTexts{}.ReadOver(t.Context(), policy.LadderKey(notice.TopicArrivals), []string{"R62"})
	require.NoError(t, err)
	require.Len(t, arrivals, 4, "of its topic alone")
}
