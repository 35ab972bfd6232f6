package knowledge_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/knowledge"
	"onecard/models/knowledge/knowledgetest"
)

func text(answer string) knowledge.DraftInput {
	return knowledge.DraftInput{
		Question: "蓝柜里能取卡吗?", Answer: answer, Keywords: []string{"蓝柜"}, Rules: []string{"R47"}, ValidFrom: "2021-12-20", Audience: knowledge.ForAll,
	}
}

const good = "省内可以用,跨省的情况请拨打12333询问。"

func find(t *testing.T, s *knowledge.Service, query string) []knowledge.Article {
	t.Helper()
	got, err := s.Find(t.Context(), knowledge.FindInput{Query: query, Limit: 5})
	require.NoError(t, err)
	return got.Items
}

func TestAnArticleIsWrittenByOneAndPublishedByAnother(t *testing.T) {
	t.Parallel()
	w := knowledgetest.New(t)
	other := w.Replica()
	require.Empty(t, find(t, other, "蓝柜"))
	v, err := w.NewArticle(t.Context(), knowledgetest.By("e1"), text(good))
	require.NoError(t, err)
	_, err = w.Publish(t.Context(), knowledgetest.By("e2"), v.ID, 1)
	require.ErrorIs(t, err, knowledge.ErrArticleState, "it was not submitted")
	v, err = w.Submit(t.Context(), knowledgetest.By("e1"), v.ID, 1)
	require.NoError(t, err)
	require.Equal(t, knowledge.InReview, v.State)
	_, err = w.Publish(t.Context(), knowledgetest.By("e1"), v.ID, 1)
	require.ErrorIs(t, err, knowledge.ErrSecondEditor)
	_, err = w.Publish(t.Context(), knowledgetest.By("r1"), v.ID, 1)
	require.ErrorIs(t, err, knowledgetest.ErrNotPermitted)
	require.Empty(t, find(t, w.Service, "蓝柜"), "a draft is read by nobody")

	v, err = w.Publish(t.Context(), knowledgetest.By("e2"), v.ID, 1)
	require.NoError(t, err)
	require.Equal(t, models.Date("2022-12-20"), v.ReviewBy)
	require.Equal(t, models.Date("2021-12-20"), v.ReviewedOn)
	require.Equal(t, v.ID, find(t, w.Service, "蓝柜")[0].ID, "at once where it was published")
	w.Clock.Advance(2 * time.Second)
	require.Equal(t, v.ID, find(t, other, "蓝柜")[0].ID, "within two seconds elsewhere")

	next, err := w.NewVersion(t.Context(), knowledgetest.By("e2"), v.ID, text("省内通用。跨省就医请先备案,办法可拨打12333询问。"))
	require.NoError(t, err)
	require.Equal(t, 2, next.Version)
	_, err = w.NewVersion(t.Context(), knowledgetest.By("e1"), v.ID, text(good))
	require.ErrorIs(t, err, knowledge.ErrDraftOpen)
	require.Contains(t, find(t, w.Service, "蓝柜")[0].Answer, "跨省的情况", "the old text stands until the new one is published")
	_, err = w.EditVersion(t.Context(), knowledgetest.By("e1"), knowledge.EditInput{Article: v.ID, Version: 2, Changes: 1, Text: text("跨省就医请先备案,办法可拨打12333询问。")})
	require.NoError(t, err)
	_, err = w.EditVersion(t.Context(), knowledgetest.By("e2"), knowledge.EditInput{Article: v.ID, Version: 2, Changes: 1, Text: text(good)})
	require.ErrorIs(t, err, models.ErrConflict, "it was written anew meanwhile")
	_, err = w.Submit(t.Context(), knowledgetest.By("e1"), v.ID, 2)
	require.NoError(t, err)
	for _, who := range []string{"e1", "e2"} {
		_, err = w.Publish(t.Context(), knowledgetest.By(who), v.ID, 2)
		require.ErrorIs(t, err, knowledge.ErrSecondEditor, "both wrote in it")
	}
	w.Staff.Editors["e3"] = knowledge.Member{}
	_, err = w.Return(t.Context(), knowledgetest.By("e3"), v.ID, 2, "请写明在哪里备案")
	require.NoError(t, err)
	_, err = w.Submit(t.Context(), knowledgetest.By("e1"), v.ID, 2)
	require.NoError(t, err)
	_, err = w.Publish(t.Context(), knowledgetest.By("e3"), v.ID, 2)
	require.NoError(t, err)
	require.Contains(t, find(t, w.Service, "蓝柜")[0].Answer, "先备案")
	shown, err := w.ShowArticle(t.Context(), knowledgetest.By("r1"), v.ID)
	require.NoError(t, err)
	require.Equal(t, []knowledge.State{knowledge.Published, knowledge.Superseded}, []knowledge.State{shown.History[0].State, shown.History[1].State})
	var actions []string
	for _, e := range w.Store.Entries[1:] {
		actions = append(actions, strings.TrimPrefix(e.Action, "knowledge.article."))
	}
	require.Equal(t, []string{"drafted", "submitted", "published", "drafted", "edited", "submitted", "returned", "submitted", "superseded", "published"}, actions)

	_, err = w.Withdraw(t.Context(), knowledgetest.By("e1"), v.ID, 2, "wrong")
	require.NoError(t, err)
	require.Empty(t, find(t, w.Service, "蓝柜"), "nothing is read of what was taken away")
}

func TestATextThatCountsLaterLeavesTheOldOneUntilThen(t *testing.T) {
	t.Parallel()
	w := knowledgetest.New(t)
	later := text("新年起跨省就医不用备案,办法可拨打12333询问。")
	later.ValidFrom, later.ValidTo = "2022-01-01", "2022-01-31"
	v := published(t, w, text(good))
	_, err := w.NewVersion(t.Context(), knowledgetest.By("e1"), v.ID, later)
	require.NoError(t, err)
	submitAndPublish(t, w, v.ID, 2)
	require.Contains(t, find(t, w.Service, "蓝柜")[0].Answer, "省内可以用")
	w.Clock.Set(time.Date(2021, 12, 31, 16, 0, 0, 0, time.UTC)) // midnight in Shanghai
	require.Contains(t, find(t, w.Service, "蓝柜")[0].Answer, "不用备案")
	w.Clock.Set(time.Date(2022, 1, 31, 16, 0, 0, 0, time.UTC))
	require.Empty(t, find(t, w.Service, "蓝柜"), "what has ended does not bring the old text back")
}

func published(t *testing.T, w knowledgetest.World, in knowledge.DraftInput) knowledge.Version {
	t.Helper()
	v, err := w.NewArticle(t.Context(), knowledgetest.By("e1"), in)
	require.NoError(t, err)
	return submitAndPublish(t, w, v.ID, 1)
}

func submitAndPublish(t *testing.T, w knowledgetest.World, id string, n int) knowledge.Version {
	t.Helper()
	_, err := w.Submit(t.Context(), knowledgetest.By("e1"), id, n)
	require.NoError(t, err)
	v, err := w.Publish(t.Context(), knowledgetest.By("e2"), id, n)
	require.NoError(t, err)
	return v
}

func TestOfManyPublishersOneWins(t *testing.T) {
	t.Parallel()
	w := knowledgetest.New(t)
	v, err := w.NewArticle(t.Context(), knowledgetest.By("e1"), text(good))
	require.NoError(t, err)
	_, err = w.Submit(t.Context(), knowledgetest.By("e1"), v.ID, 1)
	require.NoError(t, err)
	errs := make([]error, 8)
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() { _, errs[i] = w.Publish(t.Context(), knowledgetest.By("e2"), v.ID, 1) })
	}
	all.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
			continue
		}
		require.ErrorIs(t, err, knowledge.ErrArticleState)
	}
	require.Equal(t, 1, won)
}

func TestDepartmentsKeepTheirOwnArticles(t *testing.T) {
	t.Parallel()
	w := knowledgetest.New(t)
	v := published(t, w, text(good))
	_, err := w.NewVersion(t.Context(), knowledgetest.By("d1"), v.ID, text(good))
	require.ErrorIs(t, err, knowledge.ErrNotYours)
	in := text(good)
	in.Department = "教育局"
	own, err := w.NewArticle(t.Context(), knowledgetest.By("d1"), in)
	require.NoError(t, err)
	require.Equal(t, "民政局", own.Department, "whatever was asked for")
	_, err = w.Withdraw(t.Context(), knowledgetest.By("d1"), v.ID, 1, "wrong")
	require.ErrorIs(t, err, knowledge.ErrNotYours)
}

func TestWhatMayNotStandInAnArticleIsNamedAtOnce(t *testing.T) {
	t.Parallel()
	w := knowledgetest.New(t)
	for answer, code := range map[string]string{
		"请把410303198001010015报给我们,或拨打12333。":       "ID_NUMBER",
		"请把41030319800101 004X报给我们,或拨打12333。":      "ID_NUMBER",
		"卡号6217 0000 0000 0000 123,请拨打12333。":      "BANK_NUMBER",
		"请打13800001234,或拨打12333。":                  "PHONE_NUMBER",
		"请打１３８-0000-1234,或拨打12333。":                "PHONE_NUMBER",
		"请打0379-63000000,或拨打12333。":                "PHONE_NUMBER",
		"请打95588询问银行,或拨打12333。":                    "PHONE_NUMBER",
		"请看[这里](https://evil.example/x),或拨打12333。": "LINK",
		"请看[这里](javascript:alert),或拨打12333。":       "LINK",
		"请看[这里](/m/../admin),或拨打12333。":            "LINK",
		"请看https://hrss.henan.gov.cn,或拨打12333。":    "BARE_LINK",
		"社保账户冻结以后请拨打12333。":                        "WORD",
		"费用是{codes.per_day}元,请拨打12333。":            "FIGURE",
		"这里没有写明下一步应该怎么办,请自己想想。":                    "NO_WAY_FORWARD",
	} {
		_, err := w.NewArticle(t.Context(), knowledgetest.By("e1"), text(answer))
		var e *models.Error
		require.ErrorAs(t, err, &e, answer)
		require.Equal(t, knowledge.ErrTextRefused.Code, e.Code)
		var codes []string
		for _, f := range e.Fields {
			codes = append(codes, f.Code)
			require.NotContains(t, f.Message, "41030319")
		}
		require.Contains(t, codes, code, answer)
	}
	for _, answer := range []string{
		"请打95599,或拨打12333。", "请打0379-96688,也可拨打12333。", "请把初始密码123456改掉,或拨打12333。", "自2021-12-20起,依据豫发改收费〔2019〕195号,请拨打12333。",
		"账户被法院冻结的,请问法院,或拨打12333。", "请看[网点](/m/outlets)和[省厅](https://hrss.henan.gov.cn/a),或拨打12333。", "每张{fee.replacement_fen},请拨打12333。",
		"<script>alert(1)</script>是文字,请拨打12333。", "补贴共96000元,请拨打12333。",
	} {
		v, err := w.NewArticle(t.Context(), knowledgetest.By("e1"), text(answer))
		require.NoError(t, err, answer)
		require.Equal(t, answer, v.Answer)
	}
}

func TestMarksBecomeSpansAndNothingElseDoes(t *testing.T) {
	t.Parallel()
	w := knowledgetest.New(t)
	b := w.Blocks(knowledge.Article{Answer: "请**马上**办理:\n- 看[网点](/m/outlets)\n- <b>文字</b>[外](https://evil.example)"})
	require.Equal(t, []knowledge.Block{
		{Spans: []knowledge.Span{{Text: "请"}, {Text: "马上", Strong: true}, {Text: "办理:"}}},
		{Item: true, Spans: []knowledge.Span{{Text: "看"}, {Text: "网点", Link: "/m/outlets"}}},
		{Item: true, Spans: []knowledge.Span{{Text: "<b>文字</b>"}, {Text: "外"}}},
	}, b)
	require.Equal(t, "请马上办理:\n· 看网点", knowledge.Plain("请**马上**办理:\n\n- 看[网点](/m/outlets)"))
}

func TestR21_FiguresOfPolicyStandInTextsAndInTheSearch(t *testing.T) {
	t.Parallel()
	w := knowledgetest.New(t)
	published(t, w, text("蓝柜换卡每张{fee.replacement_fen},办法请拨打12333。"))
	require.Contains(t, find(t, w.Service, "蓝柜")[0].Answer, "每张16元")
	w.Policy.Set("fee.replacement_fen", "20元")
	require.Contains(t, find(t, w.Service, "蓝柜")[0].Answer, "每张20元", "from the instant on")
	require.NotEmpty(t, find(t, w.Service, "20元"))
}

func TestADatabaseThatIsAwayDoesNotSilenceTheAnswers(t *testing.T) {
	t.Parallel()
	w := knowledgetest.New(t)
	require.NotEmpty(t, find(t, w.Service, "跨行"))
	reads := w.Store.Reads
	w.Clock.Advance(5 * time.Second)
	require.NotEmpty(t, find(t, w.Service, "跨行"))
	require.Equal(t, reads, w.Store.Reads, "an edition that is known is not read again")
	w.Store.Fail["Edition"] = errors.New("away")
	w.Clock.Advance(30 * time.Second)
	require.NotEmpty(t, find(t, w.Service, "跨行"))
	w.Clock.Advance(2 * time.Minute)
	_, err := w.Find(t.Context(), knowledge.FindInput{Query: "跨行", Limit: 5})
	require.Error(t, err)
}
