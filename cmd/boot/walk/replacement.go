package walk

import (
	"context"
	"fmt"
	"net/http"
	"strings"
)

// orderReplacement asks for a new card in the place of the present one, after a check of the last minutes.
func (w *Walker) orderReplacement(ctx context.Context, c *citizen, reason string) (reply, error) {
	if _, err := w.check(ctx, c, "/v1/me/checks", nil); err != nil {
		return reply{}, err
	}
	h, err := w.home(ctx, c)
	if err != nil {
		return reply{}, err
	}
	outlets, err := c.get(ctx, "/v1/outlets?kind=hrss&limit=1")
	if err := want(outlets, err, http.StatusOK); err != nil {
		return reply{}, err
	}
	r, err := c.post(ctx, "/v1/replacements", map[string]string{
		"card_id": h.text("cards", 0, "card_id"), "reason": reason, "outlet_ref": outlets.text("items", 0, "ref"),
	})
	return r, want(r, err, http.StatusCreated)
}

// payReplacement pays the fee of an order in the session of its holder; platform is the desk's word for a payer's tap.
func (w *Walker) payReplacement(ctx context.Context, c *citizen, r reply, platform string) error {
	begun, err := c.post(ctx, "/v1/fee-orders/"+r.text("replacement", "fee", "fee_order_id")+"/payment", nil)
	if err := want(begun, err, http.StatusCreated); err != nil {
		return err
	}
	if _, err := w.happens(ctx, map[string]any{"kind": platform}); err != nil {
		return err
	}
	return w.replacementIs(ctx, c, r, "accepted", "paid")
}

// replacementIs waits until an order and its fee are what they should be.
func (w *Walker) replacementIs(ctx context.Context, c *citizen, r reply, state, fee string) error {
	return w.eventually(ctx, func() error { return w.replacementSeen(ctx, c, r, state, fee) })
}

func (w *Walker) replacementSeen(ctx context.Context, c *citizen, r reply, state, fee string) error {
	now, err := c.get(ctx, "/v1/replacements/"+r.text("replacement", "replacement_id"))
	if err := want(now, err, http.StatusOK); err != nil {
		return err
	}
	if now.text("state") != state || now.text("fee", "state") != fee {
		return fmt.Errorf("the replacement is %s and its fee %s, wanted %s and %s", now.text("state"), now.text("fee", "state"), state, fee)
	}
	return nil
}

// replaceLost goes from a lost card to a new one in use, paid on one platform.
func (w *Walker) replaceLost(ctx context.Context, c *citizen, platform string) (string, error) {
	r, err := w.orderReplacement(ctx, c, "lost")
	if err != nil {
		return "", err
	}
	before, _ := r.at("replacement", "before_paying", 0).(string)
	switch {
	case !strings.HasPrefix(r.text("statement", "text"), "社保账户已挂失"):
		return "", fmt.Errorf("the loss is not said first")
	case r.text("replacement", "state") != "awaiting_fee" || !strings.Contains(before, "解挂不收费"):
		return "", fmt.Errorf("it is %s, and before paying is said %q", r.text("replacement", "state"), before)
	}
	if err := w.payReplacement(ctx, c, r, platform); err != nil {
		return "", err
	}
	for _, stage := range []string{"producing", "at_outlet", "collected"} {
		if _, err := w.happens(ctx, map[string]any{"kind": "produce", "citizen": c.key, "stage": stage}); err != nil {
			return "", err
		}
		if stage == "collected" {
			stage = "completed"
		}
		if err := w.replacementIs(ctx, c, r, stage, "paid"); err != nil {
			return "", err
		}
	}
	late, err := c.post(ctx, "/v1/loss-reports/"+r.text("loss_id")+"/release", map[string]string{})
	if err := want(late, err, http.StatusConflict); err != nil {
		return "", fmt.Errorf("a release of the old card: %w", err)
	}
	next, err := w.newCard(ctx, c, r.text("replacement", "card_id"))
	if err != nil {
		return "", err
	}
	sms, err := w.message(ctx, c.key, "补换卡已完成", "一次激活社保账户和银行账户")
	return fmt.Sprintf("lost first, then %s yuan paid; a release of the old card: %s; next: %s; %s", yuan(r.at("replacement", "fee", "amount_fen")), late, next, sms), err
}

// newCard looks at the new card, and activates it at the bank.
func (w *Walker) newCard(ctx context.Context, c *citizen, old string) (string, error) {
	h, err := w.home(ctx, c)
	if err != nil {
		return "", err
	}
	next := h.text("next_step", "code")
	if h.text("cards", 0, "card_id") == old || next != "activate_new_card" {
		return "", fmt.Errorf("the next step is %s", next)
	}
	if _, err := w.happens(ctx, map[string]any{"kind": "activate", "citizen": c.key}); err != nil {
		return "", err
	}
	return next, w.eventually(ctx, func() error {
		h, err := w.home(ctx, c)
		if err == nil && h.text("next_step", "code") != "none" {
			err = fmt.Errorf("the new card is not in use: %s", h.text("next_step", "code"))
		}
		return err
	})
}

func yuan(fen any) string {
	n, _ := fen.(float64)
	return fmt.Sprintf("%.2f", n/100)
}

func (w *Walker) replacementByWeChat(ctx context.Context) (string, error) {
	return w.replaceLost(ctx, w.wang, "wechat_pay")
}

// replacementByAlipay: the card that was applied for is in use, is lost, and its holder pays where she is logged in.
func (w *Walker) replacementByAlipay(ctx context.Context) (string, error) {
	for _, event := range []map[string]any{{"kind": "produce", "citizen": w.li.key, "stage": "collected"}, {"kind": "activate", "citizen": w.li.key}} {
		if _, err := w.happens(ctx, event); err != nil {
			return "", err
		}
	}
	err := w.eventually(ctx, func() error {
		h, err := w.home(ctx, w.li)
		if err == nil && h.text("next_step", "code") != "none" {
			err = fmt.Errorf("the first card is not in use: %s", h.text("next_step", "code"))
		}
		return err
	})
	if err != nil {
		return "", err
	}
	return w.replaceLost(ctx, w.li, "alipay_pay")
}

// replacementRejected: the registry says no after the fee was paid, and nobody has to ask for the money.
func (w *Walker) replacementRejected(ctx context.Context) (string, error) {
	r, err := w.orderReplacement(ctx, w.wang, "damaged")
	if err != nil {
		return "", err
	}
	if err := w.payReplacement(ctx, w.wang, r, "wechat_pay"); err != nil {
		return "", err
	}
	if _, err := w.happens(ctx, map[string]any{"kind": "reject", "citizen": "wang"}); err != nil {
		return "", err
	}
	err = w.eventually(ctx, func() error {
		// The platform takes minutes for a refund, the desk's takes a nod.
		if _, err := w.happens(ctx, map[string]any{"kind": "wechat_refund", "status": "SUCCESS"}); err != nil {
			return err
		}
		return w.replacementSeen(ctx, w.wang, r, "rejected", "refunded")
	})
	if err != nil {
		return "", err
	}
	return w.message(ctx, "wang", "原路退回", "16.00元")
}
