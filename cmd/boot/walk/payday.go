package walk

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// happens makes something happen at the registry's desk.
func (w *Walker) happens(ctx context.Context, event map[string]any) (reply, error) {
	r, err := w.desk.post(ctx, "/desk/events", event)
	return r, want(r, err, http.StatusOK)
}

// paydayCredited announces a batch whose lines the registry streams, one for each payee of a programme, and looks for
// wang's: in the list, in the inbox, on the phone. One announced before it, with a wrong sum, shows nothing of itself.
func (w *Walker) paydayCredited(ctx context.Context) (string, error) {
	payday := map[string]any{"kind": "payday", "programme": "41", "district": "410303", "amount_fen": 77_700, "state": "credited", "figures": "total"}
	wrong, err := w.happens(ctx, payday)
	if err != nil {
		return "", err
	}
	payday["amount_fen"], payday["figures"] = 66_600, ""
	batch, err := w.happens(ctx, payday)
	if err != nil {
		return "", err
	}
	var list reply
	err = w.eventually(ctx, func() (err error) {
		list, err = w.wang.get(ctx, "/v1/arrivals?limit=100")
		if err := want(list, err, http.StatusOK); err != nil {
			return err
		}
		for i := range list.list("items") {
			if id := list.text("items", i, "arrival_id"); strings.Contains(id, "~"+batch.text("batch_id")+"~") {
				w.paidID = id
				return nil
			}
		}
		return fmt.Errorf("the batch's payment is not in the list")
	})
	if err != nil {
		return "", err
	}
	one, err := w.wang.get(ctx, "/v1/arrivals/"+w.paidID)
	if err := want(one, err, http.StatusOK); err != nil {
		return "", err
	}
	sms, err := w.message(ctx, "wang", "666.00元")
	if err != nil {
		return "", err
	}
	inbox, err := w.wang.get(ctx, "/v1/notices")
	if err := want(inbox, err, http.StatusOK); err != nil {
		return "", err
	}
	list, err = w.wang.get(ctx, "/v1/arrivals?limit=100")
	if err := want(list, err, http.StatusOK); err != nil {
		return "", err
	}
	switch {
	case one.text("state") != "credited" || one.text("amount_yuan") != "666.00":
		return "", fmt.Errorf("the payment is %s yuan, %s", one.text("amount_yuan"), one.text("state"))
	case !strings.Contains(string(inbox.raw), "666.00元"):
		return "", fmt.Errorf("the inbox says nothing of it")
	case strings.Contains(string(list.raw), wrong.text("batch_id")) || strings.Contains(string(inbox.raw), "777.00元"):
		return "", fmt.Errorf("a batch with a wrong sum is shown")
	}
	return fmt.Sprintf("batch of %s lines: %s yuan, %s, in list and inbox; %s; a batch with a wrong sum is not shown", batch.text("count"),
		one.text("amount_yuan"), one.text("label"), sms), nil
}

// explainReturned asks why a payment has not come that the bank sent back.
func (w *Walker) explainReturned(ctx context.Context) (string, error) {
	event, err := w.happens(ctx, map[string]any{"kind": "return", "citizen": "wang", "programme": "41", "period": "补发", "reason": "NAME_MISMATCH"})
	if err != nil {
		return "", err
	}
	var why reply
	err = w.eventually(ctx, func() (err error) {
		why, err = w.wang.get(ctx, "/v1/explanations?programme=P41&period="+url.QueryEscape("补发"))
		if err := want(why, err, http.StatusOK); err != nil {
			return err
		}
		if cause := why.text("cause"); cause != "RETURNED" {
			return fmt.Errorf("the cause is %s, wanted RETURNED", cause)
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	switch {
	case !strings.Contains(why.text("arrival_id"), event.text("batch_id")):
		return "", fmt.Errorf("it is about %s", why.text("arrival_id"))
	case !holds(why.text("sentence"), []string{"银行退回", "姓名或证件不一致"}):
		return "", fmt.Errorf("the sentence does not say why: %s", why.text("sentence"))
	case why.text("next_step", "text") == "" || why.text("office", "phone") == "":
		return "", fmt.Errorf("no next step, or nobody to ask")
	}
	low, err := w.chen.get(ctx, "/v1/explanations?programme=P41")
	if err := want(low, err, http.StatusForbidden); err != nil {
		return "", fmt.Errorf("at level phone: %w", err)
	}
	return fmt.Sprintf("%s: %s next: %s (%s %s); at level phone: %s", why.text("cause"), why.text("sentence"), why.text("next_step", "text"),
		why.text("office", "name"), why.text("office", "phone"), low), nil
}

// checkStatement fetches a year's statement and has a stranger verify the code that is printed on it.
func (w *Walker) checkStatement(ctx context.Context) (string, error) {
	year, _, _ := strings.Cut(w.paidID, "-") // of the ledger month in front
	sheet, err := w.wang.get(ctx, "/v1/arrivals/statement?year="+year)
	if err := want(sheet, err, http.StatusOK); err != nil {
		return "", err
	}
	code, err := printedCode(sheet.raw)
	if err != nil {
		return "", err
	}
	stranger := newClient(w.API)
	check, err := stranger.get(ctx, "/v1/statement-checks/"+code)
	if err := want(check, err, http.StatusOK); err != nil {
		return "", err
	}
	sum, err := w.wang.get(ctx, "/v1/arrivals/summary?year="+year)
	if err := want(sum, err, http.StatusOK); err != nil {
		return "", err
	}
	forged, err := stranger.get(ctx, "/v1/statement-checks/0000-0000-0000-0000")
	if err := want(forged, err, http.StatusNotFound); err != nil {
		return "", fmt.Errorf("a code of nobody's: %w", err)
	}
	switch {
	case check.at("genuine") != true || check.text("code") != code:
		return "", fmt.Errorf("the code %s is not called genuine", code)
	case check.text("total_yuan") != sum.text("years", 0, "amount_yuan") || check.at("count") != sum.at("years", 0, "count"):
		return "", fmt.Errorf("the statement says %s yuan, the summary %s", check.text("total_yuan"), sum.text("years", 0, "amount_yuan"))
	case strings.Contains(string(check.raw), w.wang.name):
		return "", fmt.Errorf("a stranger reads the whole name")
	}
	return fmt.Sprintf("PDF of %d KiB, code %s; a stranger learns: genuine, %s, %s, %.0f payments, %s yuan; another code: %s", len(sheet.raw)/1024, code,
		check.text("holder"), year, check.at("count"), check.text("total_yuan"), forged), nil
}

// feedbackNotReceived says that the payday's payment did not come: one enquiry with its number, the payment as it was.
func (w *Walker) feedbackNotReceived(ctx context.Context) (string, error) {
	path := "/v1/arrivals/" + w.paidID
	said, err := w.wang.post(ctx, path+"/feedback", map[string]string{"answer": "not_received"})
	if err := want(said, err, http.StatusOK); err != nil {
		return "", err
	}
	number := said.text("enquiry_number")
	again, err := w.wang.post(ctx, path+"/feedback", map[string]string{"answer": "not_received"})
	if err := want(again, err, http.StatusOK); err != nil {
		return "", err
	}
	enquiries, err := w.wang.get(ctx, "/v1/enquiries")
	if err := want(enquiries, err, http.StatusOK); err != nil {
		return "", err
	}
	one, err := w.wang.get(ctx, path)
	if err := want(one, err, http.StatusOK); err != nil {
		return "", err
	}
	switch {
	case number == "" || again.text("enquiry_number") != number:
		return "", fmt.Errorf("the enquiries are %q and %q, wanted one", number, again.text("enquiry_number"))
	case enquiries.text("items", 0, "number") != number || enquiries.text("items", 0, "object_id") != w.paidID:
		return "", fmt.Errorf("the newest enquiry is %q", enquiries.text("items", 0, "number"))
	case one.text("state") != "credited" || one.text("amount_yuan") != "666.00":
		return "", fmt.Errorf("an answer changed the payment: %s", one.text("state"))
	}
	return fmt.Sprintf("enquiry %s, %s; said twice: the same number; the payment stays: %s; explained: %s", number, enquiries.text("items", 0, "state"),
		one.text("label"), said.text("explanation", "sentence")), nil
}
