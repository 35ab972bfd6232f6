package registry

import (
	"math/rand/v2"
	"time"
)

// The pilot payments of 2021 (figures published; the amounts of single payees are ours).
const (
	pilotOrphans       = 16
	pilotHousingFirst  = 870_000
	pilotOrphanTotal   = 2_440_000
	pilotHousingSecond = 910_000
)

// pilot adds the payments of 8 November, 5 and 7 December 2021, where the start month does not lie before them.
func (b *builder) pilot() {
	xigong := areaByCode("410303")
	housing := "区住房保障和房产服务中心"
	b.pilotBatch(xigong, localHousing, housing, "2021年第三季度", "313LY", time.Date(2021, 11, 8, 10, 30, 0, 0, shanghai),
		b.housing[:26], split(b.r, pilotHousingFirst, 26))
	b.pilotBatch(xigong, programmeCode(20), "民政局", "2021年11月", "103", time.Date(2021, 12, 5, 9, 40, 0, 0, shanghai),
		b.orphans, split(b.r, pilotOrphanTotal, pilotOrphans))
	b.pilotBatch(xigong, localHousing, housing, "2021年第四季度", "", time.Date(2021, 12, 7, 11, 5, 0, 0, shanghai),
		b.housing, split(b.r, pilotHousingSecond, 27))
}

func (b *builder) pilotBatch(a *area, code, dept, period, bank string, credited time.Time, ps []*Person, fen []int64) {
	month := monthStart(credited)
	if b.start.Before(month) {
		return
	}
	batch := b.newBatch(code, dept, a, month, period)
	batch.PayingUnit, batch.PayingBank = dept, bank
	for i, p := range ps {
		l := b.line(batch, p, fen[i], credited)
		if code == localHousing {
			l.PayeeKind, l.HouseholdRef = household, p.HouseholdRef
		}
	}
	b.close(batch)
}

// split cuts a total into n uneven amounts of whole yuan whose sum is exact.
func split(r *rand.Rand, total int64, n int) []int64 {
	out := make([]int64, n)
	mean := total / int64(n) / 100 * 100
	rest := total
	for i := range out {
		out[i] = mean
		rest -= mean
	}
	for range n {
		i, j, d := r.IntN(n), r.IntN(n), int64(r.IntN(40))*100
		if i != j && out[i] > mean/2+d {
			out[i], out[j] = out[i]-d, out[j]+d
		}
	}
	out[0] += rest
	return out
}

// leaveUnderway leaves the first four monthly batches of the last month (outside the districts of named citizens)
// before the bank: planned, posted, approved and just sent.
func (b *builder) leaveUnderway(batch *Batch) {
	states := lineStates[:4]
	p := b.programme(batch.Programme)
	if b.underway == len(states) || p.Cadence != monthly || batch.District == "410303" || batch.District == "410325" || batch.District == "410327" {
		return
	}
	state := states[b.underway]
	b.underway++
	for _, l := range b.city.lines[len(b.city.lines)-batch.Count:] {
		l.State, l.CreditedAt, l.ReturnedAt, l.CreditNo, l.ReturnReason, l.Version, l.ChangedAt = state, nil, nil, "", "", 4, *l.SentAt
		if state == "sent" {
			continue
		}
		l.SentAt, l.Version, l.ChangedAt = nil, 3, *l.ApprovedAt
		if state == "approved" {
			continue
		}
		l.ApprovedAt, l.Version, l.ChangedAt = nil, 2, *l.PublicisedAt
		if state == "planned" {
			l.PublicisedAt, l.Version, l.ChangedAt = nil, 1, *l.PlannedAt
		}
	}
}
