package scenario_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/stretchr/testify/require"

	"onecard/integrations/sandbox/registry"
)

// person is a citizen with a phone in hand: she knows her own papers, and what the product told her.
type person struct {
	registry.Citizen
	cardRef string // at the registry
	token   string
	cardID  string
	key     string // of the one report she makes
	lossID  string // as first acknowledged
	asked   int    // how often she asked
	told    int    // how often it was acknowledged
	other   string // a report named by a later acknowledgement that is not the first's; must stay empty
}

// product is where citizens reach it, whichever process answers just now.
type product struct {
	base   atomic.Pointer[string]
	client *http.Client
}

func newProduct(base string) *product {
	p := &product{client: &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 64}}}
	p.base.Store(&base)
	return p
}

// answer is a status and the members of a JSON body.
type answer struct {
	status int
	body   map[string]any
}

func (a answer) text(name string) string {
	s, _ := a.body[name].(string)
	return s
}

// call asks once. An answer that did not arrive whole is an error: nothing was acknowledged.
func (p *product) call(ctx context.Context, method, path, token, key string, body any) (answer, error) {
	var raw []byte
	if body != nil {
		var err error
		if raw, err = json.Marshal(body); err != nil {
			return answer{}, err
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, *p.base.Load()+path, bytes.NewReader(raw))
	if err != nil {
		return answer{}, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	res, err := p.client.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = res.Body.Close() }()
	out := answer{status: res.StatusCode}
	text, err := io.ReadAll(res.Body)
	if err != nil || len(text) == 0 {
		return out, err
	}
	return out, json.Unmarshal(text, &out.body)
}

// must is call for the quiet times in which everything has to work.
func (p *product) must(ctx context.Context, status int, method, path, token string, body any) (answer, error) {
	a, err := p.call(ctx, method, path, token, "", body)
	if err == nil && a.status != status {
		err = fmt.Errorf("%s %s: %d %s, wanted %d", method, path, a.status, a.text("code"), status)
	}
	return a, err
}

// residents are n adults of the city who hold one card in use and have a phone of their own.
func (w *world) residents(n int) []*person {
	w.t.Helper()
	var out []*person
	phones := map[string]bool{}
	for _, c := range w.desk.City.Registry.Citizens(10_000) {
		cards := w.desk.City.Registry.CardsOf(c.PersonRef)
		born := strings.TrimLeft(c.IDNumber, "0123456789X") == "" && len(c.IDNumber) == 18 && c.IDNumber[6:10] < "2000" && c.IDNumber[6:10] > "1950"
		if c.Key != "" || !born || c.Phone == "" || phones[c.Phone] || len(cards) != 1 || cards[0].AAZ502 != "1" || cards[0].PersonStatus != "04" {
			continue
		}
		phones[c.Phone] = true
		out = append(out, &person{Citizen: c, cardRef: cards[0].Ref, key: fmt.Sprintf("loss-%s-0001", c.PersonRef)})
		if len(out) == n {
			return out
		}
	}
	require.FailNow(w.t, "the city is too small", "%d of %d", len(out), n)
	return nil
}

// bind logs everyone in and binds each by a code to the phone on file: level phone.
func (w *world) bind(p *product, people []*person) {
	w.t.Helper()
	require.NoError(w.t, eachOf(people, 24, func(one *person) error {
		ctx, cancel := context.WithTimeout(w.t.Context(), time.Minute)
		defer cancel()
		return w.bindOne(ctx, p, one)
	}))
}

func (w *world) bindOne(ctx context.Context, p *product, one *person) error {
	code, err := w.desk.City.WeChat.LoginCode(w.cfg.Wechat.Apps[0].AppID, one.PersonRef)
	if err != nil {
		return err
	}
	opened, err := p.must(ctx, http.StatusCreated, http.MethodPost, "/v1/sessions", "", map[string]string{"platform": "wechat_mini", "code": code})
	if err != nil {
		return err
	}
	one.token = opened.text("token")
	texts, err := p.must(ctx, http.StatusOK, http.MethodGet, "/v1/me/consents", one.token, nil)
	if err != nil {
		return err
	}
	items, _ := texts.body["items"].([]any)
	for _, item := range items {
		if text, _ := item.(map[string]any); text["purpose"] == "privacy_notice" {
			agreed := map[string]any{"purpose": "privacy_notice", "version": text["version"]}
			if _, err := p.must(ctx, http.StatusCreated, http.MethodPost, "/v1/me/consents", one.token, agreed); err != nil {
				return err
			}
		}
	}
	papers := map[string]string{"name": one.Name, "id_number": one.IDNumber, "phone": one.Phone}
	if err := until(ctx, func() error { // a crowd may use up the registry's budget of the second
		_, err := p.must(ctx, http.StatusAccepted, http.MethodPost, "/v1/me/binding/codes", one.token, papers)
		return err
	}); err != nil {
		return err
	}
	digits, err := w.codeOnPhone(ctx, one.Phone)
	if err != nil {
		return err
	}
	bound, err := p.must(ctx, http.StatusOK, http.MethodPost, "/v1/me/binding", one.token, map[string]string{"code": digits})
	if err != nil {
		return err
	}
	if token := bound.text("token"); token != "" {
		one.token = token
	}
	return one.findCard(ctx, p)
}

// codeOnPhone waits for the SMS.
func (w *world) codeOnPhone(ctx context.Context, phone string) (digits string, err error) {
	err = until(ctx, func() error {
		for _, m := range w.desk.City.SMS.Messages(phone) {
			if digits = m.Params["code"]; digits != "" {
				return nil
			}
		}
		return fmt.Errorf("no code came")
	})
	return digits, err
}

// findCard waits for the registry's facts about her card.
func (one *person) findCard(ctx context.Context, p *product) error {
	return until(ctx, func() error {
		home, err := p.must(ctx, http.StatusOK, http.MethodGet, "/v1/cards", one.token, nil)
		if err != nil {
			return err
		}
		cards, _ := home.body["cards"].([]any)
		if len(cards) != 1 {
			return fmt.Errorf("%d cards are shown", len(cards))
		}
		card, _ := cards[0].(map[string]any)
		one.cardID, _ = card["card_id"].(string)
		return nil
	})
}

// until tries again and again while ctx lasts.
func until(ctx context.Context, try func() error) error {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		err := try()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("in vain: %w", err)
		case <-tick.C:
		}
	}
}

// eachOf does something for everyone, width at once, and gives the first failure.
func eachOf(people []*person, width int, do func(*person) error) error {
	var wg sync.WaitGroup
	next := make(chan *person)
	failed := make(chan error, len(people))
	for range width {
		wg.Go(func() {
			for one := range next {
				if err := do(one); err != nil {
					failed <- fmt.Errorf("%s: %w", one.PersonRef, err)
				}
			}
		})
	}
	for _, one := range people {
		next <- one
	}
	close(next)
	wg.Wait()
	close(failed)
	return <-failed
}

// report asks to stop her card until it is acknowledged, always with the same key. An acknowledgement must always name
// the same report.
func (one *person) report(ctx context.Context, p *product) error {
	return until(ctx, func() error {
		one.asked++
		a, err := p.call(ctx, http.MethodPost, "/v1/loss-reports", one.token, one.key, map[string]string{"card_id": one.cardID})
		if err != nil {
			return err
		}
		switch a.status {
		case http.StatusCreated, http.StatusAccepted, http.StatusOK:
		default:
			return fmt.Errorf("%d %s", a.status, a.text("code"))
		}
		one.told++
		switch id := a.text("loss_id"); {
		case one.lossID == "":
			one.lossID = id
		case one.lossID != id:
			one.other = id
		}
		return nil
	})
}

func postJSON(ctx context.Context, url, body string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := (&http.Client{Timeout: 10 * time.Second}).Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", url, res.Status)
	}
	return nil
}
