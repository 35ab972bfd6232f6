package registry

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// operate carries one operation out. The registry does one thing at a time.
func (r *Registry) operate(k call) reply {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch k.op {
	case "match":
		return r.match(k)
	case "person":
		return r.person(k)
	case "cards":
		return r.cardsOfPerson(k)
	case "attachments":
		return r.attach(k)
	case "commands":
		return r.command(k)
	case "command_status":
		return r.commandStatus(k)
	case "feed":
		return r.feed(k.source, k)
	case "snapshot":
		return r.snapshot(k.source, k)
	case "lines":
		return r.batchLines(k)
	case "figures":
		return r.figures(k)
	case "figure_lines":
		return r.figureLines(k)
	default:
		return answer(http.StatusOK, map[string]any{"status": "ok", "time": k.now})
	}
}

// match answers who a name and an ID number belong to together. Unknown number and wrong name are one answer.
func (r *Registry) match(k call) reply {
	var in struct {
		Name     string `json:"name"`
		IDNumber string `json:"id_number"`
	}
	if err := decode(k.body, &in); err != nil {
		return refusal(http.StatusBadRequest, "MALFORMED", err.Error())
	}
	p := r.st.persons.byID[r.st.personByNumber[strings.ToUpper(in.IDNumber)]]
	if p == nil || sameName(p.Name) != sameName(in.Name) || p.LivingStatus == "2" {
		return refusal(http.StatusNotFound, "NO_MATCH", "no person with this name and number")
	}
	return answer(http.StatusOK, p)
}

var nameDots = strings.NewReplacer("•", "·", "・", "·", "．", "·", "‧", "·", ".", "·")

func sameName(s string) string {
	return nameDots.Replace(strings.Join(strings.Fields(s), " "))
}

func (r *Registry) person(k call) reply {
	p := r.st.persons.byID[k.arg]
	if p == nil {
		return refusal(http.StatusNotFound, "NO_SUCH_PERSON", "unknown reference")
	}
	return answer(http.StatusOK, p)
}

func (r *Registry) cardsOfPerson(k call) reply {
	if r.st.persons.byID[k.arg] == nil {
		return refusal(http.StatusNotFound, "NO_SUCH_PERSON", "unknown reference")
	}
	out := []*Card{}
	for _, ref := range r.st.cardsOf[k.arg] {
		out = append(out, r.st.cards.byID[ref])
	}
	return answer(http.StatusOK, map[string]any{"cards": out, "current_as_of": k.now})
}

const (
	pageDefault = 200
	pageMost    = 1000
)

func limitOf(s string) (int, bool) {
	if s == "" {
		return pageDefault, true
	}
	n, err := strconv.Atoi(s)
	return n, err == nil && n >= 1 && n <= pageMost
}

type feedPage struct {
	Events      []event   `json:"events"`
	NextCursor  string    `json:"next_cursor"`
	More        bool      `json:"more"`
	CurrentAsOf time.Time `json:"current_as_of"`
}

func (r *Registry) feed(source string, k call) reply {
	from, ok := positionOf(source, k.query("cursor"))
	limit, fits := limitOf(k.query("limit"))
	if !fits {
		return refusal(http.StatusBadRequest, "MALFORMED", "limit")
	}
	if !ok {
		return refusal(http.StatusGone, "CURSOR_UNKNOWN", "take a snapshot")
	}
	log := r.st.logs[source]
	es, next, asOf, refused := log.read(from, limit, k.now)
	if refused != "" {
		return refusal(http.StatusGone, refused, "take a snapshot")
	}
	page := feedPage{Events: make([]event, 0, len(es)), NextCursor: cursorOf(source, next), CurrentAsOf: instant(asOf)}
	page.More = next < log.end() && (log.held == nil || next < log.held.upTo)
	for _, e := range es {
		e.Source = ""
		page.Events = append(page.Events, e)
	}
	return answer(http.StatusOK, page)
}

type snapshotPage struct {
	Entity      string    `json:"entity"`
	Items       []event   `json:"items"`
	NextAfter   string    `json:"next_after,omitempty"`
	Cursor      string    `json:"cursor"` // where the feed stood when this page was made
	CurrentAsOf time.Time `json:"current_as_of"`
}

// snapshot pages through all facts of one entity in a stable order.
func (r *Registry) snapshot(source string, k call) reply {
	limit, fits := limitOf(k.query("limit"))
	entity := k.query("entity")
	order, fact, known := r.shelfOf(source, entity)
	if !fits || !known {
		return refusal(http.StatusBadRequest, "MALFORMED", "entity or limit")
	}
	from := 0
	if after := k.query("after"); after != "" {
		i := slices.Index(order, after)
		if i < 0 {
			return refusal(http.StatusGone, "CURSOR_UNKNOWN", "begin the snapshot again")
		}
		from = i + 1
	}
	to := min(len(order), from+limit)
	page := snapshotPage{Entity: entity, Items: []event{}, Cursor: cursorOf(source, r.st.logs[source].end()), CurrentAsOf: k.now}
	for _, id := range order[from:to] {
		e := happened(fact(id), entity+".snapshot")
		e.Source = ""
		page.Items = append(page.Items, e)
	}
	if to < len(order) {
		page.NextAfter = order[to-1]
	}
	return answer(http.StatusOK, page)
}

func (r *Registry) shelfOf(source, entity string) (order []string, fact func(string) any, ok bool) {
	s := r.st
	switch source + "/" + entity {
	case "cards/bank":
		return s.banks.order, func(id string) any { return s.banks.byID[id] }, true
	case "cards/outlet":
		return s.outlets.order, func(id string) any { return s.outlets.byID[id] }, true
	case "cards/person":
		return s.persons.order, func(id string) any { return s.persons.byID[id] }, true
	case "cards/card":
		return s.cards.order, func(id string) any { return s.cards.byID[id] }, true
	case "cards/application":
		return s.applications.order, func(id string) any { return s.applications.byID[id] }, true
	case "payments/programme":
		return s.programmes.order, func(id string) any { return s.programmes.byID[id] }, true
	case "payments/payee":
		return s.payees.order, func(id string) any { return s.payees.byID[id] }, true
	case "payments/batch":
		return s.batches.order, func(id string) any { return s.batches.byID[id] }, true
	case "payments/office":
		return s.offices.order, func(id string) any { return s.offices.byID[id] }, true
	case "payments/declaration":
		return s.declarations.order, func(id string) any { return s.declarations.byID[id] }, true
	case "payments/payment_line":
		return s.lines.order, func(id string) any { return s.lines.byID[id] }, true
	}
	return nil, nil, false
}
