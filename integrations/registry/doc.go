// Package registry speaks to the core registry: two sources, `cards` and `payments`, over the contract of
// docs/registry-contract.md. It turns their facts into the capabilities' words and says of every call that failed
// whether it surely did nothing or may have done it. It never stores anything.
package registry
