// Package registry is the pretend core registry: the two sources `cards` and `payments` of a city, as the other side
// of docs/registry-contract.md would build them. It knows nothing of One Card. It keeps a city (a pure function of
// seed and start month), de-duplicates commands, orders them by card, publishes change feeds, and fails on request.
package registry
