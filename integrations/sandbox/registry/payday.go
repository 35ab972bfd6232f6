package registry

import (
	"hash/fnv"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/emmansun/gmsm/sm3"
)

// payday is how the lines of a streamed batch are made: they are a function of it and are never kept, so that a batch
// may have any size. It is not changed once it is made.
type payday struct {
	Batch     string     `json:"batch"`
	Month     string     `json:"month"`
	Programme string     `json:"programme"`
	Edition   int        `json:"edition"`
	District  string     `json:"district,omitempty"` // whose people; empty: the whole city's
	Count     int        `json:"count"`              // 0: each payee of the programme once; otherwise people of the area, over and over
	AmountFen int64      `json:"amount_fen,omitempty"`
	Kind      string     `json:"kind"`
	Period    string     `json:"period"`
	Bank      string     `json:"bank,omitempty"`
	State     string     `json:"state"`    // sent, credited
	Revision  int64      `json:"revision"` // how often it was announced again
	At        time.Time  `json:"at"`
	Credited  *time.Time `json:"credited,omitempty"`
	ChangedAt time.Time  `json:"changed_at"`
	Odd       []OddLine  `json:"odd,omitempty"`

	payees []paydayPayee
	odd    map[int]OddLine
	ready  *readyStream // of a large one; nil: its lines are made while they are streamed
}

// OddLine is a line that is announced as it is, wrong as it is: the batch's figures fit.
type OddLine struct {
	Line    int    `json:"line"`
	What    string `json:"what"`              // a word of oddities
	Citizen string `json:"citizen,omitempty"` // payee, paid_to: who, like a happening's citizen
}

// oddities bend one line.
var oddities = map[string]func(l *PaymentLine, o OddLine){
	"unknown_programme": func(l *PaymentLine, _ OddLine) { l.Programme = "P99" },
	"negative":          func(l *PaymentLine, _ OddLine) { l.AmountFen = -l.AmountFen },
	"zero":              func(l *PaymentLine, _ OddLine) { l.AmountFen = 0 },
	"absurd":            func(l *PaymentLine, _ OddLine) { l.AmountFen = 1_000_000_000_000 },
	"unknown_person":    func(l *PaymentLine, _ OddLine) { l.BeneficiaryRef, l.PayeeRef = "pnobody", "pnobody" },
	"payee":             func(l *PaymentLine, o OddLine) { l.BeneficiaryRef, l.PayeeRef = o.Citizen, o.Citizen }, // one who died, moved, was merged
	"paid_to":           func(l *PaymentLine, o OddLine) { l.PayeeRef = o.Citizen },
	"unknown_state":     func(l *PaymentLine, _ OddLine) { l.State = "queued" },
	"without_sent":      func(l *PaymentLine, _ OddLine) { l.SentAt = nil },
}

type paydayPayee struct{ ref, home, district, bank, tail string }

// settle finds out whom a payday pays, as the registry knows them now, in an order of its own.
func (r *Registry) settle(p *payday) {
	p.payees = nil
	var refs []string
	if p.Count == 0 {
		refs = r.payeesOf(p.Programme)
	} else {
		refs = r.st.persons.order
	}
	for _, ref := range refs {
		one := r.st.persons.byID[ref]
		if one.LivingStatus != "1" || one.MergedInto != "" || p.District != "" && one.District != p.District || p.Kind == household && !one.IsHead {
			continue
		}
		if c := r.cardFor(ref); c != nil && c.FinancialState == "active" {
			p.payees = append(p.payees, paydayPayee{ref, one.HouseholdRef, one.District, c.BankCode, c.AccountTail})
		}
	}
	seed := fnv.New64a()
	seed.Write([]byte(p.Batch))
	rand.New(rand.NewPCG(r.opts.Seed, seed.Sum64())).Shuffle(len(p.payees), func(i, j int) { p.payees[i], p.payees[j] = p.payees[j], p.payees[i] })
}

// payeesOf lists who was ever paid under a programme, in the order of their first payment.
func (r *Registry) payeesOf(programme string) []string {
	seen, out := map[string]bool{}, []string(nil)
	for _, id := range r.st.lines.order {
		if l := r.st.lines.byID[id]; l.Programme == programme && !seen[l.BeneficiaryRef] {
			seen[l.BeneficiaryRef] = true
			out = append(out, l.BeneficiaryRef)
		}
	}
	return out
}

// keep puts a payday into the state. Announced again it pays whom it paid before.
func (r *Registry) keep(p *payday) {
	if was := r.st.paydays[p.Batch]; was != nil {
		p.payees = was.payees
	} else if p.payees == nil {
		r.settle(p)
	}
	p.bend()
	r.st.paydays[p.Batch] = p
}

func (p *payday) bend() {
	p.odd = make(map[int]OddLine, len(p.Odd))
	for _, o := range p.Odd {
		p.odd[o.Line] = o
	}
}

// lines is how many there are.
func (p *payday) lines() int {
	if p.Count == 0 {
		return len(p.payees)
	}
	return p.Count
}

// line makes one line, numbered from 1.
func (p *payday) line(no int) PaymentLine {
	to := p.payees[(no-1)%len(p.payees)]
	fen := p.AmountFen
	if fen == 0 {
		fen = 10_000 + int64(uint32(no)*2_654_435_761%900)*100 // #nosec G115 -- a scatter, not a count
	}
	l := PaymentLine{ID: p.Batch + "/" + strconv.Itoa(no), LineKey: LineKey{p.Month, p.Batch, no}, Programme: p.Programme, ProgVersion: p.Edition,
		District: to.district, BeneficiaryRef: to.ref, PayeeRef: to.ref, PayeeKind: p.Kind, AmountFen: fen, PeriodName: p.Period, State: p.State,
		PlannedAt: &p.At, PublicisedAt: &p.At, ApprovedAt: &p.At, SentAt: &p.At, PayingBank: p.Bank, AccountBank: to.bank, AccountTail: to.tail,
		Version: 4 + p.Revision, ChangedAt: p.ChangedAt}
	if p.Kind == household {
		l.HouseholdRef = to.home
	}
	if p.Credited != nil {
		l.CreditedAt, l.CreditNo = p.Credited, p.Batch+"-"+strconv.Itoa(no)
	}
	if o, ok := p.odd[no]; ok {
		oddities[o.What](&l, o)
	}
	return l
}

// figures are what is announced of the batch.
func (p *payday) figures() (count int, total int64, digest string) {
	figures := sm3.New()
	var buf []byte
	for no := range p.lines() {
		l := p.line(no + 1)
		total += l.AmountFen
		buf = appendDigested(buf, &l)
		if len(buf) > 32<<10 {
			figures.Write(buf)
			buf = buf[:0]
		}
	}
	figures.Write(buf)
	return p.lines(), total, hexOf(figures)
}

// appendDigested writes what the digest covers of a line.
func appendDigested(buf []byte, l *PaymentLine) []byte {
	buf = strconv.AppendInt(buf, int64(l.LineNo), 10)
	buf = append(append(append(buf, '|'), l.BeneficiaryRef...), '|')
	return append(strconv.AppendInt(buf, l.AmountFen, 10), '\n')
}
