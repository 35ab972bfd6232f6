package knowledge_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models/knowledge"
	"onecard/models/knowledge/knowledgetest"
)

// What a release ships is held to what editors are held to.
func TestShippedArticlesPassTheEditorsChecks(t *testing.T) {
	t.Parallel()
	w := knowledgetest.New(t)
	all, err := knowledge.Shipped()
	require.NoError(t, err)
	desk, err := knowledge.ShippedForStaff()
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(desk), 25)
	for _, a := range slices.Concat(all, desk) {
		_, err := w.NewArticle(t.Context(), knowledgetest.By("e1"), knowledge.DraftInput{
			Audience: a.Audience, Question: a.Question, Answer: a.Answer, Keywords: a.Keywords, Rules: a.Rules, ValidFrom: a.ValidFrom,
		})
		require.NoError(t, err, "%s: %+v", a.ID, err)
		require.NotContains(t, a.Answer, "<", a.ID)
	}
}

// R48: every question that the policy answers has its answer here, with the rule it rests on.
func TestR48_EveryRuleOfThePolicyIsAnswered(t *testing.T) {
	t.Parallel()
	all, err := knowledge.Shipped()
	require.NoError(t, err)
	for n := 1; n <= 49; n++ {
		rule := fmt.Sprintf("R%d", n)
		require.True(t, slices.ContainsFunc(all, func(a knowledge.Article) bool { return slices.Contains(a.Rules, rule) }), rule)
	}
}

func TestAgentsFindWhatToSay(t *testing.T) {
	t.Parallel()
	w := knowledgetest.New(t)
	for query, want := range map[string]string{
		"要求解挂怎么说": "desk-release", "核验话术": "desk-verify", "念验证码": "desk-codes", "亲属代打电话": "desk-relative", "系统断网": "desk-outage",
		"低保怎么说": "desk-sensitive", "没打上": "desk-dialect", "举报扣卡": "desk-misuse", "退伍": "desk-dept-veterans", "护林员": "desk-dept-forestry",
	} {
		got, err := w.FindForStaff(t.Context(), knowledgetest.By("r1"), knowledge.FindInput{Query: query, Limit: 3}, knowledge.ForStaff)
		require.NoError(t, err)
		ids := []string{}
		for _, a := range got.Items {
			ids = append(ids, a.ID)
		}
		require.Contains(t, ids, want, query)
	}
	public := find(t, w.Service, "要求解挂怎么说")
	for _, a := range public {
		require.NotContains(t, a.ID, "desk-", "what is written for the desk is never a citizen's")
	}
}
