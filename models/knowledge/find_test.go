package knowledge_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/knowledge"
	"onecard/models/knowledge/knowledgetest"
)

func first(t *testing.T, query string) knowledge.Article {
	t.Helper()
	got, err := knowledgetest.New(t).Find(t.Context(), knowledge.FindInput{Query: query, Limit: 5})
	require.NoError(t, err)
	require.NotEmpty(t, got.Items, query)
	return got.Items[0]
}

func TestR11_CrossBankIsAnsweredFirst(t *testing.T) {
	t.Parallel()
	for _, query := range []string{"跨行", "跨行取钱收手续费吗", "在别的银行取钱要不要手续费"} {
		a := first(t, query)
		require.Equal(t, "cross-bank", a.ID, query)
		require.Contains(t, a.Answer, "免费")
		require.Contains(t, a.Rules, "R11")
	}
}

func TestPeopleFindWhatTheyAsk(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		"短信收费吗": "arrival-sms", "补换卡多少钱": "card-fee", "16元": "card-fee", "银行账户怎么激活": "activate-bank",
		"初始密码": "activate-social", "打电话激活": "activate-online", "卡丢了怎么挂失": "loss-social", "银行账户挂失": "loss-bank",
		"代办解挂": "release-delegate", "解挂": "release", "旧卡还能用吗": "old-card", "全省通用": "province", "孩子办卡": "under-16",
		"网点在哪里": "outlets", "户主": "household-head", "没到账": "not-arrived", "电子政务中心": "whom-to-ask",
		"怎么证明是孩子监护人": "guardian-proof", "户口簿审核": "guardian-proof", "监护人能替孩子办什么": "guardian-may", "孩子满14岁本人同意": "consent-14",
		"孩子的短信发给谁": "child-notices", "满16周岁以后": "child-16", "协助人看不到补贴": "helper-limits", "撤销协助人": "helper-end",
		"借别人手机办理": "borrowed-phone", "老人不会用手机": "family-helper",
		"帮家人补卡": "replace-delegate", "手机上申领": "apply-online", "领卡进度": "progress", "两个账户": "two-accounts",
	} {
		require.Equal(t, want, first(t, query).ID, query)
	}
}

// What is said about families rests on the rules of families, and on what the product does: no power is promised that a
// helper or a guardian has not.
func TestR67_WhatIsSaidOfFamiliesIsTrue(t *testing.T) {
	t.Parallel()
	s := knowledgetest.New(t)
	for id, words := range map[string][]string{
		"guardian-proof": {"户口簿首页和孩子本人页", "其他监护人会收到通知", "满14周岁的孩子本人", "办事指南"},
		"guardian-may":   {"首次申领", "为满14周岁的孩子申领", "须先由孩子本人同意", "借监护人的手机核验人脸", "继续有效", "解挂不能", "办事指南", "窗口"},
		"consent-14":     {"未满14周岁的由监护人", "满14周岁的由孩子本人", "继续有效"},
		"child-notices":  {"默认只发给监护人", "补贴到账短信只发到孩子登记的手机号"},
		"child-16":       {"自动结束", "借用家人的手机"},
		"helper-limits":  {"四件事", "不向协助人显示", "解挂"},
		"helper-end":     {"不用重新核验", "12333"},
		"borrowed-phone": {"15分钟", "不会把您绑定", "未满14周岁"},
	} {
		a, err := s.Article(t.Context(), id)
		require.NoError(t, err, id)
		for _, w := range words {
			require.Contains(t, a.Answer, w, id)
		}
	}
}

func TestR48_NothingFoundShowsAWayForward(t *testing.T) {
	t.Parallel()
	for _, query := range []string{"量子计算机", "社保卡能买奶茶吗", "???", "。"} {
		got, err := knowledgetest.New(t).Find(t.Context(), knowledge.FindInput{Query: query, Limit: 5})
		require.NoError(t, err)
		require.Empty(t, got.Items, query)
		require.Contains(t, got.Hint, "12333")
	}
	_, err := knowledgetest.New(t).Article(t.Context(), "nothing")
	require.ErrorIs(t, err, knowledge.ErrArticleNotFound)
	a, err := knowledgetest.New(t).Article(t.Context(), "cross-bank")
	require.NoError(t, err)
	require.Equal(t, "cross-bank", a.ID)
}

// TestPagesJoinWithoutAGap walks every search in pages of two: the same articles, in the same order, as in one page.
func TestPagesJoinWithoutAGap(t *testing.T) {
	t.Parallel()
	s := knowledgetest.New(t)
	for _, query := range []string{"", "激活", "社保卡", "挂失 12333"} {
		whole, err := s.Find(t.Context(), knowledge.FindInput{Query: query, Limit: 100})
		require.NoError(t, err)
		require.Empty(t, whole.Next)
		require.Greater(t, len(whole.Items), 2, query)
		var joined []knowledge.Article
		for after := ""; ; {
			page, err := s.Find(t.Context(), knowledge.FindInput{Query: query, After: after, Limit: 2})
			require.NoError(t, err)
			joined = append(joined, page.Items...)
			if after = page.Next; after == "" {
				break
			}
		}
		require.Equal(t, whole.Items, joined, query)
	}
	_, err := s.Find(t.Context(), knowledge.FindInput{After: "x", Limit: 2})
	require.Equal(t, models.Invalid, models.KindOf(err))
}
