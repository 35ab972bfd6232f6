// Package flow is a table of allowed state changes, and its drawing.
package flow

import (
	"fmt"
	"slices"
	"strings"
)

// Edge allows one state change.
type Edge[S ~string, E ~string] struct {
	From S
	On   E
	To   S
}

// Machine answers which changes are allowed. It is fixed once made and safe for use by many goroutines.
type Machine[S ~string, E ~string] struct {
	name    string
	initial S
	edges   []Edge[S, E]
	next    map[S]map[E]S
}

// Refused says that a state does not take an event.
type Refused struct{ Machine, State, Event string }

func (r *Refused) Error() string {
	return fmt.Sprintf("%s: state %s does not take %s", r.Machine, r.State, r.Event)
}

// New builds a machine and panics on a table that cannot be meant: a duplicate edge or a state never reached.
func New[S ~string, E ~string](name string, initial S, edges ...Edge[S, E]) *Machine[S, E] {
	m := &Machine[S, E]{name: name, initial: initial, edges: edges, next: map[S]map[E]S{}}
	for _, e := range edges {
		if m.next[e.From] == nil {
			m.next[e.From] = map[E]S{}
		}
		if _, ok := m.next[e.From][e.On]; ok {
			panic(fmt.Sprintf("flow %s: %s on %s stands twice", name, e.From, e.On))
		}
		m.next[e.From][e.On] = e.To
	}
	reached := map[S]bool{initial: true}
	for grown := true; grown; {
		grown = false
		for _, e := range edges {
			if reached[e.From] && !reached[e.To] {
				reached[e.To], grown = true, true
			}
		}
	}
	for _, s := range m.States() {
		if !reached[s] {
			panic(fmt.Sprintf("flow %s: state %s is never reached", name, s))
		}
	}
	return m
}

// Name is the machine's name in drawings and errors.
func (m *Machine[S, E]) Name() string { return m.name }

// Next is the state after the event, or *Refused.
func (m *Machine[S, E]) Next(from S, on E) (S, error) {
	to, ok := m.next[from][on]
	if !ok {
		return from, &Refused{m.name, string(from), string(on)}
	}
	return to, nil
}

// Allowed lists the events a state takes, in the order of the table: what a client may offer.
func (m *Machine[S, E]) Allowed(from S) []E {
	var out []E
	for _, e := range m.edges {
		if e.From == from {
			out = append(out, e.On)
		}
	}
	return out
}

// Final reports whether no edge leaves s.
func (m *Machine[S, E]) Final(s S) bool { return len(m.next[s]) == 0 }

// States lists every state, the initial one first, the others in the order of the table.
func (m *Machine[S, E]) States() []S {
	out := []S{m.initial}
	for _, e := range m.edges {
		for _, s := range []S{e.From, e.To} {
			if !slices.Contains(out, s) {
				out = append(out, s)
			}
		}
	}
	return out
}

// Mermaid draws the machine for docs/flows.md.
func (m *Machine[S, E]) Mermaid() string {
	var b strings.Builder
	fmt.Fprintf(&b, "stateDiagram-v2\n    [*] --> %s\n", m.initial)
	for _, e := range m.edges {
		fmt.Fprintf(&b, "    %s --> %s: %s\n", e.From, e.To, e.On)
	}
	for _, s := range m.States() {
		if m.Final(s) {
			fmt.Fprintf(&b, "    %s --> [*]\n", s)
		}
	}
	return b.String()
}
