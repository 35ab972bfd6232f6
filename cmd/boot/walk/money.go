package walk

import (
	"context"
	"fmt"
	"net/http"
	"strings"
)

// messages are the texts that reached a citizen's phone.
func (w *Walker) messages(ctx context.Context, key string) ([]string, error) {
	r, err := w.desk.get(ctx, "/desk/messages?citizen="+key)
	if err := want(r, err, http.StatusOK); err != nil {
		return nil, err
	}
	var out []string
	for i := range r.list("messages") {
		out = append(out, r.text("messages", i, "text"))
	}
	return out, nil
}

// message waits for one text that holds all the words and was not looked at before; sent once more it is another one.
func (w *Walker) message(ctx context.Context, key string, words ...string) (string, error) {
	var found string
	err := w.eventually(ctx, func() error {
		texts, err := w.messages(ctx, key)
		if err != nil {
			return err
		}
		times := map[string]int{}
		for _, text := range texts {
			times[text]++
		}
		for text, n := range times {
			if holds(text, words) && n > w.read[key+" "+text] {
				w.read[key+" "+text]++
				found = text
				return nil
			}
		}
		return fmt.Errorf("no SMS with %q came", words)
	})
	return "SMS: " + found, err
}

func holds(text string, words []string) bool {
	for _, word := range words {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

func (w *Walker) listArrivals(ctx context.Context) (string, error) {
	var sum reply
	err := w.eventually(ctx, func() (err error) { // the city's history follows by the feed
		sum, err = w.wang.get(ctx, "/v1/arrivals/summary")
		if err := want(sum, err, http.StatusOK); err != nil {
			return err
		}
		if len(sum.list("years")) == 0 {
			return fmt.Errorf("no arrivals yet")
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	year := fmt.Sprintf("%.0f", sum.at("years", 0, "year"))
	r, err := w.wang.get(ctx, "/v1/arrivals?year="+year)
	if err := want(r, err, http.StatusOK); err != nil {
		return "", err
	}
	if len(r.list("items")) == 0 {
		return "", fmt.Errorf("the year %s has totals and no payments", year)
	}
	one, err := w.wang.get(ctx, "/v1/arrivals/"+r.text("items", 0, "arrival_id"))
	if err := want(one, err, http.StatusOK); err != nil {
		return "", err
	}
	stranger, err := w.li.get(ctx, "/v1/arrivals/"+r.text("items", 0, "arrival_id"))
	if err := want(stranger, err, http.StatusNotFound); err != nil {
		return "", fmt.Errorf("another citizen's payment: %w", err)
	}
	return fmt.Sprintf("%s yuan in %s over %.0f payments; the newest: %s, %s yuan, %s", sum.text("years", 0, "amount_yuan"), year, sum.at("years", 0, "count"),
		one.text("name"), one.text("amount_yuan"), one.text("label")), nil
}

// arrivalSMS has the bank credit one payment, the event coming three times, and one more of a sensitive programme.
func (w *Walker) arrivalSMS(ctx context.Context) (string, error) {
	credit := map[string]any{"kind": "credit", "citizen": "wang", "programme": "28", "amount_fen": 12345, "times": 3}
	if r, err := w.desk.post(ctx, "/desk/events", credit); want(r, err, http.StatusOK) != nil {
		return "", want(r, err, http.StatusOK)
	}
	sms, err := w.message(ctx, "wang", "123.45元")
	if err != nil {
		return "", err
	}
	if r, err := w.desk.post(ctx, "/desk/events", map[string]any{"kind": "credit", "citizen": "wang", "programme": "23", "amount_fen": 54321}); want(r, err, http.StatusOK) != nil {
		return "", want(r, err, http.StatusOK)
	}
	neutral, err := w.message(ctx, "wang", "543.21元")
	if err != nil {
		return "", err
	}
	if strings.Contains(neutral, "艾滋") {
		return "", fmt.Errorf("a sensitive programme is named in an SMS")
	}
	texts, err := w.messages(ctx, "wang")
	n := 0
	for _, t := range texts {
		if strings.Contains(t, "123.45元") {
			n++
		}
	}
	if err != nil || n != 1 {
		return "", fmt.Errorf("one credit told %d times: %w", n, err)
	}
	return sms + " (the event came 3 times, the SMS once); sensitive: " + neutral, nil
}
