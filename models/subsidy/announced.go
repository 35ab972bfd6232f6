package subsidy

import (
	"context"
	"time"

	"onecard/models"
)

// announcedMonths is how many ledger months back a payment may have been announced and still be on its way.
const announcedMonths = 3

// AnnouncedTo lists payments to a person that are announced, shown and not through the bank, and that name the account
// with these last four digits, or no account yet. They stand under the names that lists may show (R55).
func (s *Service) AnnouncedTo(ctx context.Context, person models.ID, tail string) ([]Arrival, error) {
	known, err := s.look(ctx)
	if err != nil {
		return nil, err
	}
	month := s.Clock.Now().In(models.Shanghai)
	month = time.Date(month.Year(), month.Month(), 1, 0, 0, 0, 0, models.Shanghai)
	rows, err := s.Store.PaymentsOf(ctx, ListQuery{Person: person, From: month.AddDate(0, 1-announcedMonths, 0).Format(ledgerMonth),
		To: month.AddDate(0, 1, 0).Format(ledgerMonth), Limit: announcedMost})
	if err != nil {
		return nil, err
	}
	var out []Arrival
	for _, p := range rows.Payments {
		if p.Hold == "" && upcoming[p.State] && (p.AccountTail == "" || p.AccountTail == tail) {
			out = append(out, known.editions.listed(p))
		}
	}
	return out, nil
}

// announcedMost is more than a person is paid in so many months.
const announcedMost = 200

// upcoming are the states in which a payment has not reached the account.
var upcoming = map[State]bool{Planned: true, Publicised: true, Approved: true, Sent: true}
