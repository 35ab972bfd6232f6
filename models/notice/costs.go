package notice

import (
	"context"

	"onecard/models"
)

// CostCentre is who a message is sent for.
type CostCentre struct {
	Programme  string // the catalogue's code; empty: it is about no subsidy
	Department string // who pays the programme; empty: ourselves
}

// Cost is what messages of one sort cost on one civil day.
type Cost struct {
	Day     models.Date
	Channel Channel
	Vendor  string
	CostCentre
	Kind     Kind
	Messages int64
	Parts    int64 // what the vendor bills
	Milli    int64 // thousandths of a yuan: a part costs fractions of a fen
}

// Fen is the cost in whole fen, rounded up.
func (c Cost) Fen() models.Fen { return FenOf(c.Milli) }

// FenOf turns thousandths of a yuan into fen, rounded up: a budget is never passed unseen.
func FenOf(milli int64) models.Fen { return models.Fen((milli + 9) / 10) }

// Costs counts what messages cost.
type Costs interface {
	// AddCosts adds to what is counted, in one statement and in one order, so that two who add never wait in a ring. It
	// joins the transaction that ctx carries.
	AddCosts(ctx context.Context, list []Cost) error
	// CostsOf lists both days and those between, by day, channel, vendor, programme, department and kind.
	CostsOf(ctx context.Context, from, to models.Date) ([]Cost, error)
	// CentresOf finds for whom each of some notices was sent. One that is for none in particular is left out.
	CentresOf(ctx context.Context, notices []models.ID) (map[models.ID]CostCentre, error)
}

// Prices are what SMS vendors ask for one part, in thousandths of a yuan. Who is not among them asks nothing.
type Prices map[string]int

// Of counts one message that a vendor took, for a cost centre: its parts as the operators bill them (R60), each at the
// vendor's price. Messages of platforms have one part.
func (p Prices) Of(day models.Date, channel Channel, vendor string, spec Spec, params map[string]string, centre CostCentre) Cost {
	parts := int64(1)
	if channel == SMS {
		parts = int64(Parts(Length(Signed(spec.Render(params)))))
	}
	return Cost{
		Day: day, Channel: channel, Vendor: vendor, CostCentre: centre, Kind: spec.Kind, Messages: 1, Parts: parts,
		Milli: parts * int64(p[vendor]),
	}
}

// Tally adds up costs of the same day and sort, so that many messages are few rows.
func Tally(list []Cost) []Cost {
	type sort struct {
		day     models.Date
		channel Channel
		vendor  string
		centre  CostCentre
		kind    Kind
	}
	at := map[sort]int{}
	var out []Cost
	for _, c := range list {
		k := sort{c.Day, c.Channel, c.Vendor, c.CostCentre, c.Kind}
		i, seen := at[k]
		if !seen {
			at[k] = len(out)
			out = append(out, c)
			continue
		}
		out[i].Messages += c.Messages
		out[i].Parts += c.Parts
		out[i].Milli += c.Milli
	}
	return out
}

// Shares of a day's budget whose passing a person must know of, in percent, the highest first.
var budgetShares = []int{100, 80}

// PassedShare is the highest share of the budget that was passed; 0 where none was, or where there is no budget.
func PassedShare(milli int64, budget models.Fen) int {
	for _, share := range budgetShares {
		if budget > 0 && milli*10 >= int64(budget)*int64(share) {
			return share
		}
	}
	return 0
}
