package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/models"
	"onecard/models/hotline"
)

func TestR65_WhatACitizenWritesIsAnEnquiryWithItsOrder(t *testing.T) {
	t.Parallel()
	eachOrderDesk(t, func(t *testing.T, d *orderDesk) {
		ctx := models.WithRequestKey(t.Context(), models.RequestKey{Operation: "openEnquiry", Key: "k1", BodyMAC: []byte("m")})
		v, err := d.Ask(ctx, d.citizen(), hotline.AskComplaint, "窗口的工作人员不肯收我的申请材料")
		require.NoError(t, err)
		again, err := d.Ask(ctx, d.citizen(), hotline.AskComplaint, "窗口的工作人员不肯收我的申请材料")
		require.NoError(t, err)
		require.Equal(t, v.ID, again.ID, "sent twice with one key")
		again, err = d.Ask(t.Context(), d.citizen(), hotline.AskComplaint, "窗口的工作人员不肯收我的申请材料")
		require.NoError(t, err)
		require.Equal(t, v.ID, again.ID, "the same words of the same day")
		other := models.WithRequestKey(t.Context(), models.RequestKey{Operation: "openEnquiry", Key: "k2", BodyMAC: []byte("m")})
		for range 2 {
			again, err = d.Ask(other, d.citizen(), hotline.AskComplaint, "窗口的工作人员不肯收我的申请材料")
			require.NoError(t, err)
			require.Equal(t, v.ID, again.ID, "with another key, and that one sent again")
		}
		require.NotEmpty(t, v.Number)
		o, err := d.ReadOrder(t.Context(), d.agent, v.ID)
		require.NoError(t, err)
		require.Equal(t, []any{hotline.OrderComplaint, "", "窗口的工作人员不肯收我的申请材料"}, []any{o.Order.Type, o.Order.Department, o.Order.Text}, "R68: it stays with the hotline")
		require.False(t, o.Order.DueAt.IsZero())

		mine, err := d.MyEnquiryViews(t.Context(), d.citizen(), hotline.Page{Limit: 10})
		require.NoError(t, err)
		require.Len(t, mine, 1)
		entries, err := d.db.AuditOf(t.Context(), "enquiries", string(v.ID))
		require.NoError(t, err)
		require.Len(t, entries, 1)

		_, err = d.Ask(t.Context(), d.citizen(), "praise", "你们的服务非常好")
		require.ErrorIs(t, err, hotline.ErrAskKind)
		_, err = d.Ask(t.Context(), d.citizen(), hotline.AskQuestion, "号")
		require.Equal(t, models.Invalid, models.KindOf(err))
		_, err = d.Ask(t.Context(), d.citizen(), hotline.AskQuestion, "我的身份证号码是410303198001010015,查一下")
		require.Equal(t, models.Invalid, models.KindOf(err))
		for n := range 4 {
			_, err = d.Ask(t.Context(), d.citizen(), hotline.AskSuggestion, fmt.Sprintf("建议增加网点,第%d条", n))
			require.NoError(t, err)
		}
		_, err = d.Ask(t.Context(), d.citizen(), hotline.AskSuggestion, "建议再增加网点")
		require.ErrorIs(t, err, hotline.ErrAskedLots)
		d.s.clock.Advance(24 * time.Hour)
		_, err = d.Ask(t.Context(), d.citizen(), hotline.AskSuggestion, "建议再增加网点")
		require.NoError(t, err)

		child := d.citizen()
		child.Subject = models.NewID()
		_, err = d.Ask(t.Context(), child, hotline.AskQuestion, "替孩子问一下")
		require.ErrorIs(t, err, hotline.ErrNotLoggedIn, "under one's own name")
	})
}

func TestOfManyQuestionsAtOnceFiveAreTaken(t *testing.T) {
	t.Parallel()
	eachOrderDesk(t, func(t *testing.T, d *orderDesk) {
		taken := 0
		for _, err := range atOnce(9, func(n int) error {
			_, err := d.Ask(context.WithoutCancel(t.Context()), d.citizen(), hotline.AskSuggestion, fmt.Sprintf("建议增加网点,第%d条", n))
			return err
		}) {
			if err == nil {
				taken++
				continue
			}
			require.ErrorIs(t, err, hotline.ErrAskedLots)
		}
		require.Equal(t, 5, taken)
	})
}
