package models

// Claim says how a name stood when somebody wanted to begin what it stands for.
type Claim string

// The ways a claim stands.
const (
	ClaimFree Claim = "free" // it is the caller's now
	ClaimHeld Claim = "held" // another is at it
	ClaimDone Claim = "done"
)
