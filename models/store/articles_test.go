package store_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/knowledge"
	"onecard/models/knowledge/knowledgetest"
	"onecard/models/store"
	"onecard/models/store/storetest"
)

var (
	editorOne = models.NewID()
	editorTwo = models.NewID()
)

func editor(id models.ID) models.Actor {
	return models.Actor{Kind: models.AgentActor, ID: id, Channel: models.Phone12333}
}

func articlesOn(db *store.DB, clock models.Clock) *knowledge.Service {
	staff := &knowledgetest.Staff{Editors: map[models.ID]knowledge.Member{editorOne: {}, editorTwo: {}}}
	return knowledge.New(knowledge.Deps{Store: db.Articles(), Staff: staff, Policy: knowledgetest.NewPolicy(), Clock: clock})
}

// A search answers the same on both databases, article by article and in the same order: what is compared is in memory,
// the databases only keep it.
func TestTheSearchAnswersTheSameOnBothDatabases(t *testing.T) {
	t.Parallel()
	wanted := knowledgetest.New(t)
	queries := []string{"", "跨行", "补换卡多少钱", "16元", "卡丢了怎么挂失", "社保卡", "打电话激活", "孩子办卡", "ＡＴＭ", "没有这样的事", "解挂", "户主"}
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := articlesOn(db, models.NewManualClock(noon))
		require.NoError(t, s.Seed(t.Context()))
		require.NoError(t, articlesOn(db, models.NewManualClock(noon)).Seed(t.Context()))
		for _, query := range queries {
			in := knowledge.FindInput{Query: query, Limit: 100}
			want, err := wanted.Find(t.Context(), in)
			require.NoError(t, err)
			got, err := s.Find(t.Context(), in)
			require.NoError(t, err)
			require.Equal(t, want, got, query)
			want, err = wanted.FindForStaff(t.Context(), knowledgetest.By("r1"), in)
			require.NoError(t, err)
			got, err = s.FindForStaff(t.Context(), editor(editorOne), in)
			require.NoError(t, err)
			require.Equal(t, want, got, query)
		}
	})
}

func TestAPublicationIsSeenByEveryReplicaAndWonByOne(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		clock := models.NewManualClock(noon)
		s, other := articlesOn(db, clock), articlesOn(db, clock)
		require.NoError(t, s.Seed(t.Context()))
		_, err := other.Find(t.Context(), knowledge.FindInput{Query: "蓝柜", Limit: 5})
		require.NoError(t, err)
		in := knowledge.DraftInput{
			Audience: knowledge.ForAll, Question: "蓝柜里能取卡吗?", Answer: "不能,请到网点。<script>alert(1)</script>", Keywords: []string{"蓝柜"}, Rules: []string{"R25"}, ValidFrom: "2021-12-20",
		}
		v, err := s.NewArticle(t.Context(), editor(editorOne), in)
		require.NoError(t, err)
		_, err = s.Submit(t.Context(), editor(editorOne), v.ID, 1)
		require.NoError(t, err)
		waiting, more, err := s.ListVersions(t.Context(), editor(editorTwo), knowledge.InReview, false, knowledge.Place{}, 5)
		require.NoError(t, err)
		require.False(t, more)
		require.Len(t, waiting, 1)
		require.Equal(t, in.Answer, waiting[0].Answer)
		require.Equal(t, []models.ID{editorOne}, waiting[0].Editors)

		won := make([]error, 6)
		var all sync.WaitGroup
		for i := range won {
			all.Go(func() {
				_, won[i] = []*knowledge.Service{s, other}[i%2].Publish(t.Context(), editor(editorTwo), v.ID, 1)
			})
		}
		all.Wait()
		winners := 0
		for _, err := range won {
			if err == nil {
				winners++
				continue
			}
			require.ErrorIs(t, err, knowledge.ErrArticleState)
		}
		require.Equal(t, 1, winners)
		clock.Advance(2 * time.Second)
		for _, replica := range []*knowledge.Service{s, other} {
			got, err := replica.Find(t.Context(), knowledge.FindInput{Query: "蓝柜", Limit: 5})
			require.NoError(t, err)
			require.Equal(t, v.ID, got.Items[0].ID)
			require.Equal(t, models.Date("2022-12-20"), got.Items[0].ReviewBy)
		}
		entries, err := db.AuditOf(t.Context(), "articles", v.ID)
		require.NoError(t, err)
		require.Len(t, entries, 3)
		_, err = s.NewVersion(t.Context(), editor(editorOne), v.ID, in)
		require.NoError(t, err)
		_, err = other.NewVersion(t.Context(), editor(editorTwo), v.ID, in)
		require.ErrorIs(t, err, knowledge.ErrDraftOpen)
	})
}

func TestVotesAndGapsAreCounted(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		clock := models.NewManualClock(noon)
		s := articlesOn(db, clock)
		require.NoError(t, s.Seed(t.Context()))
		require.NoError(t, s.Vote(t.Context(), editor(editorOne), "cross-bank", 1, true))
		require.NoError(t, s.Vote(t.Context(), editor(editorOne), "cross-bank", 1, false))
		require.NoError(t, s.Vote(t.Context(), editor(editorTwo), "cross-bank", 1, true))
		shown, err := s.ShowArticle(t.Context(), editor(editorOne), "cross-bank")
		require.NoError(t, err)
		require.Equal(t, map[int]knowledge.Votes{1: {Useful: 1, NotUseful: 1}}, shown.Votes)
		for range 5 {
			_, err := s.FindForStaff(t.Context(), editor(editorOne), knowledge.FindInput{Query: "量子纠缠", Limit: 5})
			require.NoError(t, err)
		}
		gaps, err := s.Gaps(t.Context(), editor(editorOne))
		require.NoError(t, err)
		require.Len(t, gaps, 3)
		require.Equal(t, 5, gaps[0].Count)
		clock.Advance(100 * 24 * time.Hour)
		require.NoError(t, s.ForgetGaps(t.Context()))
		gaps, err = s.Gaps(t.Context(), editor(editorOne))
		require.NoError(t, err)
		require.Empty(t, gaps)
	})
}
