package store_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"onecard/models/hotline"
	"onecard/models/notice"
	"onecard/models/store"
	"onecard/models/store/storetest"
)

func TestATextIsFiledOnceWhoeverFilesIt(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		places := []notice.FilingPlace{{Vendor: "first", Channel: notice.SMS, Codes: map[string]string{"arrival": "SMS_1", "bound": "SMS_2"}}}
		filings := notice.NewFilings(db.TemplateFilings(), places)
		const callers = 4
		var all sync.WaitGroup
		counts, errs := make([]int, callers), make([]error, callers)
		for i := range callers {
			all.Go(func() {
				added, err := filings.File(t.Context(), hotline.Operator())
				counts[i], errs[i] = len(added), err
			})
		}
		all.Wait()
		total := 0
		for i := range callers {
			require.NoError(t, errs[i])
			total += counts[i]
		}
		require.Equal(t, 2, total)
		rows, err := db.TemplateFilings().Filings(t.Context())
		require.NoError(t, err)
		require.Len(t, rows, 2)
		arrival, _ := notice.SpecOf(notice.Arrival)
		require.Equal(t, []string{"first", "arrival", "SMS_1", arrival.Text, "programme amount date tail", "filed", "settings"},
			[]string{rows[0].Vendor, rows[0].Template, rows[0].Code, rows[0].Body, rows[0].Variables, string(rows[0].State), rows[0].SetBy})

		one := rows[0]
		one.State, one.Reason = notice.FilingRefused, "不规范"
		moved, err := db.TemplateFilings().MoveFiling(t.Context(), one, notice.FilingFiled)
		require.NoError(t, err)
		require.True(t, moved)
		moved, err = db.TemplateFilings().MoveFiling(t.Context(), one, notice.FilingFiled)
		require.NoError(t, err)
		require.False(t, moved, "somebody was first")

		c, err := filings.Set(t.Context(), hotline.Operator(), "first", "arrival", "", notice.FilingApproved, "控制台显示通过", "cli:root")
		require.NoError(t, err)
		require.Equal(t, notice.FilingRefused, c.From)
		entries, err := db.AuditOf(t.Context(), "template_filings", string(c.ID))
		require.NoError(t, err)
		require.Len(t, entries, 1)
		require.Equal(t, "notice.template.changed", entries[0].Action)
	})
}
