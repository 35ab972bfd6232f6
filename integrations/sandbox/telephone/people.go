package telephone

import (
	"errors"
	"fmt"
	"strconv"
)

// Ring lets somebody call an extension, and gives the conversation's reference.
func (x *Exchange) Ring(number, extension string) (string, error) {
	x.mu.Lock()
	x.count++
	c := &call{Ref: "in-" + strconv.FormatInt(x.o.Now().UnixMilli(), 36) + "-" + strconv.Itoa(x.count), Number: number, Extension: extension, Ringing: true}
	x.calls = append(x.calls, c)
	x.mu.Unlock()
	return c.Ref, x.tell(Event{Kind: "call.ringing", CallRef: c.Ref, Number: number, Extension: extension})
}

// Answer lifts the receiver: the agent's for a call that rings, the called person's for one that was dialled out.
func (x *Exchange) Answer(name string) (string, error) {
	c, err := x.change(name, func(c *call) error {
		if c.Answered || c.Ended {
			return errors.New("the call is not ringing")
		}
		c.Answered = true
		return nil
	})
	if err != nil {
		return "", err
	}
	kind := "call.answered"
	if c.Outgoing {
		kind = "call_back.answered"
	}
	return c.Ref, x.tell(Event{Kind: kind, CallRef: c.Ref, Number: c.Number, Extension: c.Extension})
}

// Decline lets a dialled call ring out.
func (x *Exchange) Decline(name string) (string, error) {
	c, err := x.change(name, func(c *call) error {
		if !c.Outgoing || c.Answered || c.Ended {
			return errors.New("nothing was dialled that rings")
		}
		c.Ended = true
		return nil
	})
	if err != nil {
		return "", err
	}
	return c.Ref, x.tell(Event{Kind: "call_back.not_answered", CallRef: c.Ref, Number: c.Number, Extension: c.Extension})
}

// Key presses keys: the answer to a question that was asked, or, while nobody has answered, to the queue's own question.
func (x *Exchange) Key(name, digits string) (string, error) {
	question := ""
	c, err := x.change(name, func(c *call) error {
		switch {
		case c.Ended:
			return errors.New("the call is over")
		case c.Question != "":
			question, c.Question = c.Question, ""
		case !c.Answered:
			question = "queue_call_back"
		default:
			return errors.New("nothing was asked")
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	return c.Ref, x.tell(Event{Kind: "keypad.result", CallRef: c.Ref, Question: question, Digits: digits})
}

// HangUp ends a conversation.
func (x *Exchange) HangUp(name string) (string, error) {
	c, err := x.change(name, func(c *call) error {
		if c.Ended {
			return errors.New("the call is over")
		}
		c.Ended = true
		return nil
	})
	if err != nil {
		return "", err
	}
	return c.Ref, x.tell(Event{Kind: "call.ended", CallRef: c.Ref, Number: c.Number, Extension: c.Extension})
}

// Rate keys a level after a call.
func (x *Exchange) Rate(name string, level int) (string, error) {
	c, err := x.change(name, func(c *call) error {
		if level < 0 || level > 9 {
			return errors.New("a level is one digit")
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	return c.Ref, x.tell(Event{Kind: "rating.keyed", CallRef: c.Ref, Digits: strconv.Itoa(level)})
}

func (x *Exchange) change(name string, do func(*call) error) (call, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	c, err := x.find(name)
	if err != nil {
		return call{}, err
	}
	if err := do(c); err != nil {
		return call{}, err
	}
	return *c, nil
}

// Calls says what is up, in words for the desk's page, newest first.
func (x *Exchange) Calls() []string {
	x.mu.Lock()
	defer x.mu.Unlock()
	var out []string
	for i := len(x.calls) - 1; i >= 0 && len(out) < 5; i-- {
		c := x.calls[i]
		way, stands := "打入", "响铃"
		if c.Outgoing {
			way = "呼出"
		}
		switch {
		case c.Ended:
			stands = "已结束"
		case c.Question != "":
			stands = "等待按键"
		case c.Answered:
			stands = "通话中"
		}
		out = append(out, fmt.Sprintf("%s %s 分机%s %s", way, c.Number, c.Extension, stands))
	}
	return out
}
