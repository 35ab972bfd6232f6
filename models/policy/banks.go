package policy

import (
	"context"
	"time"

	"onecard/models"
)

// BankKind says what a bank does for the card. The two lists are dated and may differ (R16).
type BankKind string

// The kinds of service.
const (
	Paying      BankKind = "paying"       // 代发机构: pays subsidies for a district
	CardService BankKind = "card_service" // 合作银行: issues cards in a city
)

// BankService is one line of one of the two lists.
type BankService struct {
	Kind BankKind
	Area string // a district for Paying, a city for CardService
	From models.Date
	To   models.Date // the last day; empty: no end
}

func (b BankService) on(day models.Date) bool { return day >= b.From && (b.To == "" || day <= b.To) }

// Bank is a bank as the registry lists it.
type Bank struct {
	Code      string
	Name      string
	ShortName string
	Phone     string
	ValidFrom models.Date
	ValidTo   models.Date // the last day of the name on the card's face; empty: no end
	Successor string      // the code of the bank that took it over
	Services  []BankService
	Version   int64
	ChangedAt time.Time
}

// ShownBank is a bank as a citizen must see it on one day.
type ShownBank struct {
	Code  string // of the bank to go to: the successor's where there is one
	Name  string // 中原银行(卡面:洛阳银行)
	Phone string
}

// BankOn is the bank of a code on the day of at: once it has been taken over, its successor's name and phone, with the
// name on the card's face beside it (R16, R40). ErrBankUnknown.
func (s *Service) BankOn(ctx context.Context, code string, at time.Time) (ShownBank, error) {
	v, err := s.look(ctx)
	if err != nil {
		return ShownBank{}, err
	}
	face, ok := v.banks[code]
	if !ok {
		return ShownBank{}, ErrBankUnknown
	}
	return shown(v.banks, face, models.DateOf(at)), nil
}

// shown is the bank on the card's face, or who took it over by day.
func shown(banks map[string]Bank, face Bank, day models.Date) ShownBank {
	b := successor(banks, face, day)
	out := ShownBank{Code: b.Code, Name: b.Name, Phone: b.Phone}
	if b.Code != face.Code {
		out.Name += "(卡面:" + face.Name + ")"
	}
	return out
}

// successor follows the chain of take-overs up to day. A chain that runs in a circle ends where it began to repeat.
func successor(banks map[string]Bank, b Bank, day models.Date) Bank {
	for range banks {
		next, ok := banks[b.Successor]
		if !ok || b.ValidTo == "" || day <= b.ValidTo {
			break
		}
		b = next
	}
	return b
}

// BanksOf lists the banks that serve an area on the day of at, in the registry's order. Paying takes a district,
// CardService a city or any district of it.
func (s *Service) BanksOf(ctx context.Context, kind BankKind, area string, at time.Time) ([]ShownBank, error) {
	v, err := s.look(ctx)
	if err != nil {
		return nil, err
	}
	out := []ShownBank{}
	for _, code := range v.order {
		if b := v.banks[code]; b.serves(kind, area, models.DateOf(at)) {
			out = append(out, ShownBank{Code: b.Code, Name: b.Name, Phone: b.Phone})
		}
	}
	return out, nil
}

// BanksToday is BanksOf as of now. Anyone may ask.
func (s *Service) BanksToday(ctx context.Context, kind BankKind, area string) ([]ShownBank, error) {
	return s.BanksOf(ctx, kind, area, s.clock.Now())
}

// BanksAsOf is how fresh the copy of the registry's banks is. Whoever shows it asks first, as of every copy.
func (s *Service) BanksAsOf(ctx context.Context) (time.Time, error) { return s.store.AsOf(ctx) }

func (b Bank) serves(kind BankKind, area string, day models.Date) bool {
	if kind == CardService && len(area) == 6 {
		area = area[:4] + "00"
	}
	for _, one := range b.Services {
		if one.Kind == kind && one.Area == area && one.on(day) {
			return true
		}
	}
	return false
}

// CheckCardBank refuses an application at a bank that does not issue cards in the applicant's city on the day of at.
// Whether it also pays subsidies there does not matter (R16). ErrBankNotAvailable.
func (s *Service) CheckCardBank(ctx context.Context, code, district string, at time.Time) error {
	v, err := s.look(ctx)
	if err != nil {
		return err
	}
	if b, ok := v.banks[code]; !ok || !b.serves(CardService, district, models.DateOf(at)) {
		return ErrBankNotAvailable
	}
	return nil
}

// ApplyBank takes what the feed tells of a bank, in the feed's transaction. An older version than ours changes nothing.
func (s *Service) ApplyBank(ctx context.Context, b Bank) error {
	saved, err := s.store.SaveBank(ctx, b, s.clock.Now())
	if err == nil && saved {
		s.store.AfterCommit(ctx, s.forget)
	}
	return err
}
