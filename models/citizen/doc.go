// Package citizen knows who is in front of us: log-in by the platforms, sessions, the levels of design 4, binding a
// platform account to the person the registry knows, consents, one-time codes, and the change of a phone.
package citizen
