// Package hotline is the 12333 console's capability: who its staff are, which call is open, how surely the caller
// is known (R58), what an agent may look at (R59) and must refuse (R31, R36, R39), and the enquiries that someone
// has to answer. It decides; it never acts on a card itself.
package hotline
