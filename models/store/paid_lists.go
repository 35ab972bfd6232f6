package store

import (
	"cmp"
	"context"
	"slices"
	"strings"
)

// paidList says that a ledger month holds a payment of a programme's period: a line's own, which need not be that of its
// batch. Nobody takes it away: a line that was corrected leaves a month to be looked at in vain.
type paidList struct{ Programme, Period, LedgerMonth string }

// paidLists are those that a write has met.
type paidLists map[paidList]struct{}

// noteLists writes down lists in the commit of their payments. It comes last there: whoever brings the same list at the
// same time waits for that commit. In one order, so that two who bring several do not wait for each other.
func (db *DB) noteLists(ctx context.Context, met paidLists) error {
	if len(met) == 0 {
		return nil
	}
	list := make([]paidList, 0, len(met))
	for l := range met {
		list = append(list, l)
	}
	slices.SortFunc(list, func(a, b paidList) int {
		return cmp.Or(cmp.Compare(a.Programme, b.Programme), cmp.Compare(a.Period, b.Period), cmp.Compare(a.LedgerMonth, b.LedgerMonth))
	})
	for some := range slices.Chunk(list, 500) {
		args := make([]any, 0, 3*len(some))
		for _, l := range some {
			args = append(args, l.Programme, l.Period, l.LedgerMonth)
		}
		err := db.w(ctx).Exec("INSERT INTO paid_lists (programme, period, ledger_month) VALUES "+strings.Repeat(", (?, ?, ?)", len(some))[2:]+
			" ON CONFLICT DO NOTHING", args...).Error
		if err != nil {
			return translate(err)
		}
	}
	return nil
}
