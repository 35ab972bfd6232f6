package card

import (
	"sync"

	"onecard/models"
)

// copiedMost bounds what is remembered; then it begins anew, which costs a reading each.
const copiedMost = 20_000

// copied remembers of whom this process has seen a card in the copy.
type copied struct {
	mu     sync.Mutex
	people map[models.ID]struct{}
}

func (c *copied) has(person models.ID) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, ok := c.people[person]
	return ok
}

func (c *copied) note(person models.ID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.people == nil || len(c.people) >= copiedMost {
		c.people = map[models.ID]struct{}{}
	}
	c.people[person] = struct{}{}
}
