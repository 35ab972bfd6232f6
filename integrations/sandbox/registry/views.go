package registry

// Citizen is someone a demo or a test may be, as the registry has them on file now.
type Citizen struct {
	Key       string `json:"key,omitempty"`
	Name      string `json:"name"`
	IDNumber  string `json:"id_number"`
	Phone     string `json:"phone"`
	PersonRef string `json:"person_ref"`
	District  string `json:"district"`
}

// Citizens lists the named citizens first, in a fixed order, then up to more others.
func (r *Registry) Citizens(more int) []Citizen {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []Citizen
	named := map[string]bool{}
	for _, n := range r.named {
		out = append(out, citizenOf(n.key, r.st.persons.byID[n.ref]))
		named[n.ref] = true
	}
	for _, ref := range r.st.persons.order {
		if more == 0 {
			break
		}
		if p := r.st.persons.byID[ref]; !named[ref] && p.MergedInto == "" {
			out = append(out, citizenOf("", p))
			more--
		}
	}
	return out
}

func citizenOf(key string, p *Person) Citizen {
	return Citizen{Key: key, Name: p.Name, IDNumber: p.IDNumber, Phone: p.Phone, PersonRef: p.Ref, District: p.District}
}

// Citizen finds one by key, person_ref or ID number.
func (r *Registry) Citizen(name string) (Citizen, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p, err := r.who(name)
	if err != nil {
		return Citizen{}, false
	}
	key := ""
	for _, n := range r.named {
		if n.ref == p.Ref {
			key = n.key
		}
	}
	return citizenOf(key, p), true
}

// StartedAt is the first instant of the start month: the city's history ends there.
func (r *Registry) StartedAt() string { return r.start.In(shanghai).Format("2006-01") }

// CardsOf gives the present facts of a citizen's cards.
func (r *Registry) CardsOf(name string) []Card {
	r.mu.Lock()
	defer r.mu.Unlock()
	p, err := r.who(name)
	if err != nil {
		return nil
	}
	var out []Card
	for _, ref := range r.st.cardsOf[p.Ref] {
		out = append(out, *r.st.cards.byID[ref])
	}
	return out
}

// Card gives the present facts of one card.
func (r *Registry) Card(ref string) (Card, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if c := r.st.cards.byID[ref]; c != nil {
		return *c, true
	}
	return Card{}, false
}

// EffectsOf lists how often a request id (or, without one, whatever touched the card) really changed something.
func (r *Registry) EffectsOf(requestID, cardRef string) []Effect {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := []Effect{}
	for _, e := range r.st.effects {
		if (requestID == "" || e.RequestID == requestID) && (cardRef == "" || e.CardRef == cardRef) {
			out = append(out, e)
		}
	}
	return out
}

// SeenCommand is a command as the registry saw it.
type SeenCommand struct {
	RequestID string        `json:"request_id"`
	Kind      string        `json:"kind"`
	CardRef   string        `json:"card_ref,omitempty"`
	CardSeq   int64         `json:"card_seq,omitempty"`
	PersonRef string        `json:"person_ref"`
	Channel   string        `json:"channel"`
	Asked     int           `json:"asked"` // how often it was sent since this process began
	Answer    CommandAnswer `json:"answer"`
}

// Commands lists every command ever taken, in order of arrival.
func (r *Registry) Commands() []SeenCommand {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := []SeenCommand{}
	for _, id := range r.st.commandOrder {
		c := r.st.commands[id]
		out = append(out, SeenCommand{RequestID: id, Kind: c.Request.Kind, CardRef: c.CardRef, CardSeq: c.CardSeq, PersonRef: c.Request.PersonRef,
			Channel: c.Request.Channel, Asked: r.asked[id], Answer: c.Answer})
	}
	return out
}

// Applications gives a citizen's applications with their named stage.
func (r *Registry) Applications(name string) []StagedApplication {
	r.mu.Lock()
	defer r.mu.Unlock()
	p, err := r.who(name)
	if err != nil {
		return nil
	}
	out := []StagedApplication{}
	for _, id := range r.st.applications.order {
		if a := r.st.applications.byID[id]; a.PersonRef == p.Ref {
			out = append(out, StagedApplication{Application: *a, Stage: stageOf(a)})
		}
	}
	return out
}

// StagedApplication is an application with the name of how far it is.
type StagedApplication struct {
	Application
	Stage string `json:"stage"`
}

// Lines gives the payments for a citizen as they are now.
func (r *Registry) Lines(name string) []PaymentLine {
	r.mu.Lock()
	defer r.mu.Unlock()
	p, err := r.who(name)
	if err != nil {
		return nil
	}
	out := []PaymentLine{}
	for _, id := range r.st.linesTo[p.Ref] {
		out = append(out, *r.st.lines.byID[id])
	}
	return out
}
