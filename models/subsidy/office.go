package subsidy

import (
	"context"
	"time"
)

// Office answers for a programme in a place: who may be asked, and who takes objections.
type Office struct {
	Ref       string
	Programme string // empty: the district's finance office, for whatever has no office of its own
	District  string
	Township  string // empty: the whole district
	Name      string
	Phone     string
	Address   string
	Hours     string
	Version   int64
	ChangedAt time.Time
}

// Hotline is the office of last resort (R48).
var Hotline = Office{Ref: "12333", Name: "12333人社服务热线", Phone: "12333", Hours: "工作日09:00-17:00"}

// Kinds of office that an answer may name, for docs and screens.
const (
	OfficeDepartment = "department" // of the programme, in the district or township
	OfficeFinance    = "finance"    // the district's finance office
	OfficeHotline    = "hotline"
)

// Kind says which of them an office is.
func (o Office) Kind() string {
	switch {
	case o.Ref == Hotline.Ref:
		return OfficeHotline
	case o.Programme == "":
		return OfficeFinance
	}
	return OfficeDepartment
}

// Offices keeps the offices.
type Offices interface {
	SaveOffices(ctx context.Context, list []Office) error // newer versions win
	// OfficesFor lists what may answer for a programme in a district: its own offices and the finance office.
	OfficesFor(ctx context.Context, programme, district string) ([]Office, error)
}

// officeFor picks the nearest that answers: the township's, the district's, the finance office, then 12333.
func officeFor(list []Office, programme, township string) Office {
	best, rank := Hotline, 0
	for _, o := range list {
		r := 0
		switch {
		case o.Programme == "":
			r = 1
		case o.Programme != programme:
		case o.Township == "":
			r = 2
		case o.Township == township:
			r = 3
		}
		if r > rank {
			best, rank = o, r
		}
	}
	return best
}

// ApplyOffices takes offices from the feed, in its transaction.
func (e *Explainer) ApplyOffices(ctx context.Context, list []Office) error {
	if len(list) == 0 {
		return nil
	}
	return e.Offices.SaveOffices(ctx, list)
}
