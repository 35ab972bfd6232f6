package knowledge_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/knowledge"
	"onecard/models/knowledge/knowledgetest"
)

func TestAReleaseBringsItsTextsOnceAndOverwritesNothing(t *testing.T) {
	t.Parallel()
	w := knowledgetest.New(t)
	require.NoError(t, w.Seed(t.Context()))
	require.NoError(t, w.Replica().Seed(t.Context()))
	require.Len(t, w.Store.Entries, 1, "brought once, whoever starts again")

	// An older release brought other words for one article, and an editor has changed another.
	w.Store.Forget("cross-bank")
	old := knowledge.Version{
		Article: knowledge.Article{ID: "cross-bank", Audience: knowledge.ForAll, Version: 1, Question: "跨行收费吗?", Answer: "不收,可拨打12333。", Keywords: []string{"跨行"}, Rules: []string{"R11"}, ValidFrom: "2021-12-20"},
		State:   knowledge.Published, Origin: knowledge.BroughtRelease, Digest: "of an older release", CountsFrom: "2021-12-20", Changes: 1,
	}
	_, err := w.Store.AddArticle(t.Context(), old)
	require.NoError(t, err)
	next := w.Replica()
	require.NoError(t, next.Seed(t.Context()))
	require.NoError(t, next.Seed(t.Context()))
	require.Equal(t, "不收,可拨打12333。", find(t, next, "跨行")[0].Answer, "no sentence changes by an update alone")
	shown, err := next.ShowArticle(t.Context(), knowledgetest.By("e1"), "cross-bank")
	require.NoError(t, err)
	require.Len(t, shown.History, 2)
	require.Equal(t, knowledge.Draft, shown.History[0].State)
	require.Empty(t, shown.History[0].Editors)
	forReaders, err := next.ShowArticle(t.Context(), knowledgetest.By("r1"), "cross-bank")
	require.NoError(t, err)
	require.Len(t, forReaders.History, 1, "drafts are the editors'")

	_, err = next.Submit(t.Context(), knowledgetest.By("e1"), "cross-bank", 2)
	require.NoError(t, err)
	_, err = next.Publish(t.Context(), knowledgetest.By("e1"), "cross-bank", 2)
	require.ErrorIs(t, err, knowledge.ErrSecondEditor, "who hands a release's text in answers for it")
	_, err = next.Publish(t.Context(), knowledgetest.By("e2"), "cross-bank", 2)
	require.NoError(t, err)
	require.Contains(t, find(t, next, "跨行")[0].Answer, "手续费", "the release's text is read now")
	require.NoError(t, next.Seed(t.Context()))
	shown, err = next.ShowArticle(t.Context(), knowledgetest.By("e1"), "cross-bank")
	require.NoError(t, err)
	require.Len(t, shown.History, 2)
}

// A text that somebody works on is not taken from under her hands: the next release's waits for a later start.
func TestAProposalThatSomebodyEditsIsLeftAlone(t *testing.T) {
	t.Parallel()
	w := knowledgetest.New(t)
	v, err := w.Store.Version(t.Context(), "cross-bank", 1)
	require.NoError(t, err)
	w.Store.Forget("cross-bank")
	v.Digest = "a"
	_, err = w.Store.AddArticle(t.Context(), v)
	require.NoError(t, err)
	v.Version, v.State, v.Digest, v.Editors, v.CountsFrom = 2, knowledge.Draft, "b", []models.ID{"e1"}, ""
	require.NoError(t, w.Store.AddVersion(t.Context(), v))
	require.NoError(t, w.Seed(t.Context()))
	shown, err := w.ShowArticle(t.Context(), knowledgetest.By("e1"), "cross-bank")
	require.NoError(t, err)
	require.Len(t, shown.History, 2)
	_, err = w.Withdraw(t.Context(), knowledgetest.By("e1"), "cross-bank", 2, "not_needed")
	require.NoError(t, err)
	require.NoError(t, w.Seed(t.Context()))
	shown, err = w.ShowArticle(t.Context(), knowledgetest.By("e1"), "cross-bank")
	require.NoError(t, err)
	require.Len(t, shown.History, 3)
}

func TestGapsAreCountedInPiecesAndNamesAreNot(t *testing.T) {
	t.Parallel()
	w := knowledgetest.New(t)
	for range 5 {
		for _, query := range []string{"量子纠缠", "欧阳量子410303198001010015", "张某某", "赵某"} {
			got, err := w.FindForStaff(t.Context(), knowledgetest.By("r1"), knowledge.FindInput{Query: query, Limit: 5})
			require.NoError(t, err)
			require.Empty(t, got.Items, query)
		}
	}
	_, err := w.FindForStaff(t.Context(), knowledgetest.By("r1"), knowledge.FindInput{Query: "罕见词", Limit: 5})
	require.NoError(t, err)
	got, err := w.Gaps(t.Context(), knowledgetest.By("e1"))
	require.NoError(t, err)
	require.Equal(t, knowledge.Gap{Gram: "量子", Count: 10}, got[0])
	for _, g := range got {
		require.NotContains(t, g.Gram, "张")
		require.NotContains(t, g.Gram, "赵")
		require.NotContains(t, g.Gram, "41")
		require.GreaterOrEqual(t, g.Count, 5, "what was looked for less often is told to nobody")
	}
	_, err = w.Gaps(t.Context(), knowledgetest.By("r1"))
	require.ErrorIs(t, err, knowledgetest.ErrNotPermitted)
	w.Store.Fail["CountGaps"] = models.ErrUnavailable
	_, err = w.FindForStaff(t.Context(), knowledgetest.By("r1"), knowledge.FindInput{Query: "量子纠缠", Limit: 5})
	require.NoError(t, err, "a counter that fails fails no search")
}

func TestVotesAreOnePerAgentAndVersion(t *testing.T) {
	t.Parallel()
	w := knowledgetest.New(t)
	require.NoError(t, w.Vote(t.Context(), knowledgetest.By("r1"), "cross-bank", 1, true))
	require.NoError(t, w.Vote(t.Context(), knowledgetest.By("r1"), "cross-bank", 1, false))
	require.NoError(t, w.Vote(t.Context(), knowledgetest.By("e1"), "cross-bank", 1, true))
	require.ErrorIs(t, w.Vote(t.Context(), knowledgetest.By("r1"), "cross-bank", 2, true), knowledge.ErrVersionNotFound)
	shown, err := w.ShowArticle(t.Context(), knowledgetest.By("r1"), "cross-bank")
	require.NoError(t, err)
	require.Equal(t, knowledge.Votes{Useful: 1, NotUseful: 1}, shown.Votes[1])
}
