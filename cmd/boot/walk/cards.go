package walk

import (
	"context"
	"fmt"
	"net/http"
	"strings"
)

// home reads the first card and its two tiles.
func (w *Walker) home(ctx context.Context, c *citizen) (reply, error) {
	r, err := c.get(ctx, "/v1/cards")
	if err := want(r, err, http.StatusOK); err != nil {
		return r, err
	}
	if len(r.list("cards")) == 0 {
		return r, fmt.Errorf("no card is shown")
	}
	if n := len(r.list("cards", 0, "accounts")); n != 2 {
		return r, fmt.Errorf("%d accounts are shown, a card has two", n)
	}
	return r, nil
}

func (w *Walker) showCard(ctx context.Context) (string, error) {
	var r reply
	err := w.eventually(ctx, func() (err error) {
		r, err = w.home(ctx, w.wang)
		return err
	})
	if err != nil {
		return "", err
	}
	w.cardID = r.text("cards", 0, "card_id")
	return fmt.Sprintf("card %s of %s: social %s, financial %s; next step: %s", r.text("cards", 0, "number"), r.text("cards", 0, "bank", "name"),
		r.text("cards", 0, "accounts", 0, "label"), r.text("cards", 0, "accounts", 1, "label"), r.text("next_step", "code")), nil
}

// lossSentence holds an answer against R40: the sentence first, the word only when it is true, the bank with its phone.
func lossSentence(r reply, effective bool) error {
	text := r.text("statement", "text")
	first := "社保账户已挂失"
	if !effective {
		first = "挂失申请已收到,正在确认,以确认短信为准"
	}
	switch {
	case !strings.HasPrefix(text, first):
		return fmt.Errorf("the sentence begins %q, wanted %q", text, first)
	case r.at("effective") != effective || r.at("statement", "effective") != effective:
		return fmt.Errorf("effective is %v, wanted %v", r.at("effective"), effective)
	case r.text("statement", "not_affected", 0) != "financial" || r.text("statement", "bank_phone") == "":
		return fmt.Errorf("it is not said what was not stopped, or whom to call")
	}
	return nil
}

func (w *Walker) reportLoss(ctx context.Context) (string, error) {
	refused, err := w.wang.post(ctx, "/v1/loss-reports", map[string]string{"card_id": w.cardID, "account": "financial"})
	if err := want(refused, err, http.StatusForbidden); err != nil {
		return "", fmt.Errorf("the financial account: %w", err)
	}
	r, err := w.wang.post(ctx, "/v1/loss-reports", map[string]string{"card_id": w.cardID})
	if err := want(r, err, http.StatusCreated); err != nil {
		return "", err
	}
	if err := lossSentence(r, true); err != nil {
		return "", err
	}
	w.lossID = r.text("loss_id")
	again, err := w.wang.post(ctx, "/v1/loss-reports", map[string]string{"card_id": w.cardID})
	if err := want(again, err, http.StatusOK); err != nil || again.text("loss_id") != w.lossID {
		return "", fmt.Errorf("a repeat: %w", err)
	}
	return fmt.Sprintf("%s, number %s; financial account: %s; a repeat: %s with the same number", r.text("statement", "text"), r.text("receipt"), refused, again), nil
}

func (w *Walker) lossEffective(ctx context.Context) (string, error) {
	r, err := w.wang.get(ctx, "/v1/loss-reports/"+w.lossID)
	if err := want(r, err, http.StatusOK); err != nil {
		return "", err
	}
	if err := lossSentence(r, true); err != nil {
		return "", err
	}
	h, err := w.home(ctx, w.wang)
	if err != nil {
		return "", err
	}
	social, financial := h.text("cards", 0, "accounts", 0, "label"), h.text("cards", 0, "accounts", 1, "state")
	if !strings.Contains(social, "已停用") || financial == "loss" {
		return "", fmt.Errorf("the tiles say social %q, financial %q", social, financial)
	}
	return fmt.Sprintf("registry reference %s; tile: %s; financial account still %s", r.text("registry_reference"), social, financial), nil
}

func (w *Walker) lossSMS(ctx context.Context) (string, error) {
	return w.message(ctx, "wang", "社保账户已挂失", "银行账户没有停用")
}

func (w *Walker) lossWhileDown(ctx context.Context) (string, error) {
	h, err := w.home(ctx, w.chen)
	if err != nil {
		return "", err
	}
	down, err := w.desk.post(ctx, "/desk/faults", map[string]any{"target": "cards", "fault": "down"})
	if err := want(down, err, http.StatusOK); err != nil {
		return "", err
	}
	r, err := w.chen.post(ctx, "/v1/loss-reports", map[string]string{"card_id": h.text("cards", 0, "card_id")})
	if err := want(r, err, http.StatusAccepted); err != nil {
		return "", err
	}
	if err := lossSentence(r, false); err != nil {
		return "", err
	}
	w.downLossID = r.text("loss_id")
	if h, err = w.home(ctx, w.chen); err != nil {
		return "", err
	}
	if tile := h.text("cards", 0, "accounts", 0, "label"); strings.Contains(tile, "已停用") {
		return "", fmt.Errorf("the tile says %q before the registry confirmed", tile)
	}
	return fmt.Sprintf("accepted as %s: %s", r.text("state"), r.text("statement", "text")), nil
}

func (w *Walker) lossRecovered(ctx context.Context) (string, error) {
	up, err := w.desk.post(ctx, "/desk/faults", map[string]any{"target": "cards", "fault": "none"})
	if err := want(up, err, http.StatusOK); err != nil {
		return "", err
	}
	w.Patience *= 3 // the back-off may have grown to half a minute
	defer func() { w.Patience /= 3 }()
	var r reply
	err = w.eventually(ctx, func() (err error) {
		if r, err = w.chen.get(ctx, "/v1/loss-reports/"+w.downLossID); err != nil {
			return err
		}
		return lossSentence(r, true)
	})
	if err != nil {
		return "", err
	}
	sms, err := w.message(ctx, "chen", "社保账户已挂失", "银行账户没有停用")
	return "the registry is back: " + r.text("state") + "; " + sms, err
}

func (w *Walker) release(ctx context.Context) (string, error) {
	r, err := w.wang.post(ctx, "/v1/loss-reports/"+w.lossID+"/release", map[string]string{})
	if err := want(r, err, http.StatusOK, http.StatusAccepted); err != nil {
		return "", err
	}
	err = w.eventually(ctx, func() error {
		r, err := w.wang.get(ctx, "/v1/loss-reports/"+w.lossID)
		if err != nil || r.text("state") != "released" {
			return fmt.Errorf("the report is %s: %w", r.text("state"), err)
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	again, err := w.wang.post(ctx, "/v1/loss-reports/"+w.lossID+"/release", map[string]string{})
	if err := want(again, err, http.StatusConflict); err != nil {
		return "", err
	}
	low, err := w.chen.post(ctx, "/v1/loss-reports/"+w.downLossID+"/release", map[string]string{})
	if err := want(low, err, http.StatusForbidden); err != nil {
		return "", fmt.Errorf("a release at level phone: %w", err)
	}
	sms, err := w.message(ctx, "wang", "社保账户已解挂")
	return fmt.Sprintf("released; once more: %s; at level phone: %s; %s", again, low, sms), err
}
